import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { freshDatabase } from '../../test/database.ts';
import { sealAll } from '../../test/journal.ts';
import { parseDay } from '../values/dates.ts';
import { insertTrailExport, selectEntry, selectTrail, type TrailFilter } from './trail.sql.ts';

const day = (text: string) => must(parseDay(text));
const subject = randomUUID();

/** Rows at 23:59:59 and at midnight in Algiers, of two people, a creditor and the gateway. */
const rows = [
  ['mandate.entered', 'bank', 'officer-amel', '2026-01-30T22:59:59Z', subject],
  ['debit.received', 'creditor', 'officer-amel', '2026-01-30T23:00:00Z', randomUUID()],
  ['mandate.read', 'bank', 'auditor-yacine', '2026-01-31T12:00:00Z', subject],
  ['debit.settled', 'gateway', null, '2026-01-31T22:59:59Z', randomUUID()],
  ['mandate.entered', 'bank', 'officer-amel', '2026-01-31T23:00:00Z', randomUUID()],
];

async function journalOf() {
  const db = await freshDatabase();
  for (const row of rows)
    await db.owner.query(
      `insert into journal (kind, side, actor, recorded_at, subject_id, detail) values ($1, $2, $3, $4, $5, '{"from": "10.0.0.7"}')`,
      row,
    );
  const found = async (filter: TrailFilter, place: { before?: string; limit?: number } = {}) => {
    const trail = await selectTrail(db.gateway, filter, { before: place.before, limit: place.limit ?? 50 });
    return trail.map(({ entryId }) => Number(entryId));
  };
  return { ...db, found };
}

test('the trail is narrowed by person, kind, subject and days in Algiers, sealed or not yet', async () => {
  await using db = await journalOf();
  for (const seal of [false, true]) {
    if (seal) await sealAll(db);
    expect(await db.found({})).toEqual([5, 4, 3, 2, 1]);
    // A creditor's key that is called like a person is none.
    expect(await db.found({ person: 'officer-amel' })).toEqual([5, 1]);
    expect(await db.found({ kind: 'mandate.entered' })).toEqual([5, 1]);
    expect(await db.found({ kind: 'debit.settled' })).toEqual([4]);
    expect(await db.found({ subjectId: subject })).toEqual([3, 1]);
    expect(await db.found({ from: day('2026-01-31') })).toEqual([5, 4, 3, 2]);
    expect(await db.found({ to: day('2026-01-31') })).toEqual([4, 3, 2, 1]);
    expect(await db.found({ from: day('2026-01-31'), to: day('2026-01-31') })).toEqual([4, 3, 2]);
    expect(await db.found({ from: day('2026-02-02') })).toEqual([]);
    expect(await db.found({ to: day('2026-01-29') })).toEqual([]);
    expect(await db.found({ person: 'officer-amel', kind: 'mandate.entered', from: day('2026-02-01') })).toEqual([5]);
  }
});

test('pages follow each other without gap or overlap', async () => {
  await using db = await journalOf();
  expect(await db.found({}, { limit: 2 })).toEqual([5, 4]);
  expect(await db.found({}, { limit: 2, before: '4' })).toEqual([3, 2]);
  expect(await db.found({ person: 'officer-amel' }, { limit: 1, before: '5' })).toEqual([1]);
  expect(await db.found({}, { before: '1' })).toEqual([]);
});

test('a row tells all that it holds, and where it was sealed', async () => {
  await using db = await journalOf();
  expect(await selectEntry(db.gateway, '3')).toMatchObject({
    kind: 'mandate.read',
    from: '10.0.0.7',
    place: undefined,
  });
  await sealAll(db);
  expect(await selectEntry(db.gateway, '3')).toMatchObject({
    actor: 'auditor-yacine',
    detail: { from: '10.0.0.7' },
    place: { epoch: 1, number: 3 },
  });
  expect(await selectEntry(db.gateway, '99')).toBeUndefined();
});

test('taking the trail out is an act of its own', async () => {
  await using db = await journalOf();
  const filter = { kind: 'debit.settled', from: day('2026-01-31') } as const;
  await insertTrailExport(db.gateway, { by: 'auditor-yacine', from: '10.0.0.8', filter });
  expect(await selectEntry(db.gateway, '6')).toMatchObject({
    kind: 'audit.exported',
    side: 'bank',
    actor: 'auditor-yacine',
    detail: { from: '10.0.0.8', of: { kind: 'debit.settled', from: '2026-01-31' } },
  });
});

test('what was long ago is found by its index, not through all that has happened since', async () => {
  await using db = await freshDatabase();
  await db.owner.query(
    `insert into journal (kind, side, actor)
     select case when n <= 10000 then 'mandate.certified' else 'debit.cancelled' end, 'bank', case when n <= 10000 then 'old' else 'new' end
       from generate_series(1, 40000) n`,
  );
  await db.owner.query('vacuum analyze journal');
  const touched = async (filter: TrailFilter): Promise<number> => {
    const client = await db.owner.connect();
    try {
      await client.query('begin');
      const found = await selectTrail(client, filter, { before: undefined, limit: 50 });
      expect(found[0]?.entryId).toBe('10000');
      const { rows } = await client.query<{ read: string }>(
        "select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'journal'",
      );
      return Number(rows[0]?.read);
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  expect(await touched({ kind: 'mandate.certified' })).toBeLessThan(1000);
  expect(await touched({ person: 'old' })).toBeLessThan(1000);
});
