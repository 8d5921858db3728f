import { Counter, Gauge, type Registry } from 'prom-client';
import type { WorkName } from '../jobs/work.ts';
import type { KeyUse } from '../signing/keys.ts';
import type { CreditorCode } from '../values/ids.ts';

type PoolName = 'gateway' | 'ledger' | 'back-office';
type PoolCounts = { totalCount: number; idleCount: number; waitingCount: number };

/** What a creditor proves itself with: the last day on which it still can, or nothing where it has none in use. */
export type ClientExpiry = { creditor: CreditorCode; certificate?: Date; signingKey?: Date };

/** The doors' certificates, and those that the gateway shows as a client: to the bank's bus, and to receivers of events. */
export type OwnCertificates = Readonly<
  Partial<Record<'api' | 'public' | 'back-office' | 'bus' | 'webhooks', Date | undefined>>
>;

type SigningKey = { use: KeyUse; from: Date; until: Date | undefined };
type ServiceEnd = { use: KeyUse; until: Date };

/** What is read each time that the metrics are asked for. */
export type Readings = {
  pools: Readonly<Partial<Record<PoolName, PoolCounts>>>;
  ownCertificates: () => OwnCertificates;
  /** All of them: the one of each use that signs now is told of. */
  signingKeys: () => readonly SigningKey[];
  /** Until when each use has keys that are not too old. */
  signingKeyEnds: () => readonly ServiceEnd[];
  clients: () => Promise<readonly ClientExpiry[]>;
  /** Absent where no revocation list is set. */
  revocationList: () => Date | undefined;
  doubt: () => Promise<{ count: number; oldestSeconds: number; forPeople: number; pastResolveBy: number }>;
  openContradictions: () => Promise<number>;
  /** After a restore: money that moved, and that nothing here tells of. */
  unaccountedMovements: () => Promise<number>;
  /** Between our books and the core's, by the latest comparison of each day. */
  bookDifferences: () => Promise<number>;
  /** Rows of the journal that wait for their number. */
  unsealed: () => Promise<{ count: number; oldestSeconds: number }>;
  /** For how long the oldest sealed row has waited that the creditors' events have not come past. */
  unnumberedSeconds: () => Promise<number>;
  /** Of each creditor to which events are pushed. */
  webhooks: () => Promise<readonly { creditor: CreditorCode; paused: boolean; oldestSeconds: number; dead: number }[]>;
  /** Of each creditor, days that have ended more than an hour ago without their closed statement. */
  statementsOverdue: () => Promise<readonly { creditor: CreditorCode; count: number }[]>;
  clockSkewSeconds: () => number;
  /** The core banking bus has failed so often that it is left alone for a while. */
  coreBankingPaused: () => boolean;
  later: {
    /** Who hands out what happens later: Bull, or the sweep. */
    by: () => 'bull' | 'sweep';
    oldestSeconds: () => ReadonlyMap<WorkName, number>;
    dead: () => Promise<ReadonlyMap<WorkName, number>>;
  };
};

/**
 * Adds the gauges that are read when they are asked for. One that can't be read is left out, counted and told of, and
 * the others are still there: when the database is away, that must be seen, and no number of before.
 */
export function addReadings(registry: Registry, readings: Readings, onFault: (fault: unknown) => void): void {
  const gauge = gaugesOf(registry, onFault);
  gauge('database_pool_connections', 'Connections of a pool, and calls that wait for one', ['pool', 'state'], (set) => {
    for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(readings.pools)) {
      set({ pool, state: 'busy' }, totalCount - idleCount);
      set({ pool, state: 'idle' }, idleCount);
      set({ pool, state: 'waiting' }, waitingCount);
    }
  });
  gauge('clock_skew_seconds', "How far the host's clock is ahead of the database's", [], (set) =>
    set({}, readings.clockSkewSeconds()),
  );
  gauge(
    'core_banking_paused',
    'The core banking bus failed again and again, and is left alone for a while',
    [],
    (set) => set({}, readings.coreBankingPaused() ? 1 : 0),
  );
  addExpiries(gauge, readings);
  addLater(gauge, readings);
  const doubt = shared(readings.doubt);
  gauge('debits_in_doubt', 'Debits of which the core has not said what became of them', [], async (set) =>
    set({}, (await doubt()).count),
  );
  gauge('debits_in_doubt_oldest_seconds', 'Age of the oldest of them', [], async (set) =>
    set({}, (await doubt()).oldestSeconds),
  );
  gauge(
    'debits_for_people',
    'Debits that the core could not tell of, in the queue of the back office',
    [],
    async (set) => set({}, (await doubt()).forPeople),
  );
  gauge(
    'debits_past_resolve_by',
    'Debits that are still open past the time promised to their creditor',
    [],
    async (set) => set({}, (await doubt()).pastResolveBy),
  );
  gauge('contradictions_open', 'Answers of the core that contradict what is stored, left to people', [], async (set) =>
    set({}, await readings.openContradictions()),
  );
  gauge(
    'movements_unaccounted',
    'Movements of the core that a restored database does not know: not asked for again, or unexplained',
    [],
    async (set) => set({}, await readings.unaccountedMovements()),
  );
  gauge(
    'books_differences',
    "Transfers that our books and the core's tell differently, by the latest comparison of each day",
    [],
    async (set) => set({}, await readings.bookDifferences()),
  );
  const webhooks = shared(readings.webhooks);
  gauge(
    'webhook_paused',
    '1 where nothing was received for too long, or since a restore',
    ['creditor'],
    async (set) => {
      for (const { creditor, paused } of await webhooks()) set({ creditor }, paused ? 1 : 0);
    },
  );
  gauge(
    'webhook_oldest_waiting_seconds',
    'Age of the oldest event that waits to be pushed',
    ['creditor'],
    async (set) => {
      for (const { creditor, oldestSeconds } of await webhooks()) set({ creditor }, oldestSeconds);
    },
  );
  gauge(
    'webhook_events_given_up',
    'Events whose pushes were given up, counted to 100000',
    ['creditor'],
    async (set) => {
      for (const { creditor, dead } of await webhooks()) set({ creditor }, dead);
    },
  );
  gauge(
    'statements_overdue',
    'Days that ended more than an hour ago and have no closed statement',
    ['creditor'],
    async (set) => {
      for (const { creditor, count } of await readings.statementsOverdue()) set({ creditor }, count);
    },
  );
  const unsealed = shared(readings.unsealed);
  gauge('journal_unsealed_rows', 'Rows of the journal that wait for their number, counted to 100000', [], async (set) =>
    set({}, (await unsealed()).count),
  );
  gauge(
    'journal_unsealed_oldest_seconds',
    'Age of the oldest of them: the feed is behind by so much',
    [],
    async (set) => set({}, (await unsealed()).oldestSeconds),
  );
  gauge(
    'journal_unnumbered_oldest_seconds',
    "How long the oldest sealed row has waited that creditors' events have not come past: the feed is behind by so much",
    [],
    async (set) => set({}, await readings.unnumberedSeconds()),
  );
}

