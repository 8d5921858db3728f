import pg from 'pg';
import { expect, test } from 'vitest';
import { defaultRates } from '../src/contract/admission.ts';
import type { Answer } from '../src/contract/handler.ts';
import { openPool } from '../src/database/pool.ts';
import { parseJws } from '../src/values/ids.ts';
import { cnas, must } from './bank.ts';
import { freshDatabase } from './database.ts';
import { type DoorWishes, openTestDoor } from './door.ts';
import { ask, connect, get, kindOf, post, problemOf, put } from './wire.ts';

const connection = get('/v1/connection');
const verification = '/v1/mandate-verifications';

/** SECURITY.md's order of checks. Each fails from its own place on, together with everything after it. */
const order = [
  ['header grammar', 'headers-too-large 431'],
  ['registration', 'certificate-withdrawn 403'],
  ['rate', 'too-many-requests 429'],
  ['overload', 'overloaded 503'],
  ['media type', 'unsupported-media-type 415'],
  ['body size', 'payload-too-large 413'],
  ['signature', 'signature-invalid 401'],
  ['strict JSON', 'malformed 400'],
  ['schema', 'malformed 400'],
  ['nothing', '201'],
] as const;

test.each(order.map(([check, expected], at) => [check, expected, at] as const))(
  'a request that fails %s, and everything after it, is answered with %s',
  async (_check, expected, first) => {
    const fails = (check: (typeof order)[number][0]) =>
      order.findIndex(([name]) => name === check) >= first && first < 9;
    const asked: string[] = [];
    await using door = await openTestDoor({
      rates: fails('rate') ? { ...defaultRates, creditorPerSecond: 0 } : defaultRates,
      limits: { requestsUnderWay: fails('overload') ? 0 : 10 },
      async checkSignature({ body, header }) {
        return fails('signature') ? { outcome: 'UNSIGNED', detail: 'digest differs' } : signedBy(header, body);
      },
      handlers: {
        async cancelDebit() {
          asked.push('cancelDebit');
          return cancelled;
        },
      },
    });
    if (fails('registration')) door.setRegistry({ outcome: 'WITHDRAWN' });
    const body = fails('body size')
      ? `{"a":1,"a":"${'x'.repeat(65_536)}"}`
      : fails('strict JSON')
        ? '{"reason":1,"reason":2}'
        : fails('schema')
          ? '{"reason":1}'
          : '{}';
    const headers = {
      'Request-Signature': 'a.b.c',
      ...(fails('media type') ? { 'Content-Type': 'text/plain' } : {}),
      ...(fails('header grammar') ? Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`X-${at}`, 'a'])) : {}),
    };
    expect(kindOf(await ask(door, put('/v1/debits/A/cancellation', body, headers)))).toBe(expected);
    expect(asked).toEqual(expected === '201' ? ['cancelDebit'] : []);
  },
);

test('a write without a signature is told so, with a challenge, and its body is not read as JSON', async () => {
  await using door = await openTestDoor();
  const answer = await ask(door, put('/v1/debits/A', 'no JSON'));
  expect(kindOf(answer)).toBe('signature-missing 401');
  expect(answer).toMatchObject({ headers: { 'www-authenticate': 'Request-Signature' } });
});

test('a key without the scope of the operation is a 403, and the scope asked for is the contract one', async () => {
  const scopes: string[] = [];
  await using door = await openTestDoor({
    async checkSignature({ scope }) {
      scopes.push(scope);
      return { outcome: 'OUT_OF_SCOPE', detail: 'the signing key has other scopes' };
    },
  });
  const headers = { 'Request-Signature': 'a.b.c' };
  const mandate = '/v1/mandates/0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e';
  expect(kindOf(await ask(door, put('/v1/debits/A', '{}', headers)))).toBe('signature-scope 403');
  expect(kindOf(await ask(door, put(`${mandate}/revocation`, '{}', headers)))).toBe('signature-scope 403');
  expect(scopes).toEqual(['debits', 'mandates']);
});

test('a signature is checked over the bytes and the path as they were sent', async () => {
  const asked: object[] = [];
  await using door = await openTestDoor({
    async checkSignature({ body, target, method, header }) {
      asked.push({ body: body.toString(), target, method, header });
      return { outcome: 'UNSIGNED', detail: 'no' };
    },
  });
  await ask(door, put('/v1/debits/A%2D1', ' { "amount" : "1.00" } ', { 'Request-Signature': 'a.b.c' }));
  expect(asked).toEqual([
    { body: ' { "amount" : "1.00" } ', target: '/v1/debits/A%2D1', method: 'PUT', header: 'a.b.c' },
  ]);
});

test('a rate holds for a creditor, for an operation, and as it was contracted', async () => {
  const rates = [
    { ...defaultRates, creditorPerSecond: 1 },
    { ...defaultRates, operationPerSecond: 1 },
    { ...defaultRates, operations: { getConnection: 1 } },
    { ...defaultRates, creditors: new Map([[cnas, 1]]) },
  ];
  for (const rate of rates) {
    await using door = await openTestDoor({ rates: rate });
    using wire = await connect(door);
    wire.say(connection + connection);
    expect(kindOf(await wire.answer())).toBe('200');
    const refused = await wire.answer();
    expect(kindOf(refused)).toBe('too-many-requests 429');
    expect(refused).toMatchObject({ headers: { 'retry-after': '1' } });
  }
});

