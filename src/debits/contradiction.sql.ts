import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { SignedToken } from '../signing/signer.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { CoreReference, CreditorCode, DebitId, EndToEndId } from '../values/ids.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import {
  type About,
  type ContradictionEnding,
  type ContradictionKind,
  endings,
  kindsEndedBy,
  standingOfDebit,
  standingOfReversal,
} from './contradiction-endings.ts';
import { correctionsTo, type DebitState } from './debit.ts';
import type { ContradictionId, EvidenceId } from './evidence.ts';
import { bookedForAnother } from './keep-contradiction.sql.ts';
import type { ReversalState } from './reversal.ts';

/** An answer of the core's against what stood, as staff see it. */
export type Contradiction = {
  contradictionId: ContradictionId;
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  kind: ContradictionKind;
  foundAt: Date;
  /** The booking that the core named, and what it said of it. */
  said: { bookingReference: string; amount: Centimes | undefined; executedAt: Date | undefined } | undefined;
  /** The debit it is of, as it stands. */
  state: DebitState;
  amount: Centimes | undefined;
  about: About;
  agencyCode: string | undefined;
  holds: boolean;
  endedAt: Date | undefined;
  ending: ContradictionEnding | undefined;
};

type Row = {
  contradiction_id: ContradictionId;
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  kind: ContradictionKind;
  found_at: Date;
  booking_reference: string | null;
  amount: string | null;
  executed_at: Date | null;
  state: DebitState;
  debit_amount: string | null;
  debit_reference: CoreReference;
  debit_booking: string | null;
  attempt: number | null;
  reversal_state: ReversalState | null;
  reversal_reference: CoreReference | null;
  reversal_booking: string | null;
  agency_code: string | null;
  holds: boolean;
  ended_at: Date | null;
  ending: ContradictionEnding | null;
};

const selectContradictions = `
  select c.contradiction_id, c.debit_id, c.creditor_code, debits.end_to_end_id, c.kind, c.found_at, c.booking_reference,
         c.amount, c.executed_at, debits.state, debits.amount as debit_amount,
         debits.core_reference as debit_reference, debits.booking_reference as debit_booking, r.attempt,
         r.state as reversal_state, r.core_reference as reversal_reference, r.booking_reference as reversal_booking,
         mandate_debtors.agency_code, c.holds, c.ended_at, c.ending
    from contradictions c join debits using (debit_id) left join mandate_debtors using (mandate_id)
    left join lateral (select * from reversals where reversal_id = c.reversal_id limit 1) r on true`;

export async function selectContradiction(
  db: Queryable,
  contradictionId: ContradictionId,
  agencies: Agencies,
): Promise<Contradiction | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-contradiction',
    text: `${selectContradictions} where c.contradiction_id = $1 and ${ofAgencies('$2')}`,
    values: [contradictionId, agencyParameter(agencies)],
  });
  return rows.map(contradictionOf)[0];
}

export async function selectContradictionsOf(db: Queryable, debitId: DebitId): Promise<Contradiction[]> {
  const { rows } = await db.query<Row>({
    name: 'select-contradictions-of',
    text: `${selectContradictions} where c.debit_id = $1 order by c.found_at`,
    values: [debitId],
  });
  return rows.map(contradictionOf);
}

/** To the millisecond, as a page's last row is known by: else it would come again. */
const foundAt = "date_trunc('milliseconds', c.found_at)";

/** Those that wait for two people, the oldest first. */
export async function selectWaitingContradictions(
  db: Queryable,
  agencies: Agencies,
  page: { after?: { foundAt: Date; contradictionId: ContradictionId } | undefined; limit: number },
): Promise<Contradiction[]> {
  const { rows } = await db.query<Row>({
    name: 'select-waiting-contradictions',
    text: `${selectContradictions}
            where c.ended_at is null and ${ofAgencies('$1')}
              and ($2::timestamptz is null or (${foundAt}, c.contradiction_id) > ($2::timestamptz, $3::uuid))
            order by ${foundAt}, c.contradiction_id limit $4`,
    values: [agencyParameter(agencies), page.after?.foundAt ?? null, page.after?.contradictionId ?? null, page.limit],
  });
  return rows.map(contradictionOf);
}

