import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../src/contract/handler.ts';
import { openTestDoor, publicOrigin, registeredClient, type TestDoor } from './door.ts';
import { ask, connect, get, kindOf, post, problemOf, put } from './wire.ts';

const json = { certificate: 'a.b.c' };
const verification = '/v1/mandate-verifications';

test('a request that fits the contract is answered by its handler, with the headers that all answers have', async () => {
  await using door = await openTestDoor();
  const answer = await ask(door, get('/v1/connection'));
  if (typeof answer === 'string') throw new Error(answer);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  });
  expect(answer.headers['request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(Object.keys(answer.headers)).not.toContain('x-powered-by');
  expect(Object.keys(answer.headers)).not.toContain('server');
  expect(Object.keys(answer.headers)).not.toContain('etag');
});

describe('one door, for whatever is said to it', () => {
  let door: TestDoor;
  beforeAll(async () => {
    door = await openTestDoor();
  });
  afterAll(() => door[Symbol.asyncDispose]());

  test.each([
    ['no Host', get('/v1/connection', { Host: undefined }), 'malformed 400'],
    ['two Hosts', get('/v1/connection', { Accept: 'application/json\r\nHost: other' }), 'malformed 400'],
    ['a Host that is none', get('/v1/connection', { Host: 'a b' }), 'malformed 400'],
    ['HTTP/1.0', 'GET /v1/connection HTTP/1.0\r\nHost: a\r\n\r\n', 'malformed 400'],
    ['HTTP/0.9', 'GET /v1/connection\r\n\r\n', 'malformed 400'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'malformed 400'],
    ['an upgrade', get('/v1/connection', { Connection: 'Upgrade', Upgrade: 'websocket' }), 'malformed 400'],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 'malformed 400'],
    ['an expectation that nobody knows', get('/v1/connection', { Expect: 'tea' }), 'expectation-failed 417'],
    ['an absolute target', get('https://other/v1/connection'), 'malformed 400'],
    ['an asterisk', get('*', {}, 'OPTIONS'), 'malformed 400'],
    ['a fragment', get('/v1/connection#a'), 'malformed 400'],
    ['a character that no URL has', get('/v1/connection?clientTime="'), 'malformed 400'],
    ['an escape that breaks off', get('/v1/connection?clientTime=%4'), 'malformed 400'],
    ['escapes that are not UTF-8', get('/v1/connection?clientTime=%C3%28'), 'malformed 400'],
    ['a query parameter twice', get('/v1/debits?state=SETTLED&state=REJECTED'), 'malformed 400'],
    ['a query parameter that is not known', get('/v1/connection?debug=1'), 'malformed 400'],
    ['a number in another notation', get('/v1/debits?limit=0x10'), 'malformed 400'],
    ['a path parameter that is none', get('/v1/debits/a%20b'), 'malformed 400'],
    ['a path parameter that is not UTF-8', get('/v1/debits/%FF'), 'malformed 400'],
    ['letters that are not ASCII', Buffer.from(get('/v1/é'), 'latin1'), 'malformed 400'],
    ['a folded header', get('/v1/connection', { Accept: 'a\r\n b' }), 'malformed 400'],
    ['a blank before the colon', get('/v1/connection', { 'X ': 'a' }), 'malformed 400'],
    ['bare line feeds', 'GET /v1/connection HTTP/1.1\nHost: a\n\n', 'malformed 400'],
    ['a method that does not exist', get('/v1/connection', {}, 'TEA'), 'malformed 400'],
    ['something else than HTTP', '\x16\x03\x01\x02\x00\x01\x00', 'malformed 400'],
    ['61 headers', get('/v1/connection', many(60)), 'headers-too-large 431'],
    ['headers of 9 KiB', get('/v1/connection', { 'X-Long': 'a'.repeat(9 * 1024) }), 'headers-too-large 431'],
    ['an unknown path', get('/v1/secrets'), 'not-found 404'],
    ['a path below a known one', get('/v1/connection/'), 'not-found 404'],
    ['a path in other letters', get('/V1/connection'), 'not-found 404'],
    [
      'an answer in a type that the operation has not',
      get('/v1/debits/A/confirmation', { Accept: 'text/html' }),
      'not-acceptable 406',
    ],
    ['a body where none belongs', get('/v1/connection', {}, 'GET', '{}'), 'malformed 400'],
    ['Content-Length twice', post(verification, '{}', { Accept: 'a\r\nContent-Length: 2' }), 'malformed 400'],
    [
      'Content-Type twice',
      post(verification, '{}', { Accept: 'a\r\nContent-Type: application/json' }),
      'malformed 400',
    ],
    [
      'Request-Signature twice',
      put('/v1/debits/A', '{}', { 'Request-Signature': 'a.b.c\r\nRequest-Signature: a.b.c' }),
      'malformed 400',
    ],
    ['both ways to say a length', post(verification, '', { 'Transfer-Encoding': 'chunked' }), 'malformed 400'],
    [
      'a transfer coding beside chunked',
      chunked('0\r\n\r\n', { 'Transfer-Encoding': 'gzip, chunked' }),
      'malformed 400',
    ],
    ['a chunk that is none', chunked('ZZ\r\n'), 'malformed 400'],
    ['text', post(verification, '{}', { 'Content-Type': 'text/plain' }), 'unsupported-media-type 415'],
    ['no Content-Type', post(verification, '{}', { 'Content-Type': undefined }), 'unsupported-media-type 415'],
    [
      'a compressed body',
      post(verification, gzipSync('{}').toString('latin1'), { 'Content-Encoding': 'gzip' }),
      'unsupported-media-type 415',
    ],
    ['a body that announces 65 KiB', post(verification, 'x'.repeat(65 * 1024)), 'payload-too-large 413'],
    [
      'a body that does not say how long it gets',
      chunked(`${chunk(40 * 1024)}${chunk(40 * 1024)}0\r\n\r\n`),
      'payload-too-large 413',
    ],
    [
      'an announced body that is too large, before it is sent',
      post(verification, '', { Expect: '100-continue', 'Content-Length': '1000000' }),
      'payload-too-large 413',
    ],
    ['no body', post(verification, ''), 'malformed 400'],
    ['JSON with a name twice', post(verification, '{"certificate":"a","certificate":"b"}'), 'malformed 400'],
    ['JSON in 30,000 arrays', post(verification, '['.repeat(30_000)), 'malformed 400'],
    ['a prototype', post(verification, '{"__proto__":{}}'), 'malformed 400'],
    ['a body member that is not known', post(verification, JSON.stringify({ ...json, more: 1 })), 'malformed 400'],
  ])('%s is answered by a problem document', async (_what, bytes, expected) => {
    const answer = await ask(door, bytes);
    expect(kindOf(answer)).toBe(expected);
    const { type, requestId, detail } = problemOf(answer);
    expect(type).toBe(`${publicOrigin}/problems/${expected.split(' ')[0]}`);
    if (typeof answer === 'string') throw new Error(answer);
    expect(answer.headers).toMatchObject({ 'request-id': requestId, 'cache-control': 'no-store' });
    expect(`${detail}${answer.body}`).not.toMatch(/\n {4}at |node_modules|\.ts:\d/);
    // Whatever was said, the next caller is served.
    expect(kindOf(await ask(door, get('/v1/connection')))).toBe('200');
  });
});

