import { expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice, type Visitor } from '../../../test/back-office.ts';
import { must } from '../../../test/bank.ts';
import { bankUnderWay } from '../../../test/browser/bank-under-way.ts';
import { enterMandate } from '../../mandates/enter.ts';
import type { MandateId } from '../../values/ids.ts';

const hiddenIn = (body: string, name: string): string | undefined =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1];

async function act(person: Visitor, mandateId: MandateId, name: string, fields: Record<string, string> = {}) {
  const filled = { reason: 'employer-request', remark: 'Lettre de M. Bensalem du 3 mars', ...fields };
  return person.post(`/mandates/${mandateId}/${name}`, filled);
}

/** Proposes as the officer; answers the proposal's path. */
async function proposed(person: Visitor, mandateId: MandateId, name: string): Promise<string> {
  const sent = await act(person, mandateId, name);
  expect(sent.status).toBe(303);
  return must(sent.location).pathname;
}

async function approve(person: Visitor, path: string) {
  const { body } = await person.get(path);
  return person.post(`${path}/approval`, { seen: hiddenIn(body, 'seen') ?? '' });
}

const stateOf = async ({ db }: TestBackOffice, mandateId: MandateId): Promise<string | undefined> =>
  (await db.owner.query<{ state: string }>('select state from mandates where mandate_id = $1', [mandateId])).rows[0]
    ?.state;

const readingsOf = async ({ db }: TestBackOffice, kind: string, actor: string): Promise<number> =>
  (await db.owner.query('select from journal where kind = $1 and actor = $2', [kind, actor])).rowCount ?? 0;

test('an officer proposes, a supervisor who sees it approves: suspended, resumed, revoked; a remark stays inside', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const supervisor = await office.signIn('supervisor-karim');
  const form = await officer.get(`/mandates/${active}/suspension`);
  expect(form.body).toContain('name="remark"');
  const path = await proposed(officer, active, 'suspension');
  expect(await stateOf(office, active)).toBe('ACTIVE');
  expect((await officer.get(path)).body).not.toContain('/approval"');
  expect((await approve(officer, path)).status).toBe(403);
  expect((await supervisor.get('/approvals')).body).toContain(path);
  expect((await supervisor.get(`/mandates/${active}`)).body).toContain(path);
  const done = await approve(supervisor, path);
  expect([done.status, done.location?.pathname]).toEqual([303, path]);
  expect(await stateOf(office, active)).toBe('SUSPENDED');
  expect((await approve(supervisor, path)).status).toBe(409);
  const page = await supervisor.get(`/mandates/${active}`);
  expect(page.body).toContain('Lettre de M. Bensalem');
  for (const person of ['Nadia Belkacem', 'Karim Meziane']) expect(page.body).toContain(person);
  const seen = await office.clientOf('cnas').get(`/v1/mandates/${active}`);
  expect(JSON.stringify(seen.json)).toContain('employer-request');
  expect(JSON.stringify(seen.json)).not.toMatch(/Lettre|officer-nadia|supervisor-karim/);
  for (const [name, state] of [
    ['resumption', 'ACTIVE'],
    ['revocation', 'REVOKED'],
  ] as const) {
    await approve(supervisor, await proposed(officer, active, name));
    expect(await stateOf(office, active)).toBe(state);
  }
  expect((await officer.post(`/mandates/${active}/certificate/reissue`)).status).toBe(409);
  const { rowCount } = await office.db.owner.query("select from journal where journal::text like '%Lettre%'");
  expect(rowCount).toBe(0);
});

test('a supervisor can’t approve what they proposed, also by a form posted by hand, and may withdraw it', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const supervisor = await office.signIn('supervisor-karim');
  const path = await proposed(supervisor, active, 'revocation');
  const { rows } = await office.db.owner.query<{ content_hash: string }>('select content_hash from proposals');
  const forced = await supervisor.post(`${path}/approval`, { seen: must(rows[0]).content_hash });
  expect(forced.status).toBe(409);
  expect((await supervisor.post(`${path}/refusal`, { remark: 'mine' })).status).toBe(409);
  expect(await stateOf(office, active)).toBe('ACTIVE');
  const other = await office.signIn('supervisor-samia');
  expect((await other.post(`${path}/withdrawal`)).status).toBe(409);
  expect((await other.post(`${path}/approval`, { seen: 'f'.repeat(64) })).status).toBe(409);
  expect((await other.post(`${path}/refusal`, { remark: ' ' })).status).toBe(422);
  expect((await supervisor.post(`${path}/withdrawal`)).status).toBe(303);
  expect((await approve(other, path)).status).toBe(409);
  expect(await stateOf(office, active)).toBe('ACTIVE');
});

