-- Up Migration

-- What the bank stopped: all debits, a creditor's, or those of a mandate and of what replaces it. Who begins or sends a
-- debit reads it with a row lock, and so holds the table's weak lock from before its statement's snapshot: who waits
-- for the strong one (`lock table stops in exclusive mode`) has outwaited everyone who could not see the stop yet.
create table stops (
  stop_id       uuid primary key,
  scope         text not null check (scope in ('ALL', 'CREDITOR', 'MANDATE')),
  creditor_code text references creditors,
  -- The one it was made on; its chain is what is stopped, or a replacement would begin again what one person stopped.
  mandate_id    uuid references mandates,
  chain_id      uuid,
  -- In the words of who stopped, and so never in the journal.
  remark        text not null check (length(remark) between 1 and 500),
  stopped_by    text not null check (length(stopped_by) between 1 and 255),
  stopped_at    timestamptz not null default clock_timestamp(),
  -- One person stops, two start again: by a proposal that another has approved.
  ended_by      uuid unique references proposals,
  ended_at      timestamptz,
  check ((ended_by is null) = (ended_at is null)),
  check ((scope = 'ALL') = (creditor_code is null)),
  check ((scope = 'MANDATE') = (chain_id is not null) and (chain_id is null) = (mandate_id is null))
);
create unique index one_stop_a_chain on stops (chain_id) where ended_at is null and chain_id is not null;
create unique index one_wider_stop on stops (scope, coalesce(creditor_code, '')) where ended_at is null and chain_id is null;

-- What needs two people holds to a proposal that was approved, of that kind and for that very thing:
-- hold_to_approval(column that names the proposal, its kind, column that names its subject).
create function hold_to_approval() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) ->> tg_argv[0] is not null
     and (tg_op = 'INSERT' or to_jsonb(new) ->> tg_argv[0] is distinct from to_jsonb(old) ->> tg_argv[0])
     and not exists (select from proposals
                      where proposal_id = (to_jsonb(new) ->> tg_argv[0])::uuid and state = 'APPROVED'
                        and decided_by <> proposed_by and kind = tg_argv[1]
                        and subject_id = to_jsonb(new) ->> tg_argv[2]) then
    raise exception 'this needs two people' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create function keep_stop() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null or new.ended_at is null
     or (to_jsonb(new) - 'ended_at' - 'ended_by') is distinct from (to_jsonb(old) - 'ended_at' - 'ended_by') then
    raise exception 'a stop only ends, and once' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_stop before update on stops for each row execute function keep_stop();
create trigger two_people_start before insert or update on stops
  for each row execute function hold_to_approval('ended_by', 'stop.end', 'stop_id');

-- What an administrator wants registered, as it was uploaded or typed: a proposal names it with its digest. Insert-only.
create table registry_changes (
  change_id     uuid primary key,
  creditor_code text not null check (creditor_code ~ '^[A-Z0-9]{2,20}$'),
  body          text not null check (body is json object and length(body) <= 65536),
  -- SHA-256 over the body, in hexadecimal.
  digest        text not null check (digest ~ '^[0-9a-f]{64}$'),
  entered_by    text not null check (length(entered_by) between 1 and 255),
  entered_at    timestamptz not null default clock_timestamp()
);

-- The proposals by which something was registered, changed and withdrawn. Null where no staff did it: the development
-- PKI, which production refuses.
alter table creditors
  add column registered_as uuid references proposals,
  add column account_as uuid references proposals;
alter table client_certificates
  add column registered_as uuid references proposals,
  add column withdrawn_as uuid references proposals check (withdrawn_as is null or withdrawn_at is not null);
alter table signing_keys
  add column registered_as uuid references proposals,
  add column withdrawn_as uuid references proposals check (withdrawn_as is null or withdrawn_at is not null);
create trigger two_people_register before insert or update on creditors
  for each row execute function hold_to_approval('registered_as', 'creditor.registration', 'creditor_code');
create trigger two_people_change_account before insert or update on creditors
  for each row execute function hold_to_approval('account_as', 'creditor.account', 'creditor_code');
create trigger two_people_register before insert or update on client_certificates
  for each row execute function hold_to_approval('registered_as', 'client.registration', 'thumbprint');
create trigger two_people_withdraw before insert or update on client_certificates
  for each row execute function hold_to_approval('withdrawn_as', 'client.withdrawal', 'thumbprint');
create trigger two_people_register before insert or update on signing_keys
  for each row execute function hold_to_approval('registered_as', 'signing-key.registration', 'thumbprint');
create trigger two_people_withdraw before insert or update on signing_keys
  for each row execute function hold_to_approval('withdrawn_as', 'signing-key.withdrawal', 'thumbprint');

-- Which account a creditor's debits were credited to, and since when: a receipt that is printed again names the one of
-- its day. An account changes only while none of the creditor's debits is with the core. Insert-only.
create table collection_accounts (
  creditor_code text not null references creditors,
  since         timestamptz not null,
  account       text not null check (account ~ '^\d{20}$'),
  primary key (creditor_code, since)
);
insert into collection_accounts (creditor_code, since, account)
select creditor_code, '-infinity', collection_account from creditors;
create function keep_collection_account() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or new.collection_account <> old.collection_account then
    insert into collection_accounts (creditor_code, since, account)
    values (new.creditor_code, case tg_op when 'INSERT' then '-infinity' else clock_timestamp() end, new.collection_account);
  end if;
  return null;
