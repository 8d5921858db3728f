import type pg from 'pg';
import { databaseFault } from '../database/faults.ts';
import { inTransaction } from '../database/pool.ts';
import { newStopId, type Stop, type StopScope, type UnderWay } from './stop.ts';
import { insertStop, outwaitOlder, selectStanding, selectUnderWay } from './stops.sql.ts';

export type StopAct = {
  what: StopScope;
  /** Why, in the words of who stops. */
  remark: string;
  /** The identity provider's subject, and the network address. */
  by: string;
  from: string;
  now: Date;
};

/**
 * `certain`: nothing that is not counted in `underWay` can still begin. It is not where the database would not say
 * within the time of three statements: what is asked from now on is stopped all the same.
 */
export type StopOutcome =
  | { outcome: 'STOPPED'; stop: Stop; underWay: UnderWay; certain: boolean }
  | { outcome: 'STANDS_ALREADY'; stop: Stop }
  | { outcome: 'MANDATE_NOT_FOUND' };

/**
 * Stops at once, by one person. The stop commits by itself and first, so that every statement that begins afterwards
 * sees it, whatever follows here; then those that began before are waited for, and what they have begun is counted.
 */
export async function makeStop(pool: pg.Pool, { what, remark, by, from, now }: StopAct): Promise<StopOutcome> {
  const stop = await insertStop(pool, { stopId: newStopId(now), what, remark, by, from });
  if (stop === undefined) {
    const standing = await selectStanding(pool, what);
    return standing === undefined ? { outcome: 'MANDATE_NOT_FOUND' } : { outcome: 'STANDS_ALREADY', stop: standing };
  }
  const certain = await outwaited(pool);
  return { outcome: 'STOPPED', stop, underWay: await selectUnderWay(pool, what), certain };
}

async function outwaited(pool: pg.Pool): Promise<boolean> {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await inTransaction(pool, outwaitOlder);
      return true;
    } catch (fault) {
      // Its own time limit ends the statement that is waited for as well: once more, and it is gone.
      const kind = databaseFault(fault);
      if (kind !== 'LOST' && kind !== 'AGAIN') throw fault;
    }
  }
  return false;
}
