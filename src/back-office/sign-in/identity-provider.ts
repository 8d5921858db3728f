import * as openid from 'openid-client';
import type { Clock } from '../../database/clock.ts';
import type { Staff } from '../staff.ts';
import { type ClaimSettings, claimOf, readClaims } from './claims.ts';
import { logoutKeysAt, readLogoutToken } from './logout-token.ts';
import { ProviderAway, type ProviderFetch } from './provider-fetch.ts';

export type IdentityProviderSettings = {
  /** https. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  claims: ClaimSettings;
  sessionSeconds: number;
  freshSeconds: number;
};

export type IdentityProviderParts = Clock & IdentityProviderSettings & { fetch: ProviderFetch };

/** What is kept here of a sign-in while the person is at the identity provider. Good for one answer. */
export type Transaction = {
  state: string;
  nonce: string;
  verifier: string;
  /** The person was to show again who they are. */
  fresh: boolean;
  /** A local path. */
  returnTo: string;
  /** A form was on its way: what is to be said of it after the sign-in. */
  notice?: 'sign-in.form-not-sent' | 'sign-in.form-needs-fresh';
};

export type SignedIn = { staff: Staff; idToken: string; providerSession: string | undefined };

/** STALE: asked for a fresh sign-in, the identity provider told of an old one. INVALID: what came back is not its answer to us. */
export type Finished =
  | { outcome: 'SIGNED_IN'; signedIn: SignedIn }
  | { outcome: 'REFUSED' }
  | { outcome: 'STALE' }
  | { outcome: 'INVALID'; fault: unknown };

export type IdentityProvider = {
  /** Where the person is sent, and what is to be kept. Throws ProviderAway. */
  begin: (asked: {
    redirectUri: string;
    returnTo: string;
    fresh: boolean;
    language: string;
  }) => Promise<{ address: URL; transaction: Transaction }>;
  /** Redeems the code that came with `answer`. Throws ProviderAway. */
  finish: (answer: URL, transaction: Transaction) => Promise<Finished>;
  /** Where the session at the provider is ended; undefined where it offers none. Throws ProviderAway. */
  endSession: (asked: { idToken: string | undefined; returnTo: string }) => Promise<URL | undefined>;
  /** What a logout token ends; undefined where it is none of the provider's for us. Throws ProviderAway. */
  readLogout: (token: string) => Promise<{ providerSession: string } | { subject: string } | undefined>;
  /** Where a form of ours may lead: the provider's origins as far as they are known. */
  origins: () => string[];
};

const rereadAfterSeconds = 3600;

/** Opens nothing yet: what the provider says of itself is read when it is first needed, and now and then again. */
export function openIdentityProvider(parts: IdentityProviderParts): IdentityProvider {
  const { now, fetch } = parts;
  let known: { configuration: openid.Configuration; at: Date } | undefined;
  let logoutKeys: { address: string; keys: ReturnType<typeof logoutKeysAt> } | undefined;
  let asking: Promise<openid.Configuration> | undefined;

  const read = async () => {
    const configuration = await orAway(
      openid.discovery(new URL(parts.issuer), parts.clientId, {}, authentication(parts.clientSecret), {
        [openid.customFetch]: fetch,
        timeout: 10,
        // The ID token comes straight from the provider; its signature is checked all the same.
        execute: [openid.enableNonRepudiationChecks],
      }),
    );
    known = { configuration, at: now() };
    return configuration;
  };
  const current = async (): Promise<openid.Configuration> => {
    if (known !== undefined && now().getTime() - known.at.getTime() < rereadAfterSeconds * 1000)
      return known.configuration;
    asking ??= read().finally(() => {
      asking = undefined;
    });
    // What was known goes on while it can't be read again.
    return known === undefined
      ? asking
      : asking.catch(() => known?.configuration ?? Promise.reject(new ProviderAway()));
  };

  return {
    async begin({ redirectUri, returnTo, fresh, language }) {
      const configuration = await current();
      const transaction = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
        fresh,
        returnTo,
      };
      const address = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: parts.scopes,
        state: transaction.state,
        nonce: transaction.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(transaction.verifier),
        code_challenge_method: 'S256',
        ui_locales: language,
        // Asked for in each case, since then the provider must tell when the person last showed who they are.
        max_age: fresh ? '0' : String(parts.sessionSeconds),
        ...(fresh ? { prompt: 'login' } : {}),
      });
      return { address, transaction };
    },
    async finish(answer, transaction) {
      const configuration = await current();
      try {
        const tokens = await orAway(
          openid.authorizationCodeGrant(configuration, answer, {
            expectedState: transaction.state,
            expectedNonce: transaction.nonce,
            pkceCodeVerifier: transaction.verifier,
            idTokenExpected: true,
            maxAge: parts.sessionSeconds,
          }),
        );
        return await signedInBy(tokens, configuration, transaction, parts);
      } catch (fault) {
        if (fault instanceof ProviderAway) throw fault;
        if (fault instanceof openid.AuthorizationResponseError) return { outcome: 'REFUSED' };
        return { outcome: 'INVALID', fault };
      }
    },
    async endSession({ idToken, returnTo }) {
      const configuration = await current();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return openid.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: returnTo,
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      });
    },
    async readLogout(token) {
      const { jwks_uri, issuer } = (await current()).serverMetadata();
      if (jwks_uri === undefined) return undefined;
      if (logoutKeys?.address !== jwks_uri) logoutKeys = { address: jwks_uri, keys: logoutKeysAt(jwks_uri, fetch) };
      return readLogoutToken(token, { keys: logoutKeys.keys, issuer, clientId: parts.clientId, now });
    },
    origins() {
      const { authorization_endpoint, end_session_endpoint } = known?.configuration.serverMetadata() ?? {};
      const addresses = [parts.issuer, authorization_endpoint, end_session_endpoint].filter((one) => one !== undefined);
      return [...new Set(addresses.map((address) => new URL(address).origin))];
    },
  };
}

