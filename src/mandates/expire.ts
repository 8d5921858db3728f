import type { Clock } from '../database/clock.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Work } from '../jobs/work.ts';
import { parseMandateId } from '../values/ids.ts';
import { expireMandatesDue, selectMandatesToExpire } from './mandates.sql.ts';

/**
 * Writes down, with a journal row each, which mandates have passed their last day and which requests have waited for
 * thirty days. What holds is computed from the dates everywhere, so this may run late, twice, or on every replica.
 */
export const expiryWork = ({ db, now }: Clock & { db: Queryable }): Work => ({
  name: 'expiries',
  due: (most) => selectMandatesToExpire(db, now(), most),
  async run(ids) {
    await expireMandatesDue(
      db,
      now(),
      ids.flatMap((id) => parseMandateId(id) ?? []),
    );
    return [];
  },
});
