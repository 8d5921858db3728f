import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { amountOf, insertMandate } from '../../../test/bank.ts';
import { openTestAuthority } from '../../../test/certificates.ts';
import { sealAll } from '../../../test/journal.ts';
import { sweepFigures } from '../../debits/figures.ts';
import { messagesOf, wordsOf } from '../words/load.ts';

const french = messagesOf('fr');
const says = (key: string) => french[key] ?? key;

test('everyone sees the day, and what waits for them alone', async () => {
  await using office = await openTestBackOffice();
  const seen = new Map<string, string>();
  for (const subject of ['officer-nadia', 'supervisor-karim', 'auditor-yacine', 'administrator-lina'] as const)
    seen.set(subject, (await (await office.signIn(subject)).get('/')).body);
  const showing = (key: string) => [...seen].filter(([, body]) => body.includes(`>${says(key)}<`)).map(([one]) => one);
  expect(showing('overview.received')).toHaveLength(4);
  expect(showing('overview.to-certify')).toEqual(['supervisor-karim', 'auditor-yacine']);
  expect(showing('overview.drafts')).toEqual(['officer-nadia', 'auditor-yacine']);
  expect(showing('overview.contradictions')).toEqual(['officer-nadia', 'supervisor-karim', 'auditor-yacine']);
  expect(showing('overview.proposals')).toHaveLength(4);
  expect(showing('overview.expiring')).toEqual(['supervisor-karim', 'auditor-yacine', 'administrator-lina']);
});

test('the figures are those of the reader’s agencies, in charts and in tables', async () => {
  await using office = await openTestBackOffice();
  const { owner, ledger } = office.db;
  const mandates = [];
  for (const [state, amount] of [
    ['SETTLED', 12_500_000],
    ['SETTLED', 2_500_050],
    ['REJECTED', 100],
  ] as const) {
    const mandateId = await insertMandate({ owner, ledger }, new Date(), {});
    mandates.push(mandateId);
    // As a debit's statements leave it, but for its proofs.
    await owner.query(
      `with debit as (
         insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration,
           declared, amount, content, request_jti, state, ordered_at, received_at, expires_at, resolve_by, lease_until)
         values (gen_random_uuid(), 'CNAS', $1, $2, $3, '0262992312', $1, $4, $4, sha256(''), 'jti', 'ACCEPTED', now(), now(),
           now() + interval '1 minute', now() + interval '2 minutes', now() + interval '1 hour') returning debit_id
       )
       insert into journal (creditor_code, kind, subject_id, to_state, reason, side)
       select 'CNAS', kind, debit_id, $5, reason, 'gateway'
         from debit, (values (1, 'debit.received', null), (2, 'debit.' || lower($5::text), $6)) as told (position, kind, reason)
        order by position`,
      [
        `E2E-${amount}`,
        String(mandates.length + 1).repeat(32),
        mandateId,
        amount,
        state,
        state === 'REJECTED' ? 'AM04' : null,
      ],
    );
  }
  await sealAll(office.db);
  const supervisor = await office.signIn('supervisor-karim');
  const total = wordsOf('fr').amount(amountOf('150000.50'));
  // The gateway's own sweep may be at it: then this one finds nothing to do.
  await expect
    .poll(async () => {
      await sweepFigures(office.db.gateway);
      return (await supervisor.get('/')).body;
    })
    .toContain(total);
  const all = (await supervisor.get('/')).body;
  expect(all).toContain('provision insuffisante');
  expect(all).toMatch(/<svg[\s\S]*<rect class="bar-good"[\s\S]*<svg[\s\S]*<rect class="bar-plain"/);
  expect(all.match(/<details/g)?.length).toBeGreaterThanOrEqual(2);
  const { rows } = await owner.query<{ agency_code: string }>('select distinct agency_code from mandate_debtors');
  const own = rows.some(({ agency_code }) => agency_code === '00102');
  const amel = await office.signIn('officer-amel');
  expect((await amel.get('/')).body.includes(total)).toBe(own);
  const file = (await supervisor.get('/overview/export', { 'accept-language': 'fr' })).body;
  expect(file).toContain('"2";"150000,50"');
  expect(file).toMatch(/"AM04";"1";"1,00"/);
  expect((await amel.get('/overview/export')).body.includes('150000')).toBe(own);
});

test('figures that stand still say so', async () => {
  await using office = await openTestBackOffice();
  // A sealer that never comes back, once the gateway has begun its first epoch.
  const stand = `update journal_sealer set holder = gen_random_uuid(), lease_until = 'infinity'`;
  await expect.poll(async () => (await office.db.owner.query(stand)).rowCount, { timeout: 10_000 }).toBe(1);
  await office.db.owner.query(
    `insert into journal (kind, side, recorded_at) values ('mandate.expired', 'gateway', now() - interval '10 minutes')`,
  );
  const { body } = await (await office.signIn('supervisor-karim')).get('/');
  expect(body).toContain('Ces chiffres s’arrêtent au');
});

test('the gateway’s own keys are among what ends soon, in time for the next one to be put into the folder', async () => {
  for (const [days, shown] of [
    ['30', true],
    ['730', false],
  ] as const) {
    await using office = await openTestBackOffice({ GATEWAY_SIGNING_KEY_DAYS: days });
    const { body } = await (await office.signIn('supervisor-karim')).get('/');
    expect(body.includes(says('overview.own-key')), days).toBe(shown);
    expect(body.includes(says('administration.use.confirmations')), days).toBe(shown);
  }
});

test('a certificate that the gateway shows as a client is told of before it ends, on the page and in the metrics', async () => {
  await using authority = await openTestAuthority();
  const { certFile, keyFile } = await authority.issue('pushes');
  await using office = await openTestBackOffice({
    GATEWAY_WEBHOOK_CERTIFICATE_FILE: certFile,
    GATEWAY_WEBHOOK_KEY_FILE: keyFile,
  });
  const { body } = await (await office.signIn('supervisor-karim')).get('/');
  expect(body).toContain(says('administration.certificate.webhooks'));
  const metrics = await (await fetch(`${office.gateway.operationsOrigin}/metrics`)).text();
  expect(metrics).toMatch(/certificate_expiry_timestamp_seconds\{name="webhooks"\} \d+/);
});
