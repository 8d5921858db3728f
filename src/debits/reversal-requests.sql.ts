import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Centimes } from '../values/centimes.ts';
import type { CoreReference, DebitId } from '../values/ids.ts';
import type { ReversalId, ReversalOrder } from './reversal.ts';
import { isContradicted } from './reversal-contradicted.sql.ts';
import { standingStops } from './stopped.sql.ts';

export type ReversalRequest = {
  /** Used where it is taken in. */
  reversalId: ReversalId;
  reference: CoreReference;
  order: ReversalOrder;
  request: SignedRequest;
  expiresAt: Date;
  resolveBy: Date;
  /** The core banking system takes nothing now. */
  coreIsClosed: boolean;
};

export type ReversalLimits = {
  /** Days after the day of settlement, in Algiers. */
  windowDays: number;
  /** Of a creditor, in a day in Algiers: tries, and centimes that are not rejected. */
  reversalsADay: number;
  amountADay: Centimes;
  leaseSeconds: number;
};

/**
 * REQUESTED: taken in now. KNOWN: this attempt stands already. OTHER_ATTEMPT: its number is not the next one, or it was
 * asked for another reason before, or one that is not rejected stands. CLAIMED: its money had gone back before the database
 * was put back to an earlier time; it is asked about, never sent. CONTRADICTED: what the core has said or booked of this
 * debit contradicts what stands here, so that its money may have gone back already; people end that first. REQUESTED and
 * CLAIMED leave an attempt. The request is kept beside it, and with KNOWN, OTHER_ATTEMPT, NOT_SETTLED and WINDOW_PASSED
 * alone. The others leave nothing.
 */
export type ReversalVerdict =
  | 'REQUESTED'
  | 'CLAIMED'
  | 'KNOWN'
  | 'OTHER_ATTEMPT'
  | 'DEBIT_NOT_FOUND'
  | 'JTI_REUSED'
  | 'NOT_SETTLED'
  | 'WINDOW_PASSED'
  | 'CONTRADICTED'
  | 'STOPPED'
  | 'CORE_CLOSED'
  | 'REVERSALS_A_DAY'
  | 'AMOUNT_A_DAY';

/** As it was decided, with the debit, and the attempt where one stands. */
export type ReversalRequested = {
  verdict: ReversalVerdict;
  debitId: DebitId | undefined;
  reversalId: ReversalId | undefined;
};

const tries = 5;

/** As `weighReversal`, whose snapshot may be older than the debit that it has locked. */
export async function requestReversal(
  db: Queryable,
  limits: ReversalLimits,
  asked: ReversalRequest,
): Promise<ReversalRequested> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const { verdict, ...named } = await weighReversal(db, limits, asked);
    if (verdict !== 'AGAIN') return { verdict, ...named };
  }
  throw new Error('a debit is REVERSED by no reversal');
}

type Weighed = Omit<ReversalRequested, 'verdict'> & { verdict: ReversalVerdict | 'AGAIN' };

/**
 * Weighs a request and takes it in, in one statement: the debit's lock, the day's limits, request, journal. Two that race
 * for one attempt, or for a day's first row, are a unique violation: run again, the loser sees the winner.
 */
