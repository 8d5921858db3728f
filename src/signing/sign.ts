import type { Clock } from '../database/clock.ts';
import { tokenLimitBytes } from './jws.ts';
import { type GatewayKey, type KeyUse, signingKeyOf } from './keys.ts';
import { signCompact } from './private-key.ts';
import type { Sign, TokenRequest, TokenType } from './signer.ts';

export type SignerSettings = {
  keys: readonly GatewayKey[];
  /** The bank's issuer URL: `iss` of everything it signs. */
  issuer: string;
  environment: string;
} & Clock;

const useOf: Record<TokenType, KeyUse> = {
  'mandate-certificate+jwt': 'certificates',
  'mandate-verification+jwt': 'confirmations',
  'acceptance-receipt+jwt': 'confirmations',
  'settlement-confirmation+jwt': 'confirmations',
  'debit-rejection+jwt': 'confirmations',
  'reversal-confirmation+jwt': 'confirmations',
  'declaration+jwt': 'confirmations',
  'statement+jwt': 'confirmations',
  'reconciliation+jwt': 'confirmations',
  'event+jwt': 'webhooks',
};

/** Signs with the key of the kind's use whose time has come. Throws at once where a use has none that can sign. */
export function openSigner({ keys, issuer, environment, now }: SignerSettings): Sign {
  const keyFor = (type: TokenType) => {
    const key = signingKeyOf(keys, useOf[type], now());
    if (key === undefined) throw new Error(`the key folder has no private key that signs ${useOf[type]} now`);
    return key;
  };
  for (const type of Object.keys(useOf).filter(isTokenType)) keyFor(type);
  return async (request) => {
    const key = keyFor(request.type);
    const { type, jti, audience, issuedAt } = request;
    const iat = Math.floor(issuedAt.getTime() / 1000);
    const token = await signCompact(key, type, { iss: issuer, aud: audience, iat, jti, environment, ...own(request) });
    // What no reader may accept must not leave: a claim grew beyond what was foreseen.
    if (token.length > tokenLimitBytes) throw new Error(`a ${type} would be longer than ${tokenLimitBytes} bytes`);
    return { type, jti, audience, issuedAt, keyThumbprint: key.kid, token };
  };
}

const common = ['iss', 'aud', 'iat', 'jti', 'environment'];

function own({ type, claims }: TokenRequest): TokenRequest['claims'] {
  const taken = common.find((name) => Object.hasOwn(claims, name));
  if (taken !== undefined) throw new Error(`the claim ${taken} of a ${type} is the signer's to set`);
  return claims;
}

const isTokenType = (name: string): name is TokenType => Object.hasOwn(useOf, name);
