import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import {
  beforeInPeriods,
  ceilingDetail,
  leftInPeriod,
  type RefusalDetailRow,
  refusalDetail,
  refusalsToCome,
  spentInPeriods,
  stillUnderWay,
} from './ceilings.sql.ts';
import type { OpenDebit, Refusal } from './debit.ts';
import { type OpenRow, openColumns, openDebit } from './open-debit.sql.ts';
import { isStopped, standingStops, startsAgain } from './stopped.sql.ts';
import { movedElsewhere, owesAClaim } from './unclaimed.sql.ts';

export type Authorisation =
  | { verdict: 'RESERVED'; debit: OpenDebit }
  | { verdict: 'REFUSED'; refusal: Refusal }
  | { verdict: 'LATER' | 'GONE' };

type AuthorisationRow = OpenRow & {
  verdict: Authorisation['verdict'];
  reason: ReasonCode;
  detail: RefusalDetailRow | null;
};

/**
 * Reserves the ceilings for debits that were accepted earlier, by the mandate that stands for the chain now, in the
 * period of `today`. No two of one chain in a set. LATER: as many of the chain's debits are under way as may still be
 * refused for funds today, or its mandate is being replaced at this moment. GONE: another has it, it was cancelled, or
 * it is stopped, or its employer's money moved unknown to a restored database, and it has time left; after a restore,
 * until all starts again, also where it has none.
 * `maybeRefused`, in the time that a restore has lost, by a core that does not keep its refusals: it is in doubt instead
 * (LATER), since its creditor may hold the rejection; so it is voided, never sent.
 */
export async function authoriseDebits(
  db: Queryable,
  today: Day,
  leaseSeconds: number,
  limits: { debitMaximum: bigint; fundsRefusalsADay: number },
  debits: readonly { debitId: DebitId; maybeRefused: boolean }[],
): Promise<Authorisation[]> {
  const of = <Value>(read: (debit: (typeof debits)[number]) => Value) => debits.map(read);
  const { rows } = await db.query<AuthorisationRow>({
    name: 'authorise-debits',
    text: `
      with item as (
        select * from unnest($1::uuid[], $6::boolean[]) with ordinality as item (debit_id, maybe_refused, position)
      ), named as (
        select debit_id, debits.creditor_code, chain_id from item join debits using (debit_id) join mandates using (mandate_id)
      ), stop as (
        ${standingStops('select creditor_code from named', 'select chain_id from named')}
      ), held as (
        select debits.*, named.chain_id as named_chain from debits join named using (debit_id)
         where debits.state = 'ACCEPTED' and debits.refusal is null
           and (debits.expires_at <= clock_timestamp() and not ${startsAgain} or not (${isStopped('named.creditor_code', 'named.chain_id')}
                or ${owesAClaim('debits.creditor_code', 'debits.employer_number')}))
           and not ${movedElsewhere('debits.core_reference')}
         order by debit_id for no key update of debits
      ), chain as (
        -- Every mandate of it, whatever its state: one that is accepted while this waits for the one it replaces is seen too.
        select m.mandate_id as current_id, m.chain_id, m.state as mandate_state, m.accepted_at, m.valid_from, m.valid_to, m.per_debit_ceiling,
               m.period_ceiling, m.period, u.month_start, u.month_used, u.quarter_start, u.quarter_used, u.year_start, u.year_used, u.funds_refusals_on, u.funds_refusals,
               u.under_way as named_under_way
          from mandates m join mandate_usage u using (chain_id)
         where m.chain_id in (select named_chain from held)
         order by chain_id, mandate_id for no key update of m, u
      ), current as (
        -- The one that stands for the chain: not replaced, and accepted once.
        select * from chain
         where mandate_state in ('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED') and accepted_at is not null
      ), met as (
        select held.*, current.*, ${stillUnderWay('named_under_way')} as under_way, 
               -- One that waited for the core to open counts in the period of its receipt.
               greatest(case when execution_date is null then (received_at at time zone 'Africa/Algiers')::date else $2::date end,
                 month_start) as counted_on, item.position, item.maybe_refused
          from item join held using (debit_id) left join current on current.chain_id = held.named_chain
      ), counted as (
        select met.*, ${beforeInPeriods} from met
      ), measured as (
        select counted.*, ${leftInPeriod} as left_in_period from counted
      ), judged as (
        select measured.*,
               -- It came in time: that its day has passed is the bank's side.
               case when expires_at <= clock_timestamp() then 'AB03'
                    -- A replacement that came after this statement's snapshot stands for it: the next round sees that one.
                    when current_id is null then null
                    when mandate_state <> 'ACTIVE' or $2::date not between valid_from and valid_to then 'MD01'
                    when amount > $4::bigint then 'AM02'
                    -- No one may bisect a balance, by debits of a later date either.
                    when funds_refusals_on = $2::date and funds_refusals >= $5::int then 'MS03'
                    when amount > per_debit_ceiling or amount > left_in_period then 'AM14' end as reason_now
          from measured
      ), weighed as (
        select judged.*, case when reason_now = 'AM14' then ${refusalDetail} end as detail_now,
               reason_now is null and current_id is not null and ${refusalsToCome('$2::date')} < $5::int as goes
          from judged
      ), spent as (
        update mandate_usage u set ${spentInPeriods}, under_way = weighed.under_way || debit_id
          from weighed where goes and u.chain_id = weighed.chain_id
      ), taken as (
        update debits
           set state = case when goes and maybe_refused then 'IN_DOUBT' when goes then 'EXECUTING' else 'ACCEPTED' end,
               core_refusal = case when goes and maybe_refused then 'AB03' end,
               mandate_id = coalesce(current_id, weighed.mandate_id), refusal = reason_now,
               refusal_detail = detail_now,
               authorised_at = case when goes then clock_timestamp() end,
               reserved_on = case when goes then counted_on end,
               holds_ceiling = goes, sends = case when goes then 1 else 0 end,
               -- What must wait is free again at once, for the round after this one.
               lease_until = clock_timestamp() + make_interval(secs => case
                 when goes and maybe_refused then 0 when goes or reason_now is not null then $3::float8 else 1 end)
          from weighed where debits.debit_id = weighed.debit_id
        returning debits.*, position
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
        select creditor_code, case state when 'EXECUTING' then 'debit.authorised' else 'debit.in-doubt' end, debit_id, 'ACCEPTED',
               state, 'gateway'
          from taken where state <> 'ACCEPTED' order by position
      )
      select case when debits.debit_id is null then 'GONE' when debits.refusal is not null then 'REFUSED'
                  when debits.state = 'EXECUTING' then 'RESERVED' else 'LATER' end as verdict,
             debits.refusal as reason, debits.refusal_detail as detail, ${openColumns}
        from item left join taken debits using (position) left join mandates using (mandate_id)
        left join mandate_debtors using (mandate_id) left join creditors on creditors.creditor_code = debits.creditor_code
        left join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti
       order by item.position`,
    values: [
      of(({ debitId }) => debitId),
      today,
      leaseSeconds,
      limits.debitMaximum,
      limits.fundsRefusalsADay,
      of(({ maybeRefused }) => maybeRefused),
    ],
  });
  return rows.map(authorisation);
}

function authorisation(row: AuthorisationRow): Authorisation {
  switch (row.verdict) {
    case 'RESERVED':
      return { verdict: 'RESERVED', debit: openDebit(row) };
    case 'REFUSED':
      return { verdict: 'REFUSED', refusal: { reason: row.reason, ceiling: ceilingDetail(row.detail) } };
    case 'LATER':
    case 'GONE':
      return { verdict: row.verdict };
  }
}
