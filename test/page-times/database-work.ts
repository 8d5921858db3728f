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

/** Waits until the sealer and what sums from it have come to the end of the journal. */
export async function settled(db: Queryable, told: (what: string) => void): Promise<void> {
  for (let before = -1; ; ) {
    const { rows } = await db.query<{ sealed: string; entries: string }>({
      text: 'select (select count(*) from journal_seals) as sealed, (select count(*) from journal) as entries',
    });
    const sealed = Number(rows[0]?.sealed);
    told(`${sealed} of ${rows[0]?.entries} journal rows sealed`);
    if (sealed === Number(rows[0]?.entries) || sealed === before) break;
    before = sealed;
    await pause(5000);
  }
  await pause(5000);
  await db.query({ text: 'analyze' });
}
