-- Up Migration

-- What the creditor asks to have given back: a settled debit, whole. Each try is a row of its own, with a reference of
-- its own at the core banking system; the creditor names its number, so that a retry is never a new try.
create table reversals (
  reversal_id       uuid primary key,
  debit_id          uuid not null references debits,
  creditor_code     text not null references creditors,
  attempt           integer not null check (attempt between 1 and 99),
  core_reference    text not null unique check (core_reference ~ '^[A-Z2-7]{32}$'),
  -- The debit's own: whole, never partial. What the core says is compared with it.
  amount            bigint not null check (amount > 0),
  -- Why the creditor asks, as its own code.
  asked_reason      text not null check (asked_reason ~ '^[a-z-]{1,40}$'),
  request_jti       text not null,
  state             text not null check (state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT', 'SETTLED', 'REJECTED')),
  -- Why it was rejected, as the bank knows it, and as its creditor may.
  reason            text check (reason ~ '^[A-Z]{2}\d{2}$'),
  shown_reason      text check (shown_reason ~ '^[A-Z]{2}\d{2}$'),
  ordered_at        timestamptz not null,
  received_at       timestamptz not null,
  -- The day in Algiers in whose limits it counts.
  counted_on        date not null,
  expires_at        timestamptz not null,
  resolve_by        timestamptz not null check (resolve_by > expires_at),
  -- Held by who works on it; past it, recovery may take it up. It is also the time of the next question in doubt.
  lease_until       timestamptz not null,
  sends             integer not null default 0 check (sends >= 0),
  questions         integer not null default 0 check (questions >= 0),
  people_since      timestamptz,
  booking_reference text,
  executed_at       timestamptz,
  booking_date      date,
  value_date        date,
  ended_at          timestamptz,
  confirmation_jti  uuid references tokens,
  unique (debit_id, attempt),
  -- No reversal is settled without its proof, and none has proof unsettled.
  check ((state = 'SETTLED') = (confirmation_jti is not null)),
  check (confirmation_jti is null or (booking_reference is not null and executed_at is not null
         and booking_date is not null and value_date is not null)),
  check ((state = 'REJECTED') = (reason is not null) and (state = 'REJECTED') = (shown_reason is not null)),
  -- Nothing was sent of one that is only asked for, and only what was sent can be in doubt or settled.
  check (case state when 'REQUESTED' then sends = 0 when 'REJECTED' then true else sends > 0 end),
  check ((ended_at is null) = (state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')))
);
-- One live reversal a debit, at most one settled ever, and none beside a settled one: money is given back once.
create unique index one_reversal_a_debit on reversals (debit_id) where state <> 'REJECTED';
create index reversals_to_resolve on reversals (lease_until) where state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT');
create index reversals_for_people on reversals (people_since) where people_since is not null;

-- A debit is REVERSED exactly if a reversal of it is SETTLED, whichever of the two is written: looked at when the
-- transaction ends, since both are written by one statement. Only what enters or leaves these states pays for it.
create function reversed_by_its_reversal() returns trigger language plpgsql as $$
begin
  if (select state = 'REVERSED' from debits where debit_id = new.debit_id)
     is distinct from exists (select from reversals where debit_id = new.debit_id and state = 'SETTLED') then
    raise check_violation using message = 'a debit is REVERSED exactly if a reversal of it is SETTLED';
  end if;
  return null;
end $$;
create constraint trigger reversed_debit_inserted after insert on debits deferrable initially deferred
  for each row when (new.state = 'REVERSED') execute function reversed_by_its_reversal();
create constraint trigger reversed_debit after update of state on debits deferrable initially deferred
  for each row when ((old.state = 'REVERSED') <> (new.state = 'REVERSED')) execute function reversed_by_its_reversal();
create constraint trigger settled_reversal_inserted after insert on reversals deferrable initially deferred
  for each row when (new.state = 'SETTLED') execute function reversed_by_its_reversal();
create constraint trigger settled_reversal after update of state on reversals deferrable initially deferred
  for each row when ((old.state = 'SETTLED') <> (new.state = 'SETTLED')) execute function reversed_by_its_reversal();

-- What a creditor has asked to be given back on a day in Algiers: the lock that holds the day's limits.
create table reversal_days (
  creditor_code text not null references creditors,
  day           date not null,
  -- Every try counts.
  asked         integer not null check (asked > 0),
  -- Of those that are not rejected.
  amount        bigint not null check (amount >= 0),
  primary key (creditor_code, day)
);

-- An answer of the core's about a reversal, beside those about its debit.
alter table core_answers add column attempt integer check (attempt > 0);

-- A reversal whose money moved against its rejection, or otherwise than stored.
alter table contradictions
  add column reversal_id uuid references reversals,
  drop constraint contradictions_kind_check,
  add constraint contradictions_kind_check check (kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION',
    'OTHER_BOOKING', 'OTHER_AMOUNT', 'OTHER_CURRENCY', 'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME',
    'REFUSED_AFTER_SETTLEMENT', 'REVERSED_AFTER_REJECTION', 'OTHER_REVERSAL_BOOKING', 'OTHER_REVERSAL_AMOUNT')),
  -- What the bus says against a reversal's instruction has a debit's kinds.
  add constraint contradictions_of_reversals check (reversal_id is not null
    or kind not in ('REVERSED_AFTER_REJECTION', 'OTHER_REVERSAL_BOOKING', 'OTHER_REVERSAL_AMOUNT'));

-- What was given back counts among the day's figures.
alter table debit_hours drop constraint debit_hours_event_check,
  add constraint debit_hours_event_check check (event in ('RECEIVED', 'SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'));
alter table debit_days drop constraint debit_days_event_check,
  add constraint debit_days_event_check check (event in ('RECEIVED', 'SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'));

grant select, insert, update on reversals, reversal_days to gateway_runtime;
