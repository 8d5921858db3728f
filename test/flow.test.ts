import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import type { Reply } from '../src/commands/client.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import { coreReferenceOf, parseEndToEndId } from '../src/values/ids.ts';
import { cnas as cnasCode, must } from './bank.ts';
import { openTestGateway } from './gateway.ts';
import { certified, orderOf, sampleEmployer } from './gateway-mandates.ts';

const json = (reply: Reply) => reply.json ?? {};

test('a mandate goes the whole way: certified, verified, accepted, debited, confirmed, declared = paid', async () => {
  await using bank = await openTestGateway();
  const employer = await sampleEmployer(1);
  const cnas = bank.clientOf('cnas');
  const { mandateId, token } = await certified(bank, employer);

  // Not seen before its certificate is shown; another creditor learns nothing of it, ever.
  expect((await cnas.get(`/v1/mandates/${mandateId}`)).status).toBe(404);
  const asked = Buffer.from(
    JSON.stringify({ certificate: token, expected: { employerNumber: employer.employerNumber, rib: employer.rib } }),
  );
  const foreign = await bank.clientOf('cacobatph').post('/v1/mandate-verifications', asked, 'application/json');
  expect(json(foreign)).toMatchObject({ status: 'INVALID', reasons: ['WRONG_AUDIENCE'] });
  expect(json(await cnas.post('/v1/mandate-verifications', asked, 'application/json'))).toMatchObject({
    status: 'VALID',
    reasons: [],
  });
  expect(json(await cnas.get(`/v1/mandates/${mandateId}`))).toMatchObject({ state: 'CERTIFIED', debitable: false });
  expect((await bank.clientOf('cacobatph').get(`/v1/mandates/${mandateId}`)).status).toBe(404);

  const pdf = await cnas.get(`/v1/mandates/${mandateId}/certificate`, 'application/pdf');
  expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(json(await cnas.post('/v1/mandate-verifications', pdf.bytes, 'application/pdf'))).toMatchObject({
    status: 'VALID',
  });

  expect(json(await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {}))).toMatchObject({
    state: 'ACTIVE',
    debitable: true,
  });
  const order = orderOf(mandateId, employer, '100000.00', 'DAC-1');
  const paid = await cnas.put('/v1/debits/FLOW-1', order);
  expect(paid.status).toBe(201);
  const again = await cnas.put('/v1/debits/FLOW-1', order);
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
  expect(json(again).confirmation).toBe(json(paid).confirmation);
  expect((await cnas.get('/v1/debits/FLOW-1/confirmation')).bytes.toString()).toBe(json(paid).confirmation);
  expect((await cnas.get('/v1/debits/FLOW-1/confirmation', 'application/pdf')).bytes.subarray(0, 5).toString()).toBe(
    '%PDF-',
  );
  expect((await bank.clientOf('cacobatph').get('/v1/debits/FLOW-1')).status).toBe(404);

  expect((await cnas.put('/v1/debits/FLOW-2', order)).status).toBe(409);
  const rejected = await cnas.put('/v1/debits/FLOW-3', orderOf(mandateId, employer, '999999999.00', 'DAC-2'));
  expect([rejected.status, json(rejected).reasonCode]).toEqual([402, 'AM14']);
  const later = await cnas.put('/v1/debits/FLOW-4', {
    ...orderOf(mandateId, employer, '1.00', 'DAC-3'),
    executionDate: addDays(algiersDay(new Date()), 5),
  });
  expect([later.status, json(later).state]).toEqual([202, 'SCHEDULED']);
  expect(json(later).receipt).toEqual(expect.any(String));
  expect((await cnas.put('/v1/debits/FLOW-4/cancellation', {})).status).toBe(201);
  expect((await cnas.put('/v1/debits/FLOW-4/cancellation', {})).status).toBe(200);
  expect((await cnas.put('/v1/debits/FLOW-1/cancellation', {})).status).toBe(409);

  const declaration = await cnas.get(`/v1/declarations/DAC-1?employerNumber=${employer.employerNumber}`);
  expect(json(declaration)).toMatchObject({ matched: true, settledAmount: '100000.00', attemptCount: 1 });
  const list = await cnas.get(`/v1/debits?mandateId=${mandateId}&limit=2`);
  expect(json(list).debits).toHaveLength(2);
  const rest = await cnas.get(`/v1/debits?mandateId=${mandateId}&limit=2&cursor=${json(list).nextCursor}`);
  expect(json(rest).debits).toHaveLength(1);
  expect(bank.breaches).toEqual([]);
});

test('a malformed debit is a 400 with one entry a fault, and uses no name up', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const reply = await cnas.put('/v1/debits/BAD-1', { mandateId: 'x', amount: 12.5, currency: 'EUR', surprise: true });
  expect(reply.status).toBe(400);
  const faults = json(reply).faults as { pointer: string }[];
  expect(faults.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/mandateId', '/amount', '/currency']));
  expect((await cnas.get('/v1/debits/BAD-1')).status).toBe(404);
  expect(bank.breaches).toEqual([]);
});