test('what is too much at once is refused at the door, and a place that gets free is given again', async () => {
  const released = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  await using door = await openTestDoor({
    limits: { requestsUnderWay: 1 },
    handlers: {
      async getDebitConfirmation() {
        taken.resolve();
        await released.promise;
        return { status: 200, contentType: 'application/jose', body: 'a.b.c' };
      },
    },
  });
  using first = await connect(door);
  first.say(get('/v1/debits/A/confirmation'));
  await taken.promise;
  const refused = await ask(door, connection);
  expect(kindOf(refused)).toBe('overloaded 503');
  expect(refused).toMatchObject({ headers: { 'retry-after': '1' } });
  released.resolve();
  expect(kindOf(await first.answer())).toBe('200');
  expect(kindOf(await ask(door, connection))).toBe('200');
});

test('a database that is away is a 503 with Retry-After, in the look-up of the client and in a handler', async () => {
  await using away = disposable(openPool({ url: 'postgres://nobody@127.0.0.1:9/none', applicationName: 'test' }));
  const query = () => away.pool.query('select 1').then(() => expect.fail('there is no database'));
  const doors: DoorWishes[] = [{ authenticate: query }, { handlers: { getConnection: query } }];
  for (const wishes of doors) {
    await using door = await openTestDoor(wishes);
    const answer = await ask(door, connection);
    expect(kindOf(answer)).toBe('unavailable 503');
    expect(answer).toMatchObject({ headers: { 'retry-after': '5' } });
    expect(door.failures).toMatchObject([{ operationId: 'getConnection', kind: 'unavailable' }]);
  }
});

test('a connection to the database that breaks under a write leaves its outcome unknown, under a read it does not', async () => {
  await using db = await freshDatabase();
  const broken = async (): Promise<Answer> => {
    await db.owner.query('select pg_terminate_backend(pg_backend_pid())');
    return expect.fail('the connection is gone');
  };
  await using door = await openTestDoor({ handlers: { getConnection: broken, verifyMandate: broken } });
  expect(kindOf(await ask(door, connection))).toBe('unavailable 503');
  const answer = await ask(door, post(verification, '{"certificate":"a.b.c"}'));
  expect(kindOf(answer)).toBe('outcome-unknown 503');
  expect(answer).toMatchObject({ headers: { 'retry-after': '1' } });
});

test.each([
  ['an error with values in its text', () => Promise.reject(new Error('RIB 00799999000123456789 of Sonelgaz'))],
  [
    'an error of the database that quotes a row',
    () => Promise.reject(Object.assign(new pg.DatabaseError('00799999000123456789', 1, 'error'), { code: '42703' })),
  ],
  ['something that is no error', () => Promise.reject('00799999000123456789')],
  ['an answer that can not be written', async (): Promise<Answer> => ({ status: 200, body: { amount: 1n } })],
  [
    'an error of Node with a code of its own',
    () => Promise.reject(Object.assign(new TypeError('00799999000123456789'), { code: 'ERR_INVALID_ARG_TYPE' })),
  ],
])('%s is a 500 that tells nothing but the request id, by which the log has it', async (_what, handler) => {
  await using door = await openTestDoor({ handlers: { getConnection: handler } });
  const answer = await ask(door, connection);
  expect(kindOf(answer)).toBe('internal 500');
  const { requestId } = problemOf(answer);
  expect(door.failures).toMatchObject([{ requestId, operationId: 'getConnection', kind: 'internal' }]);
  expect(`${JSON.stringify(answer)}${JSON.stringify(door.failures)}`).not.toMatch(/00799999|Sonelgaz|42703.*select/);
});

test('each answer is told to the metrics with its operation, or with none', async () => {
  await using door = await openTestDoor();
  using wire = await connect(door);
  const body = '{"certificate":"a.b.c"}';
  for (const bytes of [connection, get('/v1/nothing'), post(verification, body)]) {
    wire.say(bytes);
    await wire.answer();
  }
  const seconds = expect.any(Number);
  expect(door.observations).toEqual([
    { operationId: 'getConnection', status: 200, seconds, requestBytes: 0 },
    { operationId: 'none', status: 404, seconds, requestBytes: 0 },
    { operationId: 'verifyMandate', status: 200, seconds, requestBytes: body.length },
  ]);
});

test('an answer that is not as the contract says is told to the test', async () => {
  const breaches: string[] = [];
  await using door = await openTestDoor({
    handlers: { getConnection: async () => ({ status: 200, body: { creditorCode: 'CNAS' } }) },
    onBreach: (breach) => breaches.push(breach),
  });
  await ask(door, connection);
  expect(breaches).toContain('getConnection 200: /environment is required');
});

const cancelled: Answer = {
  status: 201,
  headers: { Location: '/v1/debits/A' },
  body: {
    endToEndId: 'A',
    debitId: '0198f0c2-9e10-7c2d-8b11-5e6f70818293',
    state: 'CANCELLED',
    receivedAt: '2026-01-31T09:30:00.000Z',
    receivedOn: '2026-01-31',
    links: { self: '/v1/debits/A' },
  },
};

function signedBy(header: string | undefined, body: Buffer) {
  const now = new Date();
  return {
    outcome: 'SIGNED' as const,
    request: {
      ...{ creditorCode: cnas, jti: 'a'.repeat(16), keyThumbprint: 'k', method: 'PUT', target: '/', body },
      ...{ signedAt: now, receivedAt: now, digest: Buffer.alloc(32), token: must(parseJws(header ?? '')) },
    },
  };
}

const disposable = (pool: pg.Pool) => ({ pool, [Symbol.asyncDispose]: () => pool.end() });
