import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { keptByKey } from '../database/kept.ts';
import { selectRestoredAt } from './epoch.sql.ts';

/** When the database was last put back to an earlier time; undefined where it never was. */
export type ReadRestoredAt = () => Promise<Date | undefined>;

/**
 * Every write asks: one that was signed before may be among what was lost, and its `jti` with it. Kept for a moment, but
 * over no new connection: a restore ends every one, so that what was read by those before may be of before.
 */
export function openRestoredAt(pool: pg.Pool, clock: Clock): ReadRestoredAt {
  const one = keptByKey((_: 'one') => selectRestoredAt(pool), clock, 2);
  pool.on('connect', one.forget);
  return () => one.read('one');
}
