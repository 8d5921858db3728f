import type { Queryable } from '../../src/database/queryable.ts';
import { dayStatements } from './days.ts';
import { contradictionsStatement, instructionsStatement, questionsStatements } from './exchanges.ts';
import { uuidOf } from './named.ts';
import { actsStatements, contestsStatement, reversalsStatement } from './outcomes.ts';

export type Volume = { mandates: number; debits: number; bankCode: string };

/** How many rows one statement makes: bounded, so that neither side holds all of them. */
const chunk = 50_000;

/**
 * Fills an empty gateway's database with mandates and debits as years of use leave them: most mandates active, some in
 * each queue; debits over the last 400 days, most settled, some rejected, a few in each other state, with what was
 * exchanged with the core about them and what came of it all. Tokens are placeholders of their usual length. For measuring
 * only: nothing of it was certified or moved.
 */
export async function fillVolume(
  owner: Queryable,
  { mandates, debits, bankCode }: Volume,
  told: (what: string, done: number) => void,
): Promise<void> {
  for (let first = 1; first <= mandates; first += chunk) {
    await owner.query({ text: mandatesStatement, values: [first, Math.min(first + chunk - 1, mandates), bankCode] });
    told('mandates', Math.min(first + chunk - 1, mandates));
  }
  await owner.query({ text: 'analyze' });
  for (let first = 1; first <= debits; first += chunk) {
    await owner.query({ text: debitsStatement, values: [first, Math.min(first + chunk - 1, debits), mandates] });
    told('debits', Math.min(first + chunk - 1, debits));
  }
  await owner.query({ text: 'analyze' });
  for (let first = 1; first <= debits; first += chunk) {
    await owner.query({ text: instructionsStatement, values: [first, Math.min(first + chunk - 1, debits)] });
    told('debits’ messages', Math.min(first + chunk - 1, debits));
  }
  for (const text of [contradictionsStatement, reversalsStatement, contestsStatement])
    await owner.query({ text, values: [debits] });
  const rest = [...questionsStatements, ...actsStatements, ...dayStatements];
  for (const [index, text] of rest.entries()) {
    await owner.query({ text });
    told(`of ${rest.length} kinds of what came of them`, index + 1);
  }
  await owner.query({ text: 'analyze' });
}

const mandatesStatement = `
  with numbered as (
    select number, now() - (number % 700 + 1) * interval '1 day' as at, lpad(((number % 99) + 1)::text, 5, '0') as agency,
           lpad(number::text, 10, '0') as account,
           case when number % 100 < 90 then 'ACTIVE' when number % 100 < 93 then 'SUSPENDED' when number % 100 < 95 then 'REVOKED'
                when number % 100 < 97 then 'CERTIFIED' when number % 400 = 98 then 'DRAFT'
                when number % 400 = 99 then 'PENDING_CERTIFICATION' else 'REFUSED' end as state,
           case when number % 10 = 0 then 'CACOBATPH' else 'CNAS' end as creditor
      from generate_series($1::int, $2::int) as number
  ), named as (
    select *, ${uuidOf('at', "'mandate ' || number")} as mandate_id,
           state in ('ACTIVE', 'SUSPENDED', 'REVOKED', 'CERTIFIED') as certified
      from numbered
  ), used as (
    insert into mandate_usage (chain_id, month_start, month_used)
    select mandate_id, date_trunc('month', now()), 1000000 from named
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select mandate_id, creditor, 'mandate-certificate+jwt', mandate_id, 'key', at, repeat('certificate ', 80) from named where certified
  ), debtors as (
    insert into mandate_debtors (mandate_id, rib, name_fr, name_ar)
    select mandate_id, $3::text || agency || account
             || lpad((97 - (agency || account || '00')::numeric % 97)::text, 2, '0'),
           'Entreprise ' || (array['Benali', 'Haddad', 'Mansouri', 'Cherif', 'Brahimi', 'Saadi', 'Belkacem'])[number % 7 + 1]
             || ' ' || number,
           'مؤسسة ' || (array['بن علي', 'حداد', 'منصوري', 'شريف', 'براهيمي', 'سعدي', 'بلقاسم'])[number % 7 + 1] || ' ' || number
      from named
  ), told as (
    insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, recorded_at)
    select creditor, kind, mandate_id, from_state, to_state, side, actor, at + minutes * interval '1 minute'
      from named, (values ('mandate.entered', null, 'DRAFT', 'bank', 'officer', 0),
                          ('mandate.submitted', 'DRAFT', 'PENDING_CERTIFICATION', 'bank', 'officer', 5),
                          ('mandate.certified', 'PENDING_CERTIFICATION', 'CERTIFIED', 'bank', 'supervisor', 60)
                  ) as life (kind, from_state, to_state, side, actor, minutes)
     where kind <> 'mandate.certified' or certified
     order by number, minutes
  )
  insert into mandates (mandate_id, chain_id, creditor_code, origin, employer_number, per_debit_ceiling, period_ceiling,
    period, valid_from, valid_to, state, state_since, suspended_by_bank, content_hash, entered_by, entered_at,
    last_changed_by, makers, submitted_at, certified_by, certified_at, certificate_jti, status_list, status_index,
    shown_at, accepted_at)
  select mandate_id, mandate_id, creditor, 'BANK', lpad((1000000000 + number)::text, 10, '0'), 50000000, 200000000, 'MONTH',
         (at)::date, (now() + interval '400 days')::date, state, at, state = 'SUSPENDED', repeat('0', 64), 'officer', at,
         'officer', array['officer'], at, case when certified then 'supervisor' end, case when certified then at end,
         case when certified then mandate_id end, case when certified then number / 1000000 end,
         case when certified then number % 1000000 end, case when certified then at end,
         case when state in ('ACTIVE', 'SUSPENDED', 'REVOKED') then at end
    from named`;

