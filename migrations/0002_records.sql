-- Up Migration

-- What creditors signed, kept with what it caused. Insert-only: the runtime role can't alter or delete it.
create table requests (
  creditor_code  text not null references creditors,
  -- Unique for the creditor for ever, also where the answer was a refusal: a replayed write does nothing.
  jti            text not null check (length(jti) between 16 and 64),
  key_thumbprint text not null,
  method         text not null,
  target         text not null,
  signed_at      timestamptz not null,
  received_at    timestamptz not null,
  digest         bytea not null check (length(digest) = 32),
  token          text not null,
  body           bytea not null,
  -- The mandate or debit that it named, where there is one.
  subject_id     uuid,
  primary key (creditor_code, jti)
);
create index requests_of_subject on requests (subject_id);

-- What the gateway signed, byte for byte. Insert-only.
create table tokens (
  jti            uuid primary key,
  creditor_code  text not null references creditors,
  kind           text not null check (kind ~ '^[a-z-]+\+jwt$'),
  subject_id     uuid not null,
  key_thumbprint text not null,
  issued_at      timestamptz not null,
  token          text not null check (length(token) <= 16384)
);
create index tokens_of_subject on tokens (subject_id);

-- The append-only record of everything that happened: ids, codes and digests, no personal data.
create table journal (
  entry_id       bigint generated always as identity primary key,
  -- The sealer takes only rows of transactions older than every open one.
  transaction_id xid8 not null default pg_current_xact_id(),
  recorded_at    timestamptz not null default clock_timestamp(),
  kind           text not null check (kind ~ '^[a-z-]+\.[a-z-]+$'),
  subject_id     uuid,
  -- Whom it concerns; null where it concerns the bank alone. No reference: a lookup for every row would buy nothing.
  creditor_code  text,
  from_state     text,
  to_state       text,
  -- A code, never a text that a person wrote.
  reason         text check (reason ~ '^[A-Za-z0-9-]{1,40}$'),
  side           text not null check (side in ('creditor', 'bank', 'gateway')),
  -- Who: the thumbprint of the creditor's signing key, or the staff member's subject at the identity provider.
  actor          text,
  token_jti      uuid,
  request_jti    text,
  detail         jsonb not null default '{}'
);
create index journal_of_subject on journal (subject_id, entry_id);

grant select, insert on requests, tokens, journal to gateway_runtime;
