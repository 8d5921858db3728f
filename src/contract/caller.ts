import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { ConnectedClient, SignedRequest } from '../clients/client.ts';
import type { RequestCheck, RequestToCheck } from '../signing/request-signature.ts';
import type { Operation } from './contract-document.ts';
import { Problem } from './problem.ts';
import { peerOf } from './tls-peer.ts';

/** What the registry says of a certificate, now. */
export type ClientCheck =
  | { outcome: 'REGISTERED'; client: ConnectedClient }
  | { outcome: 'UNREGISTERED' | 'WITHDRAWN' | 'REVOKED' | 'EXPIRED' };
/** Looked up on every request: an open connection, and a resumed session, outlive a withdrawal. */
export type Authenticate = (thumbprint: string) => Promise<ClientCheck>;

/** The rest of what a check needs are the bank's settings and the registered keys. */
export type SignatureToCheck = Omit<RequestToCheck, 'publicOrigin' | 'issuer' | 'keyOf' | 'windowSeconds'>;
export type CheckSignature = (asked: SignatureToCheck) => Promise<RequestCheck>;

/** Who is calling: by the socket's certificate alone, whatever the headers claim. Throws the problem where nobody who may. */
export async function clientOf(
  { socket }: IncomingMessage,
  authenticate: Authenticate,
  now: Date,
): Promise<ConnectedClient> {
  const peer = peerOf(socket);
  if (peer === undefined) throw new Problem('certificate-missing', 'The connection has no client certificate');
  const known = await authenticate(peer.thumbprint);
  // The certificate's own dates too: the handshake may have been days ago.
  if (known.outcome === 'REGISTERED' && peer.notBefore <= now && now < peer.notAfter) return known.client;
  const refusal = known.outcome === 'REGISTERED' ? 'EXPIRED' : known.outcome;
  throw new Problem(certificateProblems[refusal], `The certificate ${peer.thumbprint} is not served`);
}

const certificateProblems = {
  UNREGISTERED: 'certificate-unregistered',
  WITHDRAWN: 'certificate-withdrawn',
  REVOKED: 'certificate-revoked',
  EXPIRED: 'certificate-expired',
} as const;

/** The write as its creditor has signed it; undefined where the operation is not signed. */
export async function signedRequestOf(
  request: Request,
  { creditorCode }: ConnectedClient,
  { scope, method }: Operation,
  received: { body: Buffer; at: Date },
  checkSignature: CheckSignature,
): Promise<SignedRequest | undefined> {
  if (scope === undefined) return undefined;
  const header = request.headersDistinct['request-signature']?.[0];
  if (header === undefined)
    throw new Problem('signature-missing', 'This operation needs the header Request-Signature', {}, challenge);
  const target = request.originalUrl;
  const checked = await checkSignature({
    ...{ header, method, target, creditorCode, scope },
    ...{ body: received.body, now: received.at },
  });
  switch (checked.outcome) {
    case 'SIGNED':
      return checked.request;
    case 'UNSIGNED':
      throw new Problem('signature-invalid', checked.detail, {}, challenge);
    case 'OUT_OF_SCOPE':
      throw new Problem('signature-scope', checked.detail);
  }
}

/** RFC 9110 asks for one on each 401. */
const challenge = { 'WWW-Authenticate': 'Request-Signature' };
