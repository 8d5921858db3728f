import type { BackOfficePage } from './back-office/page.ts';
import { openCalendar } from './calendar/open-calendar.ts';
import { openRegistry, type Registry } from './clients/registry.ts';
import { openRevocations } from './clients/revocations.ts';
import type { Config } from './config.ts';
import { readContract } from './contract/contract-document.ts';
import { openCursors } from './contract/cursor.ts';
import type { Door } from './contract/door.ts';
import { type DatabaseClock, openClock } from './database/clock.ts';
import { appliedMigrations, ownMigrations } from './database/migrations.ts';
import { sharedSecret } from './database/shared-secrets.sql.ts';
import { propertyFaults } from './debits/doubt.ts';
import type { Running } from './debits/execute.ts';
import type { RunningReversals } from './debits/reverse.ts';
import { openTypesetter } from './documents/typesetter.ts';
import { type BackOfficeDoor, openGatewayBackOffice } from './gateway-back-office.ts';
import { openCoreBanking } from './gateway-core-banking.ts';
import { type GatewayCore, openAddresses, openGatewayApi, openGatewayPublic } from './gateway-doors.ts';
import { type GatewayUrls, openGatewayPusher, openPools, orOverloaded } from './gateway-parts.ts';
import { readingsOf } from './gateway-readings.ts';
import { openGatewaySteps, type StepWraps } from './gateway-steps.ts';
import { startGatewayWork } from './gateway-work.ts';
import { startSweeps } from './jobs/sweep.ts';
import { startNumbering } from './journal/number.ts';
import { openReaders } from './journal/readers.ts';
import { openRestoredAt } from './journal/restored.ts';
import { beginEpochWhereRestored, startSealing } from './journal/sealer.ts';
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
import { keyUses, readKeyFolder, signingKeyOf } from './signing/keys.ts';
import { openSigner } from './signing/sign.ts';

export type GatewayParts = StepWraps & {
  config: Config;
  urls: GatewayUrls;
  log: Log;
  version: string;
  /** For tests: moves the time. */
  wrapClock?: (clock: DatabaseClock) => DatabaseClock;
  /** For tests: told of each answer that is not as the contract says. */
  onBreach?: (breach: string) => void;
};

