import type { CreditorCode, Jws, TokenId } from '../values/ids.ts';

/** Every kind of token that the gateway signs: the `typ` of its header. */
export type TokenType =
  | 'mandate-certificate+jwt'
  | 'mandate-verification+jwt'
  | 'acceptance-receipt+jwt'
  | 'settlement-confirmation+jwt'
  | 'debit-rejection+jwt'
  | 'reversal-confirmation+jwt'
  | 'declaration+jwt'
  | 'statement+jwt'
  | 'reconciliation+jwt'
  | 'event+jwt';

export type TokenRequest = {
  type: TokenType;
  jti: TokenId;
  audience: CreditorCode;
  issuedAt: Date;
  /** Beside `iss`, `aud`, `iat`, `jti` and `environment`, which the signer adds. JSON values only. */
  claims: Readonly<Record<string, unknown>>;
};

export type SignedToken = {
  type: TokenType;
  jti: TokenId;
  audience: CreditorCode;
  issuedAt: Date;
  keyThumbprint: string;
  token: Jws;
};

/** Signs one token with the key of its kind. Rejects where signing is away for a while (an HSM that does not answer). */
export type Sign = (request: TokenRequest) => Promise<SignedToken>;
