import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import type { Queryable } from '../database/queryable.ts';
import { type PrivateKey, readPrivateKey, signCompact } from '../signing/private-key.ts';
import { parseCreditorCode } from '../values/ids.ts';
import { registerCertificate, thumbprintOfCertificate } from './certificates.ts';
import { insertRevocations, withdrawCertificate, withdrawSigningKey } from './clients.sql.ts';
import { registerDevelopmentClients } from './development.ts';
import { selectClientExpiries } from './expiry.sql.ts';
import { signRegistration } from './registration-record.ts';
import { openRegistry } from './registry.ts';
import { registerSigningKey } from './signing-keys.ts';

const cnas = parseCreditorCode('CNAS') ?? expect.fail();
const cacobatph = parseCreditorCode('CACOBATPH') ?? expect.fail();
const unknown = parseCreditorCode('UNKNOWN') ?? expect.fail();
const issuer = 'https://gateway.bank.example';
const now = new Date();
const by = 'administrator-nadia';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-clients-'));
  await ensureDevelopmentCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const pemOf = (name: string) => readFile(path.join(folder, `${name}.pem`), 'utf8');
const thumbprintOf = async (name: string) => thumbprintOfCertificate(new X509Certificate(await pemOf(name)));
/** For what is refused before the database is asked. */
const unasked: Queryable = { query: () => Promise.reject(new Error('the database was asked')) };
const journal = async ({ owner }: TestDatabase) =>
  (await owner.query('select kind, creditor_code, side, actor, detail from journal order by entry_id')).rows;

test('each development certificate is what its name says, with an outcome of its own', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const registry = openRegistry({ db: db.gateway, now: () => now });
  const outcomes: Record<string, string> = {};
  for (const name of ['cnas', 'cacobatph', 'unregistered', 'expired', 'revoked'])
    outcomes[name] = (await registry.lookUp(await thumbprintOf(name))).outcome;
  expect(outcomes).toEqual({
    cnas: 'REGISTERED',
    cacobatph: 'REGISTERED',
    unregistered: 'UNREGISTERED',
    expired: 'EXPIRED',
    revoked: 'REVOKED',
  });
  const { validToDate: notAfter } = new X509Certificate(await pemOf('cacobatph'));
  const thumbprint = await thumbprintOf('cacobatph');
  expect(await registry.lookUp(thumbprint)).toEqual({
    outcome: 'REGISTERED',
    client: { creditorCode: 'CACOBATPH', thumbprint, subject: 'C=DZ, O=CACOBATPH, CN=cacobatph', notAfter },
  });
});

test('registering the development clients again changes nothing and tells nothing', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const told = await journal(db);
  expect(told.map(({ kind }) => kind)).toEqual([
    ...['creditor.registered', 'creditor.registered'],
    ...['client.registered', 'client.registered', 'client.registered', 'client.registered'],
    ...['signing-key.registered', 'signing-key.registered', 'client.revoked'],
  ]);
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  expect(await journal(db)).toEqual(told);
});

test('a certificate is served from its first instant to before its last, however fresh the cache', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const { validFromDate, validToDate } = new X509Certificate(await pemOf('cnas'));
  const at = { now: validFromDate };
  const registry = openRegistry({ db: db.gateway, now: () => at.now });
  const outcome = async (instant: number) => {
    at.now = new Date(instant);
    return (await registry.lookUp(await thumbprintOf('cnas'))).outcome;
  };
  expect(await outcome(validFromDate.getTime() - 1)).toBe('NOT_YET_VALID');
  expect(await outcome(validFromDate.getTime())).toBe('REGISTERED');
  expect(await outcome(validToDate.getTime() - 1)).toBe('REGISTERED');
  expect(await outcome(validToDate.getTime())).toBe('EXPIRED');
});

