import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import { newTokenId, parseCreditorCode } from '../values/ids.ts';
import { readJws } from './jws.ts';
import {
  makeDevelopmentKeys,
  publicKeySet,
  readKeyFolder,
  serviceEnds,
  signingKeyOf,
  verificationKeysOf,
} from './keys.ts';
import { openSigner } from './sign.ts';
import type { TokenRequest } from './signer.ts';

const cnas = parseCreditorCode('CNAS') ?? expect.fail();
const march = new Date('2026-03-01T00:00:00Z');
const july = new Date('2026-07-01T00:00:00Z');

test('an empty folder is given one development key a use, once, readable by its owner alone', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  const names = await readdir(folder.path);
  expect(names).toEqual([
    'certificates-20260301T000000Z-development.pem',
    'confirmations-20260301T000000Z-development.pem',
    'webhooks-20260301T000000Z-development.pem',
  ]);
  for (const name of names) expect((await stat(path.join(folder.path, name))).mode & 0o777).toBe(0o600);
  await makeDevelopmentKeys(folder.path, july);
  expect(await readdir(folder.path)).toEqual(names);
  expect((await readKeyFolder(folder.path)).map(({ development }) => development)).toEqual([true, true, true]);
});

test('a use needs a key more so many days after its latest one begins, also one that is yet to begin', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  await writePrivateKey(folder.path, 'confirmations-20260701T000000Z.pem');
  const ends = serviceEnds(await readKeyFolder(folder.path), 10);
  expect(ends.map(({ use, until }) => `${use} ${until.toISOString().slice(0, 10)}`)).toEqual([
    'certificates 2026-03-11',
    'confirmations 2026-07-11',
    'webhooks 2026-03-11',
  ]);
});

test('the key whose time has come signs, the one before it still verifies, and the set shows the dates of both', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  await writePrivateKey(folder.path, 'confirmations-20260701T000000Z.pem');
  const keys = await readKeyFolder(folder.path);
  const [certificate, first, second] = keys;
  const at = async (now: Date) => {
    const sign = openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now: () => now });
    return sign(confirmation(now));
  };
  const before = await at(new Date('2026-06-30T23:59:59Z'));
  expect(before.keyThumbprint).toBe(first?.kid);
  expect((await at(july)).keyThumbprint).toBe(second?.kid);
  const keyOf = verificationKeysOf(keys, 'confirmations');
  expect((await readJws(before.token, { type: before.type, keyOf })).outcome).toBe('READ');
  expect(publicKeySet(keys).keys).toMatchObject([
    { kid: certificate?.kid, purpose: 'certificates', signsFrom: '2026-03-01T00:00:00.000Z' },
    { kid: first?.kid, signsFrom: '2026-03-01T00:00:00.000Z', signsUntil: '2026-07-01T00:00:00.000Z' },
    { kid: second?.kid, alg: 'ES256', use: 'sig', signsFrom: '2026-07-01T00:00:00.000Z' },
    { purpose: 'webhooks', signsFrom: '2026-03-01T00:00:00.000Z' },
  ]);
  expect(JSON.stringify(publicKeySet(keys))).not.toContain('"d"');
});

test('an old key may be kept as its public half: it verifies and never signs', async () => {
  await using folder = await emptyFolder();
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(
    path.join(folder.path, 'confirmations-20250101T000000Z.pem'),
    publicKey.export({ type: 'spki', format: 'pem' }),
  );
  const keys = await readKeyFolder(folder.path);
  expect(verificationKeysOf(keys, 'confirmations')(keys[0]?.kid ?? '')).toBeDefined();
  expect(signingKeyOf(keys, 'confirmations', march)).toBeUndefined();
  expect(() => openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now: () => march })).toThrow(
    'no private key that signs certificates now',
  );
});

test('a key of one use never verifies what another use signed', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  const keys = await readKeyFolder(folder.path);
  const sign = openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now: () => march });
  const { token, type } = await sign(confirmation(march));
  const keyOf = verificationKeysOf(keys, 'certificates');
  expect((await readJws(token, { type, keyOf })).outcome).toBe('UNKNOWN_KEY');
});

test('every fault of the folder is said at once, and none quotes a key', async () => {
  await using folder = await emptyFolder();
  await writePrivateKey(folder.path, 'certificates-20260301T000000Z.pem', 0o640);
  await writePrivateKey(folder.path, 'confirmations-20260301T000000Z.pem', 0o604);
  await writePrivateKey(folder.path, 'confirmation-20260301T000000Z.pem');
  await writePrivateKey(folder.path, 'confirmations-20261301T000000Z.pem');
  await writePrivateKey(folder.path, 'certificates-20260401T000000Z.pem', 0o600, 'P-384');
  await writeFile(path.join(folder.path, 'certificates-20260501T000000Z.pem'), 'no key', { mode: 0o600 });
  const said = await readKeyFolder(folder.path).then(() => 'no fault', String);
  for (const name of await readdir(folder.path)) expect(said).toContain(name);
  expect(said).toContain('readable by group or others');
  expect(said).not.toContain('-----BEGIN');
});

test('two keys of one use that begin at once are refused: which signs would be chance', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  await writePrivateKey(folder.path, 'confirmations-20260301T000000Z.pem');
  await expect(readKeyFolder(folder.path)).rejects.toThrow('two keys for confirmations begin');
});

test('a token has the header alg, kid, typ and the claims in one order; jose verifies it by the key set alone', async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  const keys = await readKeyFolder(folder.path);
  const sign = openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now: () => march });
  const request = confirmation(march);
  const { token, type, keyThumbprint } = await sign(request);
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  expect(String(header)).toBe(`{"alg":"ES256","kid":"${keyThumbprint}","typ":"settlement-confirmation+jwt"}`);
  expect(String(payload)).toBe(
    `{"iss":"https://bank.example","aud":"CNAS","iat":1772323200,"jti":"${request.jti}","environment":"test","amount":"1.00"}`,
  );
  const keySet = jose.createLocalJWKSet(publicKeySet(keys));
  const verified = await jose.jwtVerify(token, keySet, { typ: type, algorithms: ['ES256'], audience: 'CNAS' });
  expect(verified.payload.jti).toBe(request.jti);
});

test("a claim that is the signer's, and a token that no reader would take, are refused before they are signed", async () => {
  await using folder = await emptyFolder();
  await makeDevelopmentKeys(folder.path, march);
  const keys = await readKeyFolder(folder.path);
  const sign = openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now: () => march });
  await expect(sign({ ...confirmation(march), claims: { iss: 'x' } })).rejects.toThrow('the claim iss');
  await expect(sign({ ...confirmation(march), claims: { note: 'n'.repeat(8192) } })).rejects.toThrow('longer than');
});

const confirmation = (issuedAt: Date): TokenRequest => ({
  type: 'settlement-confirmation+jwt',
  jti: newTokenId(issuedAt),
  audience: cnas,
  issuedAt,
  claims: { amount: '1.00' },
});

async function emptyFolder(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-keys-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function writePrivateKey(folder: string, name: string, mode = 0o600, namedCurve = 'P-256'): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  await writeFile(path.join(folder, name), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await chmod(path.join(folder, name), mode);
}
