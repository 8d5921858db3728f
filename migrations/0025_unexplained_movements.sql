-- Up Migration

-- What the core moved in the time that a restored database has lost, and that nothing here tells of: money that was given
-- back, a debit credited to an account that is no creditor's any more or not yet, one debited from an account that no
-- mandate of its chain has. Nothing starts again while any is unexplained, but by two people who say so.
create table unexplained_movements (
  reference         text primary key check (length(reference) between 1 and 64),
  epoch             integer not null references restores,
  stop_id           uuid not null references stops,
  -- FOREIGN: neither a debit's nor a reversal's. OTHER_ACCOUNT: of a debit that was never sent, from another account.
  -- OTHER_REVERSAL: of a reversal that ended otherwise, or of another amount or account.
  why               text not null check (why in ('FOREIGN', 'OTHER_ACCOUNT', 'OTHER_REVERSAL')),
  -- Personal: whose account was debited and credited.
  debtor            text not null check (debtor ~ '^\d{20}$'),
  creditor          text not null check (creditor ~ '^\d{20}$'),
  amount            bigint not null check (amount > 0),
  booking_reference text not null,
  executed_at       timestamptz not null,
  booking_date      date not null,
  value_date        date not null,
  found_at          timestamptz not null default clock_timestamp(),
  -- MET: what was entered or asked again tells of it now. CLAIMED: its creditor asked for the reversal again.
  -- EXPLAINED: two people started again with it; it may still be met or claimed.
  ending            text check (ending in ('MET', 'CLAIMED', 'EXPLAINED')),
  ended_at          timestamptz,
  claimed_by        uuid unique references reversals,
  explained_as      uuid references proposals,
  check ((ending is null) = (ended_at is null)),
  check ((claimed_by is not null) = (ending is not distinct from 'CLAIMED')),
  check (ending is distinct from 'EXPLAINED' or explained_as is not null)
);
create index movements_unexplained on unexplained_movements (epoch) where ending is null or why = 'OTHER_ACCOUNT';
create index movements_of_credited on unexplained_movements (creditor, amount) where ending is null;

create function keep_unexplained_movement() returns trigger language plpgsql as $$
begin
  if old.ending in ('MET', 'CLAIMED') or new.ending is null
     or (to_jsonb(new) - 'ending' - 'ended_at' - 'claimed_by' - 'explained_as')
        is distinct from (to_jsonb(old) - 'ending' - 'ended_at' - 'claimed_by' - 'explained_as') then
    raise exception 'an unexplained movement only ends' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_unexplained_movement before update on unexplained_movements
  for each row execute function keep_unexplained_movement();
create trigger two_people_explain before insert or update on unexplained_movements
  for each row execute function hold_to_approval('explained_as', 'stop.end', 'stop_id');

grant select, insert on unexplained_movements to gateway_runtime;
grant update (ending, ended_at, claimed_by, explained_as) on unexplained_movements to gateway_runtime;