/** The bookings of a debit that the core has given back: its word that they moved says nothing any more. */
export async function selectReturnedBookings(db: Queryable, debitId: DebitId): Promise<string[]> {
  const { rows } = await db.query<{ booking_reference: string }>({
    name: 'select-returned-bookings',
    text: `select booking_reference from contradictions
            where debit_id = $1 and ending = 'RETURNED' and booking_reference is not null`,
    values: [debitId],
  });
  return rows.map((row) => row.booking_reference);
}

export type ContradictionEnd = { contradictionId: ContradictionId; evidenceId: EvidenceId; by: string; from: string };

/**
 * Ends a contradiction whose booking the core has given back, or whose answer it has explained: what it held of ceiling
 * and declaration is free again. False where it has ended already, or where what an explanation is of is in doubt.
 */
export async function letGoContradiction(
  db: Queryable,
  end: ContradictionEnd & { paper: 'RETURN' | 'EXPLANATION' },
): Promise<boolean> {
  const { rows } = await db.query<{ ended: boolean }>({
    name: 'let-go-contradiction',
    text: `
      with held as (
        select debits.*, mandates.chain_id from contradictions join debits using (debit_id) left join mandates using (mandate_id)
         where contradiction_id = $1 for no key update of debits
      ), met as (
        select c.contradiction_id, c.debit_id, c.holds from contradictions c
         where contradiction_id = $1 and ended_at is null and kind = any ($6::text[])
           and ($5 <> 'EXPLAINED'
                or exists (select from held where state in ('SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'))
                   and not exists (select from reversals r where r.reversal_id = c.reversal_id and r.state not in ('SETTLED', 'REJECTED')))
           and (select count(*) from held) = 1 for no key update
      ), locked_usage as (
        select chain_id from mandate_usage where chain_id in (select chain_id from held) and exists (select from met)
         order by chain_id for no key update
      ), given_back as (
        update mandate_usage u
           set month_used = month_used - case when month_start = date_trunc('month', reserved_on)::date then amount else 0 end,
               quarter_used = quarter_used - case when quarter_start = date_trunc('quarter', reserved_on)::date then amount else 0 end,
               year_used = year_used - case when year_start = date_trunc('year', reserved_on)::date then amount else 0 end
          from held join met using (debit_id)
         where met.holds and u.chain_id = held.chain_id and reserved_on is not null
           and (select count(*) from locked_usage) >= 0
      ), locked_declaration as (
        select d.creditor_code, d.employer_number, d.reference, contradicted - amount as left_contradicted
          from held join met using (debit_id)
          join declarations d on (d.creditor_code, d.employer_number, d.reference) = (held.creditor_code, held.employer_number, held.declaration)
         where met.holds and (select count(*) from locked_usage) >= 0 for no key update of d
      ), let_go as (
        -- By what was read under the lock: it may hold only since this statement began, by the debit's end.
        update declarations d set contradicted = left_contradicted
          from locked_declaration l
         where d.creditor_code = l.creditor_code and d.employer_number = l.employer_number and d.reference = l.reference
      ), ended as (
        update contradictions c set ended_at = clock_timestamp(), ending = $5, ended_by_evidence = $2, holds = false
          from met where c.contradiction_id = met.contradiction_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, detail)
        select creditor_code, 'contradiction.ended', debit_id, state, state, $5, 'bank', $3,
               jsonb_build_object('contradiction', contradiction_id, 'evidence', $2::text, 'from', $4::text)
          from held join met using (debit_id)
      )
      select exists (select from met) as ended`,
    values: [end.contradictionId, end.evidenceId, end.by, end.from, endings[end.paper], kindsEndedBy(end.paper)],
  });
  return rows[0]?.ended ?? false;
}

/**
 * Ends a contradiction by the one way from REJECTED to SETTLED: with the confirmation that names the rejection. What
 * it held the debit holds from now on. False where it has ended, where the declaration is paid otherwise by now, or
 * where another has that booking.
 */