const debitsStatement = `
  with numbered as (
    -- Every mandate has its share: a step that is prime to their number goes through all of them.
    select number, (number::bigint * 7919 % $3::int + 1)::int as mandate,
           now() - interval '5 minutes' - (number % 400) * interval '1 day' - (number % 36000) * interval '1 second' as at,
           (number % 997 + 1) * 10000::bigint as amount,
           case when number % 100 < 92 then 'SETTLED' when number % 5000 = 99 then 'IN_DOUBT' when number % 1000 = 98 then 'CANCELLED'
                when number % 2000 = 97 then 'SCHEDULED' else 'REJECTED' end as state
      from generate_series($1::int, $2::int) as number
  ), placed as (
    select numbered.*, ${uuidOf('at', "'debit ' || number")} as debit_id, m.mandate_id, m.creditor_code, m.employer_number
      from numbered join mandates m on m.employer_number = lpad((1000000000 + mandate)::text, 10, '0')
     where m.accepted_at is not null
  ), proofs as (
    select *, ${uuidOf('at', "'proof ' || number")} as jti,
           (array['AM04', 'AM04', 'AM14', 'MD01', 'AC06'])[number % 5 + 1] as reason from placed
  ), declared as (
    insert into declarations (creditor_code, employer_number, reference, declared, live)
    select creditor_code, employer_number, 'DAC-' || number, amount, case when state in ('REJECTED', 'CANCELLED') then 0 else amount end from proofs
  ), asked as (
    insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
    select creditor_code, 'bench-request-of-' || number, 'creditor-key', 'PUT', '/v1/debits/B-' || number, at, at,
           sha256(number::text::bytea), repeat('signature ', 40), '{}', debit_id from proofs
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select jti, creditor_code, case state when 'SETTLED' then 'settlement-confirmation+jwt' else 'debit-rejection+jwt' end,
           debit_id, 'key', at, repeat('confirmation ', 60) from proofs where state in ('SETTLED', 'REJECTED')
  ), told as (
    insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, request_jti, recorded_at)
    select creditor_code, kind, debit_id, from_state, coalesce(to_state, state), case when state = 'REJECTED' and to_state is null then reason end,
           side, actor, 'bench-request-of-' || number, at + milliseconds * interval '1 millisecond'
      from proofs, (values ('debit.received', null, 'EXECUTING', 'creditor', 'creditor-key', 0),
                           ('ended', 'EXECUTING', null, 'gateway', null, 20)) as life (ended, from_state, to_state, side, actor, milliseconds),
           lateral (select case when ended = 'ended' then
             case state when 'SETTLED' then 'debit.settled' when 'REJECTED' then 'debit.rejected' when 'CANCELLED' then 'debit.cancelled'
                        when 'SCHEDULED' then 'debit.scheduled' else 'debit.in-doubt' end
             else ended end as kind) as kinds
     order by number, milliseconds
  )
  insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration,
    declared, amount, content, request_jti, state, reason, shown_reason, execution_date, ordered_at, received_at, authorised_at,
    reserved_on, holds_declaration, holds_ceiling, expires_at, resolve_by, lease_until, sends, booking_reference,
    executed_at, booking_date, value_date, ended_at, confirmation_jti, rejection_jti)
  select debit_id, creditor_code, 'B-' || number, translate(md5(number::text), '0123456789abcdef', 'ABCDEFGHIJKLMNOP'),
         mandate_id, employer_number, 'DAC-' || number, amount, amount, sha256(number::text::bytea), 'bench-request-of-' || number,
         state, case when state = 'REJECTED' then reason end, case when state = 'REJECTED' then reason end,
         case when state = 'SCHEDULED' then current_date + 30 end, at, at, case when state <> 'SCHEDULED' then at end,
         case when state <> 'SCHEDULED' then at::date end, state not in ('REJECTED', 'CANCELLED'),
         state not in ('REJECTED', 'CANCELLED', 'SCHEDULED'), at + interval '1 minute', at + interval '16 minutes',
         now() + interval '1 day', case when state = 'SCHEDULED' then 0 else 1 end, case when state = 'SETTLED' then 'L' || number end,
         case when state = 'SETTLED' then at end, case when state = 'SETTLED' then at::date end,
         case when state = 'SETTLED' then at::date end, case when state not in ('IN_DOUBT', 'SCHEDULED') then at end,
         case when state = 'SETTLED' then jti end, case when state = 'REJECTED' then jti end
    from proofs`;