test('a withdrawal is seen within a second, at once where it is told, and is final', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const at = { now: now.getTime() };
  const registry = openRegistry({ db: db.gateway, now: () => new Date(at.now) });
  const thumbprint = await thumbprintOf('cnas');
  const outcome = async () => (await registry.lookUp(thumbprint)).outcome;
  expect(await outcome()).toBe('REGISTERED');
  expect(await withdrawCertificate(db.gateway, thumbprint, { by })).toBe('WITHDRAWN');
  at.now += 999;
  expect(await outcome()).toBe('REGISTERED');
  at.now += 1;
  expect(await outcome()).toBe('WITHDRAWN');
  expect(await registerCertificate(db.gateway, { pem: await pemOf('cnas'), creditorCode: cnas, by })).toEqual({
    outcome: 'ALREADY_REGISTERED',
    thumbprint,
  });
  registry.forget();
  expect(await outcome()).toBe('WITHDRAWN');
  expect(await withdrawCertificate(db.gateway, thumbprint, { by: 'another' })).toBe('WITHDRAWN');
  const told = (await journal(db)).filter(({ kind }) => kind === 'client.withdrawn');
  expect(told).toEqual([
    { kind: 'client.withdrawn', creditor_code: 'CNAS', side: 'bank', actor: by, detail: { thumbprint } },
  ]);
});

test('what was forgotten is read anew at once, and a failed read is not remembered', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const reads = { asked: 0, fails: true };
  const registry = openRegistry({
    now: () => now,
    db: {
      query: (statement) => {
        reads.asked += 1;
        return reads.fails ? Promise.reject(new Error('away')) : db.gateway.query(statement);
      },
    },
  });
  const thumbprint = await thumbprintOf('cnas');
  await expect(registry.lookUp(thumbprint)).rejects.toThrow('away');
  reads.fails = false;
  await Promise.all(Array.from({ length: 20 }, () => registry.lookUp(thumbprint)));
  expect(reads.asked).toBe(2);
  registry.forget();
  await registry.lookUp(thumbprint);
  expect(reads.asked).toBe(3);
});

test('a revocation is believed also of a certificate that is registered later, and is never taken back', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const certificate = new X509Certificate(await pemOf('unregistered'));
  const authority = certificate.issuer.split('\n').join(', ');
  const revocation = { serialNumber: certificate.serialNumber.toLowerCase(), revokedAt: now };
  expect(await insertRevocations(db.gateway, authority, [revocation])).toBe(1);
  expect(await insertRevocations(db.gateway, authority, [revocation])).toBe(0);
  await registerCertificate(db.gateway, { pem: await pemOf('unregistered'), creditorCode: cnas, by });
  const registry = openRegistry({ db: db.gateway, now: () => now });
  expect((await registry.lookUp(await thumbprintOf('unregistered'))).outcome).toBe('REVOKED');
  await expect(db.gateway.query('delete from revoked_certificates')).rejects.toThrow('permission denied');
});

test('a revocation of the same serial number by another authority concerns nobody here', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const serialNumber = new X509Certificate(await pemOf('cnas')).serialNumber.toLowerCase();
  await insertRevocations(db.gateway, 'C=DZ, O=Another, CN=Another CA', [{ serialNumber, revokedAt: now }]);
  const registry = openRegistry({ db: db.gateway, now: () => now });
  expect((await registry.lookUp(await thumbprintOf('cnas'))).outcome).toBe('REGISTERED');
});

test('what a creditor proves itself with ends with the last of its certificates that is neither withdrawn nor revoked, and its last key', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const certificate = new X509Certificate(await pemOf('cacobatph'));
  const expiryNow = async () => (await selectClientExpiries(db.gateway)).find(({ creditor }) => creditor === cacobatph);
  const signingKey = new Date(now.getTime() + 3650 * 86_400_000);
  expect(await expiryNow()).toEqual({ creditor: cacobatph, certificate: certificate.validToDate, signingKey });
  const revocation = { serialNumber: certificate.serialNumber.toLowerCase(), revokedAt: now };
  await insertRevocations(db.gateway, certificate.issuer.split('\n').join(', '), [revocation]);
  expect(await expiryNow()).toEqual({ creditor: cacobatph, signingKey });
});

