import type { Booking, CoreContradiction } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference, DebitId } from '../values/ids.ts';
import { debitStates, isOpen } from './debit.ts';
import { selectShownBooking } from './unclaimed.sql.ts';

const openStates = `'{${debitStates.filter(isOpen).join(',')}}'::text[]`;

/*
 * Pieces of a statement that keep each answer of the core's which contradicts what stands: nothing that was signed
 * changes. It becomes a thing of its own, told once, which holds ceiling and declaration again until two people end
 * it. Met again, it is the same. The kind follows from the state that stands.
 */

/**
 * The columns of a debit, locked by the statement as `held`, that `contradictionSteps` needs beside what was said. Its chain
 * is that of the mandate it is joined with, or stands in `held` already.
 */
export const contradictedColumns = (chainOf: 'mandates' | 'held'): string =>
  `held.debit_id, held.creditor_code, held.employer_number, held.declaration, held.amount,
               held.state, held.reserved_on, ${chainOf}.chain_id`;

/**
 * They expect `contradicting`: `contradictedColumns`, and what the core said as said_reference, said_amount, said_at.
 * `said_kind` is null where the kind follows from the state; `message_id` is the answer that was quarantined,
 * `reversal_id` the reversal that it is about, null where it is the debit itself.
 */
export const contradictionSteps = `
      met as (
        select contradicting.*,
               case when said_kind is not null then said_kind
                    when amount is not null and amount <> said_amount then 'OTHER_AMOUNT'
                    when state = 'REJECTED' then 'MOVED_AFTER_REJECTION'
                    when state = 'CANCELLED' then 'MOVED_AFTER_CANCELLATION'
                    else 'OTHER_BOOKING' end as contradiction
          from contradicting
      ), locked_usage as (
        -- In reserve's order, chains and then declarations.
        select chain_id, month_start, quarter_start, year_start
          from mandate_usage where chain_id in (select chain_id from met)
         order by chain_id for no key update
      ), found as (
        insert into contradictions (contradiction_id, debit_id, creditor_code, kind, booking_reference, amount, executed_at, holds, message_id, reversal_id)
        select gen_random_uuid(), debit_id, creditor_code, contradiction, said_reference, said_amount, said_at,
               state in ('REJECTED', 'CANCELLED') and amount is not null and said_reference is not null, message_id, reversal_id
          from met
         where (select count(*) from locked_usage) >= 0
        on conflict do nothing returning debit_id
      ), moved_after_end as (
        select met.* from met join found using (debit_id)
         where state in ('REJECTED', 'CANCELLED') and met.amount is not null and said_reference is not null
      ), held_again as (
        -- Summed: two debits of one declaration, or of one chain, may be met in one set.
        update declarations d set contradicted = contradicted + again.amount
          from (select creditor_code, employer_number, declaration, sum(amount)::bigint as amount from moved_after_end
                 group by creditor_code, employer_number, declaration) again
         where d.creditor_code = again.creditor_code and d.employer_number = again.employer_number
           and d.reference = again.declaration
      ), counted_again as (
        update mandate_usage u
           set month_used = month_used + of_month, quarter_used = quarter_used + of_quarter, year_used = year_used + of_year
          from (select chain_id,
                       coalesce(sum(amount) filter (where month_start = date_trunc('month', reserved_on)::date), 0)::bigint as of_month,
                       coalesce(sum(amount) filter (where quarter_start = date_trunc('quarter', reserved_on)::date), 0)::bigint as of_quarter,
                       coalesce(sum(amount) filter (where year_start = date_trunc('year', reserved_on)::date), 0)::bigint as of_year
                  from moved_after_end join locked_usage using (chain_id) where reserved_on is not null
                 group by chain_id) again
         where u.chain_id = again.chain_id
      ), kept_for_people as (
        -- The row of one that is open is written in any case: whoever ends it meanwhile sees by that that more was met.
        update debits
           set people_since = case when state in ('EXECUTING', 'IN_DOUBT') then coalesce(people_since, clock_timestamp()) else people_since end
         where debit_id in (select debit_id from found) and state = any (${openStates})
        returning debit_id, creditor_code, state, people_since
      ), contradiction_told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side)
        select creditor_code, 'contradiction.found', debit_id, state, state, replace(contradiction, '_', '-'), 'gateway'
          from met join found using (debit_id)
         union all
        -- Its creditor learns that people have it, and not why.
        select kept.creditor_code, 'debit.for-people', debit_id, kept.state, kept.state, null, 'gateway'
          from kept_for_people kept join held using (debit_id)
         where kept.people_since is not null and held.people_since is null
      )`;

/**
 * As the debit was when the statement began, by its `xmin` as `version`: nothing was met of it while its lock was waited for,
 * which would not be seen.
 */
