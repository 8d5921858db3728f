-- Up Migration

-- What replicas share and nobody else needs: made by the first that starts. A page cursor of one opens at another by it.
-- It keeps a caller from making cursors up; whoever reads this table gains nothing by one, since a list shows its own
-- caller's rows whatever the cursor says. So it may stand in the database, and in its backups.
create table shared_secrets (
  name    text primary key check (name ~ '^[a-z-]{1,40}$'),
  secret  bytea not null check (length(secret) = 32),
  made_at timestamptz not null default clock_timestamp()
);

grant select, insert on shared_secrets to gateway_runtime;