export async function correctContradiction(
  db: Queryable,
  end: ContradictionEnd & { booking: Booking; confirmation: SignedToken },
): Promise<boolean> {
  const { booking, confirmation } = end;
  const { rows } = await db.query<{ corrected: boolean }>({
    name: 'correct-contradiction',
    text: `
      with held as (
        select debits.*, mandates.chain_id from contradictions join debits using (debit_id) join mandates using (mandate_id)
         where contradiction_id = $1 for no key update of debits
      ), met as (
        select c.contradiction_id, c.debit_id from contradictions c join held using (debit_id)
         where c.contradiction_id = $1 and c.ended_at is null and c.holds and c.kind = 'MOVED_AFTER_REJECTION'
           and c.booking_reference = $5 and c.amount = held.amount and held.amount = $9::bigint
           and held.state = any ($15::text[]) and held.rejection_jti is not null and held.reserved_on is not null
           for no key update of c
      ), payable as (
        -- Another debit may have paid the declaration since: then the core must give this one back.
        select d.creditor_code, d.employer_number, d.reference from declarations d, held join met using (debit_id)
         where d.creditor_code = held.creditor_code and d.employer_number = held.employer_number
           and d.reference = held.declaration and d.live + held.amount <= d.declared for no key update of d
      ), correcting as (
        select held.*, contradiction_id from held join met using (debit_id)
         where exists (select from payable) and not ${bookedForAnother('$5', '$7::date', { debit: 'held.debit_id' })}
      ), held_by_the_debit as (
        update declarations d set contradicted = contradicted - amount, live = live + amount
          from correcting c where d.creditor_code = c.creditor_code and d.employer_number = c.employer_number
           and d.reference = c.declaration
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $10::uuid, creditor_code, $11, debit_id, $12, $13::timestamptz, $14 from correcting
      ), corrected as (
        update debits
           set state = 'SETTLED', booking_reference = $5, executed_at = $6, booking_date = $7, value_date = $8,
               confirmation_jti = $10::uuid, reason = null, shown_reason = null, ended_at = clock_timestamp(),
               holds_declaration = true, holds_ceiling = true
          from correcting where debits.debit_id = correcting.debit_id
      ), ended as (
        update contradictions c set ended_at = clock_timestamp(), ending = 'CORRECTED', ended_by_evidence = $2, holds = false
          from correcting where c.contradiction_id = correcting.contradiction_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, token_jti, detail)
        select creditor_code, kind, debit_id, from_state, 'SETTLED', reason_code, 'bank', $3, jti,
               jsonb_build_object('contradiction', contradiction_id, 'evidence', $2::text, 'from', $4::text)
          from correcting, (values (1, 'debit.corrected', 'REJECTED', null, $10::uuid),
                                   (2, 'contradiction.ended', 'SETTLED', 'CORRECTED', null)) as row (position, kind, from_state, reason_code, jti)
         order by position
      )
      select exists (select from correcting) as corrected`,
    values: [
      end.contradictionId,
      end.evidenceId,
      end.by,
      end.from,
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
      correctionsTo('SETTLED'),
    ],
  });
  return rows[0]?.corrected ?? false;
}

const contradictionOf = (row: Row): Contradiction => ({
  contradictionId: row.contradiction_id,
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  kind: row.kind,
  foundAt: row.found_at,
  said:
    row.booking_reference === null
      ? undefined
      : {
          bookingReference: row.booking_reference,
          amount: row.amount === null ? undefined : centimesFromDatabase(row.amount),
          executedAt: row.executed_at ?? undefined,
        },
  state: row.state,
  amount: row.debit_amount === null ? undefined : centimesFromDatabase(row.debit_amount),
  about: aboutOf(row),
  agencyCode: row.agency_code ?? undefined,
  holds: row.holds,
  endedAt: row.ended_at ?? undefined,
  ending: row.ending ?? undefined,
});

const aboutOf = (row: Row): About =>
  row.attempt === null || row.reversal_state === null || row.reversal_reference === null
    ? {
        reference: row.debit_reference,
        attempt: undefined,
        stands: standingOfDebit(row.state),
        bookingReference: row.debit_booking ?? undefined,
      }
    : {
        reference: row.reversal_reference,
        attempt: row.attempt,
        stands: standingOfReversal(row.reversal_state),
        bookingReference: row.reversal_booking ?? undefined,
      };
