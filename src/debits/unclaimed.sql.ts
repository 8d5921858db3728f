import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference } from '../values/ids.ts';
import { type BookingRow, bookingOf } from './booking-row.ts';

/**
 * After a restore: money of this employer moved for a debit that nobody here has heard of yet. Which declaration it paid is
 * not known, so that another debit could pay it again. Declarations are an employer's, whichever account pays them: the
 * employers are those of all the creditor's mandates with that account.
 */
export const owesAClaim = (creditor: string, employer: string): string => `
  exists (
    -- From what is unclaimed, nearly always nothing, whatever the planner knows of the tables.
    select from (select u.creditor_code, u.debtor from unclaimed_movements u
                  where u.claimed_by is null and u.creditor_code = ${creditor} offset 0) owed
     where exists (select from mandate_debtors payer join mandates under using (mandate_id)
                    where payer.rib = owed.debtor and under.creditor_code = owed.creditor_code
                      and under.employer_number = ${employer}))`;

/**
 * The core's own movement under that reference, as a restore has read it: of what was open here, claimed by its creditor, or
 * not explained as it stands. The core moves one under each.
 */
const movementUnder = (reference: string): string =>
  ['found_movements', 'unclaimed_movements', 'unexplained_movements']
    .map(
      (table) =>
        `select booking_reference, executed_at, booking_date, value_date, amount from ${table} where reference = ${reference}`,
    )
    .join(' union all ');

/**
 * After a restore: the core's own movements show that this row of `debits` has moved, as it is known or otherwise. Nothing but
 * 'moved' is believed of it: a claim has given it another `expiresAt` than the core knows, and what the core denies it has
 * forgotten or contradicts. The journal alone tells it of what an older gateway has found.
 */
export const debitShownMoved = `
  (exists (${movementUnder('debits.core_reference')})
   or exists (select from journal where subject_id = debits.debit_id and kind = 'debit.found-moved'))`;

/** As `debitShownMoved`, of a row of `reversals`. */
export const reversalShownMoved = `exists (${movementUnder('reversals.core_reference')})`;

/** The booking of that movement. */
export async function selectShownBooking(db: Queryable, reference: CoreReference): Promise<Booking | undefined> {
  const { rows } = await db.query<BookingRow>({
    name: 'select-shown-booking',
    text: `${movementUnder('$1')} limit 1`,
    values: [reference],
  });
  return rows.map(bookingOf)[0];
}

/**
 * Body of a lateral query: the mandate of that debit's chain with the account that the movement debited, which the proofs
 * name. The debit's own before any other, then the one that was accepted last.
 */
export const mandateWithAccount = (debit: string, movement: string): string => `
  select m.mandate_id from mandates own join mandates m on m.chain_id = own.chain_id
    join mandate_debtors payer on payer.mandate_id = m.mandate_id
   where own.mandate_id = ${debit}.mandate_id and own.creditor_code = ${debit}.creditor_code
     and payer.rib = ${movement}.debtor and m.certificate_jti is not null
   order by m.mandate_id = ${debit}.mandate_id desc, m.accepted_at desc nulls last limit 1`;

/**
 * After a restore: it has moved already, from an account that no mandate of its chain has, or to one that its creditor
 * has not. Never sent, never rejected, and not confirmed: the confirmation would name another account.
 */
export const movedElsewhere = (reference: string): string => `
  exists (select from unexplained_movements u where u.reference = ${reference} and u.ending is distinct from 'MET')`;
