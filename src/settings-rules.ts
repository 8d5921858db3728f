import { parseVersions } from './core-banking/iso20022/versions.ts';
import type { Settings } from './settings.ts';
import { parseNetworks } from './webhooks/addresses.ts';

type Limit = {
  [Name in keyof Settings]-?: Settings[Name] extends number ? Name : never;
}[keyof Settings];

/**
 * The one table of limits that hang together: the first is shorter than the second, or what the third says happens.
 * docs/TIME-LIMITS.md shows it.
 */
export const order: readonly (readonly [Limit, Limit, string])[] = [
  ['coreCallSeconds', 'answerSeconds', 'the answer would go out before the core banking system has spoken'],
  ['statementSeconds', 'answerSeconds', 'the answer would go out before the database has spoken'],
  ['answerSeconds', 'clientPatienceSeconds', 'the client would give up before its 202'],
  ['answerSeconds', 'drainSeconds', 'an orderly stop would cut answers off'],
  ['lingerSeconds', 'drainSeconds', 'no time would be left for the last answers'],
  ['answerSeconds', 'leaseSeconds', 'a debit would be taken from a replica that still works on it'],
  ['answerSeconds', 'debitLifetimeSeconds', 'a debit would expire while it is executed'],
  ['answerSeconds', 'stalledSeconds', 'a connection would be closed while its request is answered'],
  ['leaseSeconds', 'resolveWithinSeconds', 'people would be called before the gateway has tried'],
  ['sweepSeconds', 'resolveWithinSeconds', 'people would be called before the gateway has tried'],
  ['sweepSeconds', 'debitLifetimeSeconds', 'a debit in doubt would expire before it is asked about'],
  ['clockSkewSeconds', 'signatureWindowSeconds', "a signature could be late by the host's clock alone"],
  ['sessionIdleSeconds', 'sessionSeconds', 'a session would end before it is idle'],
  ['freshSignInSeconds', 'sessionSeconds', 'every sign-in would be a fresh one'],
  ['eventWaitSeconds', 'clientPatienceSeconds', 'the client would give up before its page of events'],
  ['eventWaitSeconds', 'stalledSeconds', 'a connection would be closed while its call waits for an event'],
  ['busPauseSeconds', 'resolveWithinSeconds', 'people would be called before the bus is tried again'],
  ['keepAliveSeconds', 'stalledSeconds', 'an idle connection would count as stalled'],
];

/** The same where equal is well. */
export const orderOrEqual: readonly (readonly [Limit, Limit, string])[] = [
  ['headerSeconds', 'requestSeconds', 'a request ends after its headers'],
  ['requestSeconds', 'uploadSeconds', 'an upload is the longer request'],
  ['requestSeconds', 'listSeconds', 'a list is the longer request'],
  ['connectionsPerClient', 'connections', 'one client could not have them'],
  ['bodyBytes', 'documentBytes', 'a document is the larger body'],
  ['documentBytes', 'listBytes', 'a list is the larger body'],
];

/** What the settings say against each other, in the settings' own words. */
export function contradictions(read: Settings): string[] {
  return [
    ...order
      .filter(([less, more]) => read[less] >= read[more])
      .map(([less, more, why]) => said(less, 'below', more, why)),
    ...orderOrEqual
      .filter(([less, more]) => read[less] > read[more])
      .map(([less, more, why]) => said(less, 'at most', more, why)),
    ...samePorts(read),
    ...(parseNetworks(read.webhookPrivateNetworks) === undefined
      ? [`${variableOf('webhookPrivateNetworks')} names something that is no network`]
      : []),
    ...halfTold(read),
    ...unshareable(read),
    ...busFaults(read),
  ];
}

