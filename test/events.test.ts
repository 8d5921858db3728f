import { expect, test } from 'vitest';
import { pageOf, publicKeys, readAll, readUntil, verifyEvent } from './event-bank.ts';
import { openTestGateway } from './gateway.ts';
import { accepted, certified, orderOf, sampleEmployer } from './gateway-mandates.ts';

const kindsOf = (events: readonly { claims: Record<string, unknown> }[]) => events.map(({ claims }) => claims.kind);

test('the feed tells a creditor of its mandates and debits in order, each event signed, and another creditor of nothing', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const employer = await sampleEmployer();
  const { mandateId } = await accepted(bank, cnas, employer);
  const paid = await cnas.put('/v1/debits/EVENT-1', orderOf(mandateId, employer, '1000.00', 'DECLARED-1'));
  expect(paid.status).toBe(201);
  const refused = await cnas.put('/v1/debits/EVENT-2', orderOf(mandateId, employer, '999999999.00', 'DECLARED-2'));
  expect(refused.status).toBe(402);
  await readUntil(cnas, 'debit.rejected');
  const events = await readAll(cnas, '0/0', 2);
  // The development certificates and keys were registered first.
  const registered = (kind: unknown) => /^(client|signing-key)\./.test(String(kind));
  const happened = events.filter(({ claims }) => !registered(claims.kind));
  expect(events.map(({ place }) => place)).toEqual(events.map((_, at) => `1/${at + 1}`));
  expect(
    happened.map(({ claims }) => `${claims.kind} ${claims.from ?? '-'} > ${claims.to} ${claims.reason ?? ''}`),
  ).toEqual([
    'mandate.shown CERTIFIED > CERTIFIED ',
    'mandate.accepted CERTIFIED > ACTIVE ',
    'debit.received - > EXECUTING ',
    'debit.settled EXECUTING > SETTLED ',
    'debit.received - > EXECUTING ',
    'debit.rejected EXECUTING > REJECTED AM14',
  ]);
  const keys = await publicKeys(bank);
  for (const { token, claims } of events) {
    const { payload, protectedHeader } = await verifyEvent(bank, token, keys);
    expect(payload).toEqual(claims);
    expect(keys.keys.find(({ kid }) => kid === protectedHeader.kid)).toMatchObject({ purpose: 'webhooks' });
  }
  const settled = events.find(({ claims }) => claims.kind === 'debit.settled');
  const { rows } = await bank.db.owner.query<{ jti: string }>(
    'select confirmation_jti as jti from debits where state = $1',
    ['SETTLED'],
  );
  expect(settled?.claims).toMatchObject({
    endToEndId: 'EVENT-1',
    tokenJti: rows[0]?.jti,
    side: 'GATEWAY',
    links: { subject: '/v1/debits/EVENT-1', token: '/v1/debits/EVENT-1/confirmation' },
  });
  // Read again, each says the same: only the signature is new.
  const again = await readAll(cnas);
  expect(again.map(({ claims }) => claims)).toEqual(events.map(({ claims }) => claims));
  expect(again[0]?.token).not.toBe(events[0]?.token);
  expect(kindsOf(await readAll(bank.clientOf('cacobatph'))).filter((kind) => !registered(kind))).toEqual([]);
  // Neither account nor name is anywhere in it.
  const said = JSON.stringify(again.map(({ claims }) => claims));
  for (const secret of [employer.rib, employer.nameFr, employer.nameAr]) expect(said).not.toContain(secret);
  expect(bank.breaches).toEqual([]);
});

test('what a bank’s own mandate went through before its certificate was shown is never told', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const { mandateId, token } = await certified(bank, await sampleEmployer());
  const body = Buffer.from(JSON.stringify({ certificate: token }));
  await cnas.post('/v1/mandate-verifications', body, 'application/json');
  const told = (await readUntil(cnas, 'mandate.shown')).filter(({ claims }) => claims.mandateId === mandateId);
  expect(kindsOf(told)).toEqual(['mandate.shown']);
  const { rows } = await bank.db.owner.query('select kind from journal where subject_id = $1 order by entry_id', [
    mandateId,
  ]);
  expect(rows.map(({ kind }) => kind)).toEqual([
    'mandate.entered',
    'mandate.submitted',
    'mandate.certified',
    'mandate.shown',
  ]);
  expect(bank.breaches).toEqual([]);
});

test('a call that waits is answered by the next event, an empty page at its time, and a stop', async () => {
  const bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const { mandateId, token } = await certified(bank, await sampleEmployer());
  await readUntil(cnas, 'signing-key.registered');
  const { last } = pageOf(await cnas.get('/v1/events?limit=500'));
  const waiting = cnas.get(`/v1/events?after=${last}&wait=20`);
  await cnas.put(`/v1/mandates/${mandateId}/acceptance`, { certificate: token });
  expect(kindsOf(pageOf(await waiting).events)[0]).toBe('mandate.shown');
  const { last: end } = pageOf(await cnas.get('/v1/events?limit=500&wait=1'));
  expect(pageOf(await cnas.get(`/v1/events?after=${end}&wait=1`))).toMatchObject({
    events: [],
    last: end,
    more: false,
  });
  expect((await cnas.get('/v1/events?after=1/999')).json).toMatchObject({
    status: 409,
    detail: `The last event is ${end}`,
  });
  expect((await cnas.get('/v1/events?after=1-2')).status).toBe(400);
  const left = cnas.get(`/v1/events?after=${end}&wait=20`);
  await expect.poll(() => bank.db.owner.query('select 1')).toBeDefined();
  const [page] = await Promise.all([left, bank.gateway[Symbol.asyncDispose]()]);
  expect(pageOf(page).events).toEqual([]);
  expect(bank.breaches).toEqual([]);
});
