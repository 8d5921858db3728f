-- Up Migration

-- A body that is too large to be held at once, beside its request, in pieces. Insert-only, like the request itself,
-- whose `body` is empty then and whose digest is over the whole.
create table request_parts (
  creditor_code text    not null,
  jti           text    not null,
  part          integer not null check (part > 0),
  bytes         bytea   not null check (length(bytes) > 0),
  primary key (creditor_code, jti, part),
  foreign key (creditor_code, jti) references requests
);

-- A creditor's list of what it expected to be settled in some days, and what came of it. RECEIVED: it waits for the
-- statement of its last day, or is being matched. MATCHED: signed, and never changed again.
create table reconciliations (
  reconciliation_id uuid primary key,
  creditor_code     text not null references creditors,
  -- The creditor's name for it: one list for ever.
  reference         text not null check (reference ~ '^[A-Za-z0-9-]{1,35}$'),
  first_day         date not null,
  last_day          date not null check (last_day between first_day and first_day + 91),
  media_type        text not null check (media_type in ('application/json', 'application/x-ndjson', 'text/csv')),
  -- The request that brought it: its digest tells whether the same is sent again.
  request_jti       text not null,
  received_at       timestamptz not null,
  expected_lines    bigint not null check (expected_lines between 0 and 1000000),
  expected_amount   bigint not null check (expected_amount >= 0),
  state             text not null default 'RECEIVED' check (state in ('RECEIVED', 'MATCHED')),
  -- Who works on it, and until when it is left to that one: it saves work, it decides nothing.
  holder            uuid,
  lease_until       timestamptz,
  -- The range of the journal that the statements of those days were cut from.
  after_epoch       integer,
  after_number      bigint,
  through_epoch     integer,
  through_number    bigint,
  matched_at        timestamptz,
  token_jti         uuid references tokens,
  unique (creditor_code, reference),
  foreign key (creditor_code, request_jti) references requests,
  check ((state = 'MATCHED') = (token_jti is not null) and (state = 'MATCHED') = (matched_at is not null)),
  check (state <> 'MATCHED' or (after_epoch is not null and after_number is not null and through_epoch is not null
         and through_number is not null))
);
create index reconciliations_to_match on reconciliations (received_at) where state <> 'MATCHED';
create index reconciliations_of_creditor on reconciliations (creditor_code, received_at, reconciliation_id);

-- Each line with what came of it. Insert-only: whoever matches it again, after a stop, changes nothing.
create table reconciliation_lines (
  reconciliation_id uuid    not null references reconciliations,
  end_to_end_id     text    not null check (end_to_end_id ~ '^[A-Za-z0-9-]{1,35}$'),
  -- Which of the list it is, from 1; 0 where it is on none.
  line              integer not null check (line >= 0),
  outcome           text    not null check (outcome in ('MATCHED', 'DIFFERING', 'MISSING', 'REPEATED', 'UNEXPECTED')),
  expected          bigint  check (expected > 0),
  declaration       text,
  employer_number   text,
  -- Of debits; no foreign key, which would be looked up for each of a million lines, and no debit is ever deleted.
  debit_id          uuid,
  -- The debit's state when it was matched.
  state             text,
  -- Set where it settled in those days.
  settled           bigint  check (settled > 0),
  -- When its settlement was recorded, whatever the day.
  final_at          timestamptz,
  confirmation_jti  uuid,
  primary key (reconciliation_id, end_to_end_id, line),
  check ((line = 0) = (outcome = 'UNEXPECTED') and (line = 0) = (expected is null)),
  -- What is told as settled has its debit and its proof, and nothing else is.
  check ((outcome in ('MATCHED', 'DIFFERING', 'UNEXPECTED')) = (settled is not null)),
  check (settled is null or (debit_id is not null and final_at is not null and confirmation_jti is not null)),
  check (outcome <> 'MATCHED' or settled = expected)
);
create index reconciliation_lines_of_outcome on reconciliation_lines (reconciliation_id, outcome, end_to_end_id, line);

