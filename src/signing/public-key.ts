import { createHash, createPublicKey, type JsonWebKey, type KeyObject, type webcrypto } from 'node:crypto';

export type SignatureAlgorithm = 'ES256' | 'PS256';

/** A public key that is ready to check signatures: one key, one algorithm. */
export type VerificationKey = {
  /** RFC 7638, SHA-256, base64url: the `kid` in a token's header. */
  kid: string;
  algorithm: SignatureAlgorithm;
  key: webcrypto.CryptoKey;
};

export type AdmittedKey = { outcome: 'ADMITTED'; verification: VerificationKey; jwk: JsonWebKey };
export type KeyAdmission = AdmittedKey | { outcome: 'REFUSED'; detail: string };

/** Looks whether a key may check signatures here at all: EC on P-256, or RSA of 2048 to 4096 bits with exponent 65537. */
export function admitPublicKey(key: KeyObject): KeyAdmission {
  if (key.type !== 'public') return { outcome: 'REFUSED', detail: 'this is not a public key' };
  const { namedCurve, modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      if (namedCurve !== 'prime256v1') return { outcome: 'REFUSED', detail: 'the curve is not P-256' };
      return admitted(key, 'ES256');
    case 'rsa':
      // An upper bound too: checking a signature of 16,384 bits costs as much as sixty of 2048.
      if (modulusLength < 2048 || modulusLength > 4096)
        return { outcome: 'REFUSED', detail: 'the RSA modulus has less than 2048 or more than 4096 bits' };
      if (publicExponent !== 65537n) return { outcome: 'REFUSED', detail: 'the RSA exponent is not 65537' };
      return admitted(key, 'PS256');
    default:
      return { outcome: 'REFUSED', detail: 'the key is neither EC on P-256 nor RSA' };
  }
}

/** Reads a public key as a JWK. A point that is not on its curve is refused here, by OpenSSL. */
export function admitJwk(jwk: JsonWebKey): KeyAdmission {
  // Node would make a public key of a private one without a word.
  if (jwk.d !== undefined) return { outcome: 'REFUSED', detail: 'this is a private key' };
  return admitParsed(() => createPublicKey({ key: jwk, format: 'jwk' }));
}

/** Reads a public key as PEM (SubjectPublicKeyInfo). */
export function admitPem(pem: string): KeyAdmission {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----'))
    return { outcome: 'REFUSED', detail: 'this is not a public key in PEM (BEGIN PUBLIC KEY)' };
  return admitParsed(() => createPublicKey(pem));
}

/** RFC 7638: SHA-256 over the key's required members, in alphabetical order, without blanks. */
export function thumbprintOf(jwk: JsonWebKey): string {
  const { kty, crv, x, y, e, n } = jwk;
  const required = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

function admitParsed(parse: () => KeyObject): KeyAdmission {
  let key: KeyObject;
  try {
    key = parse();
  } catch (error) {
    if (error instanceof Error) return { outcome: 'REFUSED', detail: 'this key can not be read' };
    throw error;
  }
  return admitPublicKey(key);
}

function admitted(key: KeyObject, algorithm: SignatureAlgorithm): KeyAdmission {
  const parameters =
    algorithm === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSA-PSS', hash: 'SHA-256' };
  const jwk = key.export({ format: 'jwk' });
  return {
    outcome: 'ADMITTED',
    verification: { kid: thumbprintOf(jwk), algorithm, key: key.toCryptoKey(parameters, true, ['verify']) },
    jwk,
  };
}
