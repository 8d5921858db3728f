import type { JSONSchemaType } from 'ajv';
import { roles } from './back-office/staff.ts';
import { type HttpLimits, defaultHttpLimits as limits } from './contract/http-limits.ts';
import { type BusSettings, busSettings } from './settings-bus.ts';
import { httpSettings } from './settings-http.ts';
import { count, databaseUrl, origin, port, seconds, text } from './settings-shapes.ts';
import { type WebhookSettings, webhookSettings } from './settings-webhooks.ts';

type Grouped = HttpLimits & BusSettings & WebhookSettings;

/** Every setting as it is given: text and numbers. What config.ts makes of them is in Config. */
export type Settings = Grouped & {
  environment: 'development' | 'test' | 'production';
  databaseUrl?: string;
  migrationDatabaseUrl?: string;
  ledgerDatabaseUrl?: string;
  ledgerMigrationDatabaseUrl?: string;
  databaseConnections: number;
  backOfficeConnections: number;
  ledgerConnections: number;
  redisUrl?: string;
  dataFolder: string;
  spoolFolder?: string;
  keyFolder: string;
  tlsCertificateFile: string;
  tlsKeyFile: string;
  clientAuthoritiesFile: string;
  revocationListFile?: string;
  apiHost: string;
  apiPort: number;
  apiOrigin?: string;
  publicHost: string;
  publicPort: number;
  publicOrigin?: string;
  backOfficeHost: string;
  backOfficePort: number;
  backOfficeOrigin?: string;
  operationsHost: string;
  operationsPort: number;
  sharePorts: boolean;
  signInIssuer?: string;
  signInClientId: string;
  signInClientSecretFile?: string;
  signInAuthoritiesFile?: string;
  signInScopes: string;
  uploadSeconds: number;
  staffNameClaim: string;
  staffRolesClaim: string;
  staffRoles: string;
  staffAgenciesClaim: string;
  staffAllAgencies: string;
  sessionIdleSeconds: number;
  sessionSeconds: number;
  freshSignInSeconds: number;
  issuer: string;
  bankNameFrench: string;
  bankNameArabic: string;
  bankCodes: string;
  agenciesFile?: string;
  debitMaximum: string;
  insufficientFundsShownAs: 'AM04' | 'MS03';
  blockedAccountShownAs: 'AC06' | 'MS03';
  coreCallSeconds: number;
  answerSeconds: number;
  clientPatienceSeconds: number;
  statementSeconds: number;
  leaseSeconds: number;
  debitLifetimeSeconds: number;
  resolveWithinSeconds: number;
  sweepSeconds: number;
  signatureWindowSeconds: number;
  signingKeyDays: number;
  clockSkewSeconds: number;
  requestsPerSecond: number;
  operationRequestsPerSecond: number;
  creditorRequestsPerSecond: string;
  burntNamesAnHour: number;
  fundsRefusalsADay: number;
  debitsADay: number;
  eventWaitSeconds: number;
  eventReaders: number;
  reversalWindowDays: number;
  reversalsADay: number;
  reversalAmountADay: string;
  contestTermDays: number;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
};

/** "officer=clerks,officer=tellers": the roles that there are, each with a value of the identity provider's. */
const oneRole = `(${roles.join('|')})=[^,=\\s]{1,100}`;
const mapping = `^${oneRole}(,${oneRole})*$`;

const day = 86_400;

