import { referenceOf, uuidOf } from './named.ts';

const reversal = `
  select number, debit_id, creditor_code, amount, received_at as at, received_at + interval '2 days' as asked,
         ${uuidOf('received_at', "'reversal ' || number")} as reversal_id, ${uuidOf('received_at', "'reversed ' || number")} as jti,
         ${referenceOf("'reversal ' || number")} as reference, request_jti as request`;

/**
 * One debit in 100 is given back, one in 200 could not be, and of a few it is in doubt. One statement, since a debit is
 * REVERSED exactly if a reversal of it is SETTLED.
 */
export const reversalsStatement = `
  with chosen as (
    ${reversal}, case when number % 20000 = 35 then 'IN_DOUBT' when number % 200 = 34 then 'REJECTED' else 'SETTLED' end as state
      from generate_series(1, $1::int) as number join debits on core_reference = ${referenceOf('number')}
     where debits.state = 'SETTLED' and (number % 100 = 33 or number % 200 = 34 or number % 20000 = 35)
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select jti, creditor_code, 'reversal-confirmation+jwt', debit_id, 'key', asked, repeat('confirmation ', 60) from chosen where state = 'SETTLED'
  ), given_back as (
    update debits set state = 'REVERSED', holds_ceiling = false, holds_declaration = false
      from chosen where debits.debit_id = chosen.debit_id and chosen.state = 'SETTLED'
  ), told as (
    insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, request_jti, detail, recorded_at)
    select creditor_code, kind, debit_id, 'SETTLED', case when kind = 'debit.reversed' then 'REVERSED' else 'SETTLED' end,
           case when kind = 'debit.reversal-rejected' then 'AM04' end, 'gateway', request, '{"attempt": 1, "shown": "MS03"}', asked
      from chosen, (values ('debit.reversal-requested', null), ('debit.reversed', 'SETTLED'), ('debit.reversal-rejected', 'REJECTED'),
                           ('debit.reversal-in-doubt', 'IN_DOUBT')) as life (kind, of)
     where of is null or of = state order by number
  )
  insert into reversals (reversal_id, debit_id, creditor_code, attempt, core_reference, amount, asked_reason, request_jti, state, reason,
    shown_reason, ordered_at, received_at, counted_on, expires_at, resolve_by, lease_until, sends, people_since, booking_reference,
    executed_at, booking_date, value_date, ended_at, confirmation_jti)
  select reversal_id, debit_id, creditor_code, 1, reference, amount, 'paid-otherwise', request, state,
         case when state = 'REJECTED' then 'AM04' end, case when state = 'REJECTED' then 'MS03' end, asked, asked, asked::date,
         asked + interval '1 minute', asked + interval '16 minutes', now() + interval '1 day', 1,
         case when state = 'IN_DOUBT' and number % 40000 = 35 then asked + interval '1 hour' end,
         case when state = 'SETTLED' then 'R' || number end, case when state = 'SETTLED' then asked end,
         case when state = 'SETTLED' then asked::date end, case when state = 'SETTLED' then asked::date end,
         case when state <> 'IN_DOUBT' then asked end, case when state = 'SETTLED' then jti end
    from chosen`;

/** One debit in 300 was contested; what is of the last month still waits. */
export const contestsStatement = `
  with contested as (
    select ${uuidOf('received_at', "'contest ' || number")} as contest_id, debit_id, creditor_code, received_at + interval '3 days' as at,
           received_at > now() - interval '30 days' as waits
      from generate_series(10, $1::int, 300) as number join debits on core_reference = ${referenceOf('number')} where state = 'SETTLED'
  ), remarked as (
    insert into contest_remarks (contest_id, written_at, written_by, about, remark)
    select contest_id, at, 'officer-nadia', 'claim', 'Le débiteur dit avoir déjà payé' from contested
  )
  insert into contests (contest_id, debit_id, creditor_code, opened_at, opened_by, due_on, ended_at, ending)
  select contest_id, debit_id, creditor_code, at, 'officer-nadia', (at + interval '30 days')::date,
         case when not waits then at + interval '5 days' end, case when not waits then 'REFUSED' end from contested`;