test('every fault of a request is named with its place, and what was sent is not repeated', async () => {
  await using door = await openTestDoor();
  const body = JSON.stringify({ certificate: 7, expected: { rib: '00799999RIB', 'un/known': 1 } });
  const answer = await ask(door, post(verification, body));
  const { faults } = problemOf(answer);
  expect(faults).toEqual([
    { pointer: '/certificate', message: 'must be string' },
    { pointer: '/expected/un~1known', message: 'is not known' },
    { pointer: '/expected/rib', message: 'must NOT have fewer than 20 characters' },
    { pointer: '/expected/rib', message: expect.stringContaining('must match pattern') },
  ]);
  expect(JSON.stringify(answer)).not.toContain('99999RIB');
  const inQuery = problemOf(await ask(door, get('/v1/debits?limit=900&receivedOn=2026-02-30&more=1')));
  expect(inQuery.faults).toEqual([
    { pointer: 'more', message: 'is not known' },
    { pointer: 'receivedOn', message: 'must match format "date"' },
    { pointer: 'limit', message: 'must be <= 200' },
  ]);
});

test('a wrong method names those that the path has', async () => {
  await using door = await openTestDoor();
  const answer = await ask(door, get('/v1/debits/A', {}, 'DELETE'));
  expect(kindOf(answer)).toBe('method-not-allowed 405');
  expect(answer).toMatchObject({ headers: { allow: 'GET, PUT' } });
});

test('Accept chooses between the forms of an answer, the first where it does not say, and is not asked where there is one', async () => {
  const asked: string[] = [];
  const answer = async ({ accepts }: { accepts: string }): Promise<Answer> => {
    asked.push(accepts);
    return { status: 200, contentType: accepts, body: accepts === 'application/jose' ? 'a.b.c' : Buffer.from('%PDF') };
  };
  await using door = await openTestDoor({ handlers: { getDebitConfirmation: answer } });
  const path = '/v1/debits/A/confirmation';
  for (const accept of [undefined, '*/*', 'application/pdf', 'application/pdf;q=0.5, application/jose'])
    await ask(door, get(path, { Accept: accept }));
  expect(asked).toEqual(['application/jose', 'application/jose', 'application/pdf', 'application/jose']);
  expect(kindOf(await ask(door, get('/v1/connection', { Accept: 'text/html' })))).toBe('200');
});

test('a PDF may be larger than JSON, up to its own limit', async () => {
  await using door = await openTestDoor();
  const pdf = (bytes: number) => post(verification, 'x'.repeat(bytes), { 'Content-Type': 'application/pdf' });
  expect(kindOf(await ask(door, pdf(70 * 1024)))).toBe('200');
  expect(kindOf(await ask(door, pdf(2 * 1024 * 1024 + 1)))).toBe('payload-too-large 413');
});

