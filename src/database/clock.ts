import type { Queryable } from './queryable.ts';

/** The time as the database has it: the one clock by which the gateway decides. */
export type Clock = { now: () => Date };

/** A clock that is measured against the database's and runs on by the monotonic one, so that a jump of the host's does nothing. */
export type DatabaseClock = Clock & {
  measure: () => Promise<void>;
  /** How far the host's own clock is from the database's: positive where the host is ahead. */
  skewSeconds: () => number;
};

/** Measures once; the caller measures again every minute or so. */
export async function openClock(db: Queryable): Promise<DatabaseClock> {
  let atMeasuring = { database: 0, monotonic: 0, host: 0 };
  const measure = async () => {
    const before = performance.now();
    const { rows } = await db.query<{ now: Date }>({ text: 'select clock_timestamp() as now' });
    const after = performance.now();
    const database = rows[0]?.now.getTime();
    if (database === undefined) throw new Error('the database did not tell its time');
    // The answer was made somewhere between question and receipt: the middle is off by half of that at most.
    atMeasuring = { database, monotonic: (before + after) / 2, host: Date.now() - (after - before) / 2 };
  };
  await measure();
  return {
    measure,
    now: () => new Date(atMeasuring.database + performance.now() - atMeasuring.monotonic),
    skewSeconds: () => (atMeasuring.host - atMeasuring.database) / 1000,
  };
}
