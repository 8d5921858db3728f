import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import { readJws } from './jws.ts';
import { admitPublicKey, type VerificationKey } from './public-key.ts';

const type = 'mandate-certificate+jwt';
const ec = keyPair(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsa = keyPair(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const stranger = keyPair(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const known = new Map([ec, rsa].map(({ verification }) => [verification.kid, verification]));
const read = (token: string) => readJws(token, { type, keyOf: (kid) => known.get(kid) });

const claims = { iss: 'https://gateway.bank.example', aud: 'CNAS', iat: 1_767_222_000, jti: 'a-token-id' };
const headerOf = ({ verification: { kid, algorithm: alg } }: Pair) => ({ alg, kid, typ: type });
const base64url = (value: string | Buffer) => Buffer.from(value).toString('base64url');

/** A token of any header and claims, as JSON text where the text itself matters, signed rightly over what stands there. */
function tokenOf({
  header = headerOf(ec),
  payload = claims,
  pair = ec,
  encode = base64url,
}: {
  header?: object | string;
  payload?: object | string | Buffer;
  pair?: Pair;
  encode?: (value: string | Buffer) => string;
}): string {
  const text = (part: object | string) =>
    typeof part === 'string' || Buffer.isBuffer(part) ? part : JSON.stringify(part);
  const input = `${encode(text(header))}.${encode(text(payload))}`;
  return `${input}.${base64url(pair.sign(input))}`;
}

test('a token that is right is read: its header, its claims and the key that signed it', async () => {
  const result = await read(tokenOf({}));
  expect(result).toEqual({ outcome: 'READ', header: headerOf(ec), claims, key: ec.verification });
});

test('PS256 is read where the key is RSA, and the key decides: neither may claim the other algorithm', async () => {
  expect((await read(tokenOf({ header: headerOf(rsa), pair: rsa }))).outcome).toBe('READ');
  const crossed = { ...headerOf(rsa), alg: 'ES256' };
  expect((await read(tokenOf({ header: crossed, pair: rsa }))).outcome).toBe('BAD_SIGNATURE');
  expect((await read(tokenOf({ header: { ...headerOf(ec), alg: 'PS256' } }))).outcome).toBe('BAD_SIGNATURE');
});

const ec64 = JSON.stringify(headerOf(ec)).slice(1);

test.for([
  ['jwk', { ...headerOf(ec), jwk: { kty: 'EC' } }],
  ['jku', { ...headerOf(ec), jku: 'https://attacker.example/keys' }],
  ['x5u', { ...headerOf(ec), x5u: 'https://attacker.example/chain' }],
  ['x5c', { ...headerOf(ec), x5c: [] }],
  ['zip', { ...headerOf(ec), zip: 'DEF' }],
  ['crit', { ...headerOf(ec), crit: ['exp'] }],
  ['b64 without crit', { ...headerOf(ec), b64: false }],
  ['an unknown name', { ...headerOf(ec), cty: 'JWT' }],
  ['two alg', `{"alg":"none",${ec64}`],
  ['two kid, one escaped', `{"\\u006bid":"x",${ec64}`],
  ['two typ', `{"typ":"JWT",${ec64}`],
  ['alg none', { ...headerOf(ec), alg: 'none' }],
  ['alg HS256', { ...headerOf(ec), alg: 'HS256' }],
  ['alg RS256', { ...headerOf(ec), alg: 'RS256' }],
  ['alg ES384', { ...headerOf(ec), alg: 'ES384' }],
  ['alg es256', { ...headerOf(ec), alg: 'es256' }],
  ['alg in an array', { ...headerOf(ec), alg: ['ES256'] }],
  ['no alg', { kid: ec.verification.kid, typ: type }],
  ['no kid', { alg: 'ES256', typ: type }],
  ['no typ', { alg: 'ES256', kid: ec.verification.kid }],
  ['a kid that is a path', { ...headerOf(ec), kid: '../../../../dev/null' }],
  ['a header that is an array', '[]'],
  ['a header that is null', 'null'],
  ['a header that is no JSON', '{'],
  ['__proto__', `{"__proto__":{},${ec64}`],
  ['a byte order mark', `\ufeff{${ec64}`],
] as const)('a header with %s is malformed, though the signature fits', async ([, header]) => {
  expect((await read(tokenOf({ header }))).outcome).toBe('MALFORMED');
});

test('a header of 512 bytes is read, one byte more is malformed', async () => {
  const header = (bytes: number) => `{${' '.repeat(bytes - JSON.stringify(headerOf(ec)).length)}${ec64}`;
  expect((await read(tokenOf({ header: header(512) }))).outcome).toBe('READ');
  expect((await read(tokenOf({ header: header(513) }))).outcome).toBe('MALFORMED');
});

test('a token of 8,192 bytes is read, a longer one is malformed', async () => {
  const padded = (length: number) => tokenOf({ payload: { ...claims, note: 'n'.repeat(length) } });
  const room = 8192 - padded(0).length;
  const longest = Array.from({ length: 8 }, (_, less) => padded(Math.floor((room * 3) / 4) - less)).find(
    (token) => token.length <= 8192,
  );
  expect(longest?.length).toBeGreaterThan(8184);
  expect((await read(longest ?? '')).outcome).toBe('READ');
  expect((await read(padded(room))).outcome).toBe('MALFORMED');
});

test.for(['JWT', 'settlement-confirmation+jwt', 'application/mandate-certificate+jwt', 'MANDATE-CERTIFICATE+JWT', ''])(
  'a token of type "%s" is of the wrong type, whatever its signature',
  async (typ) => {
    expect((await read(tokenOf({ header: { ...headerOf(ec), typ } }))).outcome).toBe('WRONG_TYPE');
  },
);

test('a key that is not among those handed in is unknown, also where it signed rightly', async () => {
  expect((await read(tokenOf({ header: headerOf(stranger), pair: stranger }))).outcome).toBe('UNKNOWN_KEY');
});

test('a signature of another key under our kid is bad', async () => {
  expect((await read(tokenOf({ pair: stranger }))).outcome).toBe('BAD_SIGNATURE');
});

test.for([
  ['= padding', (token: string) => `${token}==`],
  ['a blank', (token: string) => `${token} `],
  ['a line break inside', (token: string) => `${token.slice(0, 20)}\n${token.slice(20)}`],
  ['characters outside the alphabet', (token: string) => `${token.slice(0, 20)}!${token.slice(20)}`],
  ['plain base64', (token: string) => token.replace(/[-_]/, '+').replace(/\.[^.]*$/, '.+/++')],
  ['stray bits at the end', (token: string) => `${token.slice(0, -1)}${nextLetter(token.slice(-1))}`],
  ['a single letter as a part', (token: string) => token.replace(/\.[^.]*$/, '.A')],
  ['no signature', (token: string) => token.replace(/[^.]*$/, '')],
  ['no claims', (token: string) => token.replace(/\..*\./, '..')],
  ['four parts', (token: string) => `${token}.AAAA`],
  ['two parts', (token: string) => token.replace(/\.[^.]*$/, '')],
  ['JSON serialization', (token: string) => JSON.stringify({ payload: token.split('.')[1] })],
  ['nothing', () => ''],
] as const)('%s makes a token malformed', async ([, change]) => {
  expect((await read(change(tokenOf({})))).outcome).toBe('MALFORMED');
});

test('a letter in Arabic or full width is no base64url', async () => {
  expect((await read(tokenOf({}).replace('e', 'ｅ'))).outcome).toBe('MALFORMED');
});

test.for([
  ['two iss', `{"iss":"x",${JSON.stringify(claims).slice(1)}`],
  ['two amounts in a claim', `{"a":{"amount":"1.00","amount":"9.00"},${JSON.stringify(claims).slice(1)}`],
  ['an array', '[]'],
  ['no JSON', 'CNAS'],
  ['broken UTF-8', Buffer.concat([Buffer.from('{"iss":"'), Buffer.from([0xff]), Buffer.from('"}')])],
  ['no iss', { ...claims, iss: undefined }],
  ['no aud', { ...claims, aud: undefined }],
  ['an aud that is a list', { ...claims, aud: ['CNAS'] }],
  ['no iat', { ...claims, iat: undefined }],
  ['an iat that is text', { ...claims, iat: '1767222000' }],
  ['an iat with a fraction', { ...claims, iat: 1767222000.5 }],
  ['an iat past every date', { ...claims, iat: 9e15 }],
  ['a negative iat', { ...claims, iat: -1 }],
  ['no jti', { ...claims, jti: undefined }],
] as const)('claims with %s are malformed, though the signature fits', async ([, payload]) => {
  expect((await read(tokenOf({ payload }))).outcome).toBe('MALFORMED');
});

test('the twin of an ECDSA signature is valid too: nothing may be recognised by its bytes', async () => {
  const token = tokenOf({});
  const twin = twinOf(token);
  expect(twin).not.toBe(token);
  expect(await read(twin)).toEqual(await read(token));
});

test('a signature of the wrong length, or of zeros, is bad and nothing is thrown', async () => {
  const input = tokenOf({}).replace(/\.[^.]*$/, '');
  for (const bytes of [1, 63, 64, 65, 72, 256])
    expect((await read(`${input}.${base64url(Buffer.alloc(bytes))}`)).outcome).toBe('BAD_SIGNATURE');
});

test('one changed character is always refused', async () => {
  const token = tokenOf({});
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ';
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.constantFrom(...letters), async (at, letter) => {
      fc.pre(token[at] !== letter);
      expect((await read(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`)).outcome).not.toBe('READ');
    }),
    { numRuns: 300 },
  );
});

test('whatever text comes, the reader answers and never throws', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      expect((await read(text)).outcome).toBe('MALFORMED');
    }),
  );
});

test('what jose signs is read here: the same standard, and only its strict part', async () => {
  const token = await new jose.SignJWT(claims).setProtectedHeader(headerOf(ec)).sign(ec.privateKey);
  expect((await read(token)).outcome).toBe('READ');
});

type Pair = { privateKey: KeyObject; verification: VerificationKey; sign: (input: string) => Buffer };

function keyPair({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Pair {
  const admission = admitPublicKey(publicKey);
  if (admission.outcome === 'REFUSED') throw new Error(admission.detail);
  const options =
    privateKey.asymmetricKeyType === 'ec'
      ? { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
      : { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return {
    privateKey,
    verification: admission.verification,
    sign: (input) => sign('sha256', Buffer.from(input), options),
  };
}

/** The other signature over the same bytes: s becomes the order of P-256 less s. */
function twinOf(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const end = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(end), 'base64url');
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const twin = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${token.slice(0, end)}${base64url(twin)}`;
}

/** The last of 86 letters carries four bits and two that must be zero: the next letter is the same bytes to Node. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(alphabet.indexOf(letter) + 1);
}
