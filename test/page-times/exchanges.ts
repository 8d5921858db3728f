import { referenceOf, uuidOf } from './named.ts';

const body = (name: string) =>
  `convert_to('<Document>' || repeat('<TxInf><OrgnlEndToEndId>' || pair || '</OrgnlEndToEndId><${name}/></TxInf>', 6) || '</Document>', 'UTF8')`;

/** Of the debits numbered $1 to $2: an instruction for each two of them, and its answer. */
export const instructionsStatement = `
  with placed as (
    select number / 2 as pair, debit_id, core_reference, amount, received_at
      from generate_series($1::int, $2::int) as number join debits on core_reference = ${referenceOf('number')}
  ), pairs as (
    select pair, min(received_at) as at from placed group by pair
  ), named as (
    select pair, at, ${uuidOf('at', "'sent ' || pair")} as sent, ${uuidOf('at', "'answer ' || pair")} as answer from pairs
  ), sent as (
    insert into core_messages (message_id, direction, type, exchanged_at, body)
    select sent, 'SENT', 'pacs.003.001.08', at, ${body('IntrBkSttlmAmt')} from named
  ), about as (
    insert into core_message_references (message_id, reference, amount, debtor, creditor)
    select sent, core_reference, amount, '00700012000001234566', '00500102444771278214' from placed join named using (pair)
  )
  insert into core_messages (message_id, direction, type, answers, exchanged_at, outcome, http_status, body)
  select answer, 'RECEIVED', 'pacs.002.001.10', sent, at + interval '15 milliseconds', 'ANSWERED', 200, ${body('TxSts')} from named`;

/** What is in doubt was asked after again and again, without an answer; what the core said of it otherwise is kept too. */
export const questionsStatements = [
  `with asked as (
     select debit_id, core_reference, ${uuidOf('at', "'asked ' || core_reference || time")} as sent,
            ${uuidOf('at', "'unanswered ' || core_reference || time")} as answer, at
       from debits cross join generate_series(1, 120) as time
      cross join lateral (select received_at + time * interval '1 second' as at) as moment where state = 'IN_DOUBT'
   ), sent as (
     insert into core_messages (message_id, direction, type, exchanged_at, body)
     select sent, 'SENT', 'pacs.028.001.03', at, '<Document/>' from asked
   ), about as (
     insert into core_message_references (message_id, reference) select sent, core_reference from asked
   )
   insert into core_messages (message_id, direction, answers, exchanged_at, outcome)
   select answer, 'RECEIVED', sent, at + interval '800 milliseconds', 'TIMED_OUT' from asked`,
  `insert into core_answers (debit_id, asked_at, operation, answer)
   select debit_id, received_at + time * interval '10 minutes', 'inquire', case when time % 3 = 0 then 'UNKNOWN' else 'NO_ANSWER' end
     from debits cross join generate_series(1, 60) as time where state = 'IN_DOUBT'`,
  `update debits set people_since = received_at + interval '1 hour' where state = 'IN_DOUBT' and amount % 20000 = 0`,
];

/** One debit in 500 was told otherwise by the core once; most of it is explained since, by its own paper. */
export const contradictionsStatement = `
  with told as (
    select number, debit_id, creditor_code, received_at as at, number % 5000 = 250 as waits, booking_reference,
           ${uuidOf('received_at', "'contradiction ' || number")} as contradiction, ${uuidOf('received_at', "'explanation ' || number")} as evidence
      from generate_series(250, $1::int, 500) as number join debits on core_reference = ${referenceOf('number')} where state = 'SETTLED'
  ), paper as (
    insert into debit_evidence (evidence_id, debit_id, contradiction_id, kind, right_answer, booking_reference, media_type, digest,
      document, attached_by, attached_at)
    select evidence, debit_id, contradiction, 'EXPLANATION', 'MOVED', booking_reference, 'application/pdf', sha256('%PDF-'), '%PDF-',
           'officer-nadia', at + interval '1 day' from told where not waits
  )
  insert into contradictions (contradiction_id, debit_id, creditor_code, found_at, kind, booking_reference, amount, ended_at, ending, ended_by_evidence)
  select contradiction, debit_id, creditor_code, at, 'OTHER_AMOUNT', booking_reference, 77700,
         case when not waits then at + interval '2 days' end, case when not waits then 'EXPLAINED' end,
         case when not waits then evidence end from told`;
