import { createHash } from 'node:crypto';
import type { Scope, SignedRequest, SigningKey } from '../clients/client.ts';
import { type CreditorCode, parseJws } from '../values/ids.ts';
import { type JwsClaims, readJws } from './jws.ts';

export const requestSignatureType = 'request-signature+jwt';

export type RequestToCheck = {
  /** The header `Request-Signature`, sent once; undefined where it is missing. */
  header: string | undefined;
  method: string;
  /** Path and query as sent. */
  target: string;
  /** The bytes as received, never JSON written again. */
  body: Buffer;
  /** SHA-256 of one that was spooled, of which `body` holds nothing. */
  digest?: Buffer | undefined;
  /** The API's own, from the settings: never from Host. */
  publicOrigin: string;
  /** The bank's issuer URL. */
  issuer: string;
  /** Whose certificate came with the connection. */
  creditorCode: CreditorCode;
  /** Looks among that creditor's signing keys only. */
  keyOf: (kid: string) => SigningKey | undefined;
  scope: Scope;
  now: Date;
  windowSeconds: number;
};

/** UNSIGNED is a 401, OUT_OF_SCOPE a 403; the detail says which claim differs, and from what. */
export type RequestCheck =
  | { outcome: 'SIGNED'; request: SignedRequest }
  | ({ outcome: 'UNSIGNED' } & ClaimFault)
  | { outcome: 'OUT_OF_SCOPE'; detail: string };

/** In words for people, and for programs where one claim has another value than it must. */
type ClaimFault = { detail: string; difference?: { claim: string; expected: string; received?: string } };

/** Checks a write's signature: in the manner of DPoP (RFC 9449), with the digest of the body's bytes. */
export async function checkRequestSignature(asked: RequestToCheck): Promise<RequestCheck> {
  const { header, keyOf, scope, now } = asked;
  if (header === undefined) return unsigned('the header Request-Signature is missing');
  const read = await readJws(header, { type: requestSignatureType, keyOf });
  if (read.outcome === 'UNKNOWN_KEY') return unsigned(`kid names no signing key of ${asked.creditorCode}`);
  if (read.outcome !== 'READ') return unsigned(read.detail);
  const { claims, key } = read;
  const digest = asked.digest ?? createHash('sha256').update(asked.body).digest();
  const withheld = keyFault(key, now);
  if (withheld !== undefined) return unsigned(withheld);
  const fault = claimFault(claims, asked, digest);
  if (fault !== undefined) return { outcome: 'UNSIGNED', ...fault };
  if (!key.scopes.includes(scope))
    return { outcome: 'OUT_OF_SCOPE', detail: `the signing key has the scopes ${key.scopes.join(', ')}, not ${scope}` };
  const token = parseJws(header);
  if (token === undefined) return unsigned('this is no compact JWS');
  const { creditorCode, method, target, body } = asked;
  const { jti, iat } = claims;
  const signedAt = new Date(iat * 1000);
  const proof = { keyThumbprint: key.kid, signedAt, receivedAt: now, digest, token };
  return { outcome: 'SIGNED', request: { creditorCode, jti, method, target, body, ...proof } };
}

function keyFault(key: SigningKey, now: Date): string | undefined {
  if (key.withdrawnAt !== undefined) return `the signing key was withdrawn at ${key.withdrawnAt.toISOString()}`;
  if (now < key.validFrom) return `the signing key is valid from ${key.validFrom.toISOString()}`;
  if (now >= key.validUntil) return `the signing key was valid until ${key.validUntil.toISOString()}`;
  return undefined;
}

function claimFault(claims: JwsClaims, asked: RequestToCheck, digest: Buffer): ClaimFault | undefined {
  const { iat, jti, ...others } = claims;
  const [path = ''] = asked.target.split('?', 1);
  const expected: Record<string, string> = {
    iss: asked.creditorCode,
    aud: asked.issuer,
    htm: asked.method,
    htu: `${asked.publicOrigin}${path}`,
    digest: digest.toString('base64url'),
  };
  const foreign = Object.keys(others).find((name) => !Object.hasOwn(expected, name));
  if (foreign !== undefined)
    return { detail: `the claim ${quote(foreign)} is not one of iss, aud, iat, jti, htm, htu, digest` };
  for (const [claim, value] of Object.entries(expected)) {
    const received = others[claim];
    if (received === value) continue;
    const detail = `${claim} is ${quote(received)}, expected ${quote(value)}`;
    return {
      detail,
      difference: {
        claim,
        expected: value.slice(0, 500),
        ...(typeof received === 'string' && { received: received.slice(0, 200) }),
      },
    };
  }
  const aheadSeconds = iat - asked.now.getTime() / 1000;
  if (Math.abs(aheadSeconds) > asked.windowSeconds)
    return {
      detail: `iat is ${Math.abs(Math.round(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} the gateway's clock, at most ${asked.windowSeconds} s are allowed`,
    };
  // Visible ASCII: it is stored, compared and shown as it came.
  if (!/^[!-~]{16,64}$/.test(jti)) return { detail: 'jti is not 16 to 64 characters of visible ASCII' };
  return undefined;
}

/** The caller's own words go back to it, but not at any length. */
const quote = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 200);

const unsigned = (detail: string) => ({ outcome: 'UNSIGNED' as const, detail });
