import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { SignedToken } from '../signing/signer.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { statesBefore } from './debit.ts';
import type { StoreOutcome } from './debits.sql.ts';
import { bookedForAnother } from './keep-contradiction.sql.ts';
import { type OpenReversal, reversalStatesBefore } from './reversal.ts';

type Named = Pick<OpenReversal, 'reversalId' | 'debitId'>;

/**
 * What contradicts what stands is kept once, and what is open waits for people. Of `held`, the debit, `asked`, its
 * reversal, what the core has `said`, whether that is `booked` elsewhere, and how it was `weighed`.
 */
const contradictionSteps = `found as (
        -- Met again it is the same thing.
        insert into contradictions (contradiction_id, debit_id, creditor_code, kind, booking_reference, amount, executed_at,
          holds, reversal_id)
        select gen_random_uuid(), asked.debit_id, asked.creditor_code,
               case when asked.amount <> said.amount then 'OTHER_REVERSAL_AMOUNT'
                    when asked.state = 'REJECTED' then 'REVERSED_AFTER_REJECTION'
                    when asked.state <> 'SETTLED' and is_shared then 'SHARED_BOOKING'
                    else 'OTHER_REVERSAL_BOOKING' end,
               said.booking_reference, said.amount, said.executed_at, false, asked.reversal_id
          from asked, booked, weighed, said where outcome = 'CONTRADICTED'
        on conflict do nothing returning debit_id, creditor_code, kind
      ), for_people as (
        -- What was said of it is not what was asked: it is in doubt, and people have it.
        update reversals set state = 'IN_DOUBT', people_since = coalesce(people_since, clock_timestamp())
         where reversal_id = (select reversal_id from asked) and state in ('EXECUTING', 'IN_DOUBT')
           and exists (select from weighed where outcome = 'CONTRADICTED')
        returning debit_id
      ), contradiction_told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, detail)
        select found.creditor_code, 'contradiction.found', found.debit_id, held.state, held.state, replace(kind, '_', '-'),
               'gateway', jsonb_build_object('attempt', asked.attempt)
          from found, held, asked
        union all
        select asked.creditor_code, 'debit.reversal-for-people', asked.debit_id, held.state, held.state, null, 'gateway',
               jsonb_build_object('attempt', asked.attempt, 'state', 'IN_DOUBT')
          from for_people, held, asked where asked.people_since is null
      )`;

const bookedElsewhere = `select ${bookedForAnother('$3', '$5::date', { reversal: '$1' })} as is_shared`;

/**
 * Ends a reversal whose money has moved, in one statement: token, reversal, debit, what the debit held of its ceilings
 * (in the period where it was reserved) and of its declaration, an open contest, and the rows that tell of it. What
 * contradicts what stands is kept by the same statement and changes nothing else.
 */