test('after a restore a cancellation is answered only once the movements are read, and not where money has moved under the name', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  // As a restore leaves it; began far enough in the future that nothing reads the movements while this looks.
  await bank.db.owner.query(
    `with stop as (insert into stops (stop_id, scope, remark, stopped_by)
                   values (gen_random_uuid(), 'ALL', 'epoch 2', 'gateway') returning stop_id)
     insert into restores (epoch, known_until, began_at, stop_id) select 2, now(), now() + interval '1 day', stop_id from stop`,
  );
  const cancelling = async (name: string) => {
    const reply = await cnas.put(`/v1/debits/${name}/cancellation`, {});
    return [
      reply.status,
      String(json(reply).type ?? '')
        .split('/')
        .at(-1),
      reply.headers['retry-after'] ?? '',
    ];
  };
  expect(await cancelling('LOST')).toEqual([503, 'stopped', '60']);
  await bank.db.owner.query(
    `with read as (update restores set movements_read_at = now())
     insert into unclaimed_movements (reference, epoch, creditor_code, debtor, amount, booking_reference, executed_at, booking_date, value_date)
     values ($1, 2, 'CNAS', $2, 100, 'B', now(), current_date, current_date)`,
    [coreReferenceOf(cnasCode, must(parseEndToEndId('LOST'))), (await sampleEmployer(0)).rib],
  );
  expect(await cancelling('LOST')).toEqual([409, 'too-late-to-cancel', '']);
  expect(await cancelling('NEVER-CAME')).toEqual([201, '', '']);
  expect(bank.breaches).toEqual([]);
});

test('with the database away a debit answers 503 with Retry-After, and nothing was begun', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const employer = await sampleEmployer(0);
  expect((await cnas.get('/v1/connection')).status).toBe(200);
  await bank.db.owner
    .query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gateway_runtime' and datname = current_database()",
    )
    .catch(() => undefined);
  const replies = await Promise.all(
    Array.from({ length: 5 }, (_, name) =>
      cnas.put(`/v1/debits/AWAY-${name}`, orderOf('0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e', employer, '1.00', 'D')),
    ),
  );
  for (const reply of replies) expect([404, 503]).toContain(reply.status);
  expect(bank.breaches).toEqual([]);
});

test('no log, metric, error body, nor PostgreSQL’s own log ever holds a RIB, a name or a token', async () => {
  await using bank = await openTestGateway();
  const employer = await sampleEmployer(3);
  const cnas = bank.clientOf('cnas');
  const { mandateId, token } = await certified(bank, employer);
  const asked = { certificate: token, expected: { employerNumber: '0000000000', rib: employer.rib } };
  await cnas.post('/v1/mandate-verifications', Buffer.from(JSON.stringify(asked)), 'application/json');
  await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {});
  await cnas.put('/v1/debits/CANARY-1', orderOf(mandateId, employer, '1000.00', 'C-1'));
  const problems = [
    await cnas.put('/v1/debits/CANARY-2', { ...orderOf(mandateId, employer, '1000.00', 'C-2'), rib: employer.rib }),
    await cnas.put('/v1/debits/CANARY-3', orderOf(mandateId, employer, '99999999.00', 'C-3')),
    await cnas.put('/v1/debits/CANARY-4', { ...orderOf(mandateId, employer, '1.00', 'C-4'), mandateId: employer.rib }),
    await cnas.get(`/v1/mandates/${employer.rib}`),
    await cnas.get(`/v1/debits?employerNumber=${employer.rib}`),
    await cnas.post(
      '/v1/mandate-verifications',
      Buffer.from(`{"certificate": "${employer.rib}", "nameFr": "${employer.nameFr}"}`),
      'application/json',
    ),
    await cnas.post('/v1/mandate-verifications', Buffer.from(`{"a": "${employer.nameFr}`), 'application/json'),
  ];
  // A fault of the database's, whose message quotes the row.
  await bank.db.gateway
    .query('insert into mandate_debtors values ($1, $2, $3, $4)', [
      mandateId,
      employer.rib,
      employer.nameFr,
      employer.nameAr,
    ])
    .catch(() => undefined);
  const metrics = await (await fetch(`${bank.gateway.operationsOrigin}/metrics`)).text();
  const postgres = await readFile(inject('postgresLog'), 'utf8');
  const written = [
    ...bank.logged,
    metrics,
    postgres,
    ...problems.filter(({ status }) => status >= 400).map(({ bytes }) => bytes.toString()),
  ].join('\n');
  for (const secret of [employer.rib, employer.nameFr, employer.nameAr, token])
    expect(written.includes(secret), secret).toBe(false);
  expect(problems.filter(({ status }) => status >= 400).length).toBeGreaterThan(4);
});