/** What production must be told itself: the defaults are for trying things. */
const toldInProduction = [
  'databaseUrl',
  'keyFolder',
  'tlsCertificateFile',
  'tlsKeyFile',
  'clientAuthoritiesFile',
  'apiOrigin',
  'publicOrigin',
  'backOfficeOrigin',
  'signInIssuer',
  'signInClientId',
  'signInClientSecretFile',
  'issuer',
  'bankNameFrench',
  'bankNameArabic',
  'bankCodes',
  'debitMaximum',
] as const satisfies readonly (keyof Settings)[];

/** What production refuses of the settings alone; settings-files.ts looks at what they name. */
export function productionFaults(given: ReadonlySet<string>, { coreBanking }: Pick<Settings, 'coreBanking'>): string[] {
  return [...toldInProduction, ...(coreBanking === 'ledger' ? (['ledgerDatabaseUrl'] as const) : [])]
    .filter((setting) => !given.has(setting))
    .map((setting) => `${variableOf(setting)} must be set in production${reasons[setting] ?? ''}`);
}

const reasons: Readonly<Record<string, string>> = {
  databaseUrl: ': the embedded database is for development',
  ledgerDatabaseUrl: ': the embedded database is for development',
};

/** "apiPort" is set by GATEWAY_API_PORT. */
export const variableOf = (setting: string): string =>
  `GATEWAY_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

const said = (less: Limit, how: string, more: Limit, why: string): string =>
  `${variableOf(less)} must be ${how} ${variableOf(more)}: ${why}`;

function samePorts(read: Settings): string[] {
  const ports = (['apiPort', 'backOfficePort', 'publicPort', 'operationsPort'] as const).filter(
    (name) => read[name] !== 0,
  );
  return ports
    .filter((name, position) => ports.findIndex((other) => read[other] === read[name]) < position)
    .map((name) => `${variableOf(name)} is another door's port`);
}

/** The system must hand each new connection to one of those that listen: Linux does, by SO_REUSEPORT. */
function unshareable({ sharePorts, apiPort }: Settings): string[] {
  if (!sharePorts) return [];
  return [
    ...(process.platform === 'linux' ? [] : [`${variableOf('sharePorts')} is for Linux: put a load balancer before`]),
    ...(apiPort === 0
      ? [`${variableOf('sharePorts')} needs ${variableOf('apiPort')}: a free one is nobody else's`]
      : []),
  ];
}

function halfTold(read: Settings): string[] {
  const needs = (having: keyof Settings, needed: keyof Settings) =>
    read[having] !== undefined && read[needed] === undefined
      ? [`${variableOf(having)} needs ${variableOf(needed)} beside it`]
      : [];
  return [
    ...needs('signInIssuer', 'signInClientSecretFile'),
    ...needs('webhookCertificateFile', 'webhookKeyFile'),
    ...needs('webhookKeyFile', 'webhookCertificateFile'),
    ...(read.coreBanking === 'ledger' ? needs('databaseUrl', 'ledgerDatabaseUrl') : []),
    ...needs('ledgerDatabaseUrl', 'databaseUrl'),
    ...needs('migrationDatabaseUrl', 'databaseUrl'),
    ...needs('ledgerMigrationDatabaseUrl', 'ledgerDatabaseUrl'),
  ];
}

/** What the bus can't be spoken to without. Its promises have no default: start-up is where the bank says them. */
const toldOfBus = [
  'busOrigin',
  'busAuthoritiesFile',
  'busCertificateFile',
  'busKeyFile',
  'busMemory',
  'busKeepsRefusals',
  'busHonoursNotAfter',
  'busCanVoid',
] as const satisfies readonly (keyof Settings)[];

function busFaults(read: Settings): string[] {
  if (read.coreBanking === 'ledger') return [];
  const versions = parseVersions(read.busVersionsWritten, read.busVersionsRead);
  return [
    ...toldOfBus
      .filter((name) => read[name] === undefined)
      .map((name) => `${variableOf('coreBanking')}=iso20022 needs ${variableOf(name)} beside it`),
    ...(typeof versions === 'string'
      ? [`${variableOf('busVersionsWritten')} and ${variableOf('busVersionsRead')}: ${versions}`]
      : []),
  ];
}
