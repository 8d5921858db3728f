import type pg from 'pg';
import type { ReadCalendar } from './calendar/open-calendar.ts';
import { calendarRoutes } from './calendar/routes.ts';
import { connectionRoutes } from './clients/connection.ts';
import type { Registry } from './clients/registry.ts';
import { type Config, originOf } from './config.ts';
import { openApiDoor } from './contract/api-door.ts';
import type { Contract } from './contract/contract-document.ts';
import type { Cursors } from './contract/cursor.ts';
import type { Door } from './contract/door.ts';
import { Problem } from './contract/problem.ts';
import { openPublicDoor } from './contract/public-door.ts';
import type { CoreBanking } from './core-banking/port.ts';
import type { DatabaseClock } from './database/clock.ts';
import { burnAllowance } from './debits/burn-allowance.ts';
import type { Running } from './debits/execute.ts';
import { printReceipt } from './debits/receipt.ts';
import { reversalRoutes } from './debits/reversal-routes.ts';
import type { ReversalSteps } from './debits/reversal-steps.ts';
import type { RunningReversals } from './debits/reverse.ts';
import { debitRoutes } from './debits/routes.ts';
import type { DebitSteps } from './debits/steps.ts';
import type { Typesetter } from './documents/typesetter.ts';
import type { Readers } from './journal/readers.ts';
import type { ReadRestoredAt } from './journal/restored.ts';
import { eventRoutes } from './journal/routes.ts';
import { mandateRoutes } from './mandates/routes.ts';
import type { Log } from './operations/log.ts';
import type { BackgroundWork, Metrics } from './operations/metrics.ts';
import { type GatewayKey, publicKeySet } from './signing/keys.ts';
import { checkRequestSignature, type RequestCheck } from './signing/request-signature.ts';
import type { Sign } from './signing/signer.ts';
import { reconciliationRoutes } from './statements/reconciliation-routes.ts';
import { statementRoutes } from './statements/routes.ts';
import type { Push } from './webhooks/push.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** What every door is opened with: all of it is there before the first of them listens. */
export type GatewayCore = {
  config: Config;
  log: Log;
  metrics: Metrics;
  contract: Contract;
  clock: DatabaseClock;
  db: pg.Pool;
  /** The back office's own connections to the same database. */
  staffDb: pg.Pool;
  keys: readonly GatewayKey[];
  sign: Sign;
  coreBanking: CoreBanking;
  registry: Registry;
  typeset: Typesetter['typeset'];
  steps: DebitSteps;
  running: Running;
  /** Of each door; every replica's the same, so that a list goes on wherever its next page is asked for. */
  cursors: { api: Cursors; backOffice: Cursors };
  calendar: ReadCalendar;
  restoredAt: ReadRestoredAt;
  readers: Readers;
  reversals: { steps: ReversalSteps; running: RunningReversals };
  push: Push;
  failed: (work: BackgroundWork, fault: unknown) => void;
  addresses: Addresses;
  onBreach?: (breach: string) => void;
};

/** Where the doors are reached. Their own ports are known when they listen; nothing asks before. */
export type Addresses = {
  ports: { api: number; public: number; backOffice: number };
  api: () => string;
  public: () => string;
  backOffice: () => string;
  keys: () => string;
};

export function openAddresses(config: Config): Addresses {
  const ports = { api: config.apiPort, public: config.publicPort, backOffice: config.backOfficePort };
  const publicOrigin = () => originOf(config.publicOrigin, ports.public);
  return {
    ports,
    api: () => originOf(config.apiOrigin, ports.api),
    public: publicOrigin,
    backOffice: () => originOf(config.backOfficeOrigin, ports.backOffice),
    keys: () => `${publicOrigin()}/.well-known/jwks.json`,
  };
}

export const tlsOf = ({ tlsCertificateFile, tlsKeyFile }: Config) => ({
  certificate: tlsCertificateFile,
  key: tlsKeyFile,
});

export const bankOf = ({ bankNameFrench, bankNameArabic }: Config) => ({
  nameFr: bankNameFrench,
  nameAr: bankNameArabic,
});

