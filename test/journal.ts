import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import { asAdministrator } from '../src/database/roles.ts';
import { openSealer, type Sealer } from '../src/journal/sealer.ts';
import type { TestDatabase } from './database.ts';

/** Seals until nothing waits: another test's open transaction, in the same cluster, may hold it up for a moment. */
export async function sealAll(db: TestDatabase, sealer: Sealer = openSealer({ pool: db.gateway })): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    await sealer.run();
    const { rows } = await db.owner.query<{ waiting: boolean }>(
      'select exists (select from journal where entry_id not in (select entry_id from journal_seals)) as waiting',
    );
    if (rows[0]?.waiting === false) {
      await sealer.release();
      return;
    }
    await pause(20);
  }
  throw new Error('the journal was not sealed');
}

/** What is sealed, in its order: `1/2 mandate.certified 7`, of the first epoch; the last one is the row's id. */
export async function sealedRows(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.owner.query<{ row: string }>(
    `select (select count(*) from journal_epochs e where e.epoch <= s.epoch) || '/' || number || ' ' || kind || ' ' || entry_id as row from sealed_journal s order by epoch, number`,
  );
  return rows.map(({ row }) => row);
}

/** As whoever holds the server may: no trigger, no right stands in the way. */
export async function tamper(db: TestDatabase, ...statements: string[]): Promise<void> {
  const name = new URL(db.url.owner).pathname.slice(1);
  await asAdministrator(inject('cluster'), name, async (admin) => {
    await admin.query('set session_replication_role = replica');
    for (const statement of statements) await admin.query(statement);
  });
}
