import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../certs-dev/development-certificates.ts';
import { thumbprintOfCertificate } from '../src/clients/certificates.ts';
import { withdrawCertificate } from '../src/clients/clients.sql.ts';
import { registerDevelopmentClients } from '../src/clients/development.ts';
import { openRegistry } from '../src/clients/registry.ts';
import { readPrivateKey } from '../src/signing/private-key.ts';
import { checkRequestSignature } from '../src/signing/request-signature.ts';
import { signRequest } from '../src/signing/sign-request.ts';
import { freshDatabase } from './database.ts';
import { openTestDoor, type TestDoor } from './door.ts';
import { ask, connect, get, kindOf, put } from './wire.ts';

const issuer = 'https://gateway.bank.example';
const apiOrigin = 'https://api.bank.example';
const connection = get('/v1/connection');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'doors-registry-'));
  await ensureDevelopmentCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const read = (name: string) => readFile(path.join(folder, name), 'utf8');
const clientOf = async (name: string) => ({ cert: await read(`${name}.pem`), key: await read(`${name}-key.pem`) });

test('each development client is served, or told why not', async () => {
  await using bank = await openBank();
  const outcomes: Record<string, string> = {};
  for (const name of ['cnas', 'cacobatph', 'unregistered', 'revoked', 'expired'])
    outcomes[name] = kindOf(await ask(bank.door, connection, { client: await clientOf(name) }));
  expect(outcomes).toEqual({
    cnas: '200',
    cacobatph: '200',
    unregistered: 'certificate-unregistered 403',
    revoked: 'certificate-revoked 403',
    expired: expect.stringMatching(/^(ECONNRESET|CLOSED|ERR_SSL.*)$/),
  });
  expect(bank.door.refusals).toEqual(['expired']);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a withdrawn client is cut off within a second on its open connection and on a resumed session of %s',
  async (version) => {
    await using bank = await openBank();
    const wish = { client: await clientOf('cnas'), minVersion: version, maxVersion: version };
    using open = await connect(bank.door, wish);
    open.say(connection);
    expect(kindOf(await open.answer())).toBe('200');
    const thumbprint = thumbprintOfCertificate(new X509Certificate(wish.client.cert));
    // By another replica: nothing tells this one.
    await withdrawCertificate(bank.db.gateway, thumbprint, { by: 'administrator-nadia' });
    bank.passSeconds(1);
    open.say(connection);
    expect(kindOf(await open.answer())).toBe('certificate-withdrawn 403');
    using resumed = await connect(bank.door, { ...wish, session: open.session() });
    resumed.say(connection);
    expect(kindOf(await resumed.answer())).toBe('certificate-withdrawn 403');
    expect(resumed.socket.isSessionReused()).toBe(true);
  },
);

test('a certificate that passes its last day on an open connection is told so', async () => {
  await using bank = await openBank();
  using open = await connect(bank.door, { client: await clientOf('cnas') });
  open.say(connection);
  expect(kindOf(await open.answer())).toBe('200');
  bank.passSeconds(500 * 86_400);
  open.say(connection);
  expect(kindOf(await open.answer())).toBe('certificate-expired 403');
});

test("a write reaches its handler with its own creditor's signature only", async () => {
  await using bank = await openBank();
  const target = '/v1/debits/A-1/cancellation';
  const signed = async (name: string, creditorCode: string, body: string) => {
    const key = readPrivateKey(await read(`${name}-signing-key.pem`));
    if (key.outcome === 'REFUSED') return expect.fail(key.detail);
    const asked = { key, creditorCode, issuer, publicOrigin: apiOrigin, method: 'PUT', target, body, now: new Date() };
    return { 'Request-Signature': await signRequest(asked) };
  };
  const client = await clientOf('cnas');
  const outcomes = [
    put(target, '{}', await signed('cnas', 'CNAS', '{}')),
    put(target, '{ }', await signed('cnas', 'CNAS', '{}')),
    put(target, '{}', await signed('cacobatph', 'CACOBATPH', '{}')),
    put(target, '{}', await signed('cacobatph', 'CNAS', '{}')),
    put(`${target}?a=1`, '{}', await signed('cnas', 'CNAS', '{}')),
    put('/v1/debits/A-2/cancellation', '{}', await signed('cnas', 'CNAS', '{}')),
  ].map(async (bytes) => kindOf(await ask(bank.door, bytes, { client })));
  expect(await Promise.all(outcomes)).toEqual([
    '200',
    'signature-invalid 401',
    'signature-invalid 401',
    'signature-invalid 401',
    'malformed 400',
    'signature-invalid 401',
  ]);
});

/** A door before the real registry, with the development PKI, and a clock that a test moves on. */
async function openBank() {
  const db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now: new Date() });
  let passed = 0;
  const clock = { now: () => new Date(Date.now() + passed) };
  const registry = openRegistry({ db: db.gateway, now: clock.now });
  const door = await openTestDoor({
    clock,
    tls: {
      certificate: path.join(folder, 'server.pem'),
      key: path.join(folder, 'server-key.pem'),
      clientAuthorities: path.join(folder, 'ca.pem'),
    },
    authenticate: registry.lookUp,
    async checkSignature(asked) {
      const known = await registry.signingKeysOf(asked.creditorCode);
      const settings = { publicOrigin: apiOrigin, issuer, windowSeconds: 300 };
      return checkRequestSignature({ ...asked, ...settings, keyOf: (kid) => known.get(kid) });
    },
  });
  const authority: TestDoor['authority'] = { ...door.authority, pem: await read('ca.pem') };
  return {
    db,
    door: { ...door, authority },
    passSeconds: (seconds: number) => {
      passed += seconds * 1000;
    },
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}
