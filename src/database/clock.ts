import type { Queryable } from './queryable.ts';

/** The time as the database has it: the one clock by which the gateway decides. */
export type Clock = { now: () => Date };

/** A clock that is measured against the database's and runs on by the monotonic one, so that a jump of the host's does nothing. */
export type DatabaseClock = Clock & {
  measure: () => Promise<void>;
  /** How far the host's own clock is from the database's: positive where the host is ahead. */
  skewSeconds: () => number;
};

type Measurement = { database: number; monotonic: number; host: number; roundTrip: number };

/** Questions in one measurement: the quickest answer tells the time best. */
const questions = 5;

/** Measures once; the caller measures again every minute or so. */
export async function openClock(db: Queryable): Promise<DatabaseClock> {
  let best = await measured(db);
  return {
    async measure() {
      best = await measured(db);
    },
    now: () => new Date(best.database + performance.now() - best.monotonic),
    skewSeconds: () => (best.host - best.database) / 1000,
  };
}

async function measured(db: Queryable): Promise<Measurement> {
  let best = await ask(db);
  // The first one may have had to connect: it is off by half of that.
  for (let asked = 1; asked < questions; asked += 1) {
    const next = await ask(db);
    if (next.roundTrip < best.roundTrip) best = next;
  }
  return best;
}

async function ask(db: Queryable): Promise<Measurement> {
  const before = performance.now();
  const { rows } = await db.query<{ now: Date }>({ text: 'select clock_timestamp() as now' });
  const roundTrip = performance.now() - before;
  const database = rows[0]?.now.getTime();
  if (database === undefined) throw new Error('the database did not tell its time');
  return { database, monotonic: before + roundTrip / 2, host: Date.now() - roundTrip / 2, roundTrip };
}
