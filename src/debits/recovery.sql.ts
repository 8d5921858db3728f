import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type {
  CoreReference,
  CreditorCode,
  DebitId,
  DeclarationReference,
  EmployerNumber,
  EndToEndId,
  MandateId,
  TokenId,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import {
  beforeInPeriods,
  ceilingDetail,
  leftInPeriod,
  type RefusalDetailRow,
  refusalDetail,
  spentInPeriods,
} from './ceilings.sql.ts';
import type { EndingDebit, OpenDebit, Refusal } from './debit.ts';

/** A debit that nobody works on, taken up: what it is, and what is known of it so far. */
export type Unfinished = {
  debit: EndingDebit;
  /** The same with its accounts, once its ceilings were reserved. */
  open: OpenDebit | undefined;
  state: 'ACCEPTED' | 'EXECUTING' | 'IN_DOUBT';
  refusal: Refusal | undefined;
  /** Stored where the money has moved and the signature had to wait. */
  booking: Booking | undefined;
  sends: number;
  questions: number;
  forPeople: boolean;
  /** Begun under this mandate, which is neither suspended nor ended: it may still be sent. */
  mandateAllows: boolean;
};

type UnfinishedRow = Omit<OpenRow, 'authorised_at'> & {
  authorised_at: Date | null;
  state: Unfinished['state'];
  refusal: ReasonCode | null;
  refusal_detail: RefusalDetailRow | null;
  booking_reference: string | null;
  executed_at: Date | null;
  booking_date: Day | null;
  value_date: Day | null;
  sends: number;
  questions: number;
  people_since: Date | null;
  mandate_allows: boolean;
};

type EndingRow = {
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  core_reference: CoreReference;
  mandate_id: MandateId;
  chain_id: MandateId;
  employer_number: EmployerNumber;
  declaration: DeclarationReference;
  declared: string;
  period_label: string | null;
  due_date: Day | null;
  amount: string;
  execution_date: Day | null;
  retry_of: EndToEndId | null;
  ordered_at: Date;
  received_at: Date;
  expires_at: Date;
  resolve_by: Date;
  request_jti: string;
  request_key: string;
  request_digest: Buffer;
};

const endingColumns = `
  debits.debit_id, debits.creditor_code, debits.end_to_end_id, debits.core_reference, debits.mandate_id, mandates.chain_id,
  debits.employer_number, debits.declaration, debits.declared, debits.period_label, debits.due_date, debits.amount,
  debits.execution_date, debits.retry_of,
  debits.ordered_at, debits.received_at, debits.expires_at, debits.resolve_by,
  debits.request_jti, requests.key_thumbprint as request_key, requests.digest as request_digest`;

const openColumns = `${endingColumns}, mandates.certificate_jti, mandate_debtors.rib, creditors.collection_account,
  debits.authorised_at`;
const openJoins = `
  join mandate_debtors using (mandate_id) join creditors on creditors.creditor_code = debits.creditor_code
  join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti`;

const algiersToday = "(clock_timestamp() at time zone 'Africa/Algiers')::date";

const runs = (mandate: string) => `${mandate}.state = 'ACTIVE'
  and not (${mandate}.suspended_by_bank or ${mandate}.suspended_by_creditor)
  and ${algiersToday} between ${mandate}.valid_from and ${mandate}.valid_to`;

/** One that was replaced meanwhile still carries what was begun under it, while the one that stands for it runs. */
const mandateAllows = `
  ((${runs('mandates')}) or (mandates.state = 'REPLACED' and exists (
    select from mandates successor where successor.chain_id = mandates.chain_id and ${runs('successor')})))`;

/** Takes up to `most` debits whose lease has ended, for one lease: a living replica's are its own. */
export async function takeUnfinished(db: Queryable, most: number, leaseSeconds: number): Promise<Unfinished[]> {
  const { rows } = await db.query<UnfinishedRow>({
    name: 'take-unfinished',
    text: `
      with free as (
        select debit_id from debits
         where state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT') and lease_until < clock_timestamp()
         order by lease_until limit $1 for no key update skip locked
      ), taken as (
        update debits set lease_until = clock_timestamp() + make_interval(secs => $2::float8), questions = questions + 1
         where debit_id in (select debit_id from free) returning *
      )
      select ${openColumns}, debits.state, debits.refusal, debits.refusal_detail, debits.booking_reference,
             debits.executed_at, debits.booking_date, debits.value_date, debits.sends, debits.questions,
             debits.people_since, ${mandateAllows} as mandate_allows
        from taken debits join mandates using (mandate_id) ${openJoins}`,
    values: [most, leaseSeconds],
  });
  return rows.map(unfinished);
}

/**
 * Claims one more send, just before it: state, mandate and `expiresAt` are looked at again here, under the row's lock.
 * Undefined where any of them says no. `repeatable`: a second send does no harm at this bus.
 */
export async function claimSend(
  db: Queryable,
  debitId: DebitId,
  repeatable: boolean,
  leaseSeconds: number,
): Promise<OpenDebit | undefined> {
  const { rows } = await db.query<OpenRow>({
    name: 'claim-send',
    text: `
      with allowed as (
        -- The lock that suspension and revocation take: this send comes before them, or sees them.
        select mandates.mandate_id from mandates
         where mandates.mandate_id = (select mandate_id from debits where debit_id = $1) and ${mandateAllows}
           for no key update of mandates
      ), claimed as (
        update debits set sends = sends + 1, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
          from allowed
         where debits.debit_id = $1 and allowed.mandate_id = debits.mandate_id
           and debits.state in ('EXECUTING', 'IN_DOUBT') and debits.refusal is null and debits.holds_ceiling
           and debits.expires_at > clock_timestamp() and (debits.sends = 0 or $2)
        returning debits.*
      )
      select ${openColumns} from claimed debits join mandates using (mandate_id) ${openJoins}`,
    values: [debitId, repeatable, leaseSeconds],
  });
  return rows[0] && openDebit(rows[0]);
}

/** The next question comes later; past its time it waits for people, and is told once. */
export async function askLater(db: Queryable, debitId: DebitId, seconds: number, forPeople: boolean): Promise<void> {
  await db.query({
    name: 'ask-later',
    text: `
      with before as (
        select debit_id, creditor_code, state, people_since is null and $3 as turns from debits
         where debit_id = $1 and state in ('EXECUTING', 'IN_DOUBT') for no key update
      ), later as (
        update debits set state = 'IN_DOUBT', lease_until = clock_timestamp() + make_interval(secs => $2::float8),
               people_since = case when $3 then coalesce(people_since, clock_timestamp()) else people_since end
         where debit_id in (select debit_id from before)
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, case when turns then 'debit.for-people' else 'debit.in-doubt' end, debit_id, state, 'IN_DOUBT', 'gateway'
        from before where turns or state = 'EXECUTING'`,
    values: [debitId, seconds, forPeople],
  });
}

/** Scheduled debits whose day has come are accepted, up to `most`, each free to be taken up at once. */
export async function acceptDueDebits(db: Queryable, today: Day, most: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'accept-due-debits',
    text: `
      with due as (
        select debit_id, creditor_code from debits
         where state = 'SCHEDULED' and execution_date <= $1::date
         order by execution_date, debit_id limit $2 for no key update skip locked
      ), accepted as (
        update debits set state = 'ACCEPTED', lease_until = clock_timestamp() where debit_id in (select debit_id from due)
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, 'debit.accepted', debit_id, 'SCHEDULED', 'ACCEPTED', 'gateway' from due order by debit_id`,
    values: [today, most],
  });
  return rowCount ?? 0;
}

