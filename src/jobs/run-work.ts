import type { Queryable } from '../database/queryable.ts';
import { withoutValues } from '../operations/fault.ts';
import { claimFailed, forgetFailures, recordFailures, requireDatabase } from './failures.sql.ts';
import type { Work, WorkFailure } from './work.ts';

export { forgetFailures } from './failures.sql.ts';

/** Seconds before the next try after each failure; one more and it is dead. */
const backOff = [5, 30, 120, 600, 1800, 3600, 7200, 14_400];

/** How long one that failed before is left to who tries it: longer than any run. */
const leaseSeconds = 120;

/** How much of it one round takes up. */
export const mostRun = 64;

/** How many went well, failed, and died of it. */
export type WorkDone = { well: number; failed: number; died: number };

export type WorkSettings = {
  db: Queryable;
  /** Told of each fault, which is kept as a code alone. */
  onFault: (work: Work['name'], fault: unknown) => void;
  onDone?: (work: Work['name'], done: WorkDone) => void;
};

/**
 * Runs those ids, on this replica, and keeps what failed. Throws where the database is away: then nothing is known, and
 * nothing counts as a failure.
 */
export async function runWork(work: Work, ids: readonly string[], settings: WorkSettings): Promise<WorkDone> {
  const { db, onFault, onDone } = settings;
  const claimed = await claimFailed(db, { work: work.name, ids, leaseSeconds, withinSeconds: work.triedWithinSeconds });
  const failed =
    claimed.length === 0
      ? []
      : await failuresOf(
          db,
          work,
          claimed.map(({ id }) => id),
        );
  for (const { fault } of failed) onFault(work.name, fault);
  const faults = failed.map(({ id, fault }) => ({ id, fault: codeOf(fault) }));
  const died = faults.length > 0 ? await recordFailures(db, work.name, faults, backOff) : 0;
  const names = new Set(faults.map(({ id }) => id));
  const mended = claimed.flatMap(({ id, failedBefore }) => (failedBefore && !names.has(id) ? [id] : []));
  if (mended.length > 0) await forgetFailures(db, work.name, mended);
  const done = { well: claimed.length - names.size, failed: names.size, died };
  onDone?.(work.name, done);
  return done;
}

/** A run that throws tells nothing of which of them it was for: each is run by itself then, so that one holds up no other. */
async function failuresOf(db: Queryable, work: Work, ids: readonly string[]): Promise<readonly WorkFailure[]> {
  try {
    return await work.run(ids);
  } catch (fault) {
    await requireDatabase(db);
    const [id, ...others] = ids;
    if (id !== undefined && others.length === 0) return [{ id, fault }];
  }
  const failed: WorkFailure[] = [];
  for (const id of ids) failed.push(...(await failuresOf(db, work, [id])));
  return failed;
}

function codeOf(fault: unknown): string {
  const { code, name } = withoutValues(fault);
  return code ?? name;
}
