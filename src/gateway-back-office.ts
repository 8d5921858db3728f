import { readFile } from 'node:fs/promises';
import { type AgencyNames, noAgencyNames, readAgencyNames } from './back-office/agencies.ts';
import { type BackOfficeDoorParts, openBackOfficeDoor } from './back-office/door.ts';
import type { BackOfficePage } from './back-office/page.ts';
import { backOfficePages } from './back-office/pages.ts';
import type { BackOfficeParts } from './back-office/parts.ts';
import { openIdentityProvider } from './back-office/sign-in/identity-provider.ts';
import { openProviderFetch } from './back-office/sign-in/provider-fetch.ts';
import type { Config } from './config.ts';
import type { Door } from './contract/door.ts';
import { bankOf, type GatewayCore, tlsOf } from './gateway-doors.ts';

export type BackOfficeDoor = Door & { pages: readonly BackOfficePage[] };

/** The staff's door; none where no identity provider is set. That it is away keeps nothing from starting. */
export async function openGatewayBackOffice(
  core: GatewayCore,
  ownCertificates: BackOfficeParts['ownCertificates'],
): Promise<BackOfficeDoor | undefined> {
  const { config, log, metrics, clock, staffDb: db, addresses, failed } = core;
  const provider = await readProvider(config);
  if (provider === undefined) return undefined;
  const sessions = {
    idleSeconds: config.sessionIdleSeconds,
    sessionSeconds: config.sessionSeconds,
    freshSeconds: config.freshSignInSeconds,
  };
  const parts: BackOfficeDoorParts = {
    host: config.backOfficeHost,
    port: config.backOfficePort,
    sharePort: config.sharePorts,
    tls: tlsOf(config),
    limits: { ...config, requestSeconds: config.uploadSeconds },
    db,
    clock,
    origin: addresses.backOffice,
    provider: openIdentityProvider({
      issuer: provider.issuer,
      clientId: config.signInClientId,
      clientSecret: provider.secret,
      scopes: config.signInScopes,
      claims: {
        nameClaim: config.staffNameClaim,
        rolesClaim: config.staffRolesClaim,
        roles: config.staffRoles,
        agenciesClaim: config.staffAgenciesClaim,
        allAgencies: config.staffAllAgencies,
      },
      ...sessions,
      // The provider's own times are the world's: a clock that a test moves is ours alone.
      now: clock.now,
      fetch: openProviderFetch(provider.authorities === undefined ? {} : { authorities: provider.authorities }),
    }),
    secret: provider.secret,
    sessions,
    pages: backOfficePages(backOfficeParts(core, ownCertificates, await readAgencies(config))),
    bank: bankOf(config),
    environment: config.environment,
    log: ({ requestId, kind, fault }) => log.error({ requestId, kind, fault }, 'a page of the back office failed'),
    onSessionFault: (fault) => failed('sessions', fault),
    onSignIn: metrics.signInEnded,
    observe: metrics.pageAnswered,
    onTlsRefusal: (reason) => metrics.tlsRefused('back-office', reason),
    onReload: (outcome) => metrics.certificatesRead('back-office', outcome),
  };
  const door = await openBackOfficeDoor(parts);
  addresses.ports.backOffice = door.port;
  return { ...door, pages: parts.pages };
}

function backOfficeParts(
  core: GatewayCore,
  ownCertificates: BackOfficeParts['ownCertificates'],
  agencies: AgencyNames,
): BackOfficeParts {
  const {
    config,
    staffDb: db,
    clock,
    coreBanking,
    sign,
    keys,
    typeset,
    addresses,
    steps,
    running,
    registry,
    metrics,
  } = core;
  const { bankCodes, issuer, environment } = config;
  return {
    db,
    clock,
    desk: {
      pool: db,
      coreBanking,
      sign,
      bankCodes,
      issuer: { issuer, environment },
      now: clock.now,
      submissionHours: 24,
    },
    coreBanking,
    sign,
    cursors: core.cursors.backOffice,
    keys,
    typeset,
    bank: bankOf(config),
    bankCodes,
    agencies,
    issuer,
    environment,
    keysAddress: addresses.keys,
    apiOrigin: addresses.api,
    publicOrigin: addresses.public,
    steps,
    running,
    reversing: core.reversals.steps,
    registry,
    ownCertificates,
    metrics,
    config,
  };
}

const readAgencies = async ({ agenciesFile }: Config): Promise<AgencyNames> =>
  agenciesFile === undefined ? noAgencyNames : readAgencyNames(await readFile(agenciesFile, 'utf8'));

/** The files that the settings name, read once. */
async function readProvider({ signInIssuer, signInClientSecretFile, signInAuthoritiesFile }: Config) {
  if (signInIssuer === undefined || signInClientSecretFile === undefined) return undefined;
  const secret = (await readFile(signInClientSecretFile, 'utf8')).trim();
  if (secret.length < 16) throw new Error('settings: the secret in GATEWAY_SIGN_IN_CLIENT_SECRET_FILE is too short');
  const authorities = signInAuthoritiesFile === undefined ? undefined : await readFile(signInAuthoritiesFile, 'utf8');
  return { issuer: signInIssuer, secret, authorities };
}
