import type { Queryable } from '../database/queryable.ts';
import { isSameDatabase } from './epoch.sql.ts';

/** How far the sealer has come: the last number and its hash, and what may still come before it. */
export type SealerState = {
  epoch: number;
  number: string;
  hash: Buffer;
  sealed_through: string;
  open_from: string;
  existing_through: string;
  /** Whether this is still the database that the epoch began in. */
  same_database: boolean;
};

/**
 * MINE and OTHERS are leases that hold; work: there are rows to be looked at. NONE: the first epoch is yet to begin.
 * ANOTHER_DATABASE: put back, or taken over; a lease that was carried over with its rows is nobody's.
 */
export type LeaseLook = {
  lease: 'MINE' | 'OTHERS' | 'FREE' | 'NONE' | 'ANOTHER_DATABASE';
  endsSoon: boolean;
  work: boolean;
};

/** Looks without a lock, and so without a transaction to commit: most rounds of most replicas end here. */
export async function lookAtLease(db: Queryable, holder: string, leaseSeconds: number): Promise<LeaseLook> {
  const { rows } = await db.query<LeaseLook & { endsSoon: boolean }>({
    name: 'look-at-journal-lease',
    text: `
      select case when not ${isSameDatabase} then 'ANOTHER_DATABASE'
                  when coalesce(lease_until, '-infinity') < clock_timestamp() then 'FREE'
                  when holder = $1::uuid then 'MINE' else 'OTHERS' end as lease,
             coalesce(lease_until < clock_timestamp() + make_interval(secs => $2::float8 / 2), true) as "endsSoon",
             coalesce((select max(entry_id) from journal) > sealed_through, false)
               or exists (select from journal
                           where transaction_id >= open_from
                             and transaction_id < pg_snapshot_xmax(pg_current_snapshot()) and entry_id <= sealed_through
                             and not exists (select from journal_seals s where s.entry_id = journal.entry_id)) as work
        from journal_sealer join journal_epochs using (epoch)`,
    values: [holder, leaseSeconds],
  });
  return rows[0] ?? { lease: 'NONE', endsSoon: true, work: true };
}

/**
 * Takes or renews the lease, and with it the row's lock until the transaction ends. Undefined: another has it. One of
 * another database's is taken at once: else debits would be sent until it ends, before the stop exists.
 */
export async function takeLease(db: Queryable, holder: string, leaseSeconds: number): Promise<SealerState | undefined> {
  const { rows } = await db.query<SealerState>({
    name: 'take-journal-lease',
    text: `
      update journal_sealer
         set holder = $1::uuid, lease_until = clock_timestamp() + make_interval(secs => $2::float8)
        from journal_epochs
       where journal_epochs.epoch = journal_sealer.epoch
         and (holder = $1::uuid or coalesce(lease_until, '-infinity') < clock_timestamp() or not ${isSameDatabase})
      returning journal_sealer.epoch, number, journal_sealer.hash, sealed_through, open_from::text, existing_through,
                ${isSameDatabase} as same_database`,
    values: [holder, leaseSeconds],
  });
  return rows[0];
}

/** Lets the next one begin at once. */
export async function releaseLease(db: Queryable, holder: string): Promise<void> {
  await db.query({
    name: 'release-journal-lease',
    text: 'update journal_sealer set lease_until = null, holder = null where holder = $1::uuid',
    values: [holder],
  });
}

/**
 * Numbers and seals up to `most` rows, of transactions older than every open one, in the order of their insertion.
 *
 * It stops at the first row that it sees but may not take yet. Else a subject's rows could change places: a transaction
 * that began early may write to the subject last, and become old enough first. A row is seen together with every row
 * of its subject before it, since who writes to a subject holds its lock until the commit; so an order without leaps
 * over what is seen keeps the order of each subject.
 */
export async function sealNext(db: Queryable, state: SealerState, most: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'seal-next',
    text: sealing(`
      late as materialized (
        -- It could not be seen when later rows were sealed: its transaction was open.
        select entry_id, transaction_id from journal
         where transaction_id >= $5::xid8 and transaction_id < (select not_begun from snapshot)
           and entry_id <= $4::bigint
           and not exists (select from journal_seals s where s.entry_id = journal.entry_id)
      ), following as materialized (
        select entry_id, transaction_id from journal where entry_id > $4::bigint order by entry_id limit $7::int
      )`),
    values: sealingValues(state, most),
  });
  return rowCount ?? 0;
}

/**
 * Seals, as the first of a new epoch, what the last one passed and never saw: rows whose transactions were open when later
 * ones were sealed, and had ended when the database was put back. Which they are only the last epoch's `open_from` says:
 * transactions may have other numbers here. In the transaction that begins the epoch; `before` is how the last one stood.
 */
