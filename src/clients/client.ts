import type { VerificationKey } from '../signing/public-key.ts';
import type { CreditorCode, Jws } from '../values/ids.ts';

/** Who is calling, as the socket's certificate and the registry say. */
export type ConnectedClient = { creditorCode: CreditorCode; thumbprint: string; subject: string; notAfter: Date };

export const scopes = ['mandates', 'debits', 'reversals'] as const;
/** What a signing key may ask for. */
export type Scope = (typeof scopes)[number];

/** A creditor's key for its request signatures, as it was registered. */
export type SigningKey = VerificationKey & {
  creditorCode: CreditorCode;
  scopes: readonly Scope[];
  validFrom: Date;
  validUntil: Date;
  withdrawnAt: Date | undefined;
};

/** A creditor's write, its signature checked: the bank's proof that the creditor asked, kept with what it caused. */
export type SignedRequest = {
  creditorCode: CreditorCode;
  jti: string;
  keyThumbprint: string;
  method: string;
  /** The path and query as sent. */
  target: string;
  signedAt: Date;
  receivedAt: Date;
  /** SHA-256 of the body's bytes as received. */
  digest: Buffer;
  token: Jws;
  body: Buffer;
};
