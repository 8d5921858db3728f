import { databaseFault } from '../database/faults.ts';
import type { Queryable } from '../database/queryable.ts';
import { forgetFailures, recordFailures } from './failures.sql.ts';
import type { Sweep } from './sweep.ts';
import type { Work } from './work.ts';

/** Seconds before the next try after each failure; one more and it is dead. */
const backOff = [5, 30, 120, 600, 1800, 3600, 7200, 14_400];

/** How much of it one round takes up. */
const most = 64;

export type WorkSettings = {
  db: Queryable;
  /** Told of each fault, which is kept as a code alone. */
  onFault: (work: Work['name'], fault: unknown) => void;
};

/** Runs those ids and keeps what failed. Answers how many went well. */
export async function runWork(work: Work, ids: readonly string[], { db, onFault }: WorkSettings): Promise<number> {
  const failed = await work.run(ids);
  for (const { fault } of failed) onFault(work.name, fault);
  const faults = failed.map(({ id, fault }) => ({ id, fault: codeOf(fault) }));
  if (faults.length > 0) await recordFailures(db, work.name, faults, backOff);
  const names = new Set(faults.map(({ id }) => id));
  const well = ids.filter((id) => !names.has(id));
  if (well.length > 0) await forgetFailures(db, work.name, well);
  return well.length;
}

/** The same work by looking at Postgres alone. */
export const sweepOf = (work: Work, settings: WorkSettings): Sweep => ({
  name: work.name,
  async run() {
    const ids = await work.due(most);
    return ids.length === 0 ? 0 : runWork(work, ids, settings);
  },
});

function codeOf(fault: unknown): string {
  if (databaseFault(fault) !== 'OTHER') return `database-${databaseFault(fault).toLowerCase()}`;
  return fault instanceof Error ? fault.name.slice(0, 100) : 'unknown';
}
