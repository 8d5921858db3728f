import { createHash } from 'node:crypto';
import type { SigningKey } from '../clients/client.ts';
import { type JwsClaims, type JwsFault, readJws } from '../signing/jws.ts';
import type { VerificationKey } from '../signing/public-key.ts';
import { requestSignatureType } from '../signing/request-signature.ts';
import type { TokenType } from '../signing/signer.ts';
import type { CreditorCode, Jws } from '../values/ids.ts';

/** Who signs here, and for whom: what a token of a debit must say beside its signature. */
export type ProofExpectation = {
  issuer: string;
  environment: string;
  creditor: CreditorCode;
  endToEndId: string;
  /** Our own keys for confirmations, however old. */
  keyOf: (kid: string) => VerificationKey | undefined;
};

export type ProofFault = JwsFault | 'WRONG_ISSUER' | 'WRONG_AUDIENCE' | 'WRONG_ENVIRONMENT' | 'OTHER_DEBIT';

/** GENUINE: the signature holds and it is of this debit. Otherwise nothing of what it says is shown. */
export type TokenReading =
  | { outcome: 'GENUINE'; kid: string; algorithm: string; claims: JwsClaims }
  | { outcome: ProofFault };

/** Reads a token that was stored about a debit, and checks it now with the public keys. */
export async function readProof(token: Jws, type: TokenType, expected: ProofExpectation): Promise<TokenReading> {
  const read = await readJws(token, { type, keyOf: expected.keyOf });
  if (read.outcome !== 'READ') return { outcome: read.outcome };
  const { claims, header } = read;
  if (claims.iss !== expected.issuer) return { outcome: 'WRONG_ISSUER' };
  if (claims.aud !== expected.creditor) return { outcome: 'WRONG_AUDIENCE' };
  if (claims.environment !== expected.environment) return { outcome: 'WRONG_ENVIRONMENT' };
  if (claims.endToEndId !== expected.endToEndId) return { outcome: 'OTHER_DEBIT' };
  return { outcome: 'GENUINE', kid: header.kid, algorithm: header.alg, claims };
}

/** What the creditor signed and sent, as it is stored. */
export type StoredRequest = {
  creditor: CreditorCode;
  jti: string;
  keyThumbprint: string;
  method: string;
  target: string;
  signedAt: Date;
  receivedAt: Date;
  digest: Buffer;
  token: Jws;
  body: Buffer;
};

/** OTHER_BODY: what was signed is not the body that is stored. OTHER_REQUEST: it was signed for something else. */
export type RequestReading =
  | { outcome: 'GENUINE'; claims: JwsClaims; withdrawnSince: Date | undefined }
  | { outcome: JwsFault | 'OTHER_BODY' | 'OTHER_REQUEST' | 'KEY_NOT_VALID_THEN' };

/** Checks the creditor's signature over its request again: with its key as registered, withdrawn since or not. */
export async function readRequest(
  request: StoredRequest,
  keys: ReadonlyMap<string, SigningKey>,
): Promise<RequestReading> {
  const read = await readJws(request.token, { type: requestSignatureType, keyOf: (kid) => keys.get(kid) });
  if (read.outcome !== 'READ') return { outcome: read.outcome };
  const { claims, key } = read;
  const digest = createHash('sha256').update(request.body).digest();
  if (!digest.equals(request.digest) || claims.digest !== digest.toString('base64url'))
    return { outcome: 'OTHER_BODY' };
  const { iss, jti, htm } = claims;
  if (iss !== request.creditor || jti !== request.jti || htm !== request.method) return { outcome: 'OTHER_REQUEST' };
  const { validFrom, validUntil, withdrawnAt } = key;
  const then = request.receivedAt;
  if (then < validFrom || then >= validUntil || (withdrawnAt !== undefined && then >= withdrawnAt))
    return { outcome: 'KEY_NOT_VALID_THEN' };
  return { outcome: 'GENUINE', claims, withdrawnSince: withdrawnAt };
}
