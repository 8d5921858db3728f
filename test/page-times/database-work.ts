import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../../src/database/queryable.ts';

/** Smaller ones are rightly read whole. */
const largeRows = 10_000;

/** How often each large table was read whole, and how many rows of it that came to. */
export async function scansOf(db: Queryable): Promise<Map<string, { scans: number; rows: number }>> {
  // The counters of a connection are told a moment after its work.
  await pause(1500);
  const { rows } = await db.query<{ table: string; scans: string; read: string }>({
    text: `select relname as table, seq_scan as scans, seq_tup_read as read from pg_stat_user_tables where n_live_tup > $1`,
    values: [largeRows],
  });
  return new Map(rows.map(({ table, scans, read }) => [table, { scans: Number(scans), rows: Number(read) }]));
}

/** The large tables with their rows: what was measured with. */
export async function tablesOf(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ table: string; rows: string }>({
    text: `select relname as table, reltuples::bigint as rows from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > $1 order by 2 desc`,
    values: [largeRows],
  });
  return rows.map(({ table, rows: count }) => `${count.padStart(10)} ${table}`);
}

/** Waits until the sealer, what sums from it and what numbers the creditors' events have come to the end of the journal. */
export async function settled(db: Queryable, told: (what: string) => void): Promise<void> {
  for (let done = false; !done; ) {
    const { rows } = await db.query<{ sealed: string; entries: string; numbered: string; summed: string }>({
      text: `select (select count(*) from journal_seals) as sealed, (select count(*) from journal) as entries,
                    (select number from event_progress) as numbered, (select number from debit_figures_progress) as summed`,
    });
    const { sealed, entries, numbered, summed } = rows[0] ?? {};
    told(`${sealed} of ${entries} journal rows sealed, ${numbered} gone through for events, ${summed} for figures`);
    done = [entries, numbered, summed].every((count) => count === sealed);
    if (!done) await pause(5000);
  }
  // Index-only readings need to know what every reader sees.
  await db.query({ text: 'vacuum analyze' });
}