test('a revocation and any approval ask for a sign-in of the last five minutes, and a proposal ends after a day', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const path = await proposed(await office.signIn('officer-nadia'), active, 'revocation');
  const supervisor = await office.signIn('supervisor-karim');
  const { body } = await supervisor.get(path);
  office.moveTime(301);
  const officer = await office.signIn('officer-nadia');
  office.moveTime(602);
  for (const seen of [await officer.get(`/mandates/${active}/revocation`), await act(officer, active, 'revocation')])
    expect([seen.status, seen.location?.pathname]).toEqual([303, '/sign-in']);
  expect((await officer.get(`/mandates/${active}/suspension`)).status).toBe(200);
  const stale = await supervisor.post(`${path}/approval`, { seen: must(hiddenIn(body, 'seen')) });
  expect([stale.status, stale.location?.pathname]).toEqual([303, '/sign-in']);
  expect(await stateOf(office, active)).toBe('ACTIVE');
  office.moveTime(0);
  await office.db.owner.query(
    "update proposals set proposed_at = proposed_at - interval '25 hours', ends_at = ends_at - interval '25 hours'",
  );
  const later = await office.signIn('supervisor-samia');
  expect((await later.post(`${path}/approval`, { seen: must(hiddenIn(body, 'seen')) })).status).toBe(409);
  expect(await stateOf(office, active)).toBe('ACTIVE');
});

test('a form with faults comes back filled in, with each fault beside its field', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const sent = await act(officer, active, 'revocation', { reason: 'because', remark: '<b>x' });
  expect(sent.status).toBe(422);
  expect(sent.body).toContain('&lt;b&gt;x');
  expect(sent.body).toContain('id="field-reason-fault"');
  expect((await act(officer, active, 'resumption')).status).toBe(409);
});

test('another agency’s mandate, list and proposal are as one that is not there; a role that may not act is refused', async () => {
  await using office = await openTestBackOffice();
  const { active, draft } = await bankUnderWay(office);
  const { rows } = await office.db.owner.query<{ mandate_id: MandateId; agency_code: string }>(
    'select mandate_id, agency_code from mandate_debtors',
  );
  const foreign = must(rows.find(({ agency_code }) => agency_code !== '00102')).mandate_id;
  const path = await proposed(await office.signIn('officer-nadia'), active, 'revocation');
  const amel = await office.signIn('officer-amel');
  const unknown = await amel.get('/mandates/01890000-0000-7000-8000-000000000000');
  expect(unknown.status).toBe(404);
  for (const address of ['', '/suspension', '/certificate'])
    expect((await amel.get(`/mandates/${foreign}${address}`)).status).toBe(404);
  expect(
    (await amel.post(`/mandates/${foreign}/revocation`, { reason: 'employer-request', remark: 'xxx' })).status,
  ).toBe(404);
  if (active !== foreign) expect([200, 404]).toContain((await amel.get(path)).status);
  const list = (await amel.get('/mandates')).body;
  expect([list.includes(draft), list.includes(foreign)]).toEqual([true, false]);
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get(`/mandates/${active}`)).body).not.toContain('/revocation"');
  expect((await auditor.get(`/mandates/${active}/revocation`)).status).toBe(403);
  expect((await act(auditor, active, 'revocation')).status).toBe(403);
  expect((await approve(auditor, path)).status).toBe(403);
  const administrator = await office.signIn('administrator-lina');
  expect((await administrator.get('/mandates')).status).toBe(403);
  expect((await administrator.get(path)).status).toBe(404);
});