export async function settleReversal(
  db: Queryable,
  { reversalId, debitId }: Named,
  booking: Booking,
  confirmation: SignedToken,
): Promise<StoreOutcome> {
  const { rows } = await db.query<{ outcome: StoreOutcome }>({
    name: 'settle-reversal',
    text: `
      with held as (
        select debits.*, mandates.chain_id from debits join mandates using (mandate_id)
         where debit_id = $2 for no key update of debits
      ), asked as (
        select * from reversals where reversal_id = $1 and (select count(*) from held) = 1 for no key update
      ), booked as (
        ${bookedElsewhere}
      ), said as (
        select $3::text as booking_reference, $4::timestamptz as executed_at, $7::bigint as amount
      ), weighed as (
        select case when asked.state = any ($13::text[]) and held.state = any ($14::text[]) and asked.amount = $7::bigint
                     and coalesce(asked.booking_reference, $3) = $3 and not is_shared then 'STORED'
                    when asked.state = 'SETTLED' and asked.booking_reference = $3 and asked.amount = $7::bigint then 'SAME'
                    else 'CONTRADICTED' end as outcome
          from asked, held, booked
      ), ending as (
        select held.debit_id, held.creditor_code, held.employer_number, held.declaration, held.amount, held.reserved_on,
               held.holds_ceiling, held.holds_declaration, held.chain_id, held.state as from_state, asked.attempt, asked.request_jti
          from held, asked, weighed where outcome = 'STORED'
      ), locked_usage as (
        -- In reserve's order, chains and then declarations: else two that meet wait for each other.
        select chain_id from mandate_usage where chain_id in (select chain_id from ending) for no key update
      ), locked_declaration as (
        select d.reference from declarations d
         where (d.creditor_code, d.employer_number, d.reference) in
               (select creditor_code, employer_number, declaration from ending)
           and (select count(*) from locked_usage) >= 0
           for no key update
      ), given_back as (
        update mandate_usage u
           set month_used = month_used - case when month_start = date_trunc('month', reserved_on)::date then amount else 0 end,
               quarter_used = quarter_used - case when quarter_start = date_trunc('quarter', reserved_on)::date then amount else 0 end,
               year_used = year_used - case when year_start = date_trunc('year', reserved_on)::date then amount else 0 end
          from ending where u.chain_id = ending.chain_id and holds_ceiling and (select count(*) from locked_declaration) >= 0
      ), undeclared as (
        update declarations d set live = live - amount
          from ending where holds_declaration and d.creditor_code = ending.creditor_code
           and d.employer_number = ending.employer_number and d.reference = ending.declaration
           and (select count(*) from locked_declaration) >= 0
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $8::uuid, creditor_code, $9, debit_id, $10, $11::timestamptz, $12 from ending
      ), settled as (
        update reversals
           set state = 'SETTLED', booking_reference = $3, executed_at = $4::timestamptz, booking_date = $5::date,
               value_date = $6::date, confirmation_jti = $8::uuid, ended_at = clock_timestamp(), people_since = null
         where reversal_id = $1 and exists (select from ending)
      ), reversed as (
        update debits set state = 'REVERSED', holds_ceiling = false, holds_declaration = false
          from ending where debits.debit_id = ending.debit_id
      ), answered as (
        update contests set ended_at = clock_timestamp(), ending = 'REVERSED'
          from ending where contests.debit_id = ending.debit_id and contests.ended_at is null
        returning contest_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, token_jti, request_jti, detail)
        select creditor_code, 'debit.reversed', debit_id, from_state, 'REVERSED', 'gateway', $8::uuid, request_jti,
               jsonb_build_object('attempt', attempt, 'state', 'SETTLED')
          from ending
        union all
        select creditor_code, 'debit.contest-reversed', debit_id, 'REVERSED', 'REVERSED', 'gateway', null, request_jti,
               jsonb_build_object('contest', contest_id, 'attempt', attempt)
          from ending, answered
      ), ${contradictionSteps}
      select outcome from weighed`,
    values: [
      reversalId,
      debitId,
      booking.bookingReference,
      booking.executedAt,
      booking.bookingDate,
      booking.valueDate,
      booking.amount,
      confirmation.jti,
      confirmation.type,
      confirmation.keyThumbprint,
      confirmation.issuedAt,
      confirmation.token,
      reversalStatesBefore('SETTLED'),
      statesBefore('REVERSED'),
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a reversal that was named has no row');
  return row.outcome;
}

/**
 * Keeps what the core said where the confirmation can't be signed yet: it is SETTLED only with its token. What
 * contradicts what stands is kept as a thing of its own, since it may never be met again.
 */
export async function storeReversalBooking(
  db: Queryable,
  { reversalId, debitId }: Named,
  booking: Booking,
): Promise<void> {
  await db.query({
    name: 'store-reversal-booking',
    text: `
      with held as (
        select debit_id, state from debits where debit_id = $2 for no key update
      ), asked as (
        select * from reversals where reversal_id = $1 and (select count(*) from held) = 1 for no key update
      ), said as (
        select $3::text as booking_reference, $4::timestamptz as executed_at, $7::bigint as amount
      ), booked as (
        ${bookedElsewhere}
      ), weighed as (
        select case when asked.amount = $7 and not is_shared and coalesce(asked.booking_reference, $3) = $3
                     and asked.state = any ($8::text[] || '{SETTLED}'::text[]) then 'SAME'
                    else 'CONTRADICTED' end as outcome
          from asked, booked
      ), stored as (
        update reversals set booking_reference = $3, executed_at = $4, booking_date = $5::date, value_date = $6::date
          from weighed
         where reversal_id = $1 and outcome = 'SAME' and state = any ($8::text[]) and booking_reference is null
      ), ${contradictionSteps}
      select outcome from weighed`,
    values: [
      reversalId,
      debitId,
      booking.bookingReference,
      booking.executedAt,
      booking.bookingDate,
      booking.valueDate,
      booking.amount,
      reversalStatesBefore('SETTLED'),
    ],
  });
}

/**
 * Rejects a reversal: the debit stays settled, and the day's limit has its amount back. The creditor may try again. A
 * refusal of what has gone back is a contradiction, and changes nothing else. `onlyUnsent`: SENT, and nothing else, where a
 * send has been claimed meanwhile.
 */
export async function rejectReversal(
  db: Queryable,
  { reversalId, debitId }: Named,
  reason: ReasonCode,
  shownReason: ReasonCode,
  onlyUnsent = false,
): Promise<StoreOutcome | 'SENT'> {
  const { rows } = await db.query<{ outcome: StoreOutcome | 'SENT' }>({
    name: 'reject-reversal',
    text: `
      with held as (
        -- Before its reversal and the day: the order in which one is asked for.
        select debit_id, state from debits where debit_id = $2 for no key update
      ), asked as (
        select * from reversals where reversal_id = $1 and (select count(*) from held) = 1 for no key update
      ), ending as (
        select asked.*, held.state as debit_state from asked, held
         where asked.state = any ($5::text[]) and asked.booking_reference is null and not ($6 and asked.sends > 0)
      ), rejected as (
        update reversals set state = 'REJECTED', reason = $3, shown_reason = $4, ended_at = clock_timestamp(), people_since = null
          from ending where reversals.reversal_id = ending.reversal_id
      ), let_go as (
        update reversal_days d set amount = d.amount - ending.amount
          from ending where d.creditor_code = ending.creditor_code and d.day = ending.counted_on
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, request_jti, detail)
        select creditor_code, 'debit.reversal-rejected', debit_id, debit_state, debit_state, $3, 'gateway', request_jti,
               jsonb_build_object('attempt', attempt, 'state', 'REJECTED', 'shown', $4::text)
          from ending
      ), found as (
        -- Refused, or voided, where the money has gone back: met here, and perhaps never again.
        insert into contradictions (contradiction_id, debit_id, creditor_code, kind, holds, reversal_id)
        select gen_random_uuid(), debit_id, creditor_code, 'REFUSED_AFTER_SETTLEMENT', false, reversal_id
          from asked where (asked.state = 'SETTLED' or asked.booking_reference is not null) and not $6
        on conflict do nothing returning creditor_code, debit_id
      ), contradiction_told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, detail)
        select found.creditor_code, 'contradiction.found', found.debit_id, held.state, held.state, 'REFUSED-AFTER-SETTLEMENT',
               'gateway', jsonb_build_object('attempt', asked.attempt)
          from found, held, asked
      )
      select case when exists (select from ending) then 'STORED' when asked.state = 'REJECTED' then 'SAME' when $6 then 'SENT'
                  else 'CONTRADICTED' end as outcome
        from asked`,
    values: [reversalId, debitId, reason, shownReason, reversalStatesBefore('REJECTED'), onlyUnsent],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a reversal that was named has no row');
  return row.outcome;
}
