import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { must } from '../../../test/bank.ts';
import { bankUnderWay } from '../../../test/browser/bank-under-way.ts';
import { hidhab } from '../../../test/mandates.ts';
import { enterByForm, rowsOf, seenIn, signedForm, today, typedForm } from '../../../test/request-pages.ts';
import { addDays } from '../../values/dates.ts';

const told = 'ceilings-changed';
const inside = 'Lettre de Mme Bensalem du 3 mars';

test('who replaces a mandate says why, for the bank and for the creditor, and everyone who decides on it reads it', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const supervisor = await office.signIn('supervisor-karim');
  const form = await officer.open(`/requests/new?replaces=${active}`);
  const typed = Object.fromEntries(
    [...form.body.matchAll(/<input type="(?:text|tel|hidden)"[^>]*>/g)].map(([input]) => [
      /name="([^"]+)"/.exec(input)?.[1] ?? '',
      (/value="([^"]*)"/.exec(input)?.[1] ?? '').replaceAll('&#39;', "'").replaceAll('&amp;', '&'),
    ]),
  );
  const asked = {
    ...{ ...typed, creditor: 'CNAS', period: 'MONTH', act: 'submit' },
    ...{ validFrom: today, validTo: addDays(today, 365), replaceReason: told, replaceRemark: inside },
  };
  for (const [name, text] of [
    ['replaceReason', ''],
    ['replaceReason', 'whim'],
    ['replaceRemark', ''],
  ] as const) {
    const refused = await officer.post('/requests/new', { ...asked, [name]: text });
    expect([refused.status, refused.body.includes(`id="field-${name}-fault"`)], name).toEqual([422, true]);
  }
  const sent = await officer.post('/requests/new', asked);
  expect(sent.status).toBe(303);
  const mandateId = must(sent.location).pathname.split('/').at(-1) ?? '';
  const certifying = await supervisor.open(`/requests/${mandateId}/certify`);
  for (const path of [`/requests/${mandateId}/certify`, `/mandates/${active}`]) {
    const { body } = await supervisor.open(path);
    expect([body.includes('Les plafonds changent'), body.includes(inside)], path).toEqual([true, true]);
  }
  const certified = await supervisor.post(`/requests/${mandateId}/certify`, {
    seen: seenIn(certifying),
    paperSeen: 'yes',
  });
  expect(certified.location?.pathname).toBe(`/mandates/${mandateId}`);
  expect((await supervisor.open(`/mandates/${mandateId}`)).body).toContain(inside);
  const cnas = office.clientOf('cnas');
  const { rows } = await office.db.owner.query<{ token: string; rib: string; employer_number: string }>(
    `select token, rib, employer_number from tokens join mandates on mandate_id = subject_id
       join mandate_debtors using (mandate_id) where subject_id = $1`,
    [mandateId],
  );
  const { token, rib, employer_number: employerNumber } = must(rows[0]);
  const shown = { certificate: token, expected: { employerNumber, rib } };
  await cnas.post('/v1/mandate-verifications', Buffer.from(JSON.stringify(shown)), 'application/json');
  const accepted = await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {});
  expect(accepted.status, JSON.stringify(accepted.json)).toBe(200);
  const history = JSON.stringify((await cnas.get(`/v1/mandates/${active}`)).json);
  expect(history).toContain(told);
  expect(history).not.toContain('Bensalem du');
  expect(JSON.stringify(await rowsOf(office, 'select detail, reason from journal'))).not.toContain('Bensalem du');
});

