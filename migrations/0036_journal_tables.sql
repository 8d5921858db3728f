-- Up Migration

-- PostgreSQL's own names of this database and of the journal's table in it. A dump has the tables' rows, and not these:
-- where it is loaded, into the same cluster too, tables and mostly the database are made anew, and named anew. Nothing else
-- tells of that there. A standby, a recovery and the table's upkeep (vacuum full, cluster, pg_repack) keep both.
create function journal_table_id() returns text stable language sql as $$
  select oid || '/' || 'public.journal_sealer'::regclass::oid from pg_database where datname = current_database()
$$;
-- By default, so that a gateway of before, which doesn't know it, may begin the first epoch meanwhile.
alter table journal_sealer add column table_id text not null default journal_table_id();

-- A dump of before this migration that was loaded just now has no column to tell of it. But a row that is only ever inserted
-- has the number of its transaction, and stands there as of another one where it was loaded.
update journal_sealer set table_id = 'loaded'
 where exists (select from journal where entry_id = (select max(entry_id) from journal)
                  and xmin::text <> (transaction_id::text::numeric % 4294967296)::text);
