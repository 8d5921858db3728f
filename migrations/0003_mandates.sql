-- Up Migration

-- What a mandate and those that replaced it have used, one row a chain: the lock that decides every ceiling.
-- All three calendar periods are kept, so that a replacement may count by another one.
create table mandate_usage (
  chain_id          uuid primary key,
  month_start       date   not null default '-infinity',
  month_used        bigint not null default 0 check (month_used >= 0),
  quarter_start     date   not null default '-infinity',
  quarter_used      bigint not null default 0 check (quarter_used >= 0),
  year_start        date   not null default '-infinity',
  year_used         bigint not null default 0 check (year_used >= 0),
  -- Three refusals for insufficient funds a day, then no more attempts: no one may bisect a balance.
  funds_refusals_on date   not null default '-infinity',
  funds_refusals    integer not null default 0 check (funds_refusals >= 0),
  -- Debits that were taken in, a day.
  debits_on         date   not null default '-infinity',
  debits_taken      integer not null default 0 check (debits_taken >= 0)
);

create table mandates (
  mandate_id             uuid primary key,
  -- The first mandate of the chain; its own id where it replaces none.
  chain_id               uuid not null,
  replaces               uuid references mandates,
  creditor_code          text not null references creditors,
  origin                 text not null check (origin in ('BANK', 'CREDITOR')),
  request_reference      text check (request_reference ~ '^[A-Za-z0-9-]{1,35}$'),
  employer_number        text not null check (employer_number ~ '^\d{10}$'),
  currency               text not null default 'DZD' check (currency = 'DZD'),
  per_debit_ceiling      bigint not null check (per_debit_ceiling > 0),
  period_ceiling         bigint not null check (period_ceiling >= per_debit_ceiling),
  period                 text not null check (period in ('MONTH', 'QUARTER', 'YEAR')),
  valid_from             date not null,
  valid_to               date not null check (valid_to >= valid_from),
  state                  text not null check (state in ('DRAFT', 'PENDING_CERTIFICATION', 'CERTIFIED', 'ACTIVE',
                           'SUSPENDED', 'REVOKED', 'REPLACED', 'REFUSED', 'EXPIRED')),
  state_since            timestamptz not null,
  -- One flag a side: each lifts its own, ACTIVE only with none.
  suspended_by_bank      boolean not null default false,
  suspended_by_creditor  boolean not null default false,
  -- SHA-256 over what the paper says: a certification names it, so that only what was seen is certified.
  content_hash           text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  entered_by             text not null check (length(entered_by) between 1 and 255),
  entered_at             timestamptz not null,
  last_changed_by        text not null,
  -- Everyone who entered, changed or submitted it: none of them may certify it, also where another changed it last.
  makers                 text[] not null default '{}',
  submitted_at           timestamptz,
  certified_by           text,
  certified_at           timestamptz,
  certificate_jti        uuid references tokens,
  -- Drawn at random: neighbours in a public list must not tell of neighbours at the bank.
  status_list            integer check (status_list >= 0),
  status_index           integer check (status_index between 0 and 1048575),
  -- When its certificate was first shown to it by the creditor, which sees a mandate of the bank's from then on.
  shown_at               timestamptz,
  accepted_at            timestamptz,
  -- The signing time of the creditor's last write that was applied: what was signed before it comes too late.
  last_signed_at         timestamptz,
  unique (creditor_code, request_reference),
  unique (status_list, status_index),
  -- Four eyes, here where no code path can forget them.
  check (certified_by is null or (certified_by <> entered_by and certified_by <> last_changed_by)),
  check (certified_by is null or certified_by <> all (makers)),
  check (replaces is null or replaces <> mandate_id),
  check ((certified_by is null) = (certificate_jti is null) and (certified_by is null) = (certified_at is null)),
  check ((certificate_jti is null) = (status_index is null)),
  check (certificate_jti is not null or state in ('DRAFT', 'PENDING_CERTIFICATION', 'REFUSED', 'EXPIRED')),
  check (certificate_jti is null or state in ('CERTIFIED', 'ACTIVE', 'SUSPENDED', 'REVOKED', 'REPLACED', 'EXPIRED')),
  check (state <> 'ACTIVE' or not (suspended_by_bank or suspended_by_creditor)),
  check (state <> 'SUSPENDED' or suspended_by_bank or suspended_by_creditor)
);
create index mandates_of_employer on mandates (creditor_code, employer_number, mandate_id);
create index mandates_of_creditor on mandates (creditor_code, mandate_id);
create index mandates_of_chain on mandates (chain_id);
-- Two that run in one chain would share one counter under two ceilings.
create unique index one_running_mandate_a_chain on mandates (chain_id) where state in ('ACTIVE', 'SUSPENDED');
create index mandates_that_replace on mandates (replaces) where replaces is not null;
create index mandates_to_expire on mandates (valid_to) where state in ('CERTIFIED', 'ACTIVE', 'SUSPENDED');
create index mandates_untouched on mandates (state_since) where state in ('DRAFT', 'PENDING_CERTIFICATION');

