-- Up Migration

-- What a creditor is told of: the sealed rows of the journal that are events for it, each with the creditor's own number,
-- without gaps in each epoch. A number is given once and is never another row's. Insert-only.
create table events (
  creditor_code text    not null references creditors,
  epoch         integer not null check (epoch > 0),
  sequence      bigint  not null check (sequence > 0),
  entry_id      bigint  not null unique,
  -- The mandate or debit that it is about; events of one subject are pushed in their order.
  subject_id    uuid,
  -- As the creditor may know it, decided when the number was given: a debit that is corrected later loses its own.
  reason        text check (reason ~ '^[A-Za-z0-9-]{1,40}$'),
  primary key (creditor_code, epoch, sequence)
);
create trigger events_stay before update or delete or truncate on events
  for each statement execute function refuse_change();

-- The last number that each creditor's events have, by epoch.
create table event_counts (
  creditor_code text    not null references creditors,
  epoch         integer not null check (epoch > 0),
  last          bigint  not null check (last > 0),
  primary key (creditor_code, epoch)
);

-- How far the journal has been gone through: whoever numbers holds the lock of this row.
create table event_progress (
  only_row boolean primary key default true check (only_row),
  epoch    integer not null,
  number   bigint  not null
);
insert into event_progress (epoch, number) values (0, 0);

-- The furthest that each creditor has said to have read in the feed: what it has read is not pushed any more.
create table event_readers (
  creditor_code text    primary key references creditors,
  epoch         integer not null check (epoch >= 0),
  sequence      bigint  not null check (sequence >= 0),
  read_at       timestamptz not null
);

-- Where a creditor wants its events pushed: asked for by its signed request, registered by two people of the bank.
create table webhooks (
  webhook_id     uuid primary key,
  creditor_code  text not null references creditors,
  url            text not null check (url ~ '^https://' and length(url) <= 500),
  -- The authorities of the receiver's own certificate, PEM; null: those that Node trusts.
  authorities    text check (length(authorities) <= 32768),
  -- Of both, in hexadecimal: what two people have seen is what is registered.
  digest         text not null check (digest ~ '^[0-9a-f]{64}$'),
  asked_at       timestamptz not null,
  request_jti    text not null,
  state          text not null check (state in ('ASKED', 'ACTIVE', 'PAUSED', 'ENDED')),
  state_since    timestamptz not null,
  registered_at  timestamptz,
  -- Events after this place are pushed to it.
  from_epoch     integer not null default 0,
  from_sequence  bigint  not null default 0,
  -- Pushes that failed since the last one that was received.
  failures       integer not null default 0 check (failures >= 0),
  failing_since  timestamptz,
  -- While it is paused, its oldest event is tried then.
  probe_at       timestamptz,
  received_at    timestamptz,
  tried_at       timestamptz,
  -- What came of the last push: a status, or a code of ours.
  answer         text check (answer ~ '^[a-z0-9-]{1,40}$'),
  check ((state in ('ACTIVE', 'PAUSED')) <= (registered_at is not null))
);
create unique index one_running_webhook_a_creditor on webhooks (creditor_code) where state in ('ACTIVE', 'PAUSED');
create unique index one_asked_webhook_a_creditor on webhooks (creditor_code) where state = 'ASKED';

-- Each event that is to be pushed. READ: the creditor has read past it in the feed. DEAD: given up.
create table event_deliveries (
  delivery_id   uuid    primary key default gen_random_uuid(),
  creditor_code text    not null,
  epoch         integer not null,
  sequence      bigint  not null,
  -- Of one lane one at a time, in order: the subject, or all zeros for what has none.
  lane          uuid    not null,
  state         text    not null default 'WAITING' check (state in ('WAITING', 'DELIVERED', 'READ', 'DEAD')),
  attempts      integer not null default 0 check (attempts >= 0),
  next_at       timestamptz not null default clock_timestamp(),
  leased_until  timestamptz,
  first_at      timestamptz,
  tried_at      timestamptz,
  ended_at      timestamptz,
  answer        text check (answer ~ '^[a-z0-9-]{1,40}$'),
  unique (creditor_code, epoch, sequence),
  foreign key (creditor_code, epoch, sequence) references events,
  check ((state = 'WAITING') = (ended_at is null))
);
create index deliveries_waiting on event_deliveries (creditor_code, epoch, sequence) where state = 'WAITING';
create index deliveries_of_lane on event_deliveries (creditor_code, lane, epoch, sequence) where state = 'WAITING';
create index deliveries_dead on event_deliveries (creditor_code, epoch, sequence) where state = 'DEAD';

grant select, insert on events to gateway_runtime;
grant select, insert, update on event_counts, event_readers, webhooks, event_deliveries to gateway_runtime;
grant select, update on event_progress to gateway_runtime;