export type Authorisation =
  | { verdict: 'RESERVED'; debit: OpenDebit }
  | { verdict: 'REFUSED'; refusal: Refusal }
  | { verdict: 'GONE' };

type OpenRow = EndingRow & {
  certificate_jti: TokenId;
  rib: Rib;
  collection_account: Rib;
  authorised_at: Date;
};

type AuthorisationRow = OpenRow & {
  verdict: Authorisation['verdict'];
  reason: ReasonCode;
  detail: RefusalDetailRow | null;
};

/**
 * Reserves the ceilings for debits that were accepted earlier, by the mandate that stands for the chain now, in the
 * period of `today`. No two of one chain in a set. GONE: another has it, or it was cancelled.
 */
export async function authoriseDebits(
  db: Queryable,
  today: Day,
  leaseSeconds: number,
  limits: { debitMaximum: bigint; fundsRefusalsADay: number },
  debitIds: readonly DebitId[],
): Promise<Authorisation[]> {
  const { rows } = await db.query<AuthorisationRow>({
    name: 'authorise-debits',
    text: `
      with item as (
        select * from unnest($1::uuid[]) with ordinality as item (debit_id, position)
      ), held as (
        select debits.*, named.chain_id as named_chain from debits join mandates named using (mandate_id)
         where debit_id in (select debit_id from item) and debits.state = 'ACCEPTED' and debits.refusal is null
         order by debit_id for no key update of debits
      ), current as (
        -- The one that stands for the chain: not replaced, and accepted once.
        select m.mandate_id as current_id, m.chain_id, m.state as mandate_state, m.valid_from, m.valid_to, m.per_debit_ceiling,
               m.period_ceiling, m.period, u.month_start, u.month_used, u.quarter_start, u.quarter_used, u.year_start, u.year_used, u.funds_refusals_on, u.funds_refusals
          from mandates m join mandate_usage u using (chain_id)
         where m.chain_id in (select named_chain from held)
           and m.state in ('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED') and m.accepted_at is not null
         order by chain_id, mandate_id for no key update of m, u
      ), met as (
        select held.*, current.*, greatest($2::date, month_start) as counted_on, item.position
          from item join held using (debit_id) left join current on current.chain_id = held.named_chain
      ), counted as (
        select met.*, ${beforeInPeriods} from met
      ), measured as (
        select counted.*, ${leftInPeriod} as left_in_period from counted
      ), judged as (
        select measured.*,
               -- It came in time: that its day has passed is the bank's side.
               case when expires_at <= clock_timestamp() then 'AB03'
                    when mandate_state is distinct from 'ACTIVE' or $2::date not between valid_from and valid_to then 'MD01'
                    when amount > $4::bigint then 'AM02'
                    -- No one may bisect a balance, by debits of a later date either.
                    when funds_refusals_on = $2::date and funds_refusals >= $5::int then 'MS03'
                    when amount > per_debit_ceiling or amount > left_in_period then 'AM14' end as reason_now
          from measured
      ), weighed as (
        select judged.*, case when reason_now = 'AM14' then ${refusalDetail} end as detail_now from judged
      ), spent as (
        update mandate_usage u set ${spentInPeriods}
          from weighed where reason_now is null and u.chain_id = weighed.chain_id
      ), taken as (
        update debits
           set state = case when reason_now is null then 'EXECUTING' else 'ACCEPTED' end,
               mandate_id = coalesce(current_id, weighed.mandate_id), refusal = reason_now,
               refusal_detail = detail_now,
               authorised_at = case when reason_now is null then clock_timestamp() end,
               reserved_on = case when reason_now is null then counted_on end,
               holds_ceiling = reason_now is null, sends = case when reason_now is null then 1 else 0 end,
               lease_until = clock_timestamp() + make_interval(secs => $3::float8)
          from weighed where debits.debit_id = weighed.debit_id
        returning debits.*, position
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
        select creditor_code, 'debit.authorised', debit_id, 'ACCEPTED', 'EXECUTING', 'gateway'
          from taken where refusal is null order by position
      )
      select case when debits.debit_id is null then 'GONE' when debits.refusal is null then 'RESERVED' else 'REFUSED' end as verdict,
             debits.refusal as reason, debits.refusal_detail as detail, ${openColumns}
        from item left join taken debits using (position) left join mandates using (mandate_id)
        left join mandate_debtors using (mandate_id) left join creditors on creditors.creditor_code = debits.creditor_code
        left join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti
       order by item.position`,
    values: [debitIds, today, leaseSeconds, limits.debitMaximum, limits.fundsRefusalsADay],
  });
  return rows.map(authorisation);
}

