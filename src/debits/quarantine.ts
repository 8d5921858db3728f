import type { CoreContradiction } from '../core-banking/port.ts';
import { batched } from '../database/batched.ts';
import type { Queryable } from '../database/queryable.ts';
import { recordQuarantined } from './contradictions.sql.ts';

/** What an adapter of the core tells of an answer that it does not believe: it becomes a contradiction of its debit. */
export function openQuarantine(
  db: Queryable,
  onQuarantined: (difference: CoreContradiction['difference']) => void,
): (contradiction: CoreContradiction) => Promise<void> {
  // Run again after a deadlock: a contradiction that is lost may never be met again.
  const record = batched(
    (met: readonly CoreContradiction[]) => Promise.all(met.map((one) => recordQuarantined(db, one))),
    { most: 1 },
  );
  return async (contradiction) => {
    // Counted first: the alarm is raised whether or not it can be kept.
    onQuarantined(contradiction.difference);
    await record(contradiction);
  };
}