function addLater(gauge: AddGauge, { later }: Readings): void {
  gauge('redis_connected', 'Whether Redis carries what happens later', [], (set) =>
    set({}, later.by() === 'bull' ? 1 : 0),
  );
  gauge('jobs_dispatcher', '1 for who hands out what happens later', ['by'], (set) => {
    for (const by of ['bull', 'sweep'] as const) set({ by }, later.by() === by ? 1 : 0);
  });
  gauge('jobs_oldest_due_seconds', 'How long the oldest that is due has been so, as seen here', ['work'], (set) => {
    for (const [work, seconds] of later.oldestSeconds()) set({ work }, seconds);
  });
  gauge('jobs_dead', 'Given up until a person says otherwise', ['work'], async (set) => {
    for (const [work, count] of await later.dead()) set({ work }, count);
  });
}

function addExpiries(gauge: AddGauge, readings: Readings): void {
  gauge('certificate_expiry_timestamp_seconds', 'When a certificate of the gateway ends', ['name'], (set) => {
    for (const [name, notAfter] of Object.entries(readings.ownCertificates()))
      if (notAfter !== undefined) set({ name }, unix(notAfter));
  });
  gauge('crl_next_update_timestamp_seconds', 'When the next revocation list is due', [], (set) => {
    const next = readings.revocationList();
    if (next !== undefined) set({}, unix(next));
  });
  gauge('signing_key_from_timestamp_seconds', 'Since when the key of a use signs', ['use'], (set) => {
    for (const { use, from } of signingNow(readings)) set({ use }, unix(from));
  });
  gauge('signing_key_expiry_timestamp_seconds', 'When the last key of a use is too old', ['use'], (set) => {
    for (const { use, until } of readings.signingKeyEnds()) set({ use }, unix(until));
  });
  const clients = shared(readings.clients);
  const creditors = ['creditor'] as const;
  gauge('client_certificate_expiry_timestamp_seconds', "When a creditor's last one ends", creditors, async (set) => {
    for (const { creditor, certificate } of await clients()) if (certificate) set({ creditor }, unix(certificate));
  });
  gauge('client_signing_key_expiry_timestamp_seconds', "When a creditor's last one ends", creditors, async (set) => {
    for (const { creditor, signingKey } of await clients()) if (signingKey) set({ creditor }, unix(signingKey));
  });
}

/** By the host's clock, which is close enough for an alarm. */
function signingNow({ signingKeys }: Readings): readonly SigningKey[] {
  const now = new Date();
  return signingKeys().filter(({ from, until }) => from <= now && (until === undefined || until > now));
}

type AddGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: (set: (labels: Readonly<Record<Label, string>>, value: number) => void) => unknown,
) => void;

function gaugesOf(registry: Registry, onFault: (fault: unknown) => void): AddGauge {
  const failures = new Counter({
    name: 'metric_reading_failures_total',
    help: 'Metrics that could not be read',
    labelNames: ['metric'],
    registers: [registry],
  });
  return (name, help, labelNames, read) => {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        // A gauge without labels is reset to 0, which says something.
        if (labelNames.length === 0) this.remove();
        else this.reset();
        try {
          await read((labels, value) => this.set({ ...labels }, value));
        } catch (fault) {
          failures.inc({ metric: name });
          onFault(fault);
        }
      },
    });
  };
}

/** One statement for metrics that are collected together. */
function shared<Result>(ask: () => Promise<Result>): () => Promise<Result> {
  let asked: Promise<Result> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

const unix = (instant: Date): number => instant.getTime() / 1000;