-- What the lines come to, counted as they are stored. REVERSED: those of the settled ones that were given back since.
create table reconciliation_figures (
  reconciliation_id uuid   not null references reconciliations,
  figure            text   not null check (figure in ('MATCHED', 'DIFFERING', 'MISSING', 'REPEATED', 'UNEXPECTED', 'REVERSED')),
  lines             bigint not null check (lines >= 0),
  expected          bigint not null check (expected >= 0),
  settled           bigint not null check (settled >= 0),
  primary key (reconciliation_id, figure)
);

create function reconciliation_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a matched reconciliation never changes' using errcode = 'insufficient_privilege';
end $$;
create trigger matched_reconciliation_stays before update or delete on reconciliations
  for each row when (old.state = 'MATCHED') execute function reconciliation_stays();

-- Our books against the core's own, a booking day at a time: once when the day is over, and again as staff ask.
create table book_comparisons (
  comparison_id uuid    primary key,
  day           date    not null,
  attempt       integer not null check (attempt > 0),
  -- A staff member's subject; null where the day itself asked.
  asked_by      text    check (length(asked_by) between 1 and 255),
  asked_at      timestamptz not null default clock_timestamp(),
  holder        uuid,
  lease_until   timestamptz,
  compared_at   timestamptz,
  -- What the core told: all its postings, those that concern no creditor, and those that agree with ours.
  booked        bigint  check (booked >= 0),
  booked_amount bigint  check (booked_amount >= 0),
  foreign_ones  bigint  check (foreign_ones >= 0),
  agreed        bigint  check (agreed >= 0),
  agreed_amount bigint  check (agreed_amount >= 0),
  differences   bigint  check (differences >= 0),
  unique (day, attempt),
  check ((attempt = 1) = (asked_by is null)),
  check ((compared_at is null) = (booked is null) and (compared_at is null) = (booked_amount is null)
         and (compared_at is null) = (foreign_ones is null) and (compared_at is null) = (agreed is null)
         and (compared_at is null) = (agreed_amount is null) and (compared_at is null) = (differences is null)),
  -- Each of the core's postings agrees, is no creditor's, or is a difference; that a debit is not booked adds to these.
  check (compared_at is null or booked <= agreed + foreign_ones + differences)
);
create unique index one_comparison_waits_a_day on book_comparisons (day) where compared_at is null;

-- What the two say differently. Insert-only: nothing is mended here, and a later comparison that finds it no more stands
-- beside it.
create table book_differences (
  difference_id     uuid primary key,
  comparison_id     uuid not null references book_comparisons,
  kind              text not null check (kind in ('UNKNOWN_HERE', 'NOT_SETTLED_HERE', 'NOT_BOOKED', 'BOOKED_TWICE',
                      'OTHER_AMOUNT', 'OTHER_ACCOUNT', 'OTHER_BOOKING', 'OTHER_DAY')),
  -- The core's reference for one transfer: the debit's own, or the reversal's.
  core_reference    text not null check (core_reference ~ '^[A-Z2-7]{32}$'),
  creditor_code     text,
  debit_id          uuid references debits,
  reversal_id       uuid references reversals,
  -- What is stored here, and what the core booked; absent where one of them has nothing.
  state             text,
  amount            bigint check (amount > 0),
  booking_reference text,
  booking_date      date,
  booked_amount     bigint check (booked_amount >= 0),
  booked_reference  text,
  booked_date       date,
  check ((kind = 'UNKNOWN_HERE') = (debit_id is null)),
  check ((kind = 'NOT_BOOKED') = (booked_amount is null))
);
create index book_differences_of_comparison on book_differences (comparison_id, difference_id);

-- What was booked on a day, as we know it: the comparison reads it a page at a time.
create index debits_by_booking_date on debits (booking_date, debit_id) where booking_date is not null;
create index reversals_by_booking_date on reversals (booking_date, reversal_id) where booking_date is not null;

grant select, insert on request_parts, reconciliation_lines, book_differences to gateway_runtime;
grant select, insert, update on reconciliations, reconciliation_figures, book_comparisons to gateway_runtime;
