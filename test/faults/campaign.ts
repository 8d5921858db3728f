import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { type Client, openClient } from '../../src/commands/client.ts';
import { openPool } from '../../src/database/pool.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { numberSealed } from '../../src/journal/number.ts';
import { openSealer } from '../../src/journal/sealer.ts';
import { publicKeySet, readKeyFolder } from '../../src/signing/keys.ts';
import { openSigner } from '../../src/signing/sign.ts';
import { statementWork } from '../../src/statements/close.ts';
import type { CreditorCode } from '../../src/values/ids.ts';
import { cnas } from '../bank.ts';
import { type Load, startLoad } from '../kill/load.ts';
import { randomFrom } from '../kill/random.ts';
import { creditorsOfRun, openFaultCreditors } from './creditors.ts';
import { playDayBooks } from './day-books.ts';
import { type Figures, figuresOf } from './figures.ts';
import { gather } from './gather.ts';
import { type Fault, type FlowFault, faultName, type StatementFault } from './plan.ts';
import { type Played, play } from './play.ts';
import { openStand, type Stand } from './stand.ts';

export type FaultRunSettings = {
  seed: number;
  debits: number;
  /** Played one after the other while the debits flow, which go on until all of it was; what is of statements, after them. */
  plan: readonly Fault[];
  replicas?: number;
  /** Clients at the same time: enough that debits flow while some of them wait for one in doubt. */
  workers?: number;
  sleepSeconds?: number;
  inquiriesToo?: boolean;
  measuresAtOnce?: boolean;
  onFault?: (name: string, played: Played) => void;
  stop?: AbortSignal;
};

export type FaultReport = Figures & {
  seed: number;
  replicas: number;
  durationSeconds: number;
  /** How often each was played; those of the bus as it counted them. */
  faults: Record<string, number>;
  bus: Record<string, number>;
  /** Those that this machine has no way to play. */
  impossible: string[];
  attempts: number;
  unanswered: number;
  /** Pushes that the receiver took, and events that the feed had. */
  pushes: number;
  events: number;
  /** What no answer may be, what ended by itself, what does not add up. */
  violations: string[];
};

/** How long everything may take to come to its end, once nothing misbehaves any more. */
const settleSeconds = 240;

/** How long the bus may wait for a message that it was told to misbehave with. */
const rareSeconds = 180;

/** How often a fault whose moment did not come is tried again. */
const mostTries = 3;

/**
 * Plays faults while signed debits flow through several replicas, lets everything come to its end, and compares the four
 * sources. It changes nothing but on its own stand, and leaves nothing behind.
 */