test('a certificate belongs to the creditor it was first registered to, and to a known one only', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const pem = await pemOf('cnas');
  const again = await registerCertificate(db.gateway, { pem, creditorCode: cacobatph, by });
  expect(again.outcome).toBe('ALREADY_REGISTERED');
  const nobody = { pem: await pemOf('unregistered'), creditorCode: unknown, by };
  expect((await registerCertificate(db.gateway, nobody)).outcome).toBe('UNKNOWN_CREDITOR');
  const registry = openRegistry({ db: db.gateway, now: () => now });
  expect(await registry.lookUp(await thumbprintOf('cnas'))).toMatchObject({ client: { creditorCode: 'CNAS' } });
});

test.for([
  ['ca', 'AUTHORITY'],
  ['server', 'WRONG_USAGE'],
  ['crl', 'NOT_A_CERTIFICATE'],
  ['cnas-signing-key', 'PRIVATE_KEY'],
] as const)('%s.pem is refused as a client certificate', async ([name, fault]) => {
  const answer = await registerCertificate(unasked, { pem: await pemOf(name), creditorCode: cnas, by });
  expect(answer).toEqual({ outcome: 'REFUSED', fault });
});

test("a creditor's signing keys are its own, with the scopes that it asked for itself; the record is kept", async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const { key, asked } = await registrationOf({ scopes: ['debits'] });
  expect(await registerSigningKey(db.gateway, asked)).toEqual({ outcome: 'REGISTERED', kid: key.kid });
  expect((await registerSigningKey(db.gateway, asked)).outcome).toBe('ALREADY_REGISTERED');
  const registry = openRegistry({ db: db.gateway, now: () => now });
  expect((await registry.signingKeysOf(cnas)).get(key.kid)).toMatchObject({
    ...{ kid: key.kid, algorithm: 'ES256', creditorCode: 'CNAS', scopes: ['debits'] },
    ...{ validFrom: asked.validFrom, validUntil: asked.validUntil, withdrawnAt: undefined },
  });
  expect((await registry.signingKeysOf(cacobatph)).has(key.kid)).toBe(false);
  const { rows } = await db.gateway.query('select registration from signing_keys where thumbprint = $1', [key.kid]);
  expect(rows).toEqual([{ registration: asked.registration }]);
});

test('a withdrawn signing key is told as withdrawn, not as unknown', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const { key, asked } = await registrationOf({});
  await registerSigningKey(db.gateway, asked);
  expect(await withdrawSigningKey(db.gateway, key.kid, { by })).toBe('WITHDRAWN');
  expect(await withdrawSigningKey(db.gateway, 'no-such-key', { by })).toBe('NOT_REGISTERED');
  const registry = openRegistry({ db: db.gateway, now: () => now });
  expect((await registry.signingKeysOf(cnas)).get(key.kid)?.withdrawnAt).toBeInstanceOf(Date);
  const told = (await journal(db)).filter(({ kind }) => kind.startsWith('signing-key.')).slice(-2);
  expect(told).toMatchObject([
    { kind: 'signing-key.registered', actor: by, detail: { thumbprint: key.kid, scopes: ['debits', 'reversals'] } },
    { kind: 'signing-key.withdrawn', actor: by, detail: { thumbprint: key.kid } },
  ]);
});

const seconds = Math.floor(now.getTime() / 1000);

test.for([
  ['another creditor', { iss: 'CACOBATPH' }, 'CREDITOR', 'iss is not CNAS'],
  ['another bank', { aud: 'https://other.example' }, 'BANK', `aud is not ${issuer}`],
  ['another key', { jkt: 'A'.repeat(43) }, 'OTHER_KEY', "jkt is not the key's thumbprint"],
  ['a far future', { iat: seconds + 301 }, 'AHEAD', 'iat is ahead of the clock'],
  ['a month ago', { iat: seconds - 31 * 86_400 }, 'OLD', 'iat is more than 30 days old'],
  ['no scope', { scopes: [] }, 'NO_SCOPES', 'scopes is no list of scopes'],
  ['scopes as text', { scopes: 'debits' }, 'NO_SCOPES', 'scopes is no list of scopes'],
  [
    'an unknown scope',
    { scopes: ['debits', 'all'] },
    'UNKNOWN_SCOPE',
    'scopes has another than mandates, debits, reversals',
  ],
  ['a foreign claim', { exp: seconds }, 'CLAIMS', 'the claims are not exactly iss, aud, iat, jti, jkt, scopes'],
] as const)('a registration record that speaks of %s is refused', async ([, change, fault, detail]) => {
  const { key, asked } = await registrationOf({});
  const claims = { iss: 'CNAS', aud: issuer, iat: seconds, jti: 'j'.repeat(16), jkt: key.kid, scopes: ['debits'] };
  const registration = await signCompact(key, 'signing-key-registration+jwt', { ...claims, ...change });
  expect(await registerSigningKey(unasked, { ...asked, registration })).toEqual({
    outcome: 'REFUSED',
    fault,
    detail,
  });
});

