import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { SignedToken } from '../signing/signer.ts';
import type { DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { statesBefore } from './debit.ts';
import {
  bookedForAnother,
  contradictedColumns,
  contradictionSteps,
  heldOnSteps,
  isAsSeen,
} from './keep-contradiction.sql.ts';
import { movedElsewhere } from './unclaimed.sql.ts';

/** SAME: it had ended so already. CONTRADICTED: what is stored says otherwise and stays; people must look. */
export type StoreOutcome = 'STORED' | 'SAME' | 'CONTRADICTED';

/** ABSENT: there is no such debit. The database was put back since it was sent. */
export type SettleOutcome = StoreOutcome | 'ABSENT';

export type Settlement = { debitId: DebitId; booking: Booking; confirmation: SignedToken };

/**
 * Settles each debit by itself, with its token and the journal row that tells of it. What contradicts what stands is
 * kept by the same statement, since it may never be met again. Answers in the order asked.
 */
export async function settleDebits(db: Queryable, settlements: readonly Settlement[]): Promise<SettleOutcome[]> {
  const of = <Value>(read: (settlement: Settlement) => Value) => settlements.map(read);
  const { rows } = await db.query<{ outcome: SettleOutcome }>({
    name: 'settle-debits',
    text: `
      with item as (
        select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::date[], $5::date[], $6::bigint[],
                             $7::uuid[], $8::text[], $9::text[], $10::timestamptz[], $11::text[])
          with ordinality as item (debit_id, booking_reference, executed_at, booking_date, value_date, amount,
            jti, kind, key_thumbprint, issued_at, token, position)
      ), held as (
        -- One lock order for every batch, so that two of them can't deadlock.
        select * from debits where debit_id in (select debit_id from item) order by debit_id for no key update
      ), weighed as (
        select item.debit_id, item.position, is_shared and held.state = any ($12::text[]) as shares,
               -- A booking that was stored while signing was away is the one that is confirmed.
               case when held.debit_id is null then 'ABSENT'
                    when held.state = any ($12::text[]) and held.amount = item.amount
                     and coalesce(held.booking_reference, item.booking_reference) = item.booking_reference
                     and not is_shared and not ${movedElsewhere('held.core_reference')} then 'STORED'
                    when held.state in ('SETTLED', 'REVERSED') and held.booking_reference = item.booking_reference
                     and held.amount = item.amount then 'SAME'
                    else 'CONTRADICTED' end as outcome
          from item left join held using (debit_id)
          cross join lateral (select ${bookedForAnother('item.booking_reference', 'item.booking_date', { debit: 'item.debit_id' })} as is_shared) booked
      ), signed as (
        -- A confirmation's jti is derived from its debit: the one that was stored first stays.
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select item.jti, held.creditor_code, item.kind, item.debit_id, item.key_thumbprint, item.issued_at, item.token
          from item join held using (debit_id) join weighed using (position) where outcome = 'STORED'
      ), settled as (
        update debits
           set state = 'SETTLED', booking_reference = item.booking_reference, executed_at = item.executed_at,
               booking_date = item.booking_date, value_date = item.value_date, confirmation_jti = item.jti,
               ended_at = clock_timestamp(), people_since = null
          from item join held using (debit_id) join weighed using (position)
         where debits.debit_id = item.debit_id and outcome = 'STORED'
        returning debits.debit_id, debits.creditor_code, debits.request_jti, held.state as from_state, item.jti, item.position
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, token_jti, request_jti)
        select creditor_code, 'debit.settled', debit_id, from_state, 'SETTLED', 'gateway', jti, request_jti
          from settled order by position
      ), contradicting as (
        select ${contradictedColumns('mandates')}, item.booking_reference as said_reference, item.amount as said_amount,
               item.executed_at as said_at, case when shares then 'SHARED_BOOKING' end as said_kind,
               null::uuid as message_id, null::uuid as reversal_id
          from weighed join item using (position) join held on held.debit_id = item.debit_id
          left join mandates using (mandate_id)
         where outcome = 'CONTRADICTED'
      ), ${contradictionSteps}
      select outcome from weighed order by position`,
    values: [
      of(({ debitId }) => debitId),
      of(({ booking }) => booking.bookingReference),
      of(({ booking }) => booking.executedAt),
      of(({ booking }) => booking.bookingDate),
      of(({ booking }) => booking.valueDate),
      of(({ booking }) => booking.amount),
      ...tokenColumns(of(({ confirmation }) => confirmation)),
      statesBefore('SETTLED'),
    ],
  });
  return rows.map(({ outcome }) => outcome);
}

export type Rejection = {
  debitId: DebitId;
  reason: ReasonCode;
  /** What the creditor is told: the same, but where a setting hides it. */
  shownReason: ReasonCode;
  rejection: SignedToken;
  /** Our own refusal, before anything was sent: it ends nothing that has been sent, or was found to have been, meanwhile. */
  onlyUnsent?: boolean;
};

/** SENT: it was rejected as never sent, and has been meanwhile. It goes on as it is. */
export type RejectOutcome = StoreOutcome | 'SENT';

/**
 * Rejects each debit by itself, gives ceiling and declaration back where it held them and no booking was named for it, and
 * counts refusals for funds. Two under one mandate or declaration must not be in one set. Answers in the order asked.
 */
export async function rejectDebits(db: Queryable, rejections: readonly Rejection[]): Promise<RejectOutcome[]> {
  const ended: RejectOutcome[] = [];
  for (const [position, outcome] of (await rejectAsSeen(db, rejections)).entries())
    ended.push(
      ...(outcome === 'CHANGED' ? await rejectDebits(db, rejections.slice(position, position + 1)) : [outcome]),
    );
  return ended;
}

const isRejectable = `held.state = any ($9::text[]) and held.booking_reference is null and not (only_unsent and held.sends > 0)`;

/** CHANGED: it was written to while its lock was waited for, and nothing is done. */
async function rejectAsSeen(db: Queryable, rejections: readonly Rejection[]): Promise<(RejectOutcome | 'CHANGED')[]> {
  const of = <Value>(read: (rejection: Rejection) => Value) => rejections.map(read);
  const { rows } = await db.query<{ outcome: RejectOutcome | 'CHANGED' }>({
    name: 'reject-debits',
    text: `
      with item as (
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
                             $10::boolean[])
          with ordinality as item (debit_id, reason, shown_reason, jti, kind, key_thumbprint, issued_at, token, only_unsent, position)
      ), held as (
        select debits.*, debits.xmin as version, mandates.chain_id from debits join mandates using (mandate_id)
         where debit_id in (select debit_id from item) order by debit_id for no key update of debits
      ), ordered_usage as (
        -- In reserve's order, chains and then declarations: else two that meet wait for each other.
        select chain_id from mandate_usage where chain_id in (select chain_id from held)
         order by chain_id for no key update
      ), ordered_declarations as (
        select d.reference from declarations d
         where (d.creditor_code, d.employer_number, d.reference) in
               (select creditor_code, employer_number, declaration from held)
           and (select count(*) from ordered_usage) >= 0
         order by d.creditor_code, d.employer_number, d.reference for no key update
      ), ending as (
        select held.*, item.reason as new_reason, item.shown_reason as new_shown, item.jti, item.kind,
               item.key_thumbprint, item.issued_at, item.token, item.position
          from item join held using (debit_id)
         where ${isRejectable} and ${isAsSeen('held')}
           and (select count(*) from ordered_declarations) >= 0
      ), ${heldOnSteps}, freed as (
        select ending.*, coalesce(times, 0) as times, (1 - coalesce(times, 0)) * amount as free
          from ending left join held_on using (debit_id)
      ), given_back as (
        update mandate_usage u
           set month_used = month_used - case when holds_ceiling and month_start = date_trunc('month', reserved_on)::date then free else 0 end,
               quarter_used = quarter_used - case when holds_ceiling and quarter_start = date_trunc('quarter', reserved_on)::date then free else 0 end,
               year_used = year_used - case when holds_ceiling and year_start = date_trunc('year', reserved_on)::date then free else 0 end,
               funds_refusals = case when new_reason <> 'AM04' or funds_refusals_on > reserved_on then funds_refusals
                                     when funds_refusals_on = reserved_on then funds_refusals + 1 else 1 end,
               funds_refusals_on = case when new_reason = 'AM04' then greatest(funds_refusals_on, reserved_on)
                                        else funds_refusals_on end
          from freed where u.chain_id = freed.chain_id and holds_ceiling
      ), undeclared as (
        update declarations d
           set live = live - case when holds_declaration then amount else 0 end, contradicted = contradicted + times * amount
          from freed where (holds_declaration or times > 0) and d.creditor_code = freed.creditor_code
           and d.employer_number = freed.employer_number and d.reference = freed.declaration
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select jti, creditor_code, kind, debit_id, key_thumbprint, issued_at, token from ending
      ), rejected as (
        update debits
           set state = 'REJECTED', reason = new_reason, shown_reason = new_shown, rejection_jti = jti,
               holds_declaration = false, holds_ceiling = false, ended_at = clock_timestamp(), people_since = null
          from ending where debits.debit_id = ending.debit_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, token_jti, request_jti)
        select creditor_code, 'debit.rejected', debit_id, state, 'REJECTED', new_reason, 'gateway', jti, request_jti
          from ending order by position
      ), contradicting as (
        -- Refused, or voided, where the money has moved: met here, and perhaps never again.
        select ${contradictedColumns('held')}, null::text as said_reference,
               null::bigint as said_amount, null::timestamptz as said_at, 'REFUSED_AFTER_SETTLEMENT' as said_kind,
               null::uuid as message_id, null::uuid as reversal_id
          from item join held using (debit_id)
         where (held.state in ('SETTLED', 'REVERSED') or held.booking_reference is not null) and not only_unsent
      ), ${contradictionSteps}
      select case when ending.position is not null then 'STORED'
                  when ${isRejectable} then 'CHANGED'
                  when held.state = 'REJECTED' then 'SAME'
                  when item.only_unsent then 'SENT'
                  else 'CONTRADICTED' end as outcome
        from item left join ending using (position) left join held on held.debit_id = item.debit_id
       order by item.position`,
    values: [
      of(({ debitId }) => debitId),
      of(({ reason }) => reason),
      of(({ shownReason }) => shownReason),
      ...tokenColumns(of(({ rejection }) => rejection)),
      statesBefore('REJECTED'),
      of(({ onlyUnsent = false }) => onlyUnsent),
    ],
  });
  return rows.map(({ outcome }) => outcome);
}

/** The reservation stays; the first question comes after `questionAfterSeconds`. Nothing where it has ended meanwhile. */
export async function leaveInDoubt(db: Queryable, debitId: DebitId, questionAfterSeconds: number): Promise<void> {
  await db.query({
    name: 'leave-in-doubt',
    text: `
      with left_open as (
        update debits set state = 'IN_DOUBT', lease_until = clock_timestamp() + make_interval(secs => $2::float8)
         where debit_id = $1 and state = 'EXECUTING'
        returning debit_id, creditor_code, request_jti
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, request_jti)
      select creditor_code, 'debit.in-doubt', debit_id, 'EXECUTING', 'IN_DOUBT', 'gateway', request_jti from left_open`,
    values: [debitId, questionAfterSeconds],
  });
}

/**
 * Keeps what the core said where the confirmation can't be signed yet: it is SETTLED only with its token. What
 * contradicts what stands is kept as a thing of its own, since it may never be met again. False: there is no such debit.
 */
export async function storeBooking(db: Queryable, debitId: DebitId, booking: Booking): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>({
    name: 'store-booking',
    text: `
      with held as (
        select *, ${bookedForAnother('$2', '$4::date', { debit: '$1' })} as shares from debits where debit_id = $1 for no key update
      ), stored as (
        update debits set booking_reference = $2, executed_at = $3, booking_date = $4, value_date = $5
          from held
         where debits.debit_id = held.debit_id and held.state = any ($6::text[]) and held.booking_reference is null
           and held.amount = $7 and not shares
      ), contradicting as (
        select ${contradictedColumns('mandates')}, $2::text as said_reference, $7::bigint as said_amount,
               $3::timestamptz as said_at,
               case when shares and held.amount = $7 and held.state = any ($6::text[]) then 'SHARED_BOOKING' end as said_kind,
               null::uuid as message_id, null::uuid as reversal_id
          from held left join mandates using (mandate_id)
         where shares or (held.amount = $7 and coalesce(held.booking_reference, $2) = $2
                and held.state = any ($6::text[] || '{SETTLED,REVERSED}')) is not true
      ), ${contradictionSteps}
      select exists (select from held) as known`,
    values: [
      debitId,
      booking.bookingReference,
      booking.executedAt,
      booking.bookingDate,
      booking.valueDate,
      statesBefore('SETTLED'),
      booking.amount,
    ],
  });
  return rows[0]?.known ?? false;
}

