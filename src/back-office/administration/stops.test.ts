import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice, type Visitor } from '../../../test/back-office.ts';
import { bankUnderWay } from '../../../test/browser/bank-under-way.ts';
import type { Client } from '../../commands/client.ts';
import type { MandateId } from '../../values/ids.ts';

let office: TestBackOffice;
let cnas: Client;
let active: MandateId;
let employerNumber: string;

beforeAll(async () => {
  office = await openTestBackOffice();
  ({ active } = await bankUnderWay(office));
  cnas = office.clientOf('cnas');
  const { rows } = await office.db.owner.query('select employer_number from mandates where mandate_id = $1', [active]);
  employerNumber = rows[0].employer_number;
});
afterAll(() => office[Symbol.asyncDispose]());

const debit = (name: string) =>
  cnas.put(`/v1/debits/${name}`, {
    ...{ mandateId: active, employerNumber, amount: '1000.00', currency: 'DZD' },
    declaration: { reference: `DAC-${name}`, declaredAmount: '1000.00' },
  });

/** Stops by one person; answers the stop's page. */
async function stop(person: Visitor, fields: Record<string, string>): Promise<string> {
  const answer = await person.post('/stops/new', { remark: 'Incident at the bus', ...fields });
  expect(answer.status).toBe(303);
  return answer.location?.pathname ?? '';
}

async function startAgain(proposer: Visitor, approver: Visitor, path: string): Promise<void> {
  const proposal = (await proposer.post(`${path}/start`, { reason: 'Solved' })).location?.pathname ?? '';
  const [, seen = ''] = /name="seen" value="([^"]*)"/.exec((await approver.get(proposal)).body) ?? [];
  expect((await proposer.post(`${proposal}/approval`, { seen })).status).toBe(409);
  expect((await debit('STILL-STOPPED')).status).toBe(503);
  expect((await approver.post(`${proposal}/approval`, { seen })).status).toBe(303);
}

test.for([
  ['all debits', (): Record<string, string> => ({ what: 'ALL' })],
  ["a creditor's", () => ({ what: 'CNAS' })],
  ["a mandate's", () => ({ mandate: active })],
] as const)('one person stops %s, two start again, and the creditor is told to come later', async ([name, fields]) => {
  const karim = await office.signIn('supervisor-karim');
  const samia = await office.signIn('supervisor-samia');
  const path = await stop(karim, fields());
  const endToEndId = `STOP-${name.replaceAll(/\W/g, '-')}`;
  const refused = await debit(endToEndId);
  expect(refused).toMatchObject({
    status: 503,
    json: { type: expect.stringMatching(/\/problems\/stopped$/), retry: 'after' },
  });
  expect(refused.headers['retry-after']).toBe('60');
  expect((await debit('DEBIT-PAID')).status).not.toBe(503);
  expect((await cnas.get(`/v1/debits/${endToEndId}`)).status).toBe(404);
  const page = await samia.open('/mandates?language=fr');
  expect(page.body).toContain('Prélèvements à l’arrêt');
  await startAgain(karim, samia, path);
  expect((await debit(endToEndId)).status).toBe(201);
  expect((await samia.get('/mandates')).body).not.toContain('Prélèvements à l’arrêt');
  expect((await samia.get('/stops')).body).toContain(path);
});

test('a stopped mandate leads on to its page for those who may go there, and is named alone for an administrator', async () => {
  const [karim, samia] = [await office.signIn('supervisor-karim'), await office.signIn('supervisor-samia')];
  const lina = await office.signIn('administrator-lina');
  const path = await stop(karim, { mandate: active });
  for (const page of ['/', '/stops', path]) {
    expect((await samia.get(page)).body, page).toContain(`href="/mandates/${active}"`);
    const { status, body } = await lina.get(page);
    expect(status, page).toBe(200);
    expect(body, page).toContain(active);
    expect(body, page).not.toContain(`href="/mandates/${active}"`);
  }
  await startAgain(karim, samia, path);
});

