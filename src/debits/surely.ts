import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../contract/problem.ts';
import { databaseFault } from '../database/faults.ts';

const commitTries = 4;

/**
 * Commits an intent. An answer to COMMIT that was lost is doubt: the same statement is run again, whose unique index
 * waits for what is still open. A server that was never reached has begun nothing.
 */
export async function surely<Result>(commit: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await commit();
    } catch (fault) {
      const kind = databaseFault(fault);
      const lostBefore = attempt > 1;
      if (kind === 'NOT_BEGUN' && !lostBefore)
        throw new Problem('unavailable', 'Nothing was begun', {}, { 'Retry-After': '5' });
      if (kind !== 'LOST' && kind !== 'NOT_BEGUN') throw fault;
      if (attempt === commitTries) throw outcomeUnknown();
      await pause(attempt * 200);
    }
  }
}

/** Past the intent any fault leaves an outcome that only the same request, asked again, can tell. */
export async function orOutcomeUnknown<Outcome>(
  answer: () => Promise<Outcome>,
  onFault: (fault: unknown) => void,
): Promise<Outcome> {
  try {
    return await answer();
  } catch (fault) {
    if (fault instanceof Problem) throw fault;
    onFault(fault);
    throw outcomeUnknown();
  }
}

export const outcomeUnknown = (): Problem =>
  new Problem('outcome-unknown', 'Ask the same again: it moves nothing twice', {}, { 'Retry-After': '5' });
