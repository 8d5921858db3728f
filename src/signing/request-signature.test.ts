import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SigningKey } from '../clients/client.ts';
import { parseCreditorCode } from '../values/ids.ts';
import { readPrivateKey, signCompact } from './private-key.ts';
import { checkRequestSignature, type RequestToCheck } from './request-signature.ts';
import { signRequest } from './sign-request.ts';

const cnas = parseCreditorCode('CNAS') ?? expect.fail();
const issuer = 'https://gateway.bank.example';
const publicOrigin = 'https://localhost:8443';
const now = new Date('2026-03-01T10:00:00Z');
const seconds = now.getTime() / 1000;
const body = Buffer.from('{"amount":"125000.00"}');
const key = newKey();
const registered: SigningKey = {
  ...key.verification,
  creditorCode: cnas,
  scopes: ['debits'],
  validFrom: new Date('2026-01-01T00:00:00Z'),
  validUntil: new Date('2027-01-01T00:00:00Z'),
  withdrawnAt: undefined,
};
const write = { method: 'PUT', target: '/v1/debits/E2E-1', body };
const right = {
  ...{ iss: 'CNAS', aud: issuer, iat: seconds, jti: '0123456789abcdef', htm: 'PUT' },
  ...{ htu: `${publicOrigin}/v1/debits/E2E-1`, digest: createHash('sha256').update(body).digest('base64url') },
};

const check = (header: string | undefined, changes: Partial<RequestToCheck> = {}) =>
  checkRequestSignature({
    ...{ header, ...write, publicOrigin, issuer, creditorCode: cnas, scope: 'debits', now, windowSeconds: 300 },
    keyOf: (kid) => (kid === registered.kid ? registered : undefined),
    ...changes,
  });
const signed = (claims: object) => signCompact(key, 'request-signature+jwt', { ...claims });

test('a write that its creditor signed is taken with all that proves it', async () => {
  const token = await signRequest({
    key,
    creditorCode: 'CNAS',
    issuer,
    publicOrigin,
    ...write,
    now,
    jti: 'j'.repeat(16),
  });
  expect(await check(token)).toEqual({
    outcome: 'SIGNED',
    request: {
      ...{ creditorCode: 'CNAS', jti: 'j'.repeat(16), keyThumbprint: registered.kid, ...write, token },
      ...{ signedAt: now, receivedAt: now, digest: createHash('sha256').update(body).digest() },
    },
  });
});

test.for([
  ['iss', { iss: 'CACOBATPH' }, 'iss is "CACOBATPH", expected "CNAS"'],
  ['aud', { aud: 'https://other.example' }, `aud is "https://other.example", expected "${issuer}"`],
  ['htm', { htm: 'POST' }, 'htm is "POST", expected "PUT"'],
  ['the case of htm', { htm: 'put' }, 'htm is "put", expected "PUT"'],
  ['htu', { htu: `${publicOrigin}/v1/debits/E2E-2` }, `expected "${publicOrigin}/v1/debits/E2E-1"`],
  ['an htu of another origin', { htu: 'https://evil.example/v1/debits/E2E-1' }, 'htu is "https://evil.example'],
  ['digest', { digest: 'A'.repeat(43) }, `digest is "${'A'.repeat(43)}", expected "${right.digest}"`],
  ['a missing digest', { digest: undefined }, 'digest is missing, expected'],
  ['a digest that is no text', { digest: 7 }, 'digest is 7, expected'],
  ['an iat 301 s old', { iat: seconds - 301 }, "iat is 301 s behind the gateway's clock, at most 300 s are allowed"],
  ['an iat 301 s ahead', { iat: seconds + 301 }, "iat is 301 s ahead of the gateway's clock"],
  ['a jti of 15 characters', { jti: 'j'.repeat(15) }, 'jti is not 16 to 64 characters'],
  ['a jti of 65 characters', { jti: 'j'.repeat(65) }, 'jti is not 16 to 64 characters'],
  ['a jti with a blank', { jti: `${'j'.repeat(16)} ` }, 'jti is not 16 to 64 characters'],
  ['another claim', { exp: seconds + 60 }, 'the claim "exp" is not one of'],
  ['a claim named as what objects inherit', { constructor: 1 }, 'the claim "constructor" is not one of'],
] as const)('%s that differs is a 401 that says so, and from what', async ([, change, detail]) => {
  const answer = await check(await signed({ ...right, ...change }));
  expect(answer).toMatchObject({ outcome: 'UNSIGNED', detail: expect.stringContaining(detail) });
});

test('which claim differs, and from what, is told to programs too', async () => {
  const htu = `${publicOrigin}/v1/debits/E2E-2`;
  expect(await check(await signed({ ...right, htu }))).toMatchObject({
    difference: { claim: 'htu', expected: `${publicOrigin}/v1/debits/E2E-1`, received: htu },
  });
  expect(await check(await signed({ ...right, digest: undefined }))).toMatchObject({
    difference: { claim: 'digest', expected: right.digest },
  });
});

test('a signature 300 s old or ahead is still taken', async () => {
  for (const iat of [seconds - 300, seconds + 300])
    expect((await check(await signed({ ...right, iat }))).outcome).toBe('SIGNED');
});

test('one changed byte of the body is always noticed', async () => {
  const header = await signed(right);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: body.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(body);
      changed[at] = ((changed[at] ?? 0) + by) % 256;
      expect((await check(header, { body: changed })).outcome).toBe('UNSIGNED');
    }),
  );
});

test('the same JSON written with other blanks is another body: the digest is over the bytes', async () => {
  const respaced = Buffer.from('{ "amount": "125000.00" }');
  expect((await check(await signed(right), { body: respaced })).outcome).toBe('UNSIGNED');
});

test.for([
  ['no header', undefined, 'missing'],
  ['an empty header', '', 'three parts'],
  ['two signatures joined by a comma, as Node joins repeats', 'a.b.c, a.b.c', 'three parts'],
] as const)('%s is a 401', async ([, header, detail]) => {
  expect(await check(header)).toEqual({ outcome: 'UNSIGNED', detail: expect.stringContaining(detail) });
});

test("another creditor's key is unknown here, and the detail names the creditor of the certificate", async () => {
  const token = await signCompact(newKey(), 'request-signature+jwt', right);
  expect(await check(token)).toEqual({ outcome: 'UNSIGNED', detail: 'kid names no signing key of CNAS' });
});

test('a token of another kind, rightly signed by the same key, is no request signature', async () => {
  const token = await signCompact(key, 'signing-key-registration+jwt', right);
  expect((await check(token)).outcome).toBe('UNSIGNED');
});

test.for([
  ['withdrawn', { withdrawnAt: new Date('2026-02-01T00:00:00Z') }, 'was withdrawn at 2026-02-01'],
  ['not yet valid', { validFrom: new Date('2026-03-01T10:00:01Z') }, 'is valid from 2026-03-01'],
  ['no longer valid', { validUntil: now }, 'was valid until 2026-03-01'],
] as const)('a key that is %s signs nothing', async ([, change, detail]) => {
  const answer = await check(await signed(right), { keyOf: () => ({ ...registered, ...change }) });
  expect(answer).toEqual({ outcome: 'UNSIGNED', detail: expect.stringContaining(detail) });
});

test('a key without the scope of the operation is a 403 that names its scopes', async () => {
  expect(await check(await signed(right), { scope: 'mandates' })).toEqual({
    outcome: 'OUT_OF_SCOPE',
    detail: 'the signing key has the scopes debits, not mandates',
  });
});

function newKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const read = readPrivateKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  return read.outcome === 'REFUSED' ? expect.fail(read.detail) : read;
}
