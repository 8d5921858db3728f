-- Up Migration

-- Who is signed in to the back office. The session's id is only in the browser's cookie: here is its SHA-256, so that
-- whoever reads this table, or a backup of it, holds no session.
create table staff_sessions (
  sid              text primary key check (sid ~ '^[0-9a-f]{64}$'),
  sess             json not null,
  expire           timestamptz not null,
  -- For a sign-out that the identity provider tells of: by its own session, or of everything of a person.
  provider_session text generated always as (sess ->> 'providerSession') stored,
  subject          text generated always as (sess -> 'staff' ->> 'subject') stored
);
create index staff_sessions_expire on staff_sessions (expire);
create index staff_sessions_of_provider on staff_sessions (provider_session) where provider_session is not null;
create index staff_sessions_of_subject on staff_sessions (subject) where subject is not null;

-- The one table of which rows go: a session that has ended is no record, the journal has the sign-ins.
grant select, insert, update, delete on staff_sessions to gateway_runtime;
