-- Up Migration

-- Since when it fails: what people ask first of work that is dead. It stays through every further failure.
alter table job_failures add column since timestamptz not null default clock_timestamp();

-- The list of what failed and waits, beside the one of what is dead.
create index failed_jobs on job_failures (since, work, subject_id) where dead_at is null;
