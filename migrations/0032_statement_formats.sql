-- Up Migration

-- A statement's files are made from the stored rows each time, and must come to the bytes whose digests were signed: each
-- keeps the form in which they were written. 1 is that of every statement from before the second, also where an older
-- gateway closes one still. src/statements/statement.ts says what each form is.
alter table statements add column format integer not null default 1 check (format > 0);