/** Meaning, bounds and default of each. Those without a default here are optional, or config.ts derives it. */
export const settings: JSONSchemaType<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['environment', 'dataFolder', 'keyFolder', 'tlsCertificateFile', 'tlsKeyFile', 'clientAuthoritiesFile'],
  properties: {
    environment: {
      type: 'string',
      enum: ['development', 'test', 'production'],
      description: 'What it is run for: stands in every token. Without it `production` where NODE_ENV says so',
    },

    databaseUrl: databaseUrl('PostgreSQL, as the runtime role; without it, the embedded one'),
    migrationDatabaseUrl: databaseUrl('The same database as its owner; without it nothing is migrated at start'),
    ledgerDatabaseUrl: databaseUrl("The ledger's PostgreSQL, as its runtime role"),
    ledgerMigrationDatabaseUrl: databaseUrl('The same as its owner'),
    databaseConnections: count(10, 200, 'Connections to the database'),
    backOfficeConnections: count(
      5,
      200,
      "The back office's own: a search never waits in a debit's place, or before it",
    ),
    ledgerConnections: count(10, 200, "Connections to the ledger's database"),
    redisUrl: {
      ...{ type: 'string', nullable: true, pattern: '^rediss?://[^\\s]+$', maxLength: 2000 },
      description: 'Redis whose queues hand out what happens later, by ids; without it, the sweep of PostgreSQL does',
    },
    dataFolder: text('Data of the embedded PostgreSQL, outside the checkout'),
    keyFolder: text('Private keys by use, PEM, readable by the gateway alone'),

    tlsCertificateFile: text('Certificate of API and public door with its chain, PEM'),
    tlsKeyFile: text('Its private key, PEM, readable by the gateway alone'),
    clientAuthoritiesFile: text("The authorities whose client certificates the API takes, PEM; never the system's"),
    revocationListFile: { ...text('Their revocation list (CRL), PEM or DER'), nullable: true },

    apiHost: { ...text('Address on which the API listens'), default: '0.0.0.0' },
    apiPort: port(8443, 'Port of the API; 0 takes a free one'),
    apiOrigin: origin('Public origin of the API: what `htu` begins with. Without it `https://localhost` and the port'),
    publicHost: { ...text('Address on which the public door listens'), default: '0.0.0.0' },
    publicPort: port(8445, 'Port of the public door; 0 takes a free one'),
    publicOrigin: origin(
      'Public origin of keys, contract and problem pages. Without it `https://localhost` and the port',
    ),
    backOfficeHost: { ...text('Address on which the back office listens'), default: '0.0.0.0' },
    backOfficePort: port(8444, 'Port of the back office; 0 takes a free one'),
    backOfficeOrigin: origin('Origin that staff have in their browsers. Without it `https://localhost` and the port'),
    operationsHost: { ...text('Address of metrics and health: loopback, or an inner network'), default: '127.0.0.1' },
    operationsPort: port(9464, 'Port of metrics and health; 0 takes a free one'),
    sharePorts: {
      type: 'boolean',
      default: false,
      description: 'Whether replicas on one host listen on the same ports (Linux); each has its own for operations',
    },

    signInIssuer: {
      ...{ type: 'string', nullable: true, pattern: '^https://[^?#@\\s]+$', maxLength: 250 },
      description: "Issuer URL of the bank's identity provider (OpenID Connect); without it there is no back office",
    },
    signInClientId: { ...text('What the identity provider calls the back office'), default: 'cnas-debit-gateway' },
    signInClientSecretFile: {
      ...text('Its secret there, a file of one line, readable by the gateway alone. Session cookies hang on it too'),
      nullable: true,
    },
    signInAuthoritiesFile: {
      ...text("Authorities of the identity provider's TLS certificate, PEM; without it, those that Node trusts"),
      nullable: true,
    },
    signInScopes: {
      type: 'string',
      pattern: '^openid( [!#-\\[\\]-~]+)*$',
      maxLength: 500,
      default: 'openid profile',
      description: 'What it is asked for',
    },
    staffNameClaim: { ...text('Claim of the name that is shown'), default: 'name' },
    staffRolesClaim: {
      ...text('Claim that the roles are read from, a text or a list; `a.b` is `b` inside `a`'),
      default: 'roles',
    },
    staffRoles: {
      type: 'string',
      pattern: mapping,
      maxLength: 2000,
      default: 'officer=cnas-officer,supervisor=cnas-supervisor,auditor=cnas-auditor,administrator=cnas-administrator',
      description: "The claim's value for each role; a role may stand more than once",
    },
    staffAgenciesClaim: {
      ...text('Claim of the agencies whose employers they see: five digits each, a text or a list'),
      default: 'agencies',
    },
    staffAllAgencies: { ...text("That claim's value for all of them"), default: 'ALL' },
    uploadSeconds: seconds(60, 300, 'Until a whole request of the back office is there: scans come over slow lines'),
    sessionIdleSeconds: seconds(900, 3_600, 'Until a session in which nothing is asked ends'),
    sessionSeconds: seconds(28_800, 43_200, 'Until a session ends'),
    freshSignInSeconds: seconds(300, 3_600, 'How old a sign-in may be for what needs a fresh one'),

    issuer: {
      type: 'string',
      pattern: '^https://[^?#\\s]+[^/?#\\s]$',
      maxLength: 250,
      default: 'https://gateway.bank.example',
      description: "The bank's issuer URL: `iss` of what it signs, `aud` of what it is sent",
    },
    bankNameFrench: { ...text("The bank's name on French documents"), default: 'Banque partenaire' },
    bankNameArabic: { ...text("The bank's name on Arabic documents"), default: 'البنك الشريك' },
    bankCodes: {
      type: 'string',
      pattern: '^\\d{3}(,\\d{3})*$',
      maxLength: 100,
      default: '005',
      description: "The bank's own codes, the first three digits of its RIBs, by comma",
    },
    agenciesFile: {
      ...text('Names of its agencies, CSV: `code,name_fr,name_ar`. In development a sample; without it, digits alone'),
      nullable: true,
    },
    debitMaximum: {
      type: 'string',
      pattern: '^(0|[1-9]\\d{0,14})\\.\\d{2}$',
      default: '1000000000.00',
      description: "The bank's own maximum for one debit, in dinars",
    },
    insufficientFundsShownAs: {
      type: 'string',
      enum: ['AM04', 'MS03'],
      default: 'AM04',
      description: 'Reason that a creditor is given for insufficient funds',
    },
    blockedAccountShownAs: {
      type: 'string',
      enum: ['AC06', 'MS03'],
      default: 'AC06',
      description: 'Reason that a creditor is given for a blocked account',
    },

    ...busSettings,
    coreCallSeconds: seconds(5, 60, 'Longest call of the core banking system'),
    answerSeconds: seconds(8, 120, 'Until the gateway answers; then 202'),
    clientPatienceSeconds: seconds(30, 600, 'How long the clients wait for an answer, as agreed with them'),
    statementSeconds: seconds(5, 60, 'Longest statement of the database'),
    leaseSeconds: seconds(15, 600, 'How long a debit is left to the replica that began it'),
    debitLifetimeSeconds: seconds(60, 3_600, 'Until an immediate debit without `expiresAt` expires'),
    resolveWithinSeconds: seconds(
      900,
      day,
      'From `expiresAt` until a debit in doubt is in the hands of people (`resolveBy`)',
    ),
    sweepSeconds: seconds(2, 60, 'How often what is due, expired or in doubt is looked for'),
    signatureWindowSeconds: seconds(300, 3_600, 'How old, or ahead, a request signature may be'),
    signingKeyDays: count(
      730,
      3_650,
      'How long one of our own keys is to sign; back office and metrics warn before it',
    ),
    clockSkewSeconds: seconds(5, 60, "How far the host's clock may be from the database's; beyond it not ready"),
    drainSeconds: seconds(limits.drainSeconds, 300, 'Longest orderly stop'),
    lingerSeconds: seconds(
      limits.lingerSeconds,
      60,
      'How long an orderly stop leaves idle connections open: a request on one is answered, and told to move on',
    ),

    requestsPerSecond: count(2_000, 100_000, 'Requests a second of a creditor, in each replica; then 429'),
    operationRequestsPerSecond: count(1_000, 100_000, 'Those of one operation'),
    creditorRequestsPerSecond: {
      type: 'string',
      pattern: '^([A-Z0-9]{2,20}=[1-9]\\d{0,5}(,[A-Z0-9]{2,20}=[1-9]\\d{0,5})*)?$',
      maxLength: 1000,
      default: '',
      description: 'The same for creditors with a rate of their own, as `CNAS=2000,CACOBATPH=200`',
    },
    burntNamesAnHour: count(100, 1_000_000, 'End-to-end ids that a creditor may cancel unseen in an hour; then 429'),
    debitsADay: count(100, 1_000_000, 'Debits of a mandate that are taken in a day; then 429 until the next'),
    fundsRefusalsADay: count(
      3,
      1_000,
      'Refusals for funds of a mandate in a day; then 429 until the next. No more of its debits are under way at once',
    ),

    eventWaitSeconds: seconds(20, 60, 'Longest that a call of the feed waits for an event'),
    eventReaders: count(16, 1_000, "A creditor's calls of the feed that wait at once, in each replica; then 429"),
    reversalWindowDays: count(30, 3_650, "Days after a debit's settlement in which its creditor may give it back"),
    reversalsADay: count(1_000, 1_000_000, 'Reversals that a creditor may ask for in a day; then 429 until the next'),
    reversalAmountADay: {
      type: 'string',
      pattern: '^(0|[1-9]\\d{0,14})\\.\\d{2}$',
      default: '1000000000.00',
      description: 'What a creditor may give back in a day, in dinars; then 429 until the next',
    },
    contestTermDays: count(30, 365, "Days in which a debtor's contest of a debit is to be answered"),
    ...webhookSettings,

    ...httpSettings,
    spoolFolder: {
      ...text("Where a list is kept while it comes in; without it the system's own temporary folder"),
      nullable: true,
    },

    logLevel: {
      type: 'string',
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
      description: 'What is logged',
    },
  },
};
