import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { developmentCreditors } from '../clients/development.ts';
import { findImbalances } from '../core-banking/accounts.ts';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { runSeed, seedAccounts } from './seed.ts';

test('seeding opens and funds every sample account once, also when two programs do it at the same time', async () => {
  await using db = await freshDatabase();
  const [one, other] = await Promise.all([seedAccounts(db.ledger), seedAccounts(db.ledger)]);
  expect([...one, ...other].filter(({ opened }) => opened)).toHaveLength(38);
  const again = await seedAccounts(db.ledger);
  expect(again.filter(({ opened }) => opened)).toEqual([]);
  expect(again).toContainEqual({
    rib: '00500102444771278214',
    holder: 'SARL El Hidhab Construction',
    balance: 60000000n,
    opened: false,
  });
  expect(await findImbalances(db.ledger)).toEqual([]);
});

test('the core banking port finds what was seeded, the collection accounts too', async () => {
  await using db = await freshDatabase();
  await seedAccounts(db.ledger);
  const port = ledgerCoreBanking(db.ledger);
  for (const { collectionAccount, nameFr } of developmentCreditors) {
    expect(await port.lookUpAccount(collectionAccount)).toEqual({ outcome: 'FOUND', status: 'OPEN', holder: nameFr });
  }
});

test('an account is funded once a reference, blocked and read from the command line', async () => {
  await using db = await freshDatabase();
  await runSeed(db.ledger, []);
  const rib = '005 00102 4447712782 14';
  expect(await runSeed(db.ledger, ['fund', rib, '0.01', 'F-1'])).toEqual(['paid in']);
  expect(await runSeed(db.ledger, ['fund', rib, '0.01', 'F-1'])).toEqual([
    'this reference was paid in before: nothing was done',
  ]);
  expect(await runSeed(db.ledger, ['balance', rib])).toEqual(['600000.01 DA']);
  expect(await runSeed(db.ledger, ['status', rib, 'BLOCKED'])).toEqual(['005*************8214 is BLOCKED']);
});

test('a command line that is wrong changes nothing and says what is expected', async () => {
  await using db = await freshDatabase();
  for (const words of [['open'], ['balance'], ['fund', '00500102444771278214', '1', 'F'], ['status', '1', 'OPEN']]) {
    await expect(runSeed(db.ledger, words)).rejects.toThrow(/npm run seed/);
  }
});