export const isAsSeen = (held: string): string =>
  `(select seen.xmin from debits seen where seen.debit_id = ${held}.debit_id) = ${held}.version`;

/**
 * A debit that ends without money holds its ceiling and declaration on where a booking was named for it, once for each
 * contradiction that names one, until two people end that. Of `ending`, the debits, locked; in `held_on` is how many each has.
 */
export const heldOnSteps = `
      holding as (
        update contradictions c set holds = true
          from ending
         where c.debit_id = ending.debit_id and c.ended_at is null and c.booking_reference is not null and not c.holds
        returning c.debit_id
      ), held_on as (
        select debit_id, count(*) as times from holding group by debit_id
      )`;

/**
 * Whether that booking, a reference on its day, is another's than `of`, a debit or a reversal: one is of one transfer alone.
 * Both are found by the index of references: the day is compared so that no index of days, with all of today in it, may seem
 * as good.
 */
export const bookedForAnother = (
  reference: string,
  day: string,
  of: { debit: string } | { reversal: string },
): string => {
  const sameBooking = `another.booking_reference = ${reference} and another.booking_date is not distinct from ${day}`;
  const otherDebit = 'debit' in of ? `and another.debit_id <> ${of.debit}` : '';
  const otherReversal = 'reversal' in of ? `and another.reversal_id <> ${of.reversal}` : '';
  return `
  (exists (select from debits another where ${sameBooking} ${otherDebit})
   or exists (select from reversals another where ${sameBooking} ${otherReversal}))`;
};

/** Keeps a contradiction that came by another way than a settlement: money that moved under a cancelled name. False: no such debit. */
export async function recordContradiction(db: Queryable, debitId: DebitId, booking: Booking): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>({
    name: 'record-contradiction',
    text: `
      with held as (
        select * from debits where debit_id = $1 for no key update
      ), contradicting as (
        select ${contradictedColumns('mandates')}, $2::text as said_reference, $3::bigint as said_amount,
               $4::timestamptz as said_at, null::text as said_kind, null::uuid as message_id, null::uuid as reversal_id
          from held left join mandates using (mandate_id)
      ), ${contradictionSteps}
      select exists (select from held) as known`,
    values: [debitId, booking.bookingReference, booking.amount, booking.executedAt],
  });
  return rows[0]?.known ?? false;
}

/**
 * Keeps what the bus answered against its instructions, each as a contradiction of the debit with that reference, or
 * whose reversal has it. Their states stay as they are. A reference that no debit has leaves nothing here: its message is kept all the same.
 */
export async function recordQuarantined(
  db: Queryable,
  quarantined: Omit<CoreContradiction, 'messageId'> & { messageId: string | undefined },
): Promise<void> {
  const { reference, difference, bookingReference, amount, executedAt, messageId } = quarantined;
  await db.query({
    name: 'record-quarantined',
    text: `
      with held as (
        select * from debits
         where core_reference = $1 or debit_id = (select debit_id from reversals where core_reference = $1)
           for no key update
      ), reversal_for_people as (
        update reversals set people_since = clock_timestamp()
         where core_reference = $1 and state in ('EXECUTING', 'IN_DOUBT') and people_since is null
           and (select count(*) from held) = 1
        returning debit_id, creditor_code, attempt, state
      ), reversal_told as (
        -- Its creditor learns that people have it, and not why.
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, detail)
        select creditor_code, 'debit.reversal-for-people', debit_id, 'SETTLED', 'SETTLED', 'gateway',
               jsonb_build_object('attempt', attempt, 'state', state)
          from reversal_for_people
      ), contradicting as (
        select ${contradictedColumns('mandates')}, $2::text as said_kind, $3::text as said_reference, $4::bigint as said_amount,
               $5::timestamptz as said_at, $6::uuid as message_id,
               (select reversal_id from reversals where core_reference = $1) as reversal_id
          from held left join mandates using (mandate_id)
      ), ${contradictionSteps}
      select from found`,
    values: [reference, difference, bookingReference ?? null, amount ?? null, executedAt ?? null, messageId ?? null],
  });
}

/**
 * Keeps that the core says of a debit, or of a reversal, that it was refused or voided, or past its time that it does not
 * know it, while its own movements show that it has moved: with their booking, which it may give back.
 */
export async function recordDenial(db: Queryable, reference: CoreReference): Promise<void> {
  const { bookingReference, amount, executedAt } = (await selectShownBooking(db, reference)) ?? {};
  await recordQuarantined(db, {
    ...{ reference, difference: 'OTHER_OUTCOME', messageId: undefined },
    ...{ bookingReference, amount, executedAt },
  });
}