export async function sealPassed(db: Queryable, before: SealerState): Promise<void> {
  const { rows } = await db.query<SealerState>({
    name: 'select-begun-epoch',
    text: `select epoch, number, s.hash, sealed_through, open_from::text, existing_through, true as same_database
             from journal_sealer s join journal_epochs using (epoch)`,
  });
  const [begun] = rows;
  if (begun === undefined) throw new Error('no epoch has begun');
  await db.query({
    name: 'seal-passed',
    text: sealing(`
      late as materialized (
        select entry_id, transaction_id from journal
         where transaction_id >= $5::xid8 and entry_id <= least($4::bigint, $6::bigint)
           and not exists (select from journal_seals s where s.entry_id = journal.entry_id)
      ), following as (
        select entry_id, transaction_id from late where false
      )`),
    values: sealingValues({ ...begun, open_from: before.open_from }, 2_147_483_647),
  });
}

/** The statement that seals, of the rows `late`, which come first, and `following`. */
const sealing = (lateAndFollowing: string): string => `
      with snapshot as materialized (
        select pg_snapshot_xmin(taken) as oldest_open, pg_snapshot_xmax(taken) as not_begun from pg_current_snapshot() taken
      ), ${lateAndFollowing.trim()}, waiting as (
        select * from late union all select * from following
      ), ripe as materialized (
        select entry_id from waiting
         where entry_id < coalesce((select min(entry_id) from waiting, snapshot
                                     where transaction_id >= oldest_open and entry_id > $6::bigint), 9223372036854775807)
         order by entry_id limit $7::int
      ), salted as materialized (
        select journal, entry_id, recorded_at, uuid_send(gen_random_uuid()) as salt from journal join ripe using (entry_id)
      ), numbered as materialized (
        select entry_id, recorded_at, salt, sha256(salt || journal_bytes(salted.journal)) as leaf,
               $2::bigint + row_number() over (order by entry_id) as number
          from salted
      ), sealed as (
        insert into journal_seals (epoch, number, entry_id, salt, leaf, hash)
        select $1::int, number, entry_id, salt, leaf,
               journal_chain($3::bytea, leaf, $1::int || '/' || number) over (order by number)
          from numbered
        returning number, entry_id, hash
      ), advanced as (
        update journal_sealer
           set number = (select max(number) from sealed),
               hash = (select hash from sealed order by number desc limit 1),
               sealed_through = greatest(sealed_through, (select max(entry_id) from sealed)),
               open_from = least((select oldest_open from snapshot),
                                 (select transaction_id from late where entry_id > (select max(entry_id) from ripe)
                                   order by transaction_id limit 1))
         where exists (select from sealed)
      ), days as (
        insert into journal_days (day, first_entry, last_entry)
        select (recorded_at at time zone 'Africa/Algiers')::date as day, min(entry_id), max(entry_id)
          from numbered group by day order by day
        on conflict (day) do update
           set first_entry = least(journal_days.first_entry, excluded.first_entry),
               last_entry = greatest(journal_days.last_entry, excluded.last_entry)
      )
      select from sealed`;

const sealingValues = (state: SealerState, most: number): unknown[] => [
  state.epoch,
  state.number,
  state.hash,
  state.sealed_through,
  state.open_from,
  state.existing_through,
  most,
];

/**
 * For a FROM: the sealed rows of one epoch after a number and through another (SQL), which bounds what is looked at
 * whatever the planner knows of a table that has just grown. Numbers have no gaps: fewer rows than asked for are its end.
 */
export const sealedStretch = (epoch: string, after: string, through: string): string => `(
  select s.epoch, s.number, j.*
    from (select epoch, number, entry_id from journal_seals
           where epoch = ${epoch} and number > ${after} and number <= ${through}) s
   cross join lateral (select recorded_at, kind, subject_id, creditor_code, from_state, to_state, token_jti from journal
                        where journal.entry_id = s.entry_id offset 0) j)`;

/** For a WHERE: whether a row that can be seen, and was recorded before that instant (SQL), still waits for its number. */
export const anythingUnsealedBefore = (instant: string): string => `(
  not exists (select from journal_sealer)
  or exists (select from journal where entry_id > (select sealed_through from journal_sealer) and recorded_at < ${instant})
  or exists (select from journal
              where transaction_id >= (select open_from from journal_sealer)
                and transaction_id < pg_snapshot_xmax(pg_current_snapshot())
                and entry_id <= (select sealed_through from journal_sealer) and recorded_at < ${instant}
                and not exists (select from journal_seals s where s.entry_id = journal.entry_id)))`;

/** Rows that wait for their number, counted to 100,000, and for how long the oldest has. */
export async function selectUnsealed(db: Queryable): Promise<{ count: number; oldestSeconds: number }> {
  const { rows } = await db.query<{ count: number; oldest: number }>({
    name: 'select-unsealed',
    text: `
      with waiting as (
        (select recorded_at from journal
          where entry_id > coalesce((select sealed_through from journal_sealer), 0) order by entry_id limit 100000)
        union all
        select recorded_at from journal
         where transaction_id >= (select open_from from journal_sealer)
           and transaction_id < pg_snapshot_xmax(pg_current_snapshot())
           and entry_id <= (select sealed_through from journal_sealer)
           and not exists (select from journal_seals s where s.entry_id = journal.entry_id)
      )
      select count(*)::int as count,
             greatest(0, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0))::float8 as oldest
        from waiting`,
  });
  return { count: rows[0]?.count ?? 0, oldestSeconds: rows[0]?.oldest ?? 0 };
}