export async function faultCampaign(settings: FaultRunSettings): Promise<FaultReport> {
  const {
    seed,
    debits,
    plan,
    replicas = 3,
    workers = 24,
    sleepSeconds = 60,
    inquiriesToo = true,
    measuresAtOnce = false,
    onFault,
    stop,
  } = settings;
  const begun = performance.now();
  const random = randomFrom(seed);
  await using stand = await openStand({ replicas, seed });
  using creditors = openFaultCreditors({ ...stand, random: randomFrom(seed + 1), origins: stand.replicas.origins });
  using load = startLoad({
    ...{ creditors: { ...creditors, reach: () => undefined }, mandates: stand.mandates, random: randomFrom(seed + 2) },
    ...{ workers, orderSeconds: 600, restMilliseconds: 1500, givesBack: true },
  });
  const faults: Record<string, number> = {};
  const count = (name: string) => {
    faults[name] = (faults[name] ?? 0) + 1;
  };
  const impossible: string[] = [];
  const asked = new Map<string, number>();
  const background = new Set<Promise<void>>();
  const left = plan.filter(isOfFlow).map((fault) => ({ fault, tries: 0 }));
  for (let next = left.shift(); next !== undefined && stop?.aborted !== true; next = left.shift()) {
    const { fault, tries } = next;
    const beside = (work: Promise<boolean>): void =>
      void background.add(
        work.then((hasPlayed) => {
          if (hasPlayed) count(faultName(fault));
        }),
      );
    const played = await play(stand, fault, random, { sleepSeconds, inquiriesToo, measuresAtOnce, beside });
    if (played === 'PLAYED') count(faultName(fault));
    if (played === 'IMPOSSIBLE') impossible.push(faultName(fault));
    else if (tries === 0) asked.set(faultName(fault), (asked.get(faultName(fault)) ?? 0) + 1);
    // A rare moment that did not come has its chance again after all others.
    if (played === 'NOT_REACHED' && tries < mostTries) left.push({ fault, tries: tries + 1 });
    onFault?.(faultName(fault), played);
    await pause(random.between(100, 900));
  }
  while (load.counts.orders < debits && stop?.aborted !== true) await pause(250);
  await Promise.all(background);
  // What it was told for a rare message waits for one, while debits flow.
  for (const until = Date.now() + rareSeconds * 1000; Date.now() < until && stop?.aborted !== true; await pause(250))
    if (await stand.coreBank.hasPlayedEach()) break;
  for (const [name, times] of await stand.coreBank.behave()) if (times > 0) count(`bus ${name.split('.')[0]}`);
  await load.finish();
  const violations = [...load.faults, ...(await untilQuiet(stand))];
  const statements = stop?.aborted === true ? [] : plan.filter(isOfStatement);
  for (const fault of statements) asked.set(faultName(fault), (asked.get(faultName(fault)) ?? 0) + 1);
  violations.push(
    ...(await withDatabase(stand, (pool) =>
      playDayBooks(stand, pool, statements, random, (fault) => {
        count(faultName(fault));
        onFault?.(faultName(fault), 'PLAYED');
      }),
    )),
  );
  for (const [name, times] of asked)
    if ((faults[name] ?? 0) < times) violations.push(`${name}: played ${faults[name] ?? 0} times of ${times}`);
  const pushedThrough = await lastEvent(stand);
  const { played: bus, refused } = await stand.coreBank.counts();
  if (refused > 0) violations.push(`the bus refused ${refused} messages as wrong`);
  violations.push(...(await stand.coreBank.imbalances()), ...stand.replicas.breaches());
  const figures = await compare(stand, load, pushedThrough);
  const ends = await stand.replicas.stop();
  violations.push(...ends.filter((how) => how !== '0').map((how) => `an orderly stop ended with ${how}`));
  return {
    ...{ seed, replicas, durationSeconds: Math.round((performance.now() - begun) / 1000) },
    ...figures.figures,
    ...{ faults, impossible, bus, attempts: load.counts.attempts, unanswered: load.counts.unanswered },
    ...{ pushes: stand.receiver.pushed.length, events: figures.events, violations },
  };
}

const isOfStatement = (fault: Fault): fault is StatementFault => fault.fault === 'statement';
const isOfFlow = (fault: Fault): fault is FlowFault => !isOfStatement(fault);

