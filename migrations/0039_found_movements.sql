-- Up Migration

-- What the core moved, as a restore has read it, for a debit or reversal that is open here: it was not sent, as far as was
-- known, or its outcome is not known yet. It is asked about and ends by the core's word; but a core that has forgotten it, or
-- denies it, is not believed against its own movement. No account stands here: both are those of the debit or reversal.
create table found_movements (
  reference         text primary key check (reference ~ '^[A-Z2-7]{32}$'),
  epoch             integer not null references restores,
  amount            bigint not null check (amount > 0),
  booking_reference text not null,
  executed_at       timestamptz not null,
  booking_date      date not null,
  value_date        date not null,
  found_at          timestamptz not null default clock_timestamp()
);
grant select, insert on found_movements to gateway_runtime;