test('mandates are searched without a name or a RIB in any address, and every reading of names is in the journal', async () => {
  await using office = await openTestBackOffice();
  const { active, draft } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const { rows } = await office.db.owner.query<{ rib: string; name_fr: string }>(
    'select rib, name_fr from mandate_debtors where mandate_id = $1',
    [active],
  );
  const { rib, name_fr: name } = must(rows[0]);
  const byRib = await officer.post('/mandates/search', { rib: `${rib.slice(0, 3)} ${rib.slice(3)}` });
  expect(must(byRib.location).href).not.toContain(rib);
  const found = await officer.open(must(byRib.location).href);
  expect([found.body.includes(active), found.body.includes(draft)]).toEqual([true, false]);
  const byName = await officer.post('/mandates/search', { name: name.slice(0, name.length - 2).toUpperCase() });
  expect([byName.status, byName.body.includes(active), byName.body.includes(draft)]).toEqual([200, true, false]);
  expect(must((await officer.post('/mandates/search', { mandate: active })).location).pathname).toBe(
    `/mandates/${active}`,
  );
  const byState = await officer.send('/mandates/search', { state: 'DRAFT' });
  expect([byState.url.search, byState.body.includes(draft), byState.body.includes(active)]).toEqual([
    '?state=DRAFT',
    true,
    false,
  ]);
  expect((await officer.post('/mandates/search', { rib: '123', employer: 'x' })).status).toBe(422);
  expect((await officer.get(`/mandates?name=${encodeURIComponent(name)}`)).status).toBe(404);
  const csv = await officer.get('/mandates/export?state=DRAFT');
  expect(csv.bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
  expect([csv.body.includes(draft), csv.body.includes(active), csv.body.includes(rib)]).toEqual([true, false, false]);
  expect(await readingsOf(office, 'mandates.read', 'officer-nadia')).toBe(4);
  await officer.get(`/mandates/${active}`);
  expect(await readingsOf(office, 'mandate.read', 'officer-nadia')).toBe(1);
});

test('the bar shows what the chain’s counter holds, and the last debits are on the page', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const { rows } = await office.db.owner.query<{ month_used: string }>(
    'select month_used from mandate_usage join mandates using (chain_id) where mandate_id = $1',
    [active],
  );
  expect(rows).toEqual([{ month_used: '10000000' }]);
  const officer = await office.signIn('officer-nadia');
  const page = await officer.open(`/mandates/${active}?language=fr`);
  expect(page.body.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain('100 000,00 DA utilisés');
  expect(page.body).toContain('DEBIT-PAID');
  expect(page.body).toContain('DEBIT-OVER');
});

test('the certificate is shown, downloaded and handed out again, the same bytes each time, and the journal says so', async () => {
  await using office = await openTestBackOffice();
  const { active, draft } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const shown = await officer.get(`/mandates/${active}/certificate`);
  expect([shown.headers.get('content-type'), shown.headers.get('content-disposition')?.split(';')[0]]).toEqual([
    'application/pdf',
    'inline',
  ]);
  const saved = await officer.get(`/mandates/${active}/certificate?download=1`);
  expect(saved.headers.get('content-disposition')).toContain(`attachment; filename=mandate-${active}.pdf`);
  expect(saved.bytes.equals(shown.bytes)).toBe(true);
  expect((await officer.post(`/mandates/${active}/certificate/reissue`)).status).toBe(303);
  const { rows } = await office.db.owner.query(
    "select actor, token_jti = certificate_jti as same from journal join mandates on mandate_id = subject_id where kind = 'mandate.certificate-reissued'",
  );
  expect(rows).toEqual([{ actor: 'officer-nadia', same: true }]);
  expect((await officer.get(`/mandates/${draft}/certificate`)).status).toBe(404);
  expect((await officer.post(`/mandates/${draft}/certificate/reissue`)).status).toBe(404);
});

test('a script in an employer’s name is shown as text, on the page, in the list and in the export', async () => {
  await using office = await openTestBackOffice();
  const script = `<script>alert("x")</script>`;
  const entered = await enterMandate(office.desk, {
    typed: {
      ...{ creditor: 'CNAS', employerNumber: '0262992312', rib: '00500102444771278214', nameFr: `SARL ${script}` },
      ...{ nameAr: `شركة ${script}`, perDebitCeiling: '1.00', periodCeiling: '2.00', period: 'MONTH' },
      ...{ validFrom: '2026-01-01', validTo: '2030-01-01' },
    },
    by: 'officer-amel',
    from: '192.0.2.7',
  });
  if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered));
  const officer = await office.signIn('officer-nadia');
  for (const seen of [
    await officer.get(`/mandates/${entered.mandateId}`),
    await officer.get('/mandates'),
    await officer.post('/mandates/search', { name: 'script alert' }),
  ]) {
    expect(seen.status).toBe(200);
    expect(seen.body).toContain('&lt;script&gt;');
    expect(seen.body).not.toContain('<script>alert');
  }
});

