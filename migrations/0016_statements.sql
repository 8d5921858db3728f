-- Up Migration

-- What became final for a creditor in a day (Africa/Algiers), and what was open at its close. It is cut by a range of
-- the sealed journal, each from where the one before it ended: so each outcome stands in exactly one statement, however
-- late its transaction committed. DUE: the day is over. CUT: its range stands, its figures are being counted. CLOSED:
-- signed, and never changed again.
create table statements (
  statement_id       uuid primary key,
  creditor_code      text not null references creditors,
  day                date not null,
  state              text not null default 'DUE' check (state in ('DUE', 'CUT', 'CLOSED')),
  -- The transaction that saw the day to be over. Until every one before it has ended, rows of the day may still come.
  open_from          xid8 not null default pg_current_xact_id(),
  -- Who works on it, and until when it is left to that one: it saves work, it decides nothing.
  holder             uuid,
  lease_until        timestamptz,
  -- 1 for a creditor's first, without gaps.
  sequence           integer check (sequence > 0),
  previous_id        uuid references statements,
  -- As it was at the cut: the files name it, and must not change with it.
  collection_account text check (collection_account ~ '^\d{20}$'),
  cut_at             timestamptz,
  -- The range: after this seal, through that one. 0/0 where nothing was sealed before.
  after_epoch        integer,
  after_number       bigint,
  through_epoch      integer,
  through_number     bigint,
  -- The journal's chain up to there: what its creditor can hold against a journal that was written anew.
  through_hash       bytea check (length(through_hash) = 32),
  -- How far its figures have come, so that each row is counted once, whatever stops this.
  counted_epoch      integer,
  counted_number     bigint,
  -- Where the debits begin that were open at its close: no older one was.
  open_since         integer,
  lines              bigint check (lines >= 0),
  open_lines         bigint check (open_lines >= 0),
  -- SHA-256 and length of each file. The files themselves are made from the stored rows each time.
  json_lines_digest  bytea check (length(json_lines_digest) = 32),
  json_lines_bytes   bigint,
  csv_digest         bytea check (length(csv_digest) = 32),
  csv_bytes          bigint,
  camt054_digest     bytea check (length(camt054_digest) = 32),
  camt054_bytes      bigint,
  token_jti          uuid references tokens,
  closed_at          timestamptz,
  unique (creditor_code, day),
  -- Two that chain to the same one would tell two stories.
  unique (creditor_code, sequence),
  unique (previous_id),
  check ((sequence = 1) = (previous_id is null)),
  check ((state = 'DUE') = (sequence is null)),
  check ((state = 'DUE') = (cut_at is null)),
  check (state = 'DUE' or (collection_account is not null and after_epoch is not null and after_number is not null
         and through_epoch is not null and through_number is not null and counted_epoch is not null and counted_number is not null)),
  check ((after_epoch, after_number) <= (through_epoch, through_number)),
  -- Nothing is signed that was not counted to its end.
  check ((state = 'CLOSED') = (token_jti is not null)),
  check (state <> 'CLOSED' or (closed_at is not null and (counted_epoch, counted_number) = (through_epoch, through_number)
         and lines is not null and open_lines is not null and json_lines_digest is not null and csv_digest is not null
         and camt054_digest is not null and json_lines_bytes is not null and csv_bytes is not null and camt054_bytes is not null))
);
create index statements_to_close on statements (day) where state <> 'CLOSED';

-- What a statement comes to: its own figures and, of what became final, those since the creditor's first statement.
create table statement_figures (
  statement_id   uuid not null references statements,
  figure         text not null check (figure in ('SETTLED', 'CORRECTED', 'REJECTED', 'CANCELLED', 'REVERSED',
                   'SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT')),
  debits         bigint not null check (debits >= 0),
  amount         bigint not null check (amount >= 0),
  all_debits     bigint check (all_debits >= debits),
  all_amount     bigint check (all_amount >= amount),
  primary key (statement_id, figure)
);

-- Debits that were open at the close of a statement: of all from `since` on, before `until` (sequences of the creditor's
-- statements). So a debit that waits for weeks is one row, and what was open is told the same way for ever.
create table statement_open_debits (
  debit_id       uuid not null references debits,
  creditor_code  text not null,
  state          text not null check (state in ('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT')),
  since_sequence integer not null,
  until_sequence integer not null default 2147483647 check (until_sequence > since_sequence),
  primary key (debit_id, since_sequence, state)
);
create index statement_open_debits_in_order on statement_open_debits (creditor_code, since_sequence, debit_id, until_sequence);
-- What was signed stays.
create function statement_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a closed statement never changes' using errcode = 'insufficient_privilege';
end $$;
create trigger closed_statement_stays before update or delete on statements
  for each row when (old.state = 'CLOSED') execute function statement_stays();

grant select, insert, update on statements, statement_figures to gateway_runtime;
grant select, insert, update, delete on statement_open_debits to gateway_runtime;
