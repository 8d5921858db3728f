import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as jose from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestSignatureFor } from './sign-request.ts';

const now = new Date('2026-03-01T10:00:00Z');
const pem = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-sign-'));
  await writeFile(path.join(folder, 'key.pem'), pem);
  await writeFile(path.join(folder, 'body.json'), '{"amount":"125000.00"}\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** Called in the folder, as npm tells it. */
const run = (...words: string[]) => requestSignatureFor(words, { environment: { INIT_CWD: folder }, now });

test('the token says what is asked, of the development gateway unless told otherwise', async () => {
  const body = ['--body', 'body.json', '--key', 'key.pem'];
  const token = await run('--target', '/v1/debits/E2E-1', ...body);
  const { payload, protectedHeader } = await jose.compactVerify(token, createPublicKey(createPrivateKey(pem)));
  expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'request-signature+jwt' });
  expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
    ...{ iss: 'CNAS', aud: 'https://gateway.bank.example', iat: 1772359200, jti: expect.any(String), htm: 'PUT' },
    htu: 'https://localhost:8443/v1/debits/E2E-1',
    // Of the file's bytes, its last line break included: sha256sum body.json, in base64url.
    digest: 'EjWdUK4ZqwOr5jcVlSX5GPgS2bV4RSyk1iwpygSWlek',
  });
  const elsewhere = ['--audience', 'https://bank.dz', '--origin', 'https://api.bank.dz', '--creditor', 'CACOBATPH'];
  const other = jose.decodeJwt(await run('--target', '/v1/x', '--method', 'POST', ...elsewhere, ...body));
  expect(other).toMatchObject({
    iss: 'CACOBATPH',
    aud: 'https://bank.dz',
    htm: 'POST',
    htu: 'https://api.bank.dz/v1/x',
  });
});

test.for([
  ['no target', [], '--target is missing'],
  ['a target with its origin', ['--target', 'https://localhost:8443/v1'], '--target is a path'],
  ['a target with a query', ['--target', '/v1/debits?x=1'], 'no query'],
  ['a method in small letters', ['--target', '/v1', '--method', 'put'], '--method is in capitals'],
  ['a client that is a path', ['--target', '/v1', '--client', '../ca'], '--client is a name'],
  ['a client that there is not', ['--target', '/v1', '--client', 'nobody'], '`npm run certs` makes'],
  [
    'a body that there is not',
    ['--target', '/v1', '--key', 'key.pem', '--body', 'none.json'],
    'none.json can not be read',
  ],
  ['a key that is none', ['--target', '/v1', '--key', 'body.json'], 'this is not a private key'],
  ['an unknown option', ['--targte', '/v1'], "Unknown option '--targte'"],
] as const)('%s is said in one line', async ([, words, message]) => {
  await expect(run(...words)).rejects.toThrow(message);
});

test('--help shows a curl line to paste', async () => {
  expect(await run('--help')).toContain('curl --cacert certs-dev/out/ca.pem');
});
