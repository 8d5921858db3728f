import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { admitJwk, admitPem, admitPublicKey, thumbprintOf } from './public-key.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

test("the thumbprint of RFC 7638's own example is the one printed there", () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' };
  expect(thumbprintOf(jwk)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('P-256 and RSA of 2048 bits are admitted, each for its one algorithm', () => {
  expect(admitPublicKey(ec('P-256'))).toMatchObject({ outcome: 'ADMITTED', verification: { algorithm: 'ES256' } });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  expect(admitPublicKey(rsa)).toMatchObject({ outcome: 'ADMITTED', verification: { algorithm: 'PS256' } });
});

test.for([
  ['P-384', ec('P-384')],
  ['secp256k1', ec('secp256k1')],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
  ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
  ['RSA with exponent 3', generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey],
] as const)('%s is refused', ([, key]) => {
  expect(admitPublicKey(key).outcome).toBe('REFUSED');
});

test('a point that is not on the curve is refused, as a JWK and as PEM', () => {
  const { kty, crv, x } = ec('P-256').export({ format: 'jwk' });
  const y = Buffer.alloc(32, 7).toString('base64url');
  expect(admitJwk({ kty: kty ?? '', crv: crv ?? '', x: x ?? '', y })).toMatchObject({ outcome: 'REFUSED' });
  const der = ec('P-256').export({ type: 'spki', format: 'der' });
  der.fill(7, der.length - 32);
  const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`;
  expect(() => createPublicKey(pem)).toThrow();
  expect(admitPem(pem)).toMatchObject({ outcome: 'REFUSED' });
});

test('a private key is never taken for a public one', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect(admitJwk(privateKey.export({ format: 'jwk' })).outcome).toBe('REFUSED');
  expect(admitPem(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))).outcome).toBe('REFUSED');
  expect(admitPem('no key at all').outcome).toBe('REFUSED');
});
