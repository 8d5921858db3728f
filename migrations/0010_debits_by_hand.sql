-- Up Migration

-- Staff find a debit by its declaration alone: the index that began with creditor and employer begins with it now. An
-- employer's are found by its mandates, and a day's by their ids, which begin with the time of receipt. By state and
-- reason where it did not settle: only those few pay for it.
drop index debits_of_declaration;
create index debits_of_declaration on debits (declaration, employer_number, creditor_code);
create index debits_not_settled on debits (state, debit_id) where state in ('REJECTED', 'CANCELLED', 'REVERSED');
create index debits_by_reason on debits (reason, debit_id) where reason is not null;
create index debits_for_people on debits (people_since) where people_since is not null;

-- What the core banking system said of a debit in doubt, each time that it said something else, or ten minutes on.
-- Codes alone. Insert-only.
create table core_answers (
  answer_id         bigint generated always as identity primary key,
  debit_id          uuid not null references debits,
  asked_at          timestamptz not null default clock_timestamp(),
  operation         text not null check (operation in ('inquire', 'void')),
  answer            text not null check (answer in ('MOVED', 'REFUSED', 'VOIDED', 'UNKNOWN', 'NO_ANSWER')),
  reason            text check (reason ~ '^[A-Z]{2}\d{2}$'),
  booking_reference text check (length(booking_reference) between 1 and 70),
  amount            bigint
);
create index core_answers_of_debit on core_answers (debit_id, answer_id);

-- The core's own paper, by which two people end what it could not tell over the wire. Insert-only.
create table debit_evidence (
  evidence_id       uuid primary key,
  debit_id          uuid not null references debits,
  -- The contradiction that it ends; null where it ends the debit.
  contradiction_id  uuid references contradictions,
  kind              text not null check (kind in ('BOOKING', 'VOID', 'REFUSAL', 'RETURN', 'CORRECTION')),
  -- Why the core refused it.
  reason            text check (reason ~ '^[A-Z]{2}\d{2}$'),
  booking_reference text check (booking_reference ~ '^[\x21-\x7e]{1,70}$'),
  executed_at       timestamptz,
  booking_date      date,
  value_date        date,
  amount            bigint check (amount > 0),
  -- Found by the document's content, never by its name.
  media_type        text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  digest            bytea not null check (digest = sha256(document)),
  document          bytea not null check (length(document) between 1 and 5242880),
  attached_by       text not null check (length(attached_by) between 1 and 255),
  attached_at       timestamptz not null,
  check ((kind in ('BOOKING', 'RETURN', 'CORRECTION')) = (booking_reference is not null and executed_at is not null
         and booking_date is not null and value_date is not null and amount is not null)),
  check ((kind in ('RETURN', 'CORRECTION')) = (contradiction_id is not null)),
  check ((kind = 'REFUSAL') = (reason is not null))
);
create index evidence_of_debit on debit_evidence (debit_id, evidence_id);

alter table contradictions
  -- Whether it counts in its declaration's `contradicted` and in the chain's ceilings, until it ends.
  add column holds boolean not null default false,
  add column ending text check (ending in ('RETURNED', 'CORRECTED')),
  add column ended_by_evidence uuid references debit_evidence,
  add constraint contradictions_ended check ((ended_at is null) = (ending is null) and (ended_at is null) = (ended_by_evidence is null)),
  add constraint contradictions_let_go check (ended_at is null or not holds);
update contradictions set holds = true where kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION') and ended_at is null
  and exists (select from debits where debits.debit_id = contradictions.debit_id and debits.amount is not null);
create index contradictions_of_debit on contradictions (debit_id);

-- A debtor who contests a settled debit: told to the creditor, which gives it back by its own signed request, or
-- answered with a reasoned no.
create table contests (
  contest_id     uuid primary key,
  debit_id       uuid not null references debits,
  creditor_code  text not null references creditors,
  opened_at      timestamptz not null,
  opened_by      text not null check (length(opened_by) between 1 and 255),
  -- The day in Algiers on which the debtor is to have an answer.
  due_on         date not null,
  ended_at       timestamptz,
  -- REVERSED: the creditor has given it back. REFUSED: a reasoned no, by two people.
  ending         text check (ending in ('REVERSED', 'REFUSED')),
  check ((ended_at is null) = (ending is null))
);
create unique index one_open_contest_a_debit on contests (debit_id) where ended_at is null;
create index contests_of_debit on contests (debit_id, contest_id);
create index contests_waiting on contests (due_on, contest_id) where ended_at is null;

-- What people wrote about a contest, beside it and never in the journal. Insert-only.
create table contest_remarks (
  remark_id  bigint generated always as identity primary key,
  contest_id uuid not null references contests,
  written_at timestamptz not null,
  written_by text not null check (length(written_by) between 1 and 255),
  about      text not null check (about in ('claim', 'refusal')),
  remark     text not null check (length(remark) between 1 and 1000)
);
create index remarks_of_contest on contest_remarks (contest_id, remark_id);

grant select, insert on core_answers, debit_evidence, contest_remarks to gateway_runtime;
grant select, insert, update on contests to gateway_runtime;