async function withDatabase<Result>({ database }: Stand, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  const pool = openPool({ url: database.url(), applicationName: 'fault run', statementSeconds: 60 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** Every debit has ended, every cancelled name is closed, every event is pushed. Answers what has not in time. */
function untilQuiet(stand: Stand): Promise<string[]> {
  return withDatabase(stand, async (pool) => {
    const found = await givenUp(pool);
    // The next try of what failed may be hours away: it is made now, once, and nothing else is helped along.
    await pool.query("update event_deliveries set next_at = clock_timestamp() where state = 'WAITING'");
    await pool.query('update job_failures set next_at = clock_timestamp()');
    for (const until = Date.now() + settleSeconds * 1000; ; await pause(500)) {
      const open = await openThings(pool);
      if (open.every(({ count }) => count === '0')) return found;
      if (Date.now() > until)
        return [...found, ...open.filter(({ count }) => count !== '0').map(({ what, count }) => `${count} ${what}`)];
    }
  });
}

/** What a person would have had to start again: none of it is right after faults that are over. */
async function givenUp(database: Queryable): Promise<string[]> {
  const { rows } = await database.query<{ what: string }>({
    text: `select work || ' is dead: ' || fault as what from job_failures where dead_at is not null
           union all select 'the webhook is paused' from webhooks where state = 'PAUSED'
           union all select 'a push was given up' from event_deliveries where state = 'DEAD'`,
  });
  return rows.map(({ what }) => what);
}

/** The last event that the receiver's creditor has now: all up to it were to be pushed. */
function lastEvent(stand: Stand): Promise<number> {
  return withDatabase(stand, async (pool) => {
    const { rows } = await pool.query<{ last: string | null }>(
      'select max(sequence) as last from events where creditor_code = $1',
      [cnas],
    );
    return Number(rows[0]?.last ?? 0);
  });
}

async function openThings(database: Queryable): Promise<{ what: string; count: string }[]> {
  const { rows } = await database.query<{ what: string; count: string }>({
    text: `select 'debits had no end' as what, count(*) from debits where state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT')
           union all select 'reversals had no end', count(*) from reversals where state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')
           union all select 'cancelled names were not closed', count(*) from debits where void_due
           union all select 'events were not pushed', count(*) from event_deliveries where state = 'WAITING'`,
  });
  return rows;
}

/** Seals and closes what is left, in this process, and holds the four sources against each other. */
async function compare(stand: Stand, load: Load, pushedThrough: number): Promise<{ figures: Figures; events: number }> {
  const pool = openPool({ url: stand.database.url(), applicationName: 'fault run', statementSeconds: 120 });
  const keys = await readKeyFolder(stand.keyFolder);
  const now = () => new Date();
  const tomorrow = () => new Date(Date.now() + 86_400_000);
  const sign = openSigner({ keys, issuer: stand.issuer, environment: 'test', now });
  const clients = new Map<CreditorCode, Client>();
  try {
    await closeDay(pool, statementWork({ db: pool, sign, now: tomorrow }));
    const [origin] = stand.replicas.origins();
    if (origin === undefined) throw new Error(`no replica is up: ${await readFile(stand.logFile, 'utf8')}`);
    for (const creditor of creditorsOfRun)
      clients.set(
        creditor,
        openClient({ ...stand, origin, signedOrigin: stand.publicOrigin, name: creditor.toLowerCase(), creditor }),
      );
    const pushed = new Map([[cnas, { pushes: stand.receiver.pushed, through: pushedThrough }]]);
    const keySet = { keys: publicKeySet(keys).keys.map((key) => ({ ...key })) };
    const sources = await gather({ ...stand, database: pool, told: load.told, pushed, clients, keys: keySet });
    const events = sources.events.reduce((sum, { feed }) => sum + feed.length, 0);
    return { figures: figuresOf(sources), events };
  } finally {
    for (const client of clients.values()) client[Symbol.dispose]();
    await pool.end();
  }
}

/** The day as it will be closed tonight: everything sealed and numbered, the statements of today, and what tells of them. */
async function closeDay(pool: ReturnType<typeof openPool>, work: ReturnType<typeof statementWork>): Promise<void> {
  // The replicas go on: while a transaction of theirs is open, or a row of theirs waits for its number, none is due.
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(250)) {
    await sealAll(pool);
    const failed = await work.run(await work.due(64));
    if (failed.length > 0) throw failed[0]?.fault;
    const { rowCount: open } = await pool.query("select from statements where state <> 'CLOSED'");
    if (open === 0) break;
  }
  await sealAll(pool);
}

async function sealAll(pool: ReturnType<typeof openPool>): Promise<void> {
  const sealer = openSealer({ pool });
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(250)) {
    await sealer.run();
    const { rows } = await pool.query<{ left: string }>(
      'select (select max(entry_id) from journal) - sealed_through as left from journal_sealer',
    );
    if (rows[0]?.left === '0') break;
  }
  await sealer.release();
  for (let numbered = 1; numbered > 0; ) numbered = (await numberSealed({ pool })).took;
}
