import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { ConnectedClient, SignedRequest } from '../clients/client.ts';
import type { ClientLookUp } from '../clients/registry.ts';
import type { RequestCheck, RequestToCheck } from '../signing/request-signature.ts';
import type { Operation } from './contract-document.ts';
import { Problem } from './problem.ts';
import { thumbprintOf } from './tls-peer.ts';

/** Looked up on every request: an open connection, and a resumed session, outlive a withdrawal and the last day. */
export type Authenticate = (thumbprint: string) => Promise<ClientLookUp>;

/** The rest of what a check needs are the bank's settings and the registered keys. */
export type SignatureToCheck = Omit<RequestToCheck, 'publicOrigin' | 'issuer' | 'keyOf' | 'windowSeconds'>;
export type CheckSignature = (asked: SignatureToCheck) => Promise<RequestCheck>;

/** Who is calling: by the socket's certificate alone, whatever the headers claim. Throws the problem where nobody who may. */
export async function clientOf({ socket }: IncomingMessage, authenticate: Authenticate): Promise<ConnectedClient> {
  const thumbprint = thumbprintOf(socket);
  if (thumbprint === undefined) throw new Problem('certificate-missing', 'The connection has no client certificate');
  const found = await authenticate(thumbprint);
  if (found.outcome === 'REGISTERED') return found.client;
  throw new Problem(refusals[found.outcome], `The certificate ${thumbprint} is not served`);
}

const refusals = {
  UNREGISTERED: 'certificate-unregistered',
  WITHDRAWN: 'certificate-withdrawn',
  REVOKED: 'certificate-revoked',
  NOT_YET_VALID: 'certificate-expired',
  EXPIRED: 'certificate-expired',
} as const;

/** The write as its creditor has signed it; undefined where the operation is not signed. */
export async function signedRequestOf(
  request: Request,
  { creditorCode }: ConnectedClient,
  { scope, method }: Operation,
  received: { body: Buffer; digest: Buffer | undefined; at: Date },
  checkSignature: CheckSignature,
): Promise<SignedRequest | undefined> {
  if (scope === undefined) return undefined;
  const header = request.headersDistinct['request-signature']?.[0];
  if (header === undefined)
    throw new Problem('signature-missing', 'This operation needs the header Request-Signature', {}, challenge);
  const target = request.originalUrl;
  const checked = await checkSignature({
    ...{ header, method, target, creditorCode, scope },
    ...{ body: received.body, digest: received.digest, now: received.at },
  });
  switch (checked.outcome) {
    case 'SIGNED':
      return checked.request;
    case 'UNSIGNED':
      throw new Problem(
        'signature-invalid',
        checked.detail,
        checked.difference && { difference: checked.difference },
        challenge,
      );
    case 'OUT_OF_SCOPE':
      throw new Problem('signature-scope', checked.detail);
  }
}

/** RFC 9110 asks for one on each 401. */
const challenge = { 'WWW-Authenticate': 'Request-Signature' };
