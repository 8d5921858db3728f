import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freshDatabase, loadedAnew, type TestDatabase } from '../../test/database.ts';
import { sealAll, sealedRows, tamper } from '../../test/journal.ts';
import { isAnotherDatabase, openSealer } from './sealer.ts';

const noted = "insert into journal (kind, side) values ('mandate.entered', 'gateway')";

/** As `pg_restore --clean` does with a table: it is another one, with the row that the dump has of it. */
const sealerMadeAnew = [
  'alter table journal_sealer rename to dumped',
  'create table journal_sealer (like dumped including all)',
  'insert into journal_sealer select * from dumped',
  'drop table dumped',
  'alter table journal_sealer owner to gateway_owner',
  'grant select, insert, update on journal_sealer to gateway_runtime',
];

test.for([
  ['over what is there', (db: TestDatabase) => tamper(db, ...sealerMadeAnew)],
  ['into a database made anew', loadedAnew],
] as const)(
  'a dump that is loaded into the same cluster begins a new epoch and its stop, once: %s',
  async ([_how, load]) => {
    await using db = await freshDatabase();
    await db.gateway.query(noted);
    await sealAll(db);
    await load(db);
    const sealer = openSealer({ pool: db.gateway });
    await sealer.run();
    await sealAll(db, sealer);
    expect(await sealedRows(db)).toEqual(['1/1 mandate.entered 1', '2/1 stop.made 2']);
    const { rows } = await db.owner.query('select scope, ended_at from restores join stops using (stop_id)');
    expect(rows).toEqual([{ scope: 'ALL', ended_at: null }]);
    expect(await isAnotherDatabase(db.gateway)).toBe(false);
  },
);

test('a table that the server writes anew, as its upkeep does, is the same still: no epoch begins', async () => {
  await using db = await freshDatabase();
  await db.gateway.query(noted);
  await sealAll(db);
  await tamper(db, 'vacuum full journal_sealer', 'cluster journal_sealer using journal_sealer_pkey');
  expect(await isAnotherDatabase(db.gateway)).toBe(false);
});

const migration = readFile(new URL('../../migrations/0036_journal_tables.sql', import.meta.url), 'utf8');

test.for([
  ['a dump of before that was loaded just now is another database', 'update journal set kind = kind', true],
  ['rows that their upkeep froze and wrote anew are the same', 'vacuum (full, freeze) journal', false],
] as const)('where a database is brought up to the name of its tables, %s', async ([_rule, since, another]) => {
  await using db = await freshDatabase();
  await db.gateway.query(noted);
  await sealAll(db);
  const before = ['alter table journal_sealer drop column table_id', 'drop function journal_table_id'];
  await tamper(db, ...before, since);
  await db.owner.query(await migration);
  expect(await isAnotherDatabase(db.gateway)).toBe(another);
});
