-- Up Migration

-- What is only ever inserted into stays for the owner too: whoever changes it has to take the trigger away first.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever inserted into', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger journal_stays before update or delete or truncate on journal
  for each statement execute function refuse_change();

-- The bytes that a row is sealed by: each value as text with its length in bytes before it, `-` for none, so that no two
-- rows have the same. src/journal/canonical.ts says the same in TypeScript, by which everything is verified.
create function journal_instant(instant timestamptz) returns text stable language sql
  return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
create function journal_bytes(entry journal) returns bytea stable language sql
  -- Written out: a function for a field would take ten times as long.
  return convert_to(
    octet_length(entry.entry_id::text) || ':' || entry.entry_id::text || ','
    || octet_length(entry.transaction_id::text) || ':' || entry.transaction_id::text || ','
    || '27:' || journal_instant(entry.recorded_at) || ','
    || octet_length(entry.kind) || ':' || entry.kind || ','
    || coalesce(octet_length(entry.subject_id::text) || ':' || entry.subject_id::text || ',', '-,')
    || coalesce(octet_length(entry.creditor_code) || ':' || entry.creditor_code || ',', '-,')
    || coalesce(octet_length(entry.from_state) || ':' || entry.from_state || ',', '-,')
    || coalesce(octet_length(entry.to_state) || ':' || entry.to_state || ',', '-,')
    || coalesce(octet_length(entry.reason) || ':' || entry.reason || ',', '-,')
    || octet_length(entry.side) || ':' || entry.side || ','
    || coalesce(octet_length(entry.actor) || ':' || entry.actor || ',', '-,')
    || coalesce(octet_length(entry.token_jti::text) || ':' || entry.token_jti::text || ',', '-,')
    || coalesce(octet_length(entry.request_jti) || ':' || entry.request_jti || ',', '-,')
    || octet_length(entry.detail::text) || ':' || entry.detail::text || ',',
    'UTF8');

-- The chain over a set of seals, each with the one before it: `first` is the last one of what came before the set.
create function journal_link(before bytea, first bytea, leaf bytea, place text) returns bytea immutable language sql
  return sha256(coalesce(before, first) || leaf || convert_to(place, 'UTF8'));
create aggregate journal_chain(first bytea, leaf bytea, place text) (sfunc = journal_link, stype = bytea);

-- One history of this database. One that was restored to an earlier time begins a new one: numbers that were told of
-- after the backup are never given to other rows under the same name.
create table journal_epochs (
  epoch             integer primary key check (epoch > 0),
  began_at          timestamptz not null,
  began_by          text not null check (length(began_by) between 1 and 255),
  cause             text not null check (cause in ('first', 'another-database', 'restored')),
  -- PostgreSQL's own names of the data folder and of its history: another one is another database.
  database_id       text not null,
  -- Rows up to this one were there when it began. Their transactions are over, whatever their numbers would say here.
  existing_through  bigint not null check (existing_through >= 0),
  -- Over all this and the last seal, or the last epoch, before it: where the chain goes on.
  hash              bytea not null check (length(hash) = 32)
);

-- The journal's rows, numbered and sealed after they have committed. No foreign key: it would write into each row.
create table journal_seals (
  epoch    integer not null,
  number   bigint  not null check (number > 0),
  entry_id bigint  not null unique,
  -- So that a row can be proven later by its leaf without others being guessed from theirs.
  salt     bytea   not null check (length(salt) = 16),
  leaf     bytea   not null check (length(leaf) = 32),
  hash     bytea   not null check (length(hash) = 32),
  primary key (epoch, number)
);
create trigger epochs_stay before update or delete or truncate on journal_epochs
  for each statement execute function refuse_change();
create trigger seals_stay before update or delete or truncate on journal_seals
  for each statement execute function refuse_change();

-- How far the one sealer has come, and who that is.
create table journal_sealer (
  only_row       boolean primary key default true check (only_row),
  epoch          integer not null,
  number         bigint  not null,
  hash           bytea   not null check (length(hash) = 32),
  -- Every row up to this one that could be seen is sealed; one that committed later is of a transaction from `open_from` on.
  sealed_through bigint  not null,
  open_from      xid8    not null,
  holder         uuid,
  lease_until    timestamptz
);
-- Rows of a transaction that was still open when later rows were sealed.
create index journal_by_transaction on journal (transaction_id);

-- The rows of a day, in Algiers, are between these: what the audit trail looks through for a day.
create table journal_days (
  day         date   primary key,
  first_entry bigint not null,
  last_entry  bigint not null
);

-- What staff did, by person; the creditors' rows, which are most, are not in it.
create index journal_of_staff on journal (actor, entry_id) where side = 'bank';
-- What happens seldom, by kind: the two kinds that every debit has are found quickly without.
create index journal_of_rare_kind on journal (kind, entry_id) where kind not in ('debit.received', 'debit.settled');

-- What readers of the journal read: the sealed rows, in their order.
create view sealed_journal as
  select epoch, number, entry_id, recorded_at, kind, subject_id, creditor_code, from_state, to_state, reason, side, actor,
         token_jti, request_jti, detail
    from journal_seals join journal using (entry_id);

-- Who a subject is, as the identity provider last said it: the journal itself holds no name.
create table staff_members (
  subject      text primary key check (length(subject) between 1 and 255),
  name         text not null check (length(name) between 1 and 100),
  last_seen_at timestamptz not null
);

-- The debits' figures by hour and by day, added up from the sealed journal, with how far that has come: a row is counted
-- once, however often the adding up is interrupted.
create table debit_figures_progress (
  only_row boolean primary key default true check (only_row),
  epoch    integer not null,
  number   bigint  not null
);
insert into debit_figures_progress (epoch, number) values (0, 0);
create table debit_hours (
  hour          timestamptz not null,
  agency_code   text   not null check (agency_code ~ '^\d{5}$'),
  creditor_code text   not null,
  event         text   not null check (event in ('RECEIVED', 'SETTLED', 'REJECTED', 'CANCELLED')),
  -- Of a rejection, as the bank knows it.
  reason        text   not null default '',
  debits        bigint not null,
  amount        bigint not null,
  primary key (hour, agency_code, creditor_code, event, reason)
);
create table debit_days (
  day           date   not null,
  agency_code   text   not null check (agency_code ~ '^\d{5}$'),
  creditor_code text   not null,
  event         text   not null check (event in ('RECEIVED', 'SETTLED', 'REJECTED', 'CANCELLED')),
  reason        text   not null default '',
  debits        bigint not null,
  amount        bigint not null,
  primary key (day, agency_code, creditor_code, event, reason)
);

grant select, insert on journal_epochs, journal_seals to gateway_runtime;
grant select on sealed_journal to gateway_runtime;
grant select, insert, update on journal_sealer, journal_days, staff_members, debit_hours, debit_days to gateway_runtime;
grant select, update on debit_figures_progress to gateway_runtime;