type Tokens = Awaited<ReturnType<typeof openid.authorizationCodeGrant>>;

async function signedInBy(
  tokens: Tokens,
  configuration: openid.Configuration,
  { fresh }: Transaction,
  { claims: settings, freshSeconds, now }: IdentityProviderParts,
): Promise<Finished> {
  const claims = tokens.claims();
  if (claims?.auth_time === undefined || tokens.id_token === undefined)
    return { outcome: 'INVALID', fault: new Error('there is no ID token with auth_time') };
  const { sub: subject, auth_time: seconds, sid } = claims;
  const ageSeconds = now().getTime() / 1000 - seconds;
  if (fresh && ageSeconds > freshSeconds) return { outcome: 'STALE' };
  // Some providers tell of roles only when they are asked for the person.
  const inToken = claimOf(claims, settings.rolesClaim) !== undefined;
  const asked =
    inToken || configuration.serverMetadata().userinfo_endpoint === undefined
      ? {}
      : await orAway(openid.fetchUserInfo(configuration, tokens.access_token, subject));
  const staff = {
    subject,
    // Never later than now: a provider whose clock is ahead would lend its sign-ins a longer freshness.
    signedInAt: new Date(Math.min(seconds * 1000, now().getTime())),
    ...readClaims({ ...asked, ...claims }, subject, settings),
  };
  const providerSession = typeof sid === 'string' ? sid : undefined;
  return { outcome: 'SIGNED_IN', signedIn: { staff, idToken: tokens.id_token, providerSession } };
}

/** As the provider says that it takes it; the specification's default where it says nothing. */
function authentication(secret: string): openid.ClientAuth {
  const inBody = openid.ClientSecretPost(secret);
  const inHeader = openid.ClientSecretBasic(secret);
  return (server, ...asked) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (taken.includes('client_secret_basic') ? inHeader : inBody)(server, ...asked);
  };
}

/** The library wraps what its `fetch` throws. */
async function orAway<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (fault) {
    if (isAway(fault)) throw new ProviderAway('the identity provider is away', { cause: fault });
    throw fault;
  }
}

function isAway(fault: unknown): boolean {
  if (fault instanceof ProviderAway) return true;
  if (!(fault instanceof Error)) return false;
  return fault.name === 'TimeoutError' || fault.name === 'AbortError' || isAway(fault.cause);
}
