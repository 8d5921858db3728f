import { expect, test } from 'vitest';
import { freshDatabase, loadedAnew } from '../test/database.ts';
import { openPools } from './gateway-parts.ts';
import { openSealer } from './journal/sealer.ts';

const config = {
  databaseConnections: 4,
  backOfficeConnections: 2,
  ledgerConnections: 2,
  statementSeconds: 5,
  coreCallSeconds: 5,
};

const standing = "select (select count(*)::int from stops where scope = 'ALL' and ended_at is null) as stops";

test('no new connection to a database that was put back carries a statement before the stop of its new epoch stands', async () => {
  await using db = await freshDatabase();
  await openSealer({ pool: db.gateway }).run();
  await db.owner.query('alter table journal_epochs disable trigger user');
  await db.owner.query("update journal_epochs set database_id = 'another/00000001'");
  await using open = new AsyncDisposableStack();
  const { own } = openPools({ config, urls: db.url }, open, () => undefined);
  const answers = await Promise.all(
    [own.gateway, own.gateway, own.gateway, own['back-office'], own['back-office']].map((pool) => pool.query(standing)),
  );
  expect(answers.map(({ rows }) => rows)).toEqual(answers.map(() => [{ stops: 1 }]));
  const { rows } = await db.owner.query('select epoch, cause from journal_epochs order by epoch');
  expect(rows).toMatchObject([{ epoch: 1 }, { cause: 'another-database' }]);
});

test('pools that were open while their database was loaded anew under its name, in the same cluster, see it on their first new connection', async () => {
  await using db = await freshDatabase();
  await openSealer({ pool: db.gateway }).run();
  await using open = new AsyncDisposableStack();
  const { own } = openPools({ config, urls: db.url }, open, () => undefined);
  expect((await own.gateway.query(standing)).rows).toEqual([{ stops: 0 }]);
  await loadedAnew(db);
  expect((await own.gateway.query(standing)).rows).toEqual([{ stops: 1 }]);
  const { rows } = await db.owner.query(
    'select cause, stop_id is not null as stopped from journal_epochs left join restores using (epoch) order by epoch',
  );
  expect(rows).toEqual([
    { cause: 'first', stopped: false },
    { cause: 'another-database', stopped: true },
  ]);
});
