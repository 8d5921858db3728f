import type { Queryable } from '../database/queryable.ts';

/**
 * PostgreSQL's own names of the data folder and of its history: a dump of another cluster, a recovery to an earlier time
 * and a standby that takes over are all told by it.
 */
const databaseId = `(select system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
                       from pg_control_system())`;

/**
 * Whether the database of `journal_sealer join journal_epochs` is still the one that the epoch began in. A dump that was
 * loaded into the same cluster is told by its tables, which were made anew. A copy of the folder that is put back is told by
 * nothing: `npm run begin-journal-epoch` is for it.
 */
export const isSameDatabase = `(database_id = ${databaseId} and table_id = journal_table_id())`;

/** Whether the database is still the one that its epoch began in; undefined where none has begun. */
export async function selectSameDatabase(db: Queryable): Promise<boolean | undefined> {
  const { rows } = await db.query<{ same: boolean }>({
    name: 'select-same-database',
    text: `select ${isSameDatabase} as same from journal_sealer join journal_epochs using (epoch)`,
  });
  return rows[0]?.same;
}

/** When the database was last put back to an earlier time: when its epoch began, but for the first. */
export async function selectRestoredAt(db: Queryable): Promise<Date | undefined> {
  const { rows } = await db.query<{ began_at: Date }>({
    name: 'select-restored-at',
    text: 'select began_at from journal_epochs where epoch > 1 order by epoch desc limit 1',
  });
  return rows[0]?.began_at;
}

export type EpochCause = 'first' | 'another-database' | 'restored';

/**
 * The number of an epoch that begins now, after the last that this database knows ($1; 0: none). Counted in seconds, since
 * one that began after the backup is forgotten with its number, which was told: it must not be given again.
 */
const nextEpoch = `case when $1::int = 0 then 1 else greatest($1::int + 1,
                     floor(extract(epoch from clock_timestamp() - timestamptz '2026-01-01 00:00Z'))::int) end`;

/**
 * Begins the next epoch, where the last one is `after` (0: there is none). Undefined where another was quicker. The
 * transaction holds the lease's lock, but for the first. Every other one is a restore: it begins with a stop of all
 * debits, `stopId` where none stands, and pauses the pushes of events. Answers its number.
 */
export async function insertEpoch(
  db: Queryable,
  { after, by, cause, stopId }: { after: number; by: string; cause: EpochCause; stopId: string },
): Promise<number | undefined> {
  const { rows } = await db.query<{ epoch: number }>({
    name: 'insert-journal-epoch',
    text: `
      with beginning as (
        select ${nextEpoch} as epoch, clock_timestamp() as began_at, $2::text as began_by, $3::text as cause,
               ${databaseId} as database_id, coalesce((select max(entry_id) from journal), 0) as existing_through,
               coalesce((select hash from journal_sealer), '') as before
      ), begun as (
        insert into journal_epochs (epoch, began_at, began_by, cause, database_id, existing_through, hash)
        select epoch, began_at, began_by, cause, database_id, existing_through,
               sha256(before || convert_to(
                 (select string_agg(octet_length(value) || ':' || value || ',', '' order by position)
                    from unnest(array[epoch::text, journal_instant(began_at), began_by, cause, database_id,
                      existing_through::text]) with ordinality as field (value, position)), 'UTF8'))
          from beginning
         where not exists (select from journal_sealer where journal_sealer.epoch > $1::int)
        on conflict (epoch) do nothing
        returning epoch, hash, began_at
      ), stopped as (
        insert into stops (stop_id, scope, remark, stopped_by)
        select $4::uuid, 'ALL', 'epoch ' || epoch, 'gateway' from begun where epoch > 1
        on conflict do nothing returning stop_id
      ), stop_told as (
        insert into journal (kind, subject_id, side, actor, reason, detail)
        select 'stop.made', stop_id, 'gateway', 'gateway', 'restored', jsonb_build_object('scope', 'ALL') from stopped
      ), restored as (
        insert into restores (epoch, known_until, began_at, stop_id)
        -- What was sealed last was written before: what came after it may be of those who lived on until the stop.
        select epoch, coalesce((select recorded_at from journal where entry_id = (select sealed_through from journal_sealer)),
                               (select min(recorded_at) from journal), began_at), began_at,
               coalesce((select stop_id from stopped),
                        (select stop_id from stops where ended_at is null and scope = 'ALL'))
          from begun where epoch > 1
      ), paused as (
        -- Their creditors may have taken these addresses back since: with no time for a try, only a person lets them go on.
        update webhooks
           set state = 'PAUSED', state_since = case state when 'PAUSED' then state_since else began_at end, probe_at = null
          from begun where begun.epoch > 1 and state in ('ACTIVE', 'PAUSED')
        returning webhook_id, creditor_code
      ), paused_told as (
        insert into journal (creditor_code, kind, subject_id, side, reason)
        select creditor_code, 'webhook.paused', webhook_id, 'gateway', 'restored' from paused
      )
      insert into journal_sealer (epoch, number, hash, sealed_through, open_from, table_id)
      select epoch, 0, hash, 0, pg_snapshot_xmin(pg_current_snapshot()), journal_table_id() from begun
      on conflict (only_row) do update
         set epoch = excluded.epoch, number = 0, hash = excluded.hash, open_from = excluded.open_from,
             table_id = excluded.table_id
      returning epoch`,
    values: [after, by, cause, stopId],
  });
  return rows[0]?.epoch;
}
