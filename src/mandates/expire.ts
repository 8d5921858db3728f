import type { Clock } from '../database/clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { expireMandatesDue } from './mandates.sql.ts';

/**
 * Writes down, with a journal row each, which mandates have passed their last day and which requests have waited for
 * thirty days. What holds is computed from the dates everywhere, so this may run late, twice, or on every replica.
 * Answers how many it took; there may be more.
 */
export async function expireMandates({
  db,
  now,
  most = 500,
}: Clock & { db: Queryable; most?: number }): Promise<number> {
  return expireMandatesDue(db, now(), most);
}
