import type { Queryable } from '../database/queryable.ts';
import type { DebitId } from '../values/ids.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import {
  type OpenReversalRow,
  openReversal,
  openReversalColumns,
  openReversalJoins,
  reversalNotBefore,
} from './open-reversal.sql.ts';
import type { OpenReversal, ReversalState } from './reversal.ts';
import { reversalShownMoved } from './unclaimed.sql.ts';

/** A reversal as people end it: all that its confirmation says, whatever its state. */
export type HeldReversal = {
  reversal: OpenReversal;
  state: ReversalState;
  agencyCode: string;
  /** It can't have moved before, by our clock. */
  notBefore: Date;
  /** The core's own movements show that it has moved: see `debitShownMoved`. */
  shownMoved: boolean;
};

/** That attempt to give a debit back; undefined where there is none, or where the debit is another agency's. */
export async function selectHeldReversal(
  db: Queryable,
  debitId: DebitId,
  attempt: number,
  agencies: Agencies,
): Promise<HeldReversal | undefined> {
  const { rows } = await db.query<
    OpenReversalRow & { state: ReversalState; agency_code: string; not_before: Date; shown_moved: boolean }
  >({
    name: 'select-held-reversal',
    text: `
      select ${openReversalColumns}, reversals.state, mandate_debtors.agency_code,
             ${reversalNotBefore} as not_before,
             ${reversalShownMoved} as shown_moved
        from reversals ${openReversalJoins}
       where reversals.debit_id = $1 and reversals.attempt = $2 and ${ofAgencies('$3')}`,
    values: [debitId, attempt, agencyParameter(agencies)],
  });
  const [row] = rows;
  return (
    row && {
      ...{ reversal: openReversal(row), state: row.state, agencyCode: row.agency_code },
      ...{ notBefore: row.not_before, shownMoved: row.shown_moved },
    }
  );
}