export type Gateway = AsyncDisposable & {
  apiOrigin: string;
  publicOrigin: string;
  /** Undefined where no identity provider is set: there is no back office then. */
  backOfficeOrigin: string | undefined;
  /** Everything that it has. */
  backOfficePages: readonly BackOfficePage[];
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
  // Before anything else: a database that was put back begins with a stop.
  await beginEpochWhereRestored(pools.gateway);
  const measuredClock = await openClock(pools.gateway);
  const clock = parts.wrapClock?.(measuredClock) ?? measuredClock;
  const keys = await readKeyFolder(config.keyFolder);
  const sign = openSigner({ keys, issuer: config.issuer, environment: config.environment, now: clock.now });
  const opened = open.use(
    await openCoreBanking({
      ...{ config, db: pools.gateway, openLedgerPool: pools.openLedger, now: clock.now },
      onQuarantined: metrics.coreAnswerQuarantined,
      onOtherMessage() {
        metrics.otherMessageAnswered();
        log.error({}, 'the bus answered another message, and its connection was given up');
      },
      onFault: (fault) => failed('core-banking', fault),
    }),
  );
  const coreBanking = measured(opened.coreBanking, metrics);
  const faults = propertyFaults(coreBanking.properties, config);
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

  const calendar = openCalendar(pools.gateway, clock);
  const { steps, reversing } = openGatewaySteps(
    {
      ...{ config, db: pools.gateway, coreBanking, sign, clock, calendar, metrics },
      onFault: (fault) => failed('resolving', fault),
    },
    parts,
  );
  const running: Running = new Map();
  const runningReversals: RunningReversals = new Map();

  const pusher = open.use(await openGatewayPusher(config, (fault) => failed('other', fault)));
  const readers = openReaders({ db: pools.gateway, ofOneCreditor: config.eventReaders });

  const cursors = {
    api: openCursors(await sharedSecret(pools.gateway, 'api-cursors')),
    backOffice: openCursors(await sharedSecret(pools.gateway, 'back-office-cursors')),
  };
  const core: GatewayCore = {
    ...{ config, log, metrics, contract, clock, db: pools.gateway, keys, sign, coreBanking, registry, typeset },
    ...{
      steps,
      running,
      readers,
      calendar,
      failed,
      addresses: openAddresses(config),
      staffDb: pools.own['back-office'],
    },
    reversals: { steps: reversing, running: runningReversals },
    push: pusher.push,
    cursors,
    restoredAt: openRestoredAt(pools.gateway, clock),
    ...(parts.onBreach && { onBreach: parts.onBreach }),
  };

  const measuring = startSweeps(
    [
      { name: 'clock', run: () => clock.measure().then(() => 0) },
      { name: 'revocations', run: async () => (await revocations?.read()) ?? 0 },
      { name: 'bus', run: () => opened.refresh().then(() => 0) },
    ],
    { everySeconds: 30, onFault: (_name, fault) => failed('measuring', fault) },
  );
  // What a request began goes on past its answer: it is finished before the pools close.
  open.defer(async () => {
    await Promise.allSettled([...running.values(), ...runningReversals.values()]);
  });
  const later = open.use(startGatewayWork(core));
  open.use(measuring);
  open.use(startSealing({ pool: pools.gateway, onFault: (fault) => failed('sealing', fault) }));

  open.use(
    startNumbering({
      pool: pools.gateway,
      onReady: () => later.look('webhooks'),
      onUnknownKind: (kind) => log.error({ kind }, 'events wait for a newer program, which knows their kind'),
      onFault: (fault) => failed('sealing', fault),
    }),
  );

  let draining = false;
  const doors: Door[] = [];
  // Closed first, and all at once: no new connection, then an answer to everything that was accepted.
  open.defer(async () => {
    draining = true;
    readers.end();
    await Promise.all(doors.map((door) => door.drain()));
  });
  const api = await openGatewayApi(core);
  doors.push(api);
  const publicDoor = await openGatewayPublic(core);
  doors.push(publicDoor);
  const ownCertificates = () => ({
    api: api.certificateNotAfter(),
    public: publicDoor.certificateNotAfter(),
    ...(backOffice && { 'back-office': backOffice.certificateNotAfter() }),
    bus: opened.certificateNotAfter(),
    webhooks: pusher.certificateNotAfter(),
  });
  const backOffice: BackOfficeDoor | undefined = await openGatewayBackOffice(core, ownCertificates);
  if (backOffice !== undefined) doors.push(backOffice);

  const operations = await openOperationsDoor({
    host: config.operationsHost,
    port: config.operationsPort,
    registry: metrics.registry,
    checks: {
      database: databaseAnswers(pools.gateway),
      ...(opened.ledger && { ledger: databaseAnswers(opened.ledger) }),
      clock: clockIsRight(clock, config.clockSkewSeconds),
      migrations: migrationsAreCurrent(await ownMigrations(), () => appliedMigrations(pools.gateway)),
      draining: isNotDraining(() => draining),
      keys: keysAreLoaded(keyUses, (use) => signingKeyOf(keys, use, clock.now()) !== undefined),
    },
    onFault: (fault) => failed('other', fault),
  });
  addReadings(
    metrics.registry,
    readingsOf(core, { pools: pools.own, opened, ownCertificates, revocations, later }),
    (fault) => failed('other', fault),
  );
  const closing = open.move();
  return {
    apiOrigin: core.addresses.api(),
    publicOrigin: core.addresses.public(),
    backOfficeOrigin: backOffice && core.addresses.backOffice(),
    backOfficePages: backOffice?.pages ?? [],
    operationsOrigin: `http://${config.operationsHost}:${operations.port}`,
    registry,
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      // Last, so that a stop can be watched.
      await operations.close();
    },
  };
}
