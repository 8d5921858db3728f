import { referenceOf, uuidOf } from './named.ts';

const days = `generate_series(current_date - 400, current_date - 1, interval '1 day')`;
const digest = `sha256('file')`;

/** A statement of each creditor for each of 400 days, with the figures of its debits and those since the first. */
const statements = `
  with sums as (
    select creditor_code, case state when 'REJECTED' then 'REJECTED' else 'SETTLED' end as figure, received_at::date as day,
           count(*) as debits, sum(amount) as amount from debits where ended_at is not null group by 1, 2, 3
  ), numbered as (
    select creditor_code, day::date as day, row_number() over (partition by creditor_code order by day)::int as sequence
      from unnest(array['CNAS', 'CACOBATPH']) as creditor_code cross join ${days} as day
  ), named as (
    select *, ${uuidOf("(day + interval '1 day')", "'statement ' || creditor_code || day")} as statement_id,
           ${uuidOf("(day + interval '1 day')", "'statement proof ' || creditor_code || day")} as jti from numbered
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select jti, creditor_code, 'statement+jwt', statement_id, 'key', day + interval '1 day', repeat('statement ', 60) from named
  ), closed as (
    insert into statements (statement_id, creditor_code, day, state, sequence, previous_id, collection_account, cut_at, after_epoch,
      after_number, through_epoch, through_number, counted_epoch, counted_number, open_since, lines, open_lines, json_lines_digest,
      json_lines_bytes, csv_digest, csv_bytes, camt054_digest, camt054_bytes, token_jti, closed_at)
    select statement_id, creditor_code, day, 'CLOSED', sequence, lag(statement_id) over (partition by creditor_code order by day),
           '00500102444771278214', day + interval '1 day', 1, sequence, 1, sequence + 1, 1, sequence + 1, 1, 2500, 3, ${digest}, 1, ${digest},
           1, ${digest}, 1, jti, day + interval '1 day' from named
  )
  insert into statement_figures (statement_id, figure, debits, amount, all_debits, all_amount)
  select statement_id, figure, coalesce(debits, 0), coalesce(amount, 0),
         sum(coalesce(debits, 0)) over since_first, sum(coalesce(amount, 0)) over since_first
    from named cross join unnest(array['SETTLED', 'REJECTED']) as figure left join sums using (creditor_code, figure, day)
  window since_first as (partition by creditor_code, figure order by day)`;

/** Each creditor's list of each day, and one of its last three months. */
const lists = `
  with named as (
    select creditor_code, first_day, last_day, 'LIST-' || first_day || '-' || last_day as reference,
           ${uuidOf("(last_day + interval '1 day')", "'list ' || creditor_code || first_day || last_day")} as reconciliation_id,
           ${uuidOf("(last_day + interval '1 day')", "'list proof ' || creditor_code || first_day || last_day")} as jti
      from unnest(array['CNAS', 'CACOBATPH']) as creditor_code
     cross join (select day::date as first_day, day::date as last_day from ${days} as day
                  union all select current_date - 91, current_date - 1) as ranges
  ), asked as (
    insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
    select creditor_code, jti::text, 'creditor-key', 'PUT', '/v1/reconciliations/' || reference, last_day, last_day, ${digest}, 'signature', '',
           reconciliation_id from named
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select jti, creditor_code, 'reconciliation+jwt', reconciliation_id, 'key', last_day + interval '1 day', repeat('list ', 60) from named
  )
  insert into reconciliations (reconciliation_id, creditor_code, reference, first_day, last_day, media_type, request_jti, received_at,
    expected_lines, expected_amount, state, after_epoch, after_number, through_epoch, through_number, matched_at, token_jti)
  select reconciliation_id, creditor_code, reference, first_day, last_day, 'text/csv', jti::text, last_day, 2500, 1, 'MATCHED', 1, 1, 1, 2,
         last_day + interval '1 day', jti from named`;

/** Every debit of its days, most as expected. */
const lines = `
  insert into reconciliation_lines (reconciliation_id, end_to_end_id, line, outcome, expected, declaration, employer_number, debit_id, state,
    settled, final_at, confirmation_jti)
  select reconciliation_id, end_to_end_id, case when outcome = 'UNEXPECTED' then 0 else row_number() over (partition by reconciliation_id) end,
         outcome, case outcome when 'UNEXPECTED' then null when 'DIFFERING' then amount + 100 else amount end, declaration, employer_number, debit_id,
         debits.state, case when outcome <> 'MISSING' then amount end, case when outcome <> 'MISSING' then executed_at end,
         case when outcome <> 'MISSING' then confirmation_jti end
    from reconciliations list cross join lateral generate_series(first_day, last_day, interval '1 day') as day
    join debits on debits.creditor_code = list.creditor_code and debits.received_at::date = day::date,
         lateral (select case when confirmation_jti is null then 'MISSING' when amount % 770000 = 0 then 'DIFFERING'
                              when amount % 990000 = 0 then 'UNEXPECTED' else 'MATCHED' end as outcome) as matched`;

const figures = `
  insert into reconciliation_figures (reconciliation_id, figure, lines, expected, settled)
  select reconciliation_id, outcome, count(*), coalesce(sum(expected), 0), coalesce(sum(settled), 0) from reconciliation_lines group by 1, 2`;

/** Each day against the core's books: some with a few differences, one of a bad night with 20,000. */
const comparisons = `
  insert into book_comparisons (comparison_id, day, attempt, asked_by, compared_at, booked, booked_amount, foreign_ones, agreed, agreed_amount, differences)
  select gen_random_uuid(), day::date, attempt, case when attempt > 1 then 'supervisor-karim' end, day + interval '27 hours', 20000 + found,
         20000000, 0, 20000, 20000000, found
    from ${days} with ordinality as row (day, number) cross join generate_series(1, 2) as attempt,
         lateral (select case when number % 10 <> 0 then 0 when number = 390 then 20000 else 25 end as found) as differing
   where attempt = 1 or found > 0`;

const differences = `
  insert into book_differences (difference_id, comparison_id, kind, core_reference, creditor_code, debit_id, state, amount, booking_reference,
    booking_date, booked_amount, booked_reference, booked_date)
  select gen_random_uuid(), comparison_id, 'OTHER_AMOUNT', core_reference, creditor_code, debit_id, state, amount, booking_reference, booking_date,
         amount + 100, booking_reference, booking_date
    from book_comparisons cross join lateral generate_series(1, differences) as number join debits on core_reference = ${referenceOf('number')}
   where booking_reference is not null`;

export const dayStatements = [statements, lists, lines, figures, comparisons, differences];
