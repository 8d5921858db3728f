-- Up Migration

-- What one member of staff proposes and another approves before it is done: everything under four eyes but
-- certification, which has its own columns.
create table proposals (
  proposal_id     uuid primary key,
  -- What is to be done, such as 'mandate.suspension'. Which there are is known to the features that do it.
  kind            text not null check (kind ~ '^[a-z-]+\.[a-z-]+$' and length(kind) <= 60),
  -- What it is done to: an id, a code or a thumbprint. Null where it is yet to be made.
  subject_id      text check (subject_id ~ '^[A-Za-z0-9._:-]{1,100}$'),
  -- Whose staff may see it; null: it concerns the whole bank.
  agency_code     text check (agency_code ~ '^\d{5}$'),
  -- Ids, codes and amounts; what a person wrote stands in the feature's own table.
  content         jsonb not null check (jsonb_typeof(content) = 'object'),
  -- SHA-256 over kind, subject and content: an approval names it, so that only what was seen is approved.
  content_hash    text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  -- In the proposer's own words, and so never in the journal.
  reason          text not null check (length(reason) between 1 and 500),
  proposed_by     text not null check (length(proposed_by) between 1 and 255),
  proposed_at     timestamptz not null,
  -- An approval is of what was just looked at: after a day it must be proposed again.
  ends_at         timestamptz not null check (ends_at > proposed_at),
  state           text not null default 'WAITING' check (state in ('WAITING', 'APPROVED', 'REFUSED', 'WITHDRAWN', 'EXPIRED')),
  decided_by      text check (length(decided_by) between 1 and 255),
  decided_at      timestamptz,
  decision_remark text check (length(decision_remark) between 1 and 500),
  -- Four eyes, here where no code path can forget them.
  check (decided_by is null or decided_by <> proposed_by or state = 'WITHDRAWN'),
  check (state <> 'WITHDRAWN' or decided_by = proposed_by),
  check ((decided_by is not null) = (state in ('APPROVED', 'REFUSED', 'WITHDRAWN'))),
  check ((decided_at is null) = (state = 'WAITING')),
  check (state <> 'APPROVED' or decided_at <= ends_at)
);
-- The same thing is proposed once: a second person approves it rather than proposing it again.
create unique index one_waiting_proposal_a_subject on proposals (kind, subject_id) where state = 'WAITING';
create index proposals_waiting on proposals (proposal_id) where state = 'WAITING';
create index proposals_of_subject on proposals (subject_id, proposal_id);
create index proposals_of_person on proposals (proposed_by, proposal_id);

-- A decision is final, and so is what it was about (whose columns the runtime role can't write).
create function keep_decided_proposal() returns trigger language plpgsql as $$
begin
  if old.state <> 'WAITING' then
    raise exception 'a proposal is decided once' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_decided_proposal before update on proposals
  for each row execute function keep_decided_proposal();

grant select, insert on proposals to gateway_runtime;
grant update (state, decided_by, decided_at, decision_remark) on proposals to gateway_runtime;

-- The words of the employer's two names, by which staff find it: without accents, vowel signs, and the differences of
-- hamza, alef maqsura and ta marbuta that people don't type (mandates/search-words.ts makes the same of what is typed).
alter table mandate_debtors add column name_words tsvector not null generated always as (
  array_to_tsvector(array_remove(regexp_split_to_array(
    lower(translate(regexp_replace(normalize(name_fr || ' ' || name_ar, NFKD),
      '[\u0300-\u036f\u0640\u064b-\u0655\u0670\u200e\u200f\u202a-\u202e\u2066-\u2069]', '', 'g'), 'ىة', 'يه')),
    '[\s!-/:-@[-`{-~«»‘’“”،؛؟\u2010-\u2015·]+'), ''))) stored;
create index debtors_by_name on mandate_debtors using gin (name_words);
create index debtors_by_rib on mandate_debtors (rib, mandate_id);
create index mandates_by_employer on mandates (employer_number, mandate_id);
create index mandates_by_state on mandates (state, mandate_id);
