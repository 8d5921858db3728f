import { expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice } from '../../../test/back-office.ts';
import { publicKeys, readAll, verifyEvent } from '../../../test/event-bank.ts';
import { openReceiver, type Receiver, status } from '../../../test/webhook-receiver.ts';

const page = '/administration/webhooks/CNAS';
const loopback = { GATEWAY_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128' };

const wish = ({ url, authority }: Receiver) => ({ active: true, url, certificateAuthorities: authority.pem });

/**
 * Proposed by one administrator and approved by another; answers the proposal's path. What is numbered only after the
 * registration is pushed too, so first what asked for it is.
 */
async function registered(office: TestBackOffice): Promise<string> {
  const asked = "select from events join journal using (entry_id) where kind = 'webhook.asked'";
  await expect.poll(async () => (await office.db.owner.query(asked)).rowCount).toBe(1);
  const lina = await office.signIn('administrator-lina');
  const omar = await office.signIn('administrator-omar');
  const [, seen = ''] = /name="seen" value="([^"]*)"/.exec((await lina.get(page)).body) ?? [];
  const proposed = await lina.post(`${page}/registration`, { seen, reason: 'Confirmed by telephone' });
  const path = proposed.location?.pathname ?? '';
  const [, hash = ''] = /name="seen" value="([^"]*)"/.exec((await omar.get(path)).body) ?? [];
  expect((await lina.post(`${path}/approval`, { seen: hash })).status).toBe(409);
  expect((await omar.post(`${path}/approval`, { seen: hash })).status).toBe(303);
  return path;
}

test('an address that a creditor asks for is pushed to only after two people have registered it', async () => {
  await using receiver = await openReceiver();
  await using office = await openTestBackOffice(loopback);
  const cnas = office.clientOf('cnas');
  expect((await cnas.get('/v1/webhook')).json).toEqual({ state: 'NONE', read: '0/0', waiting: 0 });
  const asked = await cnas.put('/v1/webhook', wish(receiver));
  expect(asked).toMatchObject({ status: 202, json: { state: 'NONE', asked: { url: receiver.url } } });
  expect(asked.headers.location).toBe('/v1/webhook');
  expect((await cnas.put('/v1/webhook', wish(receiver))).status).toBe(202);

  // An officer sees none of it; an auditor sees, and can't register.
  expect((await (await office.signIn('officer-nadia')).get(page)).status).toBe(403);
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get(page)).body).toContain(receiver.url);
  expect((await auditor.post(`${page}/registration`, { seen: '', reason: 'Because' })).status).toBe(403);

  const proposal = await registered(office);
  expect((await auditor.get(proposal)).body).toContain(receiver.url);
  await expect.poll(() => receiver.pushed.length).toBeGreaterThan(0);
  const keys = await publicKeys(office);
  for (const { token } of receiver.pushed) {
    const { payload, protectedHeader } = await verifyEvent(office, token, keys);
    expect(payload).toMatchObject({ kind: 'webhook.registered', attempt: 1 });
    expect(keys.keys.find(({ kid }) => kid === protectedHeader.kid)).toMatchObject({ purpose: 'webhooks' });
  }
  // What was pushed is the feed's event, but for the attempt.
  const { attempt: _attempt, ...claims } = receiver.pushed[0]?.claims ?? {};
  expect((await readAll(cnas)).map((event) => event.claims)).toContainEqual(claims);
  await expect
    .poll(async () => (await cnas.get('/v1/webhook')).json)
    .toMatchObject({ state: 'ACTIVE', url: receiver.url, lastAnswer: '204', waiting: 0 });
  expect((await cnas.put('/v1/webhook', wish(receiver))).status).toBe(200);
  for (const language of ['fr', 'ar', 'en'])
    expect((await auditor.open(`${page}?language=${language}`)).body).toContain('1/');
  expect((await office.clientOf('cacobatph').get('/v1/webhook')).json).toMatchObject({ state: 'NONE' });

  // The creditor ends it by itself.
  expect(await cnas.put('/v1/webhook', { active: false })).toMatchObject({ status: 200, json: { state: 'NONE' } });
  expect(office.breaches).toEqual([]);
});

