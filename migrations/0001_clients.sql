-- Up Migration

-- The role that the running gateway belongs to. It is made here where the owner may, else by the bank beforehand.
do $$
begin
  if not exists (select from pg_roles where rolname = 'gateway_runtime') then
    create role gateway_runtime nologin;
  end if;
exception
  -- Roles belong to the whole cluster: another database's migration may have made it in this moment.
  when duplicate_object or unique_violation then null;
end $$;

create table creditors (
  creditor_code       text primary key check (creditor_code ~ '^[A-Z0-9]{2,20}$'),
  name_fr             text not null check (length(name_fr) between 1 and 200),
  name_ar             text not null check (length(name_ar) between 1 and 200),
  -- Where debits are credited: an account at this bank.
  collection_account  text not null check (collection_account ~ '^\d{20}$'),
  registered_at       timestamptz not null default clock_timestamp()
);

create table client_certificates (
  -- SHA-256 of the certificate's DER bytes, lower-case hexadecimal.
  thumbprint    text primary key check (thumbprint ~ '^[0-9a-f]{64}$'),
  creditor_code text not null references creditors,
  subject       text not null,
  -- What its authority's revocation lists name it by: the issuer as OpenSSL prints it, the serial in hexadecimal.
  issuer        text not null,
  serial_number text not null check (serial_number ~ '^[0-9a-f]{1,64}$'),
  -- The certificate's own dates, looked at on every request: an open connection outlives them.
  not_before    timestamptz not null,
  not_after     timestamptz not null check (not_after > not_before),
  registered_at timestamptz not null default clock_timestamp(),
  withdrawn_at  timestamptz
);
create index client_certificates_of_creditor on client_certificates (creditor_code);
create index client_certificates_by_serial on client_certificates (issuer, serial_number);

-- What the authorities' revocation lists have ever said. Insert-only: a list that was cut, or an older one that is put
-- back, lets nobody in again, and a certificate that is registered after its revocation is refused as well.
create table revoked_certificates (
  issuer        text not null,
  serial_number text not null check (serial_number ~ '^[0-9a-f]{1,64}$'),
  revoked_at    timestamptz not null,
  listed_at     timestamptz not null default clock_timestamp(),
  primary key (issuer, serial_number)
);

create table signing_keys (
  -- RFC 7638, base64url: the `kid` of the creditor's request signatures.
  thumbprint    text primary key check (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
  creditor_code text not null references creditors,
  public_jwk    jsonb not null,
  algorithm     text not null check (algorithm in ('ES256', 'PS256')),
  scopes        text[] not null check (scopes <@ array['mandates', 'debits', 'reversals'] and cardinality(scopes) > 0),
  -- What the creditor signed itself to register the key: without it two administrators could forge what a creditor asked.
  registration  text not null,
  valid_from    timestamptz not null,
  valid_until   timestamptz not null check (valid_until > valid_from),
  registered_at timestamptz not null default clock_timestamp(),
  withdrawn_at  timestamptz
);
create index signing_keys_of_creditor on signing_keys (creditor_code);

grant usage on schema public to gateway_runtime;
grant select, insert, update on creditors, client_certificates, signing_keys to gateway_runtime;
grant select, insert on revoked_certificates to gateway_runtime;
-- So that a gateway can say that its database is behind.
grant select on applied_migrations to gateway_runtime;