-- Personal data, read and written by one module, so that it can be encrypted without touching anything else.
create table mandate_debtors (
  mandate_id        uuid primary key references mandates,
  rib               text not null check (rib ~ '^\d{20}$'),
  name_fr           text not null check (length(name_fr) between 1 and 140),
  name_ar           text not null check (length(name_ar) between 1 and 140),
  representative_fr text check (length(representative_fr) between 1 and 140),
  representative_ar text check (length(representative_ar) between 1 and 140),
  phone             text check (length(phone) between 1 and 20)
);

-- What staff wrote in their own words, beside the mandate and never in the journal. Insert-only.
create table mandate_remarks (
  remark_id  bigint generated always as identity primary key,
  mandate_id uuid not null references mandates,
  written_at timestamptz not null default clock_timestamp(),
  written_by text not null,
  about      text not null check (about in ('send-back', 'refusal', 'name-difference', 'suspension', 'resumption', 'revocation')),
  remark     text not null check (length(remark) between 1 and 500)
);
create index remarks_of_mandate on mandate_remarks (mandate_id, remark_id);

-- Once certified a mandate never changes: a new ceiling, date, account or name is a new mandate.
create function keep_certified_mandate() returns trigger language plpgsql as $$
begin
  if old.certificate_jti is not null and
     (new.mandate_id, new.chain_id, new.replaces, new.creditor_code, new.employer_number, new.currency,
      new.per_debit_ceiling, new.period_ceiling, new.period, new.valid_from, new.valid_to, new.content_hash,
      new.origin, new.entered_by, new.last_changed_by, new.makers, new.submitted_at,
      new.certified_by, new.certified_at, new.certificate_jti, new.status_list, new.status_index)
     is distinct from
     (old.mandate_id, old.chain_id, old.replaces, old.creditor_code, old.employer_number, old.currency,
      old.per_debit_ceiling, old.period_ceiling, old.period, old.valid_from, old.valid_to, old.content_hash,
      old.origin, old.entered_by, old.last_changed_by, old.makers, old.submitted_at,
      old.certified_by, old.certified_at, old.certificate_jti, old.status_list, old.status_index) then
    raise exception 'a certified mandate never changes' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_certified_mandate before update on mandates
  for each row execute function keep_certified_mandate();

create function keep_certified_debtor() returns trigger language plpgsql as $$
begin
  if exists (select from mandates where mandate_id = old.mandate_id and certificate_jti is not null)
     and (new.mandate_id, new.rib, new.name_fr, new.name_ar, new.representative_fr, new.representative_ar)
         is distinct from
         (old.mandate_id, old.rib, old.name_fr, old.name_ar, old.representative_fr, old.representative_ar) then
    raise exception 'a certified mandate never changes' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_certified_debtor before update on mandate_debtors
  for each row execute function keep_certified_debtor();

grant select, insert, update on mandate_usage, mandates, mandate_debtors to gateway_runtime;
grant select, insert on mandate_remarks to gateway_runtime;