test('of a mandate of another agency that is replaced neither names nor account are shown; a shown one is journalled', async () => {
  await using office = await openTestBackOffice();
  const amel = await office.signIn('officer-amel');
  const karim = await office.signIn('supervisor-karim');
  const old = await enterByForm(amel, { act: 'submit', representativeFr: '', representativeAr: '' });
  const seen = seenIn(await karim.open(`/requests/${old}/certify`));
  await karim.post(`/requests/${old}/certify`, { seen, paperSeen: 'yes' });
  const moved = await enterByForm(await office.signIn('officer-nadia'), {
    ...{ replaces: old, replaceReason: 'account-changed', replaceRemark: 'New account', act: 'submit' },
    ...{ rib: '00500116417777786841', nameFr: 'SARL Hidhab Neuve', nameAr: 'الهضاب الجديدة' },
  });
  const readings = async () =>
    rowsOf(
      office,
      `select from journal where kind = 'mandate.read' and subject_id = '${old}' and actor = 'officer-amel'`,
    );
  const session = (agencies: string) =>
    office.db.owner.query(
      `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,agencies}', '${agencies}')::json
        where subject = 'officer-amel'`,
    );
  await session('["00116"]');
  const before = (await readings()).length;
  const { status, body } = await amel.get(`/requests/${moved}`);
  expect(status).toBe(200);
  expect(body).toContain('d’une autre agence');
  for (const secret of ['Construction', hidhab.nameAr, '4447712782']) expect(body, secret).not.toContain(secret);
  expect(await readings()).toHaveLength(before);
  await session('["00116", "00102"]');
  expect((await amel.get(`/requests/${moved}`)).body).toContain('Construction');
  expect(await readings()).toHaveLength(before + 1);
});

test('consent to hand the certificate over is asked only where the creditor began the request, and changes nothing else', async () => {
  await using office = await openTestBackOffice();
  const officer = await office.signIn('officer-amel');
  expect((await officer.open('/requests/new')).body).not.toMatch(/type="checkbox"[^>]*name="handOver"/);
  const mandateId = await enterByForm(officer);
  expect((await officer.open(`/requests/${mandateId}`)).body).not.toContain('consent');
  const cnas = office.clientOf('cnas');
  const { creditor: _, perDebitCeiling, periodCeiling, period, ...asked } = hidhab;
  const put = await cnas.put('/v1/authorisation-requests/REQ-1', {
    ...{ ...asked, validFrom: today, validTo: addDays(today, 365) },
    ceilings: { perDebit: perDebitCeiling, perPeriod: periodCeiling, period, currency: 'DZD' },
  });
  expect(put.status, JSON.stringify(put.json)).toBe(201);
  const { mandateId: begun } = put.json as { mandateId: string };
  expect((await officer.open(`/requests/${begun}/edit`)).body).toMatch(/type="checkbox"[^>]*name="handOver"/);
});

test('without a scan of the signed form a supervisor certifies only by saying to have the paper, and the journal tells', async () => {
  await using office = await openTestBackOffice();
  const officer = await office.signIn('officer-amel');
  const supervisor = await office.signIn('supervisor-karim');
  const bare = await enterByForm(officer, { act: 'submit' });
  const path = `/requests/${bare}/certify`;
  const shown = await supervisor.open(path);
  expect(shown.body).toContain('name="paperSeen"');
  const refused = await supervisor.post(path, { seen: seenIn(shown) });
  expect([refused.status, refused.body.includes('field-paperSeen-fault')]).toEqual([422, true]);
  expect(await rowsOf(office, 'select from tokens')).toEqual([]);
  expect((await supervisor.post(path, { seen: seenIn(shown), paperSeen: 'yes' })).status).toBe(303);
  const scanned = await enterByForm(officer, { ...typedForm, rib: '00500102472576386317', act: 'save' });
  await officer.send(`/requests/${scanned}/scan`, {}, { files: { scan: signedForm } });
  await officer.send(`/requests/${scanned}/submit`);
  const other = await supervisor.open(`/requests/${scanned}/certify`);
  expect(other.body).not.toContain('name="paperSeen"');
  const certified = await supervisor.post(`/requests/${scanned}/certify`, {
    ...{ seen: seenIn(other), nameDifference: 'Its own account all the same' },
  });
  expect(certified.status).toBe(303);
  expect(
    await rowsOf(
      office,
      `select detail->>'paper' as paper from journal where kind = 'mandate.certified' order by entry_id`,
    ),
  ).toEqual([{ paper: 'seen' }, { paper: null }]);
});