test('a long list goes on by a cursor that is its reader’s and its filters’ own, by name through forms alone', async () => {
  await using office = await openTestBackOffice();
  for (let number = 1; number <= 27; number += 1) {
    const entered = await enterMandate(office.desk, {
      typed: {
        ...{ creditor: 'CNAS', employerNumber: String(number).padStart(10, '0'), rib: '00500102444771278214' },
        ...{ nameFr: `SARL Atlas ${number}`, nameAr: `أطلس ${number}`, perDebitCeiling: '1.00', periodCeiling: '2.00' },
        ...{ period: 'MONTH', validFrom: '2026-01-01', validTo: '2030-01-01' },
      },
      by: 'officer-amel',
      from: '192.0.2.7',
    });
    expect(entered.outcome).toBe('ENTERED');
  }
  const idsIn = (body: string) => [...new Set(body.match(/(?<=href="\/mandates\/)[0-9a-f-]{36}/g))];
  const officer = await office.signIn('officer-nadia');
  const first = await officer.get('/mandates?state=DRAFT');
  const [, next = ''] = /href="(\/mandates\?state=DRAFT&amp;after=[^"]+)"/.exec(first.body) ?? [];
  const second = await officer.get(next.replace('&amp;', '&'));
  expect([idsIn(first.body).length, idsIn(second.body).length]).toEqual([25, 2]);
  expect(new Set([...idsIn(first.body), ...idsIn(second.body)]).size).toBe(27);
  // Another filter, another reader: the list begins anew.
  const cursor = must(new URL(next.replace('&amp;', '&'), office.origin).searchParams.get('after') ?? undefined);
  expect(idsIn((await officer.get(`/mandates?creditor=CNAS&after=${cursor}`)).body)).toEqual(idsIn(first.body));
  const other = await office.signIn('officer-amel');
  expect(idsIn((await other.get(`/mandates?state=DRAFT&after=${cursor}`)).body)).toEqual(idsIn(first.body));
  const named = await officer.post('/mandates/search', { name: 'atl' });
  expect(idsIn(named.body).length).toBe(25);
  expect(named.body).not.toMatch(/href="[^"]*atl/i);
  const after = must(hiddenIn(named.body, 'after'));
  const rest = await officer.post('/mandates/search', { name: 'atl', after });
  expect(idsIn(rest.body)).toEqual(idsIn(second.body));
  const csv = await officer.post('/mandates/export', { name: 'atl' });
  expect(csv.body.split('\r\n').filter((line) => line.includes('Atlas'))).toHaveLength(27);
  expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename=mandates-\d{4}-\d\d-\d\d\.csv$/);
});

test('who proposed learns of the refusal and its reason, and the list names the employer', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const supervisor = await office.signIn('supervisor-karim');
  const path = await proposed(officer, active, 'revocation');
  const { rows } = await office.db.owner.query<{ name_fr: string }>(
    'select name_fr from mandate_debtors where mandate_id = $1',
    [active],
  );
  const name = must(rows[0]).name_fr.replaceAll('&', '&amp;');
  await supervisor.open('/approvals?language=fr');
  expect((await supervisor.get('/approvals')).body).toContain(name);
  expect((await supervisor.post(`${path}/refusal`, { remark: 'Signature de l’employeur absente' })).status).toBe(303);
  expect((await supervisor.get('/approvals')).body).not.toContain(path);
  const own = (await officer.get('/approvals')).body;
  expect([own.includes(path), own.includes('Signature de l’employeur absente')]).toEqual([true, true]);
});

test('who has left an agency no longer reads its employers in what they once proposed', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const path = await proposed(officer, active, 'suspension');
  expect((await officer.get('/approvals')).body).toContain(path);
  await office.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,agencies}', '["99999"]')::json
      where subject = 'officer-nadia'`,
  );
  expect((await officer.get(path)).status).toBe(404);
  expect((await officer.get('/approvals')).body).not.toContain(path);
});

test('a name that somebody wrote into an address is searched for by no page and no file', async () => {
  await using office = await openTestBackOffice();
  const officer = await office.signIn('officer-nadia');
  for (const path of ['/mandates?name=atlas', '/mandates/export?name=atlas', '/mandates/export?rib=1'])
    expect((await officer.get(path)).status, path).toBe(404);
});