test('100 Continue is said where the body is wanted, and then only', async () => {
  await using door = await openTestDoor();
  using wire = await connect(door);
  const body = JSON.stringify(json);
  wire.say(post(verification, '', { Expect: '100-continue', 'Content-Length': String(body.length) }));
  expect(await wire.answer()).toMatchObject({ status: 100 });
  wire.say(body);
  expect(kindOf(await wire.answer())).toBe('200');
});

test.each([
  ['nothing', ''],
  ['half a head', 'GET /v1/connection HTTP/1.1\r\nHost: a\r\n'],
  ['half a body', post(verification, '', { 'Content-Length': '10' })],
])('a caller that sends %s and then nothing is told that its time is up', async (_what, bytes) => {
  await using door = await openTestDoor({ limits: { headerSeconds: 0.2, requestSeconds: 0.3, checkSeconds: 0.05 } });
  using wire = await connect(door);
  wire.say(bytes);
  expect(kindOf(await wire.answer())).toBe('request-timeout 408');
  await wire.ended;
});

test('what is wrong with a second request is said after the answer to the first, which is not lost', async () => {
  const released = Promise.withResolvers<void>();
  await using door = await openTestDoor({
    handlers: {
      listDebits: async () => {
        await released.promise;
        return { status: 200, body: { items: [] } };
      },
    },
    onBreach: () => undefined,
  });
  using wire = await connect(door);
  wire.say(`${get('/v1/debits')}GARBAGE\r\n\r\n`);
  released.resolve();
  expect(kindOf(await wire.answer())).toBe('200');
  expect(kindOf(await wire.answer())).toBe('malformed 400');
  await wire.ended;
});

test('requests one after the other on one connection are answered in their order', async () => {
  await using door = await openTestDoor();
  using wire = await connect(door);
  wire.say(get('/v1/connection') + get('/v1/nothing') + post(verification, JSON.stringify(json)));
  expect([kindOf(await wire.answer()), kindOf(await wire.answer()), kindOf(await wire.answer())]).toEqual([
    '200',
    'not-found 404',
    '200',
  ]);
});

test('more connections than allowed are dropped, in all and a client', async () => {
  await using door = await openTestDoor({ limits: { connectionsPerClient: 2, connections: 3 } });
  using first = await connect(door);
  using second = await connect(door);
  expect(await ask(door, get('/v1/connection'))).not.toMatchObject({ status: 200 });
  first.say(get('/v1/connection'));
  expect(kindOf(await first.answer())).toBe('200');
  const other = await door.authority.issue('other');
  using third = await connect(door, { client: other });
  third.say(get('/v1/connection'));
  expect(kindOf(await third.answer())).toBe('200');
  const another = await door.authority.issue('another');
  expect(await ask(door, get('/v1/connection'), { client: another })).not.toMatchObject({ status: 200 });
  expect(door.refusals).toEqual(['too-many-connections', 'too-many-connections']);
  second.socket.destroy();
});

test('an orderly stop answers what was taken in, tells the caller that the connection ends, and takes in nothing more', async () => {
  const released = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  await using door = await openTestDoor({
    handlers: {
      listMandates: async () => {
        taken.resolve();
        await released.promise;
        return { status: 200, body: { items: [] } };
      },
    },
    onBreach: () => undefined,
  });
  using busy = await connect(door);
  using idle = await connect(door);
  using halfway = await connect(door);
  halfway.say('GET /v1/connection HTTP/1.1\r\n');
  busy.say(get('/v1/mandates'));
  await taken.promise;
  const drained = door.door.drain();
  await idle.ended;
  expect(await ask(door, get('/v1/connection'))).toBe('ECONNREFUSED');
  released.resolve();
  expect(await busy.answer()).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await drained;
  await busy.ended;
  await halfway.ended;
});

test('an orderly stop does not wait for ever', async () => {
  const taken = Promise.withResolvers<void>();
  await using door = await openTestDoor({
    handlers: {
      listMandates: () => {
        taken.resolve();
        return new Promise<Answer>(() => undefined);
      },
    },
    limits: { drainSeconds: 0.1 },
  });
  using wire = await connect(door);
  wire.say(get('/v1/mandates'));
  await taken.promise;
  await door.door.drain();
  await wire.ended;
});

test('a caller that goes away in the middle of its body leaves nothing behind', async () => {
  const taken = Promise.withResolvers<void>();
  await using door = await openTestDoor({
    authenticate: async () => {
      taken.resolve();
      return registeredClient();
    },
    limits: { requestsUnderWay: 1 },
  });
  {
    using wire = await connect(door);
    wire.say(post(verification, '{"certi', { 'Content-Length': '100' }));
    await taken.promise;
  }
  // Its place is free again once the gateway has heard that it went.
  await expect
    .poll(async () => kindOf(await ask(door, get('/v1/connection'))), { timeout: 20_000, interval: 25 })
    .toBe('200');
  expect(door.failures).toEqual([]);
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`X-${at}`, 'a']));
}

function chunked(body: string, headers: Record<string, string> = {}): string {
  return `${post(verification, '', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked', ...headers })}${body}`;
}

function chunk(bytes: number): string {
  return `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
}
