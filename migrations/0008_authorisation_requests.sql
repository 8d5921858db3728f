-- Up Migration

-- The employer's consent, given on the form, that the creditor is handed the certificate by the bank. And the signed
-- form's digest: both are part of what a supervisor has seen, and so of the content hash.
alter table mandates add column hand_over boolean not null default false;
alter table mandates add column scan_digest text check (scan_digest ~ '^[0-9a-f]{64}$');

create or replace function keep_certified_mandate() returns trigger language plpgsql as $$
begin
  if old.certificate_jti is not null and
     (new.mandate_id, new.chain_id, new.replaces, new.creditor_code, new.employer_number, new.currency,
      new.per_debit_ceiling, new.period_ceiling, new.period, new.valid_from, new.valid_to, new.content_hash,
      new.origin, new.request_reference, new.hand_over, new.scan_digest, new.entered_by, new.last_changed_by, new.makers,
      new.submitted_at, new.certified_by, new.certified_at, new.certificate_jti, new.status_list, new.status_index)
     is distinct from
     (old.mandate_id, old.chain_id, old.replaces, old.creditor_code, old.employer_number, old.currency,
      old.per_debit_ceiling, old.period_ceiling, old.period, old.valid_from, old.valid_to, old.content_hash,
      old.origin, old.request_reference, old.hand_over, old.scan_digest, old.entered_by, old.last_changed_by, old.makers,
      old.submitted_at, old.certified_by, old.certified_at, old.certificate_jti, old.status_list, old.status_index) then
    raise exception 'a certified mandate never changes' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

-- The queue: what waits longest comes first.
create index mandates_queued on mandates (state, state_since, mandate_id)
  where state in ('DRAFT', 'PENDING_CERTIFICATION', 'REFUSED');
-- An officer opens a creditor's request by its reference alone.
create index mandates_by_reference on mandates (request_reference) where request_reference is not null;

-- What a file or a creditor said of an employer, as it said it, where staff did not type the request: beside what the
-- mandate holds now. Personal data, read and written by one module. Insert-only.
create table request_sources (
  mandate_id uuid primary key references mandates,
  source     text not null check (source in ('IMPORT', 'CREDITOR')),
  asked      jsonb not null check (jsonb_typeof(asked) = 'object'),
  -- The import that it came in by, and its line.
  import_id  uuid,
  line       integer check (line > 0),
  check ((source = 'IMPORT') = (import_id is not null and line is not null))
);

-- The signed form as it was scanned. Insert-only: a better scan is another row, and the last one counts.
create table request_scans (
  scan_id     bigint generated always as identity primary key,
  mandate_id  uuid not null references mandates,
  media_type  text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  digest      text not null check (digest ~ '^[0-9a-f]{64}$'),
  content     bytea not null check (octet_length(content) between 1 and 5242880),
  attached_by text not null check (length(attached_by) between 1 and 255),
  attached_at timestamptz not null,
  -- Kept with its hash: one that is not the content's can't be stored.
  check (digest = encode(sha256(content), 'hex'))
);
-- A scan does not shrink by compressing it again.
alter table request_scans alter column content set storage external;
create index scans_of_mandate on request_scans (mandate_id, scan_id);

-- A file of requests that one member of staff looks at before it is entered: a day, and one a person.
create table request_imports (
  import_id    uuid primary key,
  made_by      text not null check (length(made_by) between 1 and 255),
  made_at      timestamptz not null,
  ends_at      timestamptz not null check (ends_at > made_at),
  file_digest  text not null check (file_digest ~ '^[0-9a-f]{64}$'),
  line_count   integer not null check (line_count between 1 and 5000),
  confirmed_at timestamptz,
  entered      integer check (entered >= 0)
);
create unique index one_open_import_a_person on request_imports (made_by) where confirmed_at is null;

create table request_import_lines (
  import_id  uuid not null references request_imports on delete cascade,
  line       integer not null check (line > 0),
  -- The mandate that it becomes, named before it is made: entered twice, it is one.
  mandate_id uuid not null,
  typed      jsonb not null,
  faults     jsonb not null check (jsonb_typeof(faults) = 'array'),
  primary key (import_id, line)
);

grant select, insert on request_sources, request_scans to gateway_runtime;
-- A preview is no record: it holds personal data, and goes when it is confirmed or its day is over.
grant select, insert, delete on request_imports, request_import_lines to gateway_runtime;
grant update (confirmed_at, entered) on request_imports to gateway_runtime;