function authorisation(row: AuthorisationRow): Authorisation {
  switch (row.verdict) {
    case 'RESERVED':
      return { verdict: 'RESERVED', debit: openDebit(row) };
    case 'REFUSED':
      return { verdict: 'REFUSED', refusal: { reason: row.reason, ceiling: ceilingDetail(row.detail) } };
    case 'GONE':
      return { verdict: 'GONE' };
  }
}

const endingDebit = (row: EndingRow): EndingDebit => ({
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  reference: row.core_reference,
  mandateId: row.mandate_id,
  chainId: row.chain_id,
  employerNumber: row.employer_number,
  declaration: row.declaration,
  declared: centimesFromDatabase(row.declared),
  periodLabel: row.period_label ?? undefined,
  dueDate: row.due_date ?? undefined,
  amount: centimesFromDatabase(row.amount),
  executionDate: row.execution_date ?? undefined,
  retryOf: row.retry_of ?? undefined,
  orderedAt: row.ordered_at,
  receivedAt: row.received_at,
  expiresAt: row.expires_at,
  resolveBy: row.resolve_by,
  request: { jti: row.request_jti, keyThumbprint: row.request_key, digest: row.request_digest },
});

const openDebit = (row: OpenRow): OpenDebit => ({
  ...endingDebit(row),
  certificateJti: row.certificate_jti,
  debtor: row.rib,
  collectionAccount: row.collection_account,
  authorisedAt: row.authorised_at,
});

function unfinished(row: UnfinishedRow): Unfinished {
  const {
    booking_reference: bookingReference,
    executed_at: executedAt,
    booking_date: bookingDate,
    value_date: valueDate,
  } = row;
  const booked = bookingReference !== null && executedAt !== null && bookingDate !== null && valueDate !== null;
  return {
    debit: endingDebit(row),
    open: row.authorised_at === null ? undefined : openDebit({ ...row, authorised_at: row.authorised_at }),
    state: row.state,
    refusal: row.refusal === null ? undefined : { reason: row.refusal, ceiling: ceilingDetail(row.refusal_detail) },
    booking: booked
      ? { bookingReference, executedAt, bookingDate, valueDate, amount: centimesFromDatabase(row.amount) }
      : undefined,
    sends: row.sends,
    questions: row.questions,
    forPeople: row.people_since !== null,
    mandateAllows: row.mandate_allows,
  };
}
