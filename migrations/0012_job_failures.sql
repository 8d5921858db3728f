-- Up Migration

-- What could not be done when it was tried. The work itself is the rows of its feature, committed with what caused them;
-- here stands only that it failed, when it is tried again, and that it is no more (dead) until a person says so.
create table job_failures (
  work       text not null check (work ~ '^[a-z-]{1,40}$'),
  subject_id uuid not null,
  failures   integer not null check (failures > 0),
  -- A code or an error's class, never its text: that quotes values.
  fault      text not null check (length(fault) between 1 and 100),
  failed_at  timestamptz not null,
  next_at    timestamptz not null,
  dead_at    timestamptz,
  primary key (work, subject_id)
);
create index dead_jobs on job_failures (dead_at, work, subject_id) where dead_at is not null;

grant select, insert, update, delete on job_failures to gateway_runtime;