/** The creditors' door. */
export async function openGatewayApi(core: GatewayCore): Promise<Door> {
  const { config, log, metrics, contract, clock, registry, addresses } = core;
  const door = await openApiDoor({
    contract,
    handlers: handlersOf(core),
    clock,
    limits: config,
    spoolFolder: config.spoolFolder,
    rates: {
      creditorPerSecond: config.requestsPerSecond,
      operationPerSecond: config.operationRequestsPerSecond,
      creditors: config.creditorRequestsPerSecond,
      operations: {},
    },
    host: config.apiHost,
    port: config.apiPort,
    sharePort: config.sharePorts,
    tls: { ...tlsOf(config), clientAuthorities: config.clientAuthoritiesFile },
    publicOrigin: addresses.public,
    authenticate: registry.lookUp,
    async checkSignature(asked) {
      const known = await registry.signingKeysOf(asked.creditorCode);
      const checked = checkRequestSignature({
        ...asked,
        publicOrigin: addresses.api(),
        issuer: config.issuer,
        keyOf: (kid) => known.get(kid),
        windowSeconds: config.signatureWindowSeconds,
      });
      return signedSince(await core.restoredAt(), config.signatureWindowSeconds, await checked);
    },
    log: ({ requestId, operationId, kind, fault }) =>
      log.error({ requestId, operationId, kind, fault }, 'a request failed'),
    observe: metrics.requestAnswered,
    onTlsRefusal: (reason) => metrics.tlsRefused('api', reason),
    onReload: (outcome) => metrics.certificatesRead('api', outcome),
    ...(core.onBreach && { onBreach: core.onBreach }),
  });
  addresses.ports.api = door.port;
  return door;
}

/** What was signed before a restore, or could have been by a clock that was ahead, may have been taken in before it. */
function signedSince(restoredAt: Date | undefined, windowSeconds: number, checked: RequestCheck): RequestCheck {
  if (restoredAt === undefined || checked.outcome !== 'SIGNED') return checked;
  const from = restoredAt.getTime() + windowSeconds * 1000;
  const { signedAt, receivedAt } = checked.request;
  if (signedAt.getTime() >= from) return checked;
  const wait = Math.max(1, Math.ceil((from - receivedAt.getTime()) / 1000));
  const headers = { 'Retry-After': String(wait) };
  throw new Problem('signed-before-restore', 'Sign the same anew once Retry-After has passed', {}, headers);
}

function handlersOf({
  config,
  metrics,
  clock,
  db,
  keys,
  sign,
  registry,
  typeset,
  steps,
  running,
  calendar,
  readers,
  reversals,
  cursors: { api: cursors },
  addresses,
}: GatewayCore) {
  const bank = bankOf(config);
  const { environment, issuer } = config;
  return {
    ...connectionRoutes({
      registry,
      clock,
      environment,
      issuer,
      apiOrigin: addresses.api,
      publicOrigin: addresses.public,
      signatureWindowSeconds: config.signatureWindowSeconds,
    }),
    ...calendarRoutes({ calendar, clock }),
    ...mandateRoutes({
      db,
      clock,
      keys,
      sign,
      cursors,
      typeset,
      bank,
      environment,
      issuer,
      keysAddress: addresses.keys,
      bankCodes: config.bankCodes,
      onSet: (size) => metrics.setRun('verify', size),
    }),
    ...statementRoutes({ db, cursors }),
    ...reconciliationRoutes({ db, cursors }),
    ...debitRoutes({
      steps,
      running,
      cursors,
      renderReceipt: (debit) => printReceipt({ db, typeset, bank, environment, keysAddress: addresses.keys }, debit),
      burnAllowance: burnAllowance(config.burntNamesAnHour),
    }),
    ...eventRoutes({ db, sign, readers, waitSeconds: config.eventWaitSeconds, onAhead: metrics.eventPlaceAhead }),
    ...webhookRoutes({ db, clock }),
    ...reversalRoutes({ ...reversals, windowDays: config.reversalWindowDays }),
  };
}

/** The door for anyone. */
export async function openGatewayPublic({
  config,
  log,
  metrics,
  contract,
  clock,
  keys,
  addresses,
}: GatewayCore): Promise<Door> {
  const door = await openPublicDoor({
    contract,
    clock,
    limits: config,
    host: config.publicHost,
    port: config.publicPort,
    sharePort: config.sharePorts,
    tls: tlsOf(config),
    publicOrigin: addresses.public,
    apiOrigin: addresses.api,
    keySet: () => publicKeySet(keys),
    log: ({ requestId, operationId, kind, fault }) =>
      log.error({ requestId, operationId, kind, fault }, 'a page failed'),
    onTlsRefusal: (reason) => metrics.tlsRefused('public', reason),
    onReload: (outcome) => metrics.certificatesRead('public', outcome),
  });
  addresses.ports.public = door.port;
  return door;
}
