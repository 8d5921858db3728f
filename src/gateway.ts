import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { connectionRoutes } from './clients/connection.ts';
import { selectClientExpiries } from './clients/expiry.sql.ts';
import { openRegistry, type Registry } from './clients/registry.ts';
import { openRevocations } from './clients/revocations.ts';
import { type Config, originOf } from './config.ts';
import { openApiDoor } from './contract/api-door.ts';
import { readContract } from './contract/contract-document.ts';
import { openCursors } from './contract/cursor.ts';
import { Problem } from './contract/problem.ts';
import { openPublicDoor } from './contract/public-door.ts';
import { ledgerCoreBanking } from './core-banking/ledger.ts';
import { openClock } from './database/clock.ts';
import { appliedMigrations, ownMigrations } from './database/migrations.ts';
import { openPool } from './database/pool.ts';
import type { DatabaseUrls } from './database/roles.ts';
import { burnAllowance } from './debits/burn-allowance.ts';
import { propertyFaults } from './debits/doubt.ts';
import type { Running } from './debits/execute.ts';
import { selectDoubt, selectOpenContradictions } from './debits/readings.sql.ts';
import { printReceipt } from './debits/receipt.ts';
import { closeCancelledNames, resolveUnfinished } from './debits/resolve.ts';
import { debitRoutes } from './debits/routes.ts';
import { type DebitSteps, debitSteps } from './debits/steps.ts';
import { openTypesetter, type Typesetter, TypesetterBusy } from './documents/typesetter.ts';
import { startSweeps } from './jobs/sweep.ts';
import { expireMandates } from './mandates/expire.ts';
import { mandateRoutes } from './mandates/routes.ts';
import { openOperationsDoor } from './operations/door.ts';
import { withoutValues } from './operations/fault.ts';
import type { Log } from './operations/log.ts';
import { measured } from './operations/measured-core.ts';
import { type Metrics, openMetrics } from './operations/metrics.ts';
import {
  clockIsRight,
  databaseAnswers,
  isNotDraining,
  keysAreLoaded,
  migrationsAreCurrent,
} from './operations/readiness.ts';
import { addReadings } from './operations/readings.ts';
import { publicKeySet, readKeyFolder, signingKeyOf } from './signing/keys.ts';
import { checkRequestSignature } from './signing/request-signature.ts';
import { openSigner } from './signing/sign.ts';

export type GatewayParts = {
  config: Config;
  urls: Pick<DatabaseUrls, 'gateway' | 'ledger'>;
  log: Log;
  version: string;
  /** For tests: cuts a debit's way at a step. */
  wrapSteps?: (steps: DebitSteps) => DebitSteps;
  /** For tests: told of each answer that is not as the contract says. */
  onBreach?: (breach: string) => void;
};

export type Gateway = AsyncDisposable & {
  apiOrigin: string;
  publicOrigin: string;
  operationsOrigin: string;
  registry: Registry;
};