async function weighReversal(
  db: Queryable,
  limits: ReversalLimits,
  { reversalId, reference, order, request, expiresAt, resolveBy, coreIsClosed }: ReversalRequest,
): Promise<Weighed> {
  const { rows } = await db.query<{
    verdict: Weighed['verdict'];
    debit_id: DebitId | null;
    reversal_id: ReversalId | null;
  }>({
    name: 'request-reversal',
    text: `
      with seen as (
        select method = $6 and target = $7 and digest = $10 as same from requests where creditor_code = $1 and jti = $4
      ), named as (
        select debit_id, chain_id from debits left join mandates using (mandate_id)
         where debits.creditor_code = $1 and end_to_end_id = $2
      ), stop as (
        ${standingStops('select $1::text', 'select chain_id from named')}
      ), held as (
        select debits.* from debits where debit_id = (select debit_id from named) for no key update
      ), known as (
        select reversal_id, attempt, asked_reason, state from reversals where debit_id = (select debit_id from held)
      ), payer as (
        select rib from mandate_debtors where mandate_id = (select mandate_id from held)
      ), moved as (
        select u.reference, u.amount = held.amount and u.creditor = payer.rib
               and exists (select from collection_accounts c where c.creditor_code = $1 and c.account = u.debtor) as same
          from unexplained_movements u, held, payer
         where u.reference = $20 and (u.ending is null or u.ending = 'EXPLAINED') for no key update of u
      ), today as (
        select day, asked, amount from reversal_days
         where creditor_code = $1 and day = ($9::timestamptz at time zone 'Africa/Algiers')::date
           and (select count(*) from held) >= 0
           for no key update
      ), weighed as (
        select held.debit_id, held.amount, (select reversal_id from known where attempt = $15) as known_id,
               case
                 when (select not same from seen) then 'JTI_REUSED'
                 when held.debit_id is null then 'DEBIT_NOT_FOUND'
                 when exists (select from known where attempt = $15 and asked_reason = $16) then 'KNOWN'
                 when exists (select from known where attempt = $15) then 'OTHER_ATTEMPT'
                 -- A signature that was seen before begins nothing, whatever stands now.
                 when exists (select from seen) then 'JTI_REUSED'
                 when exists (select from moved where not same) then 'STOPPED'
                 when exists (select from moved) and held.state = 'SETTLED'
                   and not exists (select from known where state <> 'REJECTED') then 'CLAIMED'
                 when exists (select from known where state <> 'REJECTED')
                   or $15 <> (select coalesce(max(attempt), 0) + 1 from known) then 'OTHER_ATTEMPT'
                 -- Given back while this waited for the debit's lock, by what its snapshot can't show.
                 when held.state = 'REVERSED' then 'AGAIN'
                 when held.state <> 'SETTLED' then 'NOT_SETTLED'
                 when ($9::timestamptz at time zone 'Africa/Algiers')::date
                      > (held.executed_at at time zone 'Africa/Algiers')::date + $17::int then 'WINDOW_PASSED'
                 when ${isContradicted('held.debit_id')} then 'CONTRADICTED'
                 when exists (select from stop) then 'STOPPED'
                 -- After a restore: as much went back to this account, by which try is not known yet.
                 when exists (select from unexplained_movements u, payer
                               where u.ending is null and u.amount = held.amount and u.creditor = payer.rib) then 'STOPPED'
                 when $22::boolean then 'CORE_CLOSED'
                 when (select asked from today) >= $18::int then 'REVERSALS_A_DAY'
                 when coalesce((select amount from today), 0) + held.amount > $19::bigint then 'AMOUNT_A_DAY'
                 else 'REQUESTED'
               end as verdict
          from (select 1) one left join held on true
      ), asked as (
        insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
        select $1, $4, $5, $6, $7, $8::timestamptz, $9::timestamptz, $10::bytea, $11, $12::bytea, debit_id
          from weighed where verdict in ('REQUESTED', 'CLAIMED', 'KNOWN', 'OTHER_ATTEMPT', 'NOT_SETTLED', 'WINDOW_PASSED')
           and not exists (select from seen)
      ), counted_again as (
        update reversal_days d set asked = d.asked + 1, amount = d.amount + weighed.amount
          from weighed, today where verdict in ('REQUESTED', 'CLAIMED') and d.creditor_code = $1 and d.day = today.day
      ), counted_first as (
        insert into reversal_days (creditor_code, day, asked, amount)
        select $1, ($9::timestamptz at time zone 'Africa/Algiers')::date, 1, amount
          from weighed where verdict in ('REQUESTED', 'CLAIMED') and not exists (select from today)
      ), taken as (
        insert into reversals (reversal_id, debit_id, creditor_code, attempt, core_reference, amount, asked_reason, request_jti,
          state, sends, ordered_at, received_at, counted_on, expires_at, resolve_by, lease_until)
        select $3::uuid, debit_id, $1, $15, $20, amount, $16, $4, case verdict when 'CLAIMED' then 'IN_DOUBT' else verdict end,
               case verdict when 'CLAIMED' then 1 else 0 end, $8::timestamptz, $9::timestamptz,
               ($9::timestamptz at time zone 'Africa/Algiers')::date, $13::timestamptz, $14::timestamptz,
               clock_timestamp() + case verdict when 'CLAIMED' then interval '0' else make_interval(secs => $21::float8) end
          from weighed where verdict in ('REQUESTED', 'CLAIMED')
      ), claimed as (
        update unexplained_movements u set ending = 'CLAIMED', ended_at = clock_timestamp(), claimed_by = $3::uuid
          from weighed, moved where verdict = 'CLAIMED' and u.reference = moved.reference
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, request_jti, detail)
        select $1, 'debit.reversal-requested', debit_id, 'SETTLED', 'SETTLED', 'creditor', $5, $4,
               jsonb_build_object('attempt', $15::int, 'state', 'REQUESTED', 'asked', $16::text)
          from weighed where verdict in ('REQUESTED', 'CLAIMED')
         union all
        select $1, 'debit.reversal-in-doubt', debit_id, 'SETTLED', 'SETTLED', 'gateway', null, $4,
               jsonb_build_object('attempt', $15::int, 'state', 'IN_DOUBT')
          from weighed where verdict = 'CLAIMED'
      )
      select verdict, debit_id, case when verdict in ('REQUESTED', 'CLAIMED') then $3::uuid else known_id end as reversal_id from weighed`,
    values: [
      order.creditor,
      order.endToEndId,
      reversalId,
      request.jti,
      request.keyThumbprint,
      request.method,
      request.target,
      request.signedAt,
      request.receivedAt,
      request.digest,
      request.token,
      request.body,
      expiresAt,
      resolveBy,
      order.attempt,
      order.reason,
      limits.windowDays,
      limits.reversalsADay,
      limits.amountADay,
      reference,
      limits.leaseSeconds,
      coreIsClosed,
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a reversal had no verdict');
  return {
    verdict: row.verdict,
    debitId: row.debit_id ?? undefined,
    reversalId: row.reversal_id ?? undefined,
  };
}