test('what can not be an address, or is not signed, is refused; another address takes the place of one that waits', async () => {
  await using receiver = await openReceiver();
  await using office = await openTestBackOffice(loopback);
  const cnas = office.clientOf('cnas');
  const statusOf = async (body: object) => (await cnas.put('/v1/webhook', body)).status;
  expect(await statusOf({ active: true })).toBe(400);
  expect(await statusOf({ active: true, url: 'https://127.0.0.1/events' })).toBe(400);
  expect(await statusOf({ active: true, url: 'http://events.example/' })).toBe(400);
  expect(await statusOf({ ...wish(receiver), certificateAuthorities: 'none' })).toBe(400);
  const send = await cnas.prepare('/v1/webhook', wish(receiver));
  expect((await send()).status).toBe(202);
  const lina = await office.signIn('administrator-lina');
  const [, seen = ''] = /name="seen" value="([^"]*)"/.exec((await lina.get(page)).body) ?? [];
  expect(await statusOf({ active: true, url: 'https://other.example/events' })).toBe(202);
  // Replayed, the first request changes nothing; and what was seen before is not what waits now.
  expect((await send()).status).toBe(202);
  expect((await lina.get(page)).body).toContain('https://other.example/events');
  expect((await lina.post(`${page}/registration`, { seen, reason: 'Confirmed' })).status).toBe(404);
  // Once nothing waits any more, it does not say that two people have something to register.
  expect(await statusOf({ active: false })).toBe(200);
  const replayed = await send();
  expect(replayed).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' }, json: { state: 'NONE' } });
  expect(replayed.json).not.toHaveProperty('asked');
  expect(office.breaches).toEqual([]);
});

test('an administrator lets the pushes go on by hand, and sees what came of each', async () => {
  await using receiver = await openReceiver();
  receiver.answerWith(status(500));
  await using office = await openTestBackOffice(loopback);
  await office.clientOf('cnas').put('/v1/webhook', wish(receiver));
  await registered(office);
  await expect.poll(() => receiver.pushed.length).toBeGreaterThan(0);
  const lina = await office.signIn('administrator-lina');
  await expect.poll(async () => (await lina.get(`${page}?state=WAITING`)).body).toContain('>500<');
  await office.db.owner.query(
    `update webhooks set state = 'PAUSED', probe_at = clock_timestamp() + interval '1 hour' where state = 'ACTIVE'`,
  );
  expect((await office.clientOf('cnas').get('/v1/webhook')).json).toMatchObject({ state: 'PAUSED', lastAnswer: '500' });
  receiver.answerWith(status(204));
  expect((await (await office.signIn('auditor-yacine')).post(`${page}/retry`)).status).toBe(403);
  expect((await lina.post(`${page}/retry`)).status).toBe(303);
  await expect.poll(async () => (await lina.get(`${page}?state=DELIVERED`)).body).toContain('>204<');
  // One that a restore has paused says so, and that nothing is tried by itself.
  const held = async () => (await lina.open(`${page}?language=en`)).body.includes('The database was put back');
  expect(await held()).toBe(false);
  await office.db.owner.query("update webhooks set state = 'PAUSED', probe_at = null where state = 'ACTIVE'");
  expect(await held()).toBe(true);
  // That it goes on is an event of its own.
  const ofRegistration = receiver.pushed.filter(({ claims }) => claims.kind === 'webhook.registered');
  const attempts = ofRegistration.map(({ claims }) => Number(claims.attempt));
  expect(attempts).toEqual(attempts.map((_, index) => index + 1));
  expect(attempts.length).toBeGreaterThan(1);
  expect(office.breaches).toEqual([]);
});

test('the file of the pushes has all of the list that was chosen, not only the rows of its first page', async () => {
  await using receiver = await openReceiver();
  await using office = await openTestBackOffice(loopback);
  await office.clientOf('cnas').put('/v1/webhook', wish(receiver));
  await registered(office);
  await office.db.owner.query(
    `insert into journal (creditor_code, kind, subject_id, side, to_state)
     select 'CNAS', 'debit.in-doubt', gen_random_uuid(), 'gateway', 'IN_DOUBT' from generate_series(1, 40)`,
  );
  const auditor = await office.signIn('auditor-yacine');
  const linesOf = async (state: string) =>
    (await auditor.get(`${page}/export?state=${state}`)).body.trim().split('\r\n').slice(1);
  await expect.poll(async () => (await linesOf('DELIVERED')).length).toBe(41);
  await office.db.owner.query(
    `update event_deliveries set state = 'DEAD', answer = 'timeout' where sequence > (select max(sequence) - 3 from events)`,
  );
  expect(await linesOf('DEAD')).toHaveLength(3);
  expect(await linesOf('DELIVERED')).toHaveLength(38);
  expect(await linesOf('')).toHaveLength(41);
  expect((await auditor.get(`${page}?state=DEAD`)).body).toContain(`href="${page}/export?state=DEAD"`);
  expect((await auditor.get('/administration/webhooks/NOBODY/export')).status).toBe(404);
  expect((await (await office.signIn('officer-nadia')).get(`${page}/export`)).status).toBe(403);
});
