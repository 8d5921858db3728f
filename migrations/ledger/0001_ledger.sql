-- Up Migration

-- The embedded core banking system: a foreign system to the gateway, with its own schema, roles, migrations and pool.
-- The role that its adapter runs as. It is made here where the owner may, else by the bank beforehand.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ledger_runtime') then
    create role ledger_runtime nologin;
  end if;
exception
  -- Roles belong to the whole cluster: another database's migration may have made it in this moment.
  when duplicate_object or unique_violation then null;
end $$;

create schema if not exists ledger;

create table ledger.accounts (
  rib             text primary key check (rib ~ '^\d{20}$'),
  holder          text not null check (length(holder) between 1 and 200),
  -- CASH is the bank's own vault, against which accounts are funded. A kind never changes: locks are taken in its order.
  kind            text not null check (kind in ('CUSTOMER', 'COLLECTION', 'CASH')),
  status          text not null default 'OPEN' check (status in ('OPEN', 'BLOCKED', 'CLOSED')),
  -- Centimes, always the sum of the account's postings: written by the trigger on postings and by nothing else.
  balance         bigint not null default 0,
  -- How far it may go: 0, or minus the overdraft that the bank permits.
  minimum_balance bigint not null default 0 check (minimum_balance <= 0),
  opened_at       timestamptz not null default clock_timestamp(),
  check (kind = 'CASH' or balance >= minimum_balance)
) with (fillfactor = 50);

create sequence ledger.booking_numbers;

-- Everything that was ever decided on a reference: one row a reference, whatever came of it, so that moves, refusals
-- and tombstones exclude each other by one unique index.
create table ledger.bookings (
  booking_id        bigint primary key default nextval('ledger.booking_numbers'),
  reference         text not null unique check (reference ~ '^[A-Z0-9-]{1,35}$'),
  -- Null in a tombstone: what it keeps away has not come.
  kind              text check (kind in ('DEBIT', 'REVERSAL', 'FUNDING')),
  outcome           text not null check (outcome in ('MOVED', 'REFUSED', 'VOIDED')),
  reason            text check (reason ~ '^[A-Z]{2}\d{2}$'),
  -- The account that is debited and the one that is credited, as instructed: a refused one may name accounts that are not here.
  debtor            text,
  creditor          text,
  amount            bigint check (amount > 0),
  -- The reference that a reversal gives back.
  original          text,
  decided_at        timestamptz not null,
  executed_at       timestamptz,
  booking_date      date,
  value_date        date,
  booking_reference text unique,
  check ((outcome = 'VOIDED') = (kind is null)),
  check ((outcome = 'REFUSED') = (reason is not null)),
  check ((kind is null) = (amount is null) and (kind is null) = (debtor is null) and (kind is null) = (creditor is null)),
  check (outcome <> 'MOVED' or debtor <> creditor),
  check ((kind is not distinct from 'REVERSAL') = (original is not null)),
  check ((outcome = 'MOVED') = (executed_at is not null and booking_date is not null and value_date is not null
         and booking_reference is not null))
);
create index bookings_of_day on ledger.bookings (booking_date, booking_id) where outcome = 'MOVED';
-- One debit is given back once, under whatever reference it is asked again.
create unique index bookings_given_back on ledger.bookings (original) where outcome = 'MOVED';

create table ledger.postings (
  booking_id bigint not null references ledger.bookings,
  account    text not null references ledger.accounts,
  -- Signed centimes: what goes out is negative.
  amount     bigint not null check (amount <> 0),
  primary key (booking_id, account)
);
create index postings_of_account on ledger.postings (account, booking_id);

-- The two functions below look rows up by their keys whatever the statistics say: their plans are made once a
-- connection, often while the books are still empty, and would read whole tables when these have grown.

-- A booking's postings are its amount out of the debtor's account and into the creditor's, whole: nothing else sums to
-- zero here. The balances follow in the same breath, so that no path can post without them or move them without a posting.
create function ledger.post() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  perform
     from (select distinct booking_id from posted) as touched
    cross join lateral (
      select count(*) as postings, sum(postings.amount) as sum,
             bool_or(outcome <> 'MOVED' or postings.amount is distinct from case account
               when debtor then - bookings.amount when creditor then bookings.amount end) as foreign_to_it
        from ledger.bookings join ledger.postings using (booking_id)
       where booking_id = touched.booking_id
    ) as whole
    where whole.postings <> 2 or whole.sum <> 0 or whole.foreign_to_it;
  if found then
    raise exception 'postings do not sum to zero, or are not their booking''s' using errcode = 'integrity_constraint_violation';
  end if;
  update ledger.accounts set balance = balance + moved.amount
    from (select account, sum(amount) as amount from posted group by account) as moved
   where rib = moved.account;
  return null;
end $$;

create trigger post after insert on ledger.postings
  referencing new table as posted for each statement execute function ledger.post();

-- A statement that says MOVED posts it too.
create function ledger.require_postings() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (
    select from booked
     where outcome = 'MOVED'
       and not exists (select from ledger.postings where postings.booking_id = booked.booking_id)
  ) then
    raise exception 'a booking without postings' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

create trigger require_postings after insert on ledger.bookings
  referencing new table as booked for each statement execute function ledger.require_postings();

revoke execute on function ledger.post(), ledger.require_postings() from public;

-- Who runs it adds and reads. Balances are the triggers', and what was booked stays.
grant usage on schema ledger to ledger_runtime;
grant usage on sequence ledger.booking_numbers to ledger_runtime;
grant select on ledger.accounts, ledger.bookings, ledger.postings to ledger_runtime;
grant insert on ledger.bookings, ledger.postings to ledger_runtime;
grant insert (rib, holder, kind, minimum_balance), update (status) on ledger.accounts to ledger_runtime;
