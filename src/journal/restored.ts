import type { Clock } from '../database/clock.ts';
import { kept } from '../database/kept.ts';
import type { Queryable } from '../database/queryable.ts';
import { selectRestoredAt } from './epoch.sql.ts';

/** When the database was last put back to an earlier time; undefined where it never was. A few seconds old at most. */
export type ReadRestoredAt = () => Promise<Date | undefined>;

/** Every write asks: one that was signed before may be among what was lost, and its `jti` with it. */
export const openRestoredAt = (db: Queryable, clock: Clock): ReadRestoredAt =>
  kept(() => selectRestoredAt(db), clock, 2);
