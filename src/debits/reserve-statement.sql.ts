import {
  beforeInPeriods,
  leftInPeriod,
  refusalDetail,
  refusalsToCome,
  spentInPeriods,
  stillUnderWay,
} from './ceilings.sql.ts';
import { isStopped, standingStops } from './stopped.sql.ts';
import { mandateWithAccount, owesAClaim } from './unclaimed.sql.ts';

/** Nothing of it was sent, as far as this database knows, and it holds its declaration. */
const neverSent = (debit: string) =>
  `${debit}.state in ('SCHEDULED', 'ACCEPTED') and ${debit}.refusal is null and ${debit}.holds_declaration`;

/*
 * It decides first (`weighed`), then writes with the verdict: a statement can't update what it has just inserted.
 * After waiting for a lock only the locked rows are read afresh: mandate, usage and declaration are all locked, in one
 * order (chain, mandate, declaration). A period that has begun is never taken back to an earlier one: a request that
 * was received just before midnight, and is weighed after one from just after it, counts in the new period.
 */
export const reserveStatement = `
  with item as (
    select *, (received_at at time zone 'Africa/Algiers')::date as today
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::bigint[],
                  $9::bigint[], $10::bytea[], $11::date[], $12::text[], $13::timestamptz[], $14::timestamptz[],
                  $15::text[], $16::text[], $17::text[], $18::text[], $19::timestamptz[], $20::timestamptz[],
                  $21::bytea[], $22::text[], $23::bytea[], $24::text[], $25::date[], $30::date[], $31::timestamptz[],
                  $32::boolean[], $33::boolean[])
      with ordinality as item (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number,
        declaration, declared, amount, content, execution_date, retry_of, expires_at, resolve_by, jti, key_thumbprint,
        method, target, signed_at, received_at, digest, token, body, period_label, due_date, runs_on, opens_at,
        rejects_closed, expiry_given, position)
  ), seen as (
    select position, requests.method = item.method and requests.target = item.target and requests.digest = item.digest as same
      from item join requests using (creditor_code, jti)
  ), known as (
    -- A burnt name has no content: whatever comes under it is told that it was cancelled.
    select position, debits.debit_id, debits.content is null or debits.content = item.content as same
      from item join debits using (creditor_code, end_to_end_id)
  ), moved as (
    select position, unclaimed.amount = item.amount as same, payer.mandate_id as moved_under
      from item join unclaimed_movements unclaimed
        on unclaimed.reference = item.core_reference and unclaimed.creditor_code = item.creditor_code and unclaimed.claimed_by is null
      left join lateral (${mandateWithAccount('item', 'unclaimed')}) payer on true
       for no key update of unclaimed
  ), stop as (
    ${standingStops('select creditor_code from item', 'select chain_id from mandates where mandate_id in (select mandate_id from item)')}
  ), held as (
    select m.mandate_id, m.chain_id, m.state, m.valid_from, m.valid_to, m.per_debit_ceiling, m.period_ceiling, m.period,
           u.month_start, u.month_used, u.quarter_start, u.quarter_used, u.year_start, u.year_used,
           u.funds_refusals_on, u.funds_refusals, u.debits_on, u.debits_taken, u.under_way,
           -- Validity is computed from the dates below: that the last day has been written down meanwhile changes nothing.
           m.state = 'ACTIVE' or (m.state = 'EXPIRED' and m.accepted_at is not null
             and not (m.suspended_by_bank or m.suspended_by_creditor)) as mandate_runs
      from mandates m join mandate_usage u using (chain_id)
     where m.mandate_id in (select mandate_id from item where position not in (select position from known))
     order by chain_id, mandate_id for no key update of m, u
  ), declaration as (
    select d.* from declarations d
      join (select distinct creditor_code, employer_number, declaration from item
             where position not in (select position from known)) wanted
        on wanted.creditor_code = d.creditor_code and wanted.employer_number = d.employer_number
       and wanted.declaration = d.reference
     -- After the mandates, whatever the plan: else two that meet wait for each other.
     where (select count(*) from held) >= 0
     order by d.creditor_code, d.employer_number, d.reference for no key update of d
  ), met as (
    select item.*, known.debit_id as known_id, known.same as known_same, seen.same as seen_same,
           moved.same as moved_same, moved_under,
           -- What was never sent gives way to what has moved: it was cancelled or refused since.
           case when moved.same then coalesce((select sum(unsent.amount) from debits unsent
             where unsent.creditor_code = item.creditor_code and unsent.employer_number = item.employer_number
               and unsent.declaration = item.declaration and ${neverSent('unsent')}), 0) else 0 end as unsent,
           visible.mandate_id is not null as found, visible.employer_number as mandate_employer,
           visible.chain_id as visible_chain, visible.certificate_jti,
           h.chain_id, h.state as mandate_state, h.valid_from, h.valid_to, h.per_debit_ceiling, h.period_ceiling, h.period,
           h.funds_refusals_on, h.funds_refusals, h.debits_on, h.debits_taken, h.mandate_runs,
           ${stillUnderWay('h.under_way')} as under_way,
           d.declared as declared_before, coalesce(d.live, 0) as live_before,
           coalesce(d.live, 0) + coalesce(d.contradicted, 0) as live,
           d.reference is not null as declaration_known,
           coalesce(item.runs_on, item.today) > item.today as later,
           greatest(item.today, h.month_start) as counted_on,
           h.month_start, h.month_used, h.quarter_start, h.quarter_used, h.year_start, h.year_used
      from item
      left join known using (position)
      left join seen using (position)
      left join moved using (position)
      left join mandates visible on visible.mandate_id = item.mandate_id and visible.creditor_code = item.creditor_code
            and (visible.origin = 'CREDITOR' or visible.shown_at is not null)
      left join held h on h.mandate_id = visible.mandate_id
      left join declaration d on d.creditor_code = item.creditor_code and d.employer_number = item.employer_number
            and d.reference = item.declaration
  ), counted as (
    select met.*, ${beforeInPeriods}
      from met
  ), measured as (
    select counted.*, ${leftInPeriod} as left_in_period
      from counted
  ), judged as (
    select measured.*,
           case
             when seen_same = false then 'JTI_REUSED'
             when known_same then 'KNOWN'
             when known_id is not null then 'NAME_TAKEN'
             when not found then 'MANDATE_NOT_FOUND'
             -- Another amount than was moved under this name is another debit.
             when not moved_same then 'NAME_TAKEN'
             when moved_same is null
               and (${isStopped('measured.creditor_code', 'measured.visible_chain')}
                    or ${owesAClaim('measured.creditor_code', 'measured.employer_number')}) then 'STOPPED'
             -- From an account that no mandate of this chain has: the one that had it is still to be entered again.
             when moved_same and moved_under is null then 'STOPPED'
             when mandate_employer <> employer_number then 'OTHER_EMPLOYER'
             when moved_same and live > unsent and declared_before <> declared then 'DECLARED_DIFFERS'
             when moved_same and live - unsent >= declared then 'DECLARATION_PAID'
             when moved_same and live - unsent + amount > declared then 'OVER_DECLARED'
             when moved_same then 'CLAIMED'
             when execution_date < today or execution_date > today + 60 then 'DATE_OUT_OF_RANGE'
             when later and (expires_at <= execution_date::timestamp at time zone 'Africa/Algiers'
                             or expires_at > (runs_on + 1)::timestamp at time zone 'Africa/Algiers')
               or not later and expires_at > received_at + interval '24 hours'
                  -- One that waits may do so until the end of the day on which the core opens.
                  and not coalesce(expires_at <= ((opens_at at time zone 'Africa/Algiers')::date + 1)::timestamp
                    at time zone 'Africa/Algiers', false) then 'EXPIRY_OUT_OF_RANGE'
             when live > 0 and declared_before <> declared then 'DECLARED_DIFFERS'
             when live >= declared then 'DECLARATION_PAID'
             when live + amount > declared then 'OVER_DECLARED'
             when funds_refusals_on = today and funds_refusals >= $28::int then 'FUNDS_REFUSALS'
             when debits_on = today and debits_taken >= $29::int then 'DEBITS_A_DAY'
             when expires_at <= received_at then 'REFUSED TM01'
             -- It came in time, and waited here for its mandate or its turn: that is the bank's side.
             when expires_at <= clock_timestamp() then 'REFUSED AB03'
             when not coalesce(mandate_runs, false)
               or coalesce(runs_on, today) not between valid_from and valid_to then 'REFUSED MD01'
             when amount > $26::bigint then 'REFUSED AM02'
             when amount > per_debit_ceiling then 'REFUSED AM14'
             when later then 'SCHEDULED'
             when amount > left_in_period then 'REFUSED AM14'
             when opens_at is not null and rejects_closed then 'REFUSED AB03'
             when opens_at is not null then 'WAITS'
             when ${refusalsToCome('today')} >= $28::int then 'LATER'
             else 'RESERVED'
           end as judgement
      from measured
  ), weighed as (
    -- A signature that was seen before begins nothing, whatever stands now.
    select judged.*,
           case when seen_same and known_id is null and (judgement like 'REFUSED%' or judgement in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED', 'LATER'))
                then 'JTI_REUSED' else judgement end as verdict
      from judged
  ), spent as (
    update mandate_usage u
       set ${spentInPeriods}, under_way = case when verdict = 'RESERVED' then weighed.under_way || debit_id else weighed.under_way end,
           debits_on = counted_on, debits_taken = case when u.debits_on = counted_on then u.debits_taken else 0 end + 1
      from weighed where verdict in ('RESERVED', 'CLAIMED') and u.chain_id = weighed.chain_id
  ), outdone as (
    select o.debit_id, o.creditor_code, o.state, o.amount, weighed.position
      from weighed join debits o using (creditor_code, employer_number, declaration)
     where verdict = 'CLAIMED' and (live + weighed.amount > weighed.declared or declared_before <> weighed.declared)
       and ${neverSent('o')}
     order by o.debit_id for no key update of o
  ), turned_away as (
    update debits set state = 'ACCEPTED', refusal = 'AM05', holds_declaration = false, lease_until = clock_timestamp()
      from outdone where debits.debit_id = outdone.debit_id
  ), declared_again as (
    -- By what was read under the lock: the row's constraints are looked at first with the snapshot's row, which may still
    -- show what another has given back meanwhile.
    update declarations d set declared = weighed.declared,
           live = live_before + amount - coalesce((select sum(outdone.amount) from outdone where outdone.position = weighed.position), 0)
      from weighed where verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED') and declaration_known
       and d.creditor_code = weighed.creditor_code and d.employer_number = weighed.employer_number
       and d.reference = weighed.declaration
  ), declared_first as (
    insert into declarations (creditor_code, employer_number, reference, declared, live)
    select creditor_code, employer_number, declaration, declared, amount
      from weighed where verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED') and not declaration_known
  ), asked as (
    insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
    select creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body,
           coalesce(known_id, case when verdict like 'REFUSED%' or verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED') then debit_id end)
      from weighed
     where seen_same is null
       and (verdict like 'REFUSED%' or verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED', 'KNOWN', 'NAME_TAKEN', 'OTHER_EMPLOYER', 'DECLARED_DIFFERS',
            'DECLARATION_PAID', 'OVER_DECLARED'))
  ), taken as (
    insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration,
      declared, period_label, due_date, amount, content, request_jti, execution_date, retry_of, state, refusal, refusal_detail, ordered_at,
      received_at, authorised_at, reserved_on, holds_declaration, holds_ceiling, expires_at, resolve_by, expiry_given, lease_until, sends)
    select debit_id, creditor_code, end_to_end_id, core_reference,
           case verdict when 'CLAIMED' then moved_under else mandate_id end, employer_number, declaration, declared,
           period_label, due_date, amount, content, jti, execution_date, retry_of,
           case verdict when 'SCHEDULED' then 'SCHEDULED' when 'WAITS' then 'ACCEPTED' else 'EXECUTING' end,
           case when verdict like 'REFUSED%' then right(verdict, 4) end,
           case when verdict = 'REFUSED AM14' then ${refusalDetail} end,
           signed_at, received_at,
           case when verdict in ('RESERVED', 'CLAIMED') then greatest(clock_timestamp(), received_at) end,
           case when verdict in ('RESERVED', 'CLAIMED') then counted_on end,
           verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED'), verdict in ('RESERVED', 'CLAIMED'), expires_at, resolve_by, expiry_given,
           -- Free to be taken up when the core opens, or to be rejected where it opens too late.
           case when verdict = 'WAITS' then least(opens_at, expires_at) when verdict = 'CLAIMED' then clock_timestamp()
                else clock_timestamp() + make_interval(secs => $27::float8) end,
           case when verdict in ('RESERVED', 'CLAIMED') then 1 else 0 end
      from weighed where verdict like 'REFUSED%' or verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED')
    returning debit_id, core_reference, authorised_at, refusal, refusal_detail
  ), claimed as (
    update unclaimed_movements u set claimed_by = taken.debit_id, claimed_at = clock_timestamp()
      from taken where u.reference = taken.core_reference and u.claimed_by is null
  ), told as (
    insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, request_jti)
    select creditor_code, case verdict when 'SCHEDULED' then 'debit.scheduled' else 'debit.received' end, debit_id, null,
           case verdict when 'SCHEDULED' then 'SCHEDULED' when 'WAITS' then 'ACCEPTED' else 'EXECUTING' end,
           case when verdict like 'REFUSED%' then right(verdict, 4) end, 'creditor', key_thumbprint, jti
      from weighed where verdict like 'REFUSED%' or verdict in ('RESERVED', 'SCHEDULED', 'WAITS', 'CLAIMED')
     union all
    select creditor_code, 'debit.accepted', debit_id, 'SCHEDULED', 'ACCEPTED', null, 'gateway', null, null
      from outdone where state = 'SCHEDULED'
  )
  select case when verdict like 'REFUSED%' then 'REFUSED' else verdict end as verdict,
         coalesce(known_id, weighed.debit_id) as debit_id, visible_chain as chain_id, taken.authorised_at,
         taken.refusal, taken.refusal_detail, certificate_jti,
         mandate_debtors.rib, creditors.collection_account
    from weighed left join taken on taken.debit_id = weighed.debit_id
    left join mandate_debtors on verdict = 'RESERVED' and mandate_debtors.mandate_id = weighed.mandate_id
    left join creditors on verdict = 'RESERVED' and creditors.creditor_code = weighed.creditor_code
   order by position`;