/** What was proposed and decided in years, what waits, and the stops that were made and ended with it. */
export const actsStatements = [
  `with chosen as (
     select row_number() over () as number, mandate_id, agency_code from mandates join mandate_debtors using (mandate_id)
      where state = 'ACTIVE' limit 20000
   )
   insert into proposals (proposal_id, kind, subject_id, agency_code, content, content_hash, reason, proposed_by, proposed_at, ends_at,
     state, decided_by, decided_at, decision_remark)
   select ${uuidOf('at', "'proposal ' || number")}, 'mandate.suspension', mandate_id, agency_code,
          '{"reason": "employer-request"}', repeat('0', 64), 'Demande de l’employeur', 'officer-nadia', at, at + interval '1 day',
          state, case when state = 'REFUSED' then 'supervisor-karim' end,
          case when state = 'REFUSED' then at when state = 'EXPIRED' then at + interval '1 day' end,
          case when state = 'REFUSED' then 'À revoir' end
     from chosen, lateral (select case when number % 100 = 0 then now() else now() - number * interval '1 hour' end as at,
       case when number % 100 = 0 then 'WAITING' when number % 2 = 0 then 'REFUSED' else 'EXPIRED' end as state) as ends`,
  `with chosen as (
     select row_number() over () as number, mandate_id, chain_id, creditor_code from mandates where state = 'ACTIVE' limit 3000
   ), named as (
     select *, now() - number * interval '3 hours' as at, ${uuidOf("(now() - number * interval '3 hours')", "'stop ' || number")} as stop_id,
            ${uuidOf("(now() - number * interval '2 hours')", "'start ' || number")} as proposal_id from chosen
   ), decided as (
     insert into proposals (proposal_id, kind, subject_id, content, content_hash, reason, proposed_by, proposed_at, ends_at, state,
       decided_by, decided_at)
     select proposal_id, 'stop.end', stop_id, '{}', repeat('0', 64), 'Résolu', 'supervisor-karim', at, at + interval '1 day', 'APPROVED',
            'supervisor-samia', at from named returning proposal_id
   )
   insert into stops (stop_id, scope, creditor_code, mandate_id, chain_id, remark, stopped_by, stopped_at)
   select stop_id, 'MANDATE', creditor_code, mandate_id, chain_id, 'Incident', 'officer-nadia', at from named`,
  // After its proposal, which the trigger must see.
  `update stops set ended_by = proposal_id, ended_at = decided_at from proposals
    where kind = 'stop.end' and subject_id = stop_id::text and stopped_at < now() - interval '5 days'`,
  `with stopped as (
     insert into stops (stop_id, scope, remark, stopped_by) values (gen_random_uuid(), 'ALL', 'epoch 2', 'gateway') returning stop_id
   ), restored as (
     insert into restores (epoch, known_until, began_at, stop_id, movements_read_at)
     select 2, now() - interval '2 hours', now(), stop_id, now() from stopped returning epoch, stop_id
   ), unclaimed as (
     insert into unclaimed_movements (reference, epoch, creditor_code, debtor, amount, booking_reference, executed_at, booking_date, value_date)
     select ${referenceOf("'lost ' || number")}, epoch, 'CNAS', '00700012000001234566', number * 100, 'L' || number, now(), current_date, current_date
       from restored, generate_series(1, 20000) as number
   )
   insert into unexplained_movements (reference, epoch, stop_id, why, debtor, creditor, amount, booking_reference, executed_at, booking_date, value_date)
   select 'FOREIGN-' || number, epoch, stop_id, 'FOREIGN', '00700012000001234566', '00500102444771278214', number * 100, 'F' || number, now(),
          current_date, current_date
     from restored, generate_series(1, 5000) as number`,
  `insert into feasts (feast_id, day, name_fr, name_ar, source)
   select gen_random_uuid(), current_date + number * 11, 'Fête ' || number, 'عيد ' || number, 'Communiqué ' || number from generate_series(-40, 20) as number`,
  `insert into job_failures (work, subject_id, failures, fault, failed_at, next_at, dead_at, since)
   select (array['webhooks', 'statements', 'reconciliations', 'books', 'expiries', 'names'])[number % 6 + 1], gen_random_uuid(), 9, 'TypeError', now(),
          now() + interval '1 day', case when number % 4 <> 0 then now() end, now() - number * interval '1 minute' from generate_series(1, 6000) as number`,
];
