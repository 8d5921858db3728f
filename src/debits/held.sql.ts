import type { Queryable } from '../database/queryable.ts';
import type { DebitId, TokenId } from '../values/ids.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import type { DebitState, EndingDebit, OpenDebit } from './debit.ts';
import { debitNotBefore, endingDebit, type OpenRow, openColumns, openDebit, openJoins } from './open-debit.sql.ts';
import { debitShownMoved } from './unclaimed.sql.ts';

/** A debit as people end it: all that its token says, whatever its state. */
export type HeldDebit = {
  debit: EndingDebit;
  /** The same with its accounts, once its ceilings were reserved: only such a one can have moved. */
  open: OpenDebit | undefined;
  state: DebitState;
  agencyCode: string;
  rejectionJti: TokenId | undefined;
  /** It can't have moved before, by our clock. */
  notBefore: Date;
  /** The core's own movements show that it has moved: see `debitShownMoved`. */
  shownMoved: boolean;
};

/** Undefined where it is unknown, another agency's, or a name that was burnt: that one has no terms. */
export async function selectHeldDebit(
  db: Queryable,
  debitId: DebitId,
  agencies: Agencies,
): Promise<HeldDebit | undefined> {
  const { rows } = await db.query<
    Omit<OpenRow, 'authorised_at'> & {
      authorised_at: Date | null;
      state: DebitState;
      agency_code: string;
      rejection_jti: TokenId | null;
      not_before: Date;
      shown_moved: boolean;
    }
  >({
    name: 'select-held-debit',
    text: `
      select ${openColumns}, debits.state, mandate_debtors.agency_code, debits.rejection_jti,
             ${debitNotBefore} as not_before, ${debitShownMoved} as shown_moved
        from debits join mandates using (mandate_id) ${openJoins}
       where debits.debit_id = $1 and ${ofAgencies('$2')}`,
    values: [debitId, agencyParameter(agencies)],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    debit: endingDebit(row),
    open: row.authorised_at === null ? undefined : openDebit({ ...row, authorised_at: row.authorised_at }),
    state: row.state,
    agencyCode: row.agency_code,
    rejectionJti: row.rejection_jti ?? undefined,
    notBefore: row.not_before,
    shownMoved: row.shown_moved,
  };
}
