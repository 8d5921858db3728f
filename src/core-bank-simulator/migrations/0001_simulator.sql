-- Up Migration

-- What the bus remembers, beside the ledger that knows everything. The books never forget: a bus that has forgotten a
-- reference and takes it anew books it under the reference's next generation, so that a checker finds both bookings.
create schema if not exists simulator;

create table simulator.names (
  reference  text not null check (reference ~ '^[A-Z2-7]{32}$'),
  -- Two digits at most: with them the ledger's name still has 35 characters.
  generation int not null check (generation between 1 and 99),
  -- The latest that an instruction under it has named: a bounded memory is counted from it. Null where only a void came.
  not_after  timestamptz,
  primary key (reference, generation)
);

-- How the ledger calls it: the reference itself, then REFERENCE-2, REFERENCE-3.
create function simulator.ledger_name(reference text, generation int) returns text
  language sql immutable as $$ select case when generation = 1 then reference else reference || '-' || generation end $$;