/** Builds everything once, in the order it is needed, and closes it in the reverse order. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  await using open = new AsyncDisposableStack();
  const { config, log, version } = parts;
  const contract = readContract();
  const metrics = openMetrics({ version, operations: contract.operations.map(({ operationId }) => operationId) });
  const failed = (work: Parameters<Metrics['workFailed']>[0], fault: unknown) => {
    metrics.workFailed(work);
    log.error({ fault: withoutValues(fault) }, 'work that nobody waits for failed');
  };

  const pools = openPools(parts, open, (fault) => failed('idle-connection', fault));
  const clock = await openClock(pools.gateway);
  const keys = await readKeyFolder(config.keyFolder);
  const sign = openSigner({ keys, issuer: config.issuer, environment: config.environment, now: clock.now });
  const coreBanking = measured(
    ledgerCoreBanking(pools.ledger, { onFault: (fault) => failed('other', fault) }),
    metrics,
  );
  const faults = propertyFaults(coreBanking.properties);
  if (faults.length > 0) throw new Error(faults.join('; '));
  const registry = openRegistry({ db: pools.gateway, now: clock.now });
  const revocations =
    config.revocationListFile === undefined
      ? undefined
      : openRevocations({
          db: pools.gateway,
          registry,
          file: config.revocationListFile,
          authoritiesFile: config.clientAuthoritiesFile,
          onRefusal: (detail) => failed('revocation-list', new Error(detail)),
        });
  await revocations?.read();
  const typesetter = open.use(openTypesetter());
  const typeset = orOverloaded(typesetter.typeset);

  const production = debitSteps({
    db: pools.gateway,
    coreBanking,
    sign,
    clock,
    times: {
      lifetimeSeconds: config.debitLifetimeSeconds,
      resolveWithinSeconds: config.resolveWithinSeconds,
      answerSeconds: config.answerSeconds,
      leaseSeconds: config.leaseSeconds,
    },
    debitMaximum: config.debitMaximum,
    fundsRefusalsADay: config.fundsRefusalsADay,
    debitsADay: config.debitsADay,
    insufficientFundsShownAs: config.insufficientFundsShownAs,
    blockedAccountShownAs: config.blockedAccountShownAs,
    observe: {
      ended: metrics.debitEnded,
      took: metrics.debitTook,
      set: metrics.setRun,
      fault: (_during, fault) => failed('resolving', fault),
    },
  });
  const steps = parts.wrapSteps?.(production) ?? production;
  const running: Running = new Map();

  // The doors' own ports are known when they listen; nothing asks before.
  const ports = { api: config.apiPort, public: config.publicPort };
  const apiOrigin = () => originOf(config.apiOrigin, ports.api);
  const publicOrigin = () => originOf(config.publicOrigin, ports.public);
  const keysAddress = () => `${publicOrigin()}/.well-known/jwks.json`;
  const bank = { nameFr: config.bankNameFrench, nameAr: config.bankNameArabic };
  // Good for one process: a cursor of before a restart is refused, and its list begun again.
  const cursors = openCursors(randomBytes(32));
  const tls = { certificate: config.tlsCertificateFile, key: config.tlsKeyFile };

  const mandates = mandateRoutes({
    db: pools.gateway,
    clock,
    keys,
    sign,
    cursors,
    typeset,
    bank,
    environment: config.environment,
    issuer: config.issuer,
    keysAddress,
    onSet: (size) => metrics.setRun('verify', size),
  });
  const debits = debitRoutes({
    steps,
    running,
    cursors,
    renderReceipt: (debit) =>
      printReceipt({ db: pools.gateway, typeset, bank, environment: config.environment, keysAddress }, debit),
    burnAllowance: burnAllowance(config.burntNamesAnHour),
  });
  const connection = connectionRoutes({
    registry,
    clock,
    environment: config.environment,
    issuer: config.issuer,
    apiOrigin,
    publicOrigin,
    signatureWindowSeconds: config.signatureWindowSeconds,
  });

  const sweeps = startSweeps(
    [
      { name: 'debits', run: () => resolveUnfinished(steps, running) },
      { name: 'names', run: () => closeCancelledNames(steps) },
      { name: 'expiries', run: () => expireMandates({ db: pools.gateway, now: clock.now }) },
    ],
    { everySeconds: config.sweepSeconds, onFault: (_name, fault) => failed('sweeping', fault) },
  );
  const measuring = startSweeps(
    [
      { name: 'clock', run: () => clock.measure().then(() => 0) },
      { name: 'revocations', run: async () => (await revocations?.read()) ?? 0 },
    ],
    { everySeconds: 30, onFault: (_name, fault) => failed('measuring', fault) },
  );
  // What a request began goes on past its answer: it is finished before the pools close.
  open.defer(async () => {
    await Promise.allSettled(running.values());
  });
  open.use(sweeps);
  open.use(measuring);

  let draining = false;
  const api = await openApiDoor({
    contract,
    handlers: { ...connection, ...mandates, ...debits },
    clock,
    limits: config,
    rates: {
      creditorPerSecond: config.requestsPerSecond,
      operationPerSecond: config.operationRequestsPerSecond,
      creditors: config.creditorRequestsPerSecond,
      operations: {},
    },
    host: config.apiHost,
    port: config.apiPort,
    tls: { ...tls, clientAuthorities: config.clientAuthoritiesFile },
    publicOrigin,
    authenticate: registry.lookUp,
    async checkSignature(asked) {
      const known = await registry.signingKeysOf(asked.creditorCode);
      return checkRequestSignature({
        ...asked,
        publicOrigin: apiOrigin(),
        issuer: config.issuer,
        keyOf: (kid) => known.get(kid),
        windowSeconds: config.signatureWindowSeconds,
      });
    },
    log: ({ requestId, operationId, kind, fault }) =>
      log.error({ requestId, operationId, kind, fault }, 'a request failed'),
    observe: metrics.requestAnswered,
    onTlsRefusal: (reason) => metrics.tlsRefused('api', reason),
    onReload: (outcome) => metrics.certificatesRead('api', outcome),
    ...(parts.onBreach && { onBreach: parts.onBreach }),
  });
  ports.api = api.port;
  // Closed first: no new connection, then an answer to everything that was accepted.
  open.defer(() => {
    draining = true;
    return api.drain();
  });

  const publicDoor = await openPublicDoor({
    contract,
    clock,
    limits: config,
    host: config.publicHost,
    port: config.publicPort,
    tls,
    publicOrigin,
    apiOrigin,
    keySet: () => publicKeySet(keys),
    log: ({ requestId, operationId, kind, fault }) =>
      log.error({ requestId, operationId, kind, fault }, 'a page failed'),
    onTlsRefusal: (reason) => metrics.tlsRefused('public', reason),
    onReload: (outcome) => metrics.certificatesRead('public', outcome),
  });
  ports.public = publicDoor.port;
  open.defer(() => publicDoor.drain());

  const uses = ['certificates', 'confirmations'] as const;
  const operations = await openOperationsDoor({
    host: config.operationsHost,
    port: config.operationsPort,
    registry: metrics.registry,
    checks: {
      database: databaseAnswers(pools.gateway),
      ledger: databaseAnswers(pools.ledger),
      clock: clockIsRight(clock, config.clockSkewSeconds),
      migrations: migrationsAreCurrent(await ownMigrations(), () => appliedMigrations(pools.gateway)),
      draining: isNotDraining(() => draining),
      keys: keysAreLoaded(uses, (use) => signingKeyOf(keys, use, clock.now()) !== undefined),
    },
    onFault: (fault) => failed('other', fault),
  });
  addReadings(
    metrics.registry,
    {
      pools,
      certificates: () => ({ api: api.certificateNotAfter(), public: publicDoor.certificateNotAfter() }),
      signingKeys: () => keys.map(({ use, from, until }) => ({ use, from, until })),
      clients: () => selectClientExpiries(pools.gateway),
      revocationList: () => revocations?.nextUpdate(),
      doubt: () => selectDoubt(pools.gateway),
      openContradictions: () => selectOpenContradictions(pools.gateway),
      clockSkewSeconds: clock.skewSeconds,
    },
    (fault) => failed('other', fault),
  );
  const closing = open.move();
  return {
    apiOrigin: apiOrigin(),
    publicOrigin: publicOrigin(),
    operationsOrigin: `http://${config.operationsHost}:${operations.port}`,
    registry,
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      // Last, so that a stop can be watched.
      await operations.close();
    },
  };
}

function openPools({ config, urls }: GatewayParts, open: AsyncDisposableStack, onIdleFault: (fault: Error) => void) {
  const pool = (name: string, settings: { url: string; connections: number; statementSeconds: number }): pg.Pool =>
    open.adopt(openPool({ ...settings, applicationName: name, onIdleFault }), (opened) => opened.end());
  return {
    gateway: pool('gateway', {
      url: urls.gateway,
      connections: config.databaseConnections,
      statementSeconds: config.statementSeconds,
    }),
    ledger: pool('ledger', {
      url: urls.ledger,
      connections: config.ledgerConnections,
      statementSeconds: config.coreCallSeconds,
    }),
  };
}

/** Too many documents at once are an overload like any other: nothing was begun. */
const orOverloaded =
  (typeset: Typesetter['typeset']): Typesetter['typeset'] =>
  (sheet) =>
    typeset(sheet).catch((fault: unknown) => {
      if (!(fault instanceof TypesetterBusy)) throw fault;
      throw new Problem('overloaded', 'Too many documents are being printed', {}, { 'Retry-After': '1' });
    });