end $$;
create trigger keep_collection_account after insert or update on creditors
  for each row execute function keep_collection_account();

-- The bank's calendar: days without banking, each with its source. `yearly` is month and day of a feast that the law
-- fixes; `day` is one that is announced (the moon's, the night before) or that the bank decides. Nothing is removed:
-- what was withdrawn tells what the calendar said before.
create table feasts (
  feast_id     uuid primary key,
  day          date,
  yearly       text check (yearly ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'),
  name_fr      text not null check (length(name_fr) between 1 and 100),
  name_ar      text not null check (length(name_ar) between 1 and 100),
  -- The law, or who announced it and when.
  source       text not null check (length(source) between 1 and 300),
  -- Null in what came with the gateway.
  entered_as   uuid references proposals,
  entered_at   timestamptz not null default clock_timestamp(),
  withdrawn_as uuid references proposals,
  withdrawn_at timestamptz,
  check ((day is null) <> (yearly is null)),
  check ((withdrawn_as is null) = (withdrawn_at is null))
);
create unique index one_feast_a_day on feasts (day) where withdrawn_at is null and day is not null;
create unique index one_yearly_feast_a_day on feasts (yearly) where withdrawn_at is null and yearly is not null;

-- The week's days without banking (ISO: 1 Monday … 7 Sunday), from a day on. The latest that has begun holds.
create table bank_weeks (
  week_id    uuid primary key,
  from_day   date not null,
  weekend    integer[] not null check (weekend <@ array[1, 2, 3, 4, 5, 6, 7] and cardinality(weekend) between 0 and 6),
  source     text not null check (length(source) between 1 and 300),
  entered_as uuid references proposals,
  entered_at timestamptz not null default clock_timestamp()
);
-- The core banking system's daily closing, in Algiers: from `closes_at` to `opens_at`, over midnight where that is
-- earlier. Without times it never closes.
create table core_hours (
  hours_id   uuid primary key,
  from_day   date not null,
  closes_at  time(0),
  opens_at   time(0),
  source     text not null check (length(source) between 1 and 300),
  entered_as uuid references proposals,
  entered_at timestamptz not null default clock_timestamp(),
  check ((closes_at is null) = (opens_at is null)),
  check (closes_at <> opens_at)
);
create trigger two_people_enter before insert or update on feasts
  for each row execute function hold_to_approval('entered_as', 'calendar.feast', 'feast_id');
create trigger two_people_withdraw before insert or update on feasts
  for each row execute function hold_to_approval('withdrawn_as', 'calendar.withdrawal', 'feast_id');
create trigger two_people_enter before insert or update on bank_weeks
  for each row execute function hold_to_approval('entered_as', 'calendar.week', 'week_id');
create trigger two_people_enter before insert or update on core_hours
  for each row execute function hold_to_approval('entered_as', 'calendar.core', 'hours_id');

create function keep_feast() returns trigger language plpgsql as $$
begin
  if old.withdrawn_at is not null or (to_jsonb(new) - 'withdrawn_at' - 'withdrawn_as')
     is distinct from (to_jsonb(old) - 'withdrawn_at' - 'withdrawn_as') then
    raise exception 'a feast is only withdrawn, and once' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_feast before update on feasts for each row execute function keep_feast();

-- Law 63-278 as amended. The feasts that follow the moon are entered by staff, from each year's announcement.
insert into feasts (feast_id, yearly, name_fr, name_ar, source)
values ('01980000-0000-7000-8000-000000000101', '01-01', 'Jour de l’an', 'رأس السنة الميلادية', 'Loi 63-278 modifiée'),
       ('01980000-0000-7000-8000-000000000112', '01-12', 'Amenzu n Yennayer', 'أمنزو ن يناير', 'Loi 63-278 modifiée'),
       ('01980000-0000-7000-8000-000000000501', '05-01', 'Fête du Travail', 'عيد العمال', 'Loi 63-278 modifiée'),
       ('01980000-0000-7000-8000-000000000705', '07-05', 'Fête de l’Indépendance', 'عيد الاستقلال', 'Loi 63-278 modifiée'),
       ('01980000-0000-7000-8000-000000001101', '11-01', 'Fête de la Révolution', 'عيد الثورة', 'Loi 63-278 modifiée');
-- Until then the weekend was Thursday and Friday.
insert into bank_weeks (week_id, from_day, weekend, source)
values ('01980000-0000-7000-8000-000000000001', '2009-08-14', '{5,6}', 'Repos hebdomadaire : vendredi et samedi');
insert into core_hours (hours_id, from_day, source)
values ('01980000-0000-7000-8000-000000000002', '2009-08-14', 'Installation');

-- Whole-table updates, since the strong lock asks for that right; what may change is held by triggers.
grant select, insert, update on stops to gateway_runtime;
grant select, insert on registry_changes, collection_accounts, bank_weeks, core_hours to gateway_runtime;
grant select, insert on feasts to gateway_runtime;
grant update (withdrawn_as, withdrawn_at) on feasts to gateway_runtime;