test('an officer stops a mandate of an agency that they see, and nothing wider', async () => {
  const amel = await office.signIn('officer-amel');
  expect((await amel.post('/stops/new', { what: 'ALL', remark: 'x' })).status).toBe(404);
  const { rows } = await office.db.owner.query(
    "select mandate_id from mandate_debtors where agency_code <> '00102' limit 1",
  );
  expect(rows).toHaveLength(1);
  expect((await amel.post('/stops/new', { mandate: rows[0].mandate_id, remark: 'x' })).status).toBe(404);
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.post('/stops/new', { what: 'ALL', remark: 'x' })).status).toBe(403);
});

test('who answers for one agency starts nothing again that is stopped for all, nor learns how much waits elsewhere', async () => {
  const lina = await office.signIn('administrator-lina');
  const karim = await office.signIn('supervisor-karim');
  const samia = await office.signIn('supervisor-samia');
  const narrow = (subject: string, agencies: string) =>
    office.db.owner.query(
      `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,agencies}', $2::jsonb)::json where subject = $1`,
      [subject, agencies],
    );
  const path = await stop(lina, { what: 'ALL' });
  await narrow('supervisor-karim', '["00102"]');
  const page = await karim.get(path);
  expect(page.status).toBe(200);
  expect(page.body).not.toContain(`${path}/start`);
  expect(page.body).not.toContain('class="tile');
  expect((await karim.post(`${path}/start`, { reason: 'Solved' })).status).toBe(403);
  const proposal = (await samia.post(`${path}/start`, { reason: 'Solved' })).location?.pathname ?? '';
  const [, seen = ''] = /name="seen" value="([^"]*)"/.exec((await lina.get(proposal)).body) ?? [];
  expect((await karim.get(proposal)).body).not.toContain('/approval"');
  expect((await karim.post(`${proposal}/approval`, { seen })).status).toBe(403);
  expect((await karim.post(`${proposal}/refusal`, { remark: 'Not yet' })).status).toBe(403);
  expect((await lina.post(`${proposal}/approval`, { seen })).status).toBe(303);
});

test('a stop needs to know what and why', async () => {
  const karim = await office.signIn('supervisor-karim');
  const answer = await karim.post('/stops/new', { what: '', remark: '' });
  expect(answer.status).toBe(422);
  expect(answer.body.match(/href="#field-/g)).toHaveLength(2);
});

test('after a restore the stop’s page shows what is unexplained, and its start is proposed only by who names how many', async () => {
  const karim = await office.signIn('supervisor-karim');
  const samia = await office.signIn('supervisor-samia');
  const path = await stop(karim, { what: 'ALL' });
  await office.db.owner.query(
    `with put_back as (
       insert into restores (epoch, known_until, began_at, stop_id, movements_read_at)
       values (2, now() - interval '1 hour', now(), $1, now()) returning epoch, stop_id
     )
     insert into unexplained_movements (reference, epoch, stop_id, why, debtor, creditor, amount, booking_reference, executed_at,
       booking_date, value_date)
     select 'CORE-REFERENCE-1', epoch, stop_id, 'FOREIGN', '00500102000000000031', '00500102000000000032', 123450, 'B-1',
            now(), current_date, current_date from put_back`,
    [path.split('/').at(-1)],
  );
  const page = await karim.open(`${path}?language=en`);
  expect(page.body).toContain('CORE-REFERENCE-1');
  expect(page.body).toContain('name="despite"');
  expect(page.body).not.toContain('00500102000000000031');
  const refused = await karim.post(`${path}/start`, { reason: 'Solved' });
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('tick the box');
  const proposal = (await karim.post(`${path}/start`, { reason: 'Solved', despite: '0-1' })).location?.pathname ?? '';
  const shown = await samia.open(`${proposal}?language=en`);
  expect(shown.body).toContain('Movements that nothing here explains');
  const [, seen = ''] = /name="seen" value="([^"]*)"/.exec(shown.body) ?? [];
  // Refused until the core's movements were read once more.
  await expect
    .poll(async () => (await samia.post(`${proposal}/approval`, { seen })).status, { timeout: 30_000 })
    .toBe(303);
  const { rows } = await office.db.owner.query('select ending from unexplained_movements');
  expect(rows).toEqual([{ ending: 'EXPLAINED' }]);
});