test('a record that a key of nobody signed, or that is a token of another kind, registers nothing', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const { key, asked } = await registrationOf({});
  const { asked: other } = await registrationOf({});
  const faultOf = async (change: Partial<typeof asked>) => {
    const answer = await registerSigningKey(db.gateway, { ...asked, ...change });
    return answer.outcome === 'REFUSED' ? answer.fault : answer.outcome;
  };
  expect(await faultOf({ registration: other.registration })).toBe('FOREIGN_KEY');
  const claims = { iss: 'CNAS', aud: issuer, iat: seconds, jti: 'j'.repeat(16), jkt: key.kid, scopes: ['debits'] };
  expect(await faultOf({ registration: await signCompact(key, 'request-signature+jwt', claims) })).toBe('RECORD');
  expect(await faultOf({ publicKey: 'no key' })).toBe('KEY');
  expect(await faultOf({ publicKey: await pemOf('cnas-signing-key') })).toBe('PRIVATE_KEY');
  expect(await faultOf({ publicKey: '{"kty":"EC","d":"x"}' })).toBe('PRIVATE_KEY');
});

test('an earlier key of the creditor may vouch for the next one, within its own scopes and while it is in use', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const first = await registrationOf({ scopes: ['debits'] });
  await registerSigningKey(db.gateway, first.asked);
  const next = await registrationOf({});
  const register = async (wanted: ('debits' | 'reversals')[], creditorCode = cnas) => {
    const record = { creditorCode, issuer, scopes: wanted, now, jkt: next.key.kid };
    const registration = await signRegistration(first.key, record);
    const answer = await registerSigningKey(db.gateway, { ...next.asked, creditorCode, registration });
    return answer.outcome === 'REFUSED' ? answer.fault : answer.outcome;
  };
  expect(await register(['debits', 'reversals'])).toBe('BEYOND_SIGNER');
  expect(await register(['debits'], cacobatph)).toBe('FOREIGN_KEY');
  expect(await register(['debits'])).toBe('REGISTERED');
  await withdrawSigningKey(db.gateway, first.key.kid, { by });
  expect(await register(['debits'])).toBe('FOREIGN_KEY');
});

test('a key is registered from its JWK as from its PEM', async () => {
  await using db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  const { key, asked } = await registrationOf({});
  const publicKey = JSON.stringify(createPublicKey(asked.publicKey).export({ format: 'jwk' }));
  expect(await registerSigningKey(db.gateway, { ...asked, publicKey })).toEqual({
    outcome: 'REGISTERED',
    kid: key.kid,
  });
});

async function registrationOf({ scopes = ['debits', 'reversals'] }: { scopes?: ('debits' | 'reversals')[] }) {
  const pem = String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const read = readPrivateKey(pem);
  const key: PrivateKey = read.outcome === 'REFUSED' ? expect.fail(read.detail) : read;
  const asked = {
    ...{ creditorCode: cnas, issuer, now, by },
    publicKey: String(createPublicKey(pem).export({ type: 'spki', format: 'pem' })),
    registration: await signRegistration(key, { creditorCode: cnas, issuer, scopes, now }),
    validFrom: new Date('2026-01-01T00:00:00Z'),
    validUntil: new Date('2030-01-01T00:00:00Z'),
  };
  return { key, asked };
}
