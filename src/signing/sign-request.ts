import { createHash, randomUUID } from 'node:crypto';
import type { Jws } from '../values/ids.ts';
import { type PrivateKey, signCompact } from './private-key.ts';
import { requestSignatureType } from './request-signature.ts';

export type RequestToSign = {
  key: PrivateKey;
  creditorCode: string;
  issuer: string;
  publicOrigin: string;
  method: string;
  /** The path as it will be sent; writes have no query. */
  target: string;
  body: string | Uint8Array;
  now: Date;
  /** Unique for the creditor for ever; random where it is not given. */
  jti?: string;
};

/** The creditor's side: the value of the header `Request-Signature`. For the demonstration, the bench and the tests. */
export async function signRequest(asked: RequestToSign): Promise<Jws> {
  const { key, creditorCode, issuer, publicOrigin, method, target, body, now, jti = randomUUID() } = asked;
  return signCompact(key, requestSignatureType, {
    iss: creditorCode,
    aud: issuer,
    iat: Math.floor(now.getTime() / 1000),
    jti,
    htm: method,
    htu: `${publicOrigin}${target}`,
    digest: createHash('sha256').update(body).digest('base64url'),
  });
}
