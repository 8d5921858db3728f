-- Up Migration

-- What an employer declared under one reference, and what its live debits come to: the lock that holds declared = paid.
create table declarations (
  creditor_code   text not null references creditors,
  employer_number text not null check (employer_number ~ '^\d{10}$'),
  reference       text not null check (reference ~ '^[A-Za-z0-9-]{1,35}$'),
  declared        bigint not null check (declared > 0),
  -- Debits that are not rejected, cancelled or reversed.
  live            bigint not null check (live >= 0 and live <= declared),
  -- Debits whose money moved against a signed rejection: held until two people end the contradiction. Apart from
  -- `live`, since by then another debit may pay the same declaration.
  contradicted    bigint not null default 0 check (contradicted >= 0),
  primary key (creditor_code, employer_number, reference)
);

create table debits (
  debit_id          uuid primary key,
  creditor_code     text not null references creditors,
  -- The creditor's name for it, taken for ever: a rejected debit uses it up too, or a late request could pay twice.
  end_to_end_id     text not null check (end_to_end_id ~ '^[A-Za-z0-9-]{1,35}$'),
  core_reference    text not null unique check (core_reference ~ '^[A-Z2-7]{32}$'),
  mandate_id        uuid references mandates,
  employer_number   text check (employer_number ~ '^\d{10}$'),
  declaration       text,
  declared          bigint check (declared > 0),
  -- As the creditor calls the declared period, and when it was due: shown on the proofs, deciding nothing.
  period_label      text check (period_label ~ '^[A-Za-z0-9-]{1,20}$'),
  due_date          date,
  -- Centimes. Null only in a name that was burnt: cancelled before its debit ever arrived.
  amount            bigint check (amount > 0),
  currency          text not null default 'DZD' check (currency = 'DZD'),
  -- SHA-256 over what makes it the same debit when it is asked again.
  content           bytea check (length(content) = 32),
  request_jti       text not null,
  -- The day it was asked for; null: at once.
  execution_date    date,
  retry_of          text check (retry_of ~ '^[A-Za-z0-9-]{1,35}$'),
  state             text not null check (state in ('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT', 'SETTLED',
                      'REJECTED', 'CANCELLED', 'REVERSED')),
  -- Decided at the reservation: never sent, holds nothing, only its rejection is still to be signed.
  refusal           text check (refusal ~ '^[A-Z]{2}\d{2}$'),
  -- What the creditor is told beside the reason: which ceiling, what is left, when it renews.
  refusal_detail    jsonb,
  -- Why, as the bank knows it, and as its creditor may: two fields (bank secrecy).
  reason            text check (reason ~ '^[A-Z]{2}\d{2}$'),
  shown_reason      text check (shown_reason ~ '^[A-Z]{2}\d{2}$'),
  ordered_at        timestamptz not null,
  received_at       timestamptz not null,
  authorised_at     timestamptz,
  -- The day in Algiers whose month, quarter and year hold the reservation, so that it is given back where it was taken.
  reserved_on       date,
  -- What it counts in: the declaration's `live`, the chain's use of its ceilings. Given back once, with the flag.
  holds_declaration boolean not null default false,
  holds_ceiling     boolean not null default false,
  expires_at        timestamptz not null,
  resolve_by        timestamptz not null check (resolve_by > expires_at),
  -- Held by who works on it; past it, recovery may take it up. It is also the time of the next question in doubt.
  lease_until       timestamptz not null,
  sends             integer not null default 0 check (sends >= 0),
  questions         integer not null default 0 check (questions >= 0),
  -- Since when it waits for people: the core banking system could not tell in time.
  people_since      timestamptz,
  -- The booking, stored as soon as it is known, also where the signature must wait.
  booking_reference text,
  executed_at       timestamptz,
  booking_date      date,
  value_date        date,
  ended_at          timestamptz,
  receipt_jti       uuid references tokens,
  confirmation_jti  uuid references tokens,
  rejection_jti     uuid references tokens,
  -- A cancelled name is voided at the core banking system too, so that nothing can move under it.
  void_due          boolean not null default false,
  unique (creditor_code, end_to_end_id),
  check (state = 'CANCELLED' or (amount is not null and mandate_id is not null and employer_number is not null
         and declaration is not null and declared is not null and content is not null)),
  -- No debit is settled without its proof, and none has proof unsettled: here no code path can forget it.
  check ((state in ('SETTLED', 'REVERSED')) = (confirmation_jti is not null)),
  check (confirmation_jti is null or (booking_reference is not null and executed_at is not null
         and booking_date is not null and value_date is not null)),
  check (state <> 'REJECTED' or (rejection_jti is not null and reason is not null and shown_reason is not null)),
  check (rejection_jti is null or state in ('REJECTED', 'SETTLED', 'REVERSED')),
  -- A refusal of the reservation is never sent, and what was sent had been reserved.
  check (sends = 0 or (refusal is null and reserved_on is not null)),
  check ((reserved_on is null) = (authorised_at is null)),
  check (not holds_ceiling or (reserved_on is not null and holds_declaration)),
  check (not holds_declaration or state in ('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT', 'SETTLED')),
  check (state not in ('IN_DOUBT', 'SETTLED') or (holds_ceiling and holds_declaration))
);
create index debits_of_declaration on debits (creditor_code, employer_number, declaration);
create index debits_of_mandate on debits (mandate_id, debit_id);
create index debits_of_creditor on debits (creditor_code, debit_id);
create index debits_to_resolve on debits (lease_until) where state in ('EXECUTING', 'IN_DOUBT', 'ACCEPTED');
create index debits_to_execute on debits (execution_date, debit_id) where state = 'SCHEDULED';
create index debits_to_void on debits (lease_until) where void_due;
create index debits_by_request on debits (creditor_code, request_jti);

-- An answer of the core banking system that contradicts what was signed. It changes nothing that was signed.
create table contradictions (
  contradiction_id  uuid primary key,
  debit_id          uuid not null references debits,
  creditor_code     text not null references creditors,
  found_at          timestamptz not null default clock_timestamp(),
  -- What the core banking system said, against the state that stood.
  kind              text not null check (kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION', 'OTHER_BOOKING', 'OTHER_AMOUNT', 'REFUSED_AFTER_SETTLEMENT')),
  booking_reference text,
  amount            bigint,
  executed_at       timestamptz,
  ended_at          timestamptz
);
-- The same contradiction met again is the same thing.
create unique index contradictions_open on contradictions (debit_id, kind, coalesce(booking_reference, ''));
create index contradictions_waiting on contradictions (found_at) where ended_at is null;

grant select, insert, update on declarations, debits, contradictions to gateway_runtime;
