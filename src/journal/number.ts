import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { holdProgress, lockProgress, numberEvents } from './events.sql.ts';

/**
 * Goes on giving the creditors' events their numbers, in the order of the seals; of several replicas one does. What is
 * numbered, its number and how far that has come commit together: whatever stops this, the next round goes on from there.
 * Answers how many rows of the journal it went through where there may be more, 0 where the next round will do.
 */
export async function numberSealed(pool: pg.Pool, most = 1000): Promise<number> {
  const took = await inTransaction(pool, async (db) => {
    const place = await lockProgress(db);
    return place === undefined ? 0 : numberEvents(db, place, most);
  });
  return took < most ? 0 : took;
}

/**
 * No event is numbered from here to the end of the transaction, and what follows in it sees all that were. For who begins
 * to push them: an event that is numbered meanwhile would be laid ready for nobody.
 */
export const holdNumbering = (db: Queryable): Promise<void> => holdProgress(db);