/** Keeps a debit's one receipt, with its journal row. Whoever comes second changes nothing: read back what stands. */
export async function storeReceipt(db: Queryable, debitId: DebitId, receipt: SignedToken): Promise<void> {
  await db.query({
    name: 'store-receipt',
    text: `
      with open as (
        select debit_id, creditor_code, state from debits where debit_id = $1 and receipt_jti is null for no key update
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $2::uuid, creditor_code, $3, debit_id, $4, $5::timestamptz, $6 from open
        on conflict (jti) do nothing returning jti
      ), received as (
        update debits set receipt_jti = $2::uuid where debit_id in (select debit_id from open)
      )
      insert into journal (creditor_code, kind, subject_id, to_state, side, token_jti)
      select creditor_code, 'debit.receipt-issued', debit_id, state, 'gateway', $2::uuid from open
       where exists (select from signed)`,
    values: [debitId, receipt.jti, receipt.type, receipt.keyThumbprint, receipt.issuedAt, receipt.token],
  });
}

/** The columns of `tokens` that a signed token fills, as arrays: jti, kind, key, time, token. */
function tokenColumns(tokens: readonly SignedToken[]): unknown[] {
  return [
    tokens.map(({ jti }) => jti),
    tokens.map(({ type }) => type),
    tokens.map(({ keyThumbprint }) => keyThumbprint),
    tokens.map(({ issuedAt }) => issuedAt),
    tokens.map(({ token }) => token),
  ];
}
