import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../../database/clock.ts';
import type { ProviderFetch } from './provider-fetch.ts';

type LogoutParts = Clock & { keys: JWTVerifyGetKey; issuer: string; clientId: string };

const event = 'http://schemas.openid.net/event/backchannel-logout';
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
];

/** The provider's keys at that address, read again when a token names an unknown one, at most twice a minute. */
export const logoutKeysAt = (address: string, fetch: ProviderFetch): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(address), { [customFetch]: fetch, timeoutDuration: 10_000 });

/**
 * Reads a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6): the provider's signature, for this client, of the
 * last minutes, with the event and without a nonce, or an ID token would do. Undefined where it is none. Sent twice it
 * ends what is ended: no `jti` is kept.
 */
export async function readLogoutToken(
  token: string,
  { keys, issuer, clientId, now }: LogoutParts,
): Promise<{ providerSession: string } | { subject: string } | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      algorithms,
      maxTokenAge: 300,
      clockTolerance: 30,
      currentDate: now(),
      requiredClaims: ['jti', 'iat', 'events'],
    });
    const { events, nonce, sid, sub } = payload;
    if (typeof events !== 'object' || events === null || !Object.hasOwn(events, event) || nonce !== undefined)
      return undefined;
    if (typeof sid === 'string') return { providerSession: sid };
    return sub === undefined ? undefined : { subject: sub };
  } catch (fault) {
    if (fault instanceof errors.JOSEError) return undefined;
    throw fault;
  }
}
