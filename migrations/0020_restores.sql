-- Up Migration

-- A database that was put back to an earlier time has forgotten what happened since. Each epoch but the first begins
-- with one of these, and with a stop of all debits: first the core's movements are read, then two people start again.
create table restores (
  -- Of journal_epochs; no foreign key, as nothing may ever be taken from there.
  epoch             integer primary key,
  -- The last that this database knows of: what the core has moved from then on may be unknown to it.
  known_until       timestamptz not null,
  began_at          timestamptz not null,
  stop_id           uuid not null references stops,
  movements_read_at timestamptz
);
create index restores_to_read on restores (epoch) where movements_read_at is null;

-- Money that moved for a debit that this database has never heard of. Its name is known to the creditor alone (the
-- reference is a digest): when the same debit is asked again it is taken for that one, and nothing is sent.
create table unclaimed_movements (
  reference         text primary key check (reference ~ '^[A-Z2-7]{32}$'),
  epoch             integer not null references restores,
  creditor_code     text not null references creditors,
  -- Personal: whose account was debited.
  debtor            text not null check (debtor ~ '^\d{20}$'),
  amount            bigint not null check (amount > 0),
  booking_reference text not null,
  executed_at       timestamptz not null,
  booking_date      date not null,
  value_date        date not null,
  found_at          timestamptz not null default clock_timestamp(),
  claimed_by        uuid unique references debits,
  claimed_at        timestamptz,
  check ((claimed_by is null) = (claimed_at is null))
);
create index movements_unclaimed on unclaimed_movements (creditor_code, debtor) where claimed_by is null;

create function keep_movement() returns trigger language plpgsql as $$
begin
  if old.claimed_by is not null or new.claimed_by is null
     or (to_jsonb(new) - 'claimed_by' - 'claimed_at') is distinct from (to_jsonb(old) - 'claimed_by' - 'claimed_at') then
    raise exception 'a movement is only claimed, and once' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_movement before update on unclaimed_movements for each row execute function keep_movement();

-- After a restore a debit that was not sent yet, as far as this database knows, may prove to have been.
grant select, insert on restores, unclaimed_movements to gateway_runtime;
grant update (movements_read_at) on restores to gateway_runtime;
grant update (claimed_by, claimed_at) on unclaimed_movements to gateway_runtime;
