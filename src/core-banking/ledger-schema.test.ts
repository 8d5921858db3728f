import { expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { ribOf, twoAccounts } from '../../test/ledger-bank.ts';
import { fundAccount, openAccounts } from './accounts.ts';
import { instructionOf } from './contract-bank.ts';
import { ledgerCoreBanking } from './ledger.ts';

/** The owner, whom no right stops, writes a booking of 10.00 with these postings in one statement. */
async function book(db: TestDatabase, postings: readonly [account: string, amount: number][]): Promise<unknown> {
  return db.ledgerOwner.query({
    text: `
      with booked as (
        insert into ledger.bookings (reference, kind, outcome, debtor, creditor, amount, decided_at, executed_at,
               booking_date, value_date, booking_reference)
        values ('BY-HAND', 'DEBIT', 'MOVED', $1, $2, 1000, now(), now(), current_date, current_date, 'B-1')
        returning booking_id
      )
      insert into ledger.postings (booking_id, account, amount)
      select booking_id, account, amount from booked, unnest($3::text[], $4::bigint[]) as posting (account, amount)`,
    values: [ribOf(1), ribOf(2), postings.map(([account]) => account), postings.map(([, amount]) => amount)],
  });
}

async function balances(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.ledgerOwner.query<{ balance: string }>({
    text: `select balance from ledger.accounts where kind <> 'CASH' order by rib`,
  });
  return rows.map(({ balance }) => balance);
}

test('postings that do not sum to zero, or are not their booking, are refused, and no balance moves', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  await openAccounts(db.ledger, [{ rib: ribOf(3), holder: 'Third', kind: 'CUSTOMER', openingBalance: 0n }]);
  const wrong: [string, number][][] = [
    [
      [debtor, -1000],
      [creditor, 999],
    ],
    [[debtor, -1000]],
    [
      [debtor, 1000],
      [creditor, -1000],
    ],
    [
      [debtor, -500],
      [creditor, 500],
    ],
    [
      [debtor, -1000],
      [ribOf(3), 1000],
    ],
    [
      [debtor, -1000],
      [creditor, 500],
      [ribOf(3), 500],
    ],
  ];
  for (const postings of wrong) await expect(book(db, postings)).rejects.toThrow(/postings do not sum to zero/);
  await expect(book(db, [])).rejects.toThrow(/a booking without postings/);
  expect(await balances(db)).toEqual(['10000', '0', '0']);
});

test('postings move the balances by themselves, and none can be added to a booking later', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  await openAccounts(db.ledger, [
    { rib: ribOf(3), holder: 'Third', kind: 'CUSTOMER', openingBalance: 0n },
    { rib: ribOf(4), holder: 'Fourth', kind: 'CUSTOMER', openingBalance: 0n },
  ]);
  await book(db, [
    [debtor, -1000],
    [creditor, 1000],
  ]);
  expect(await balances(db)).toEqual(['9000', '1000', '0', '0']);
  const more = db.ledger.query(
    `insert into ledger.postings (booking_id, account, amount)
     select booking_id, unnest($1::text[]), unnest(array[-1, 1]) from ledger.bookings where reference = 'BY-HAND'`,
    [[ribOf(3), ribOf(4)]],
  );
  await expect(more).rejects.toThrow(/postings do not sum to zero/);
});

test('a balance below the permitted is refused by the database itself', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  const spend = ledgerCoreBanking(db.ledger).debit([instructionOf(debtor, creditor, '95.00')]);
  expect(await spend).toMatchObject([{ outcome: 'MOVED' }]);
  await expect(
    book(db, [
      [debtor, -1000],
      [creditor, 1000],
    ]),
  ).rejects.toThrow(/violates check constraint/);
});

test('the runtime role adds to the books, and never alters or removes what is in them, nor a balance', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  await ledgerCoreBanking(db.ledger).debit([instructionOf(debtor, creditor, '95.00')]);
  for (const statement of [
    'update ledger.postings set amount = 1',
    'delete from ledger.postings',
    'truncate ledger.postings',
    `update ledger.bookings set outcome = 'VOIDED'`,
    'delete from ledger.bookings',
    'update ledger.accounts set balance = 0',
    'update ledger.accounts set minimum_balance = -1',
    'delete from ledger.accounts',
    `insert into ledger.accounts (rib, holder, kind, balance) values ('00500102000000000900', 'X', 'CUSTOMER', 1)`,
    'alter table ledger.postings disable trigger all',
    'drop table ledger.postings',
  ]) {
    await expect(db.ledger.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
  }
});

test('neither of the two systems reads the other', async () => {
  await using db = await freshDatabase();
  await expect(db.gateway.query('select from ledger.accounts')).rejects.toThrow(/permission denied/);
  await expect(db.ledger.query('select from debits')).rejects.toThrow(/permission denied/);
});

test('opening and funding an account twice changes nothing', async () => {
  await using db = await freshDatabase();
  const account = { rib: ribOf(1), holder: 'Debtor', kind: 'CUSTOMER', openingBalance: 10000n } as const;
  expect(await openAccounts(db.ledger, [account])).toEqual([ribOf(1)]);
  expect(await openAccounts(db.ledger, [account])).toEqual([]);
  const paidIn = await Promise.all(Array.from({ length: 5 }, () => fundAccount(db.ledger, 'F-1', ribOf(1), 500n)));
  expect(paidIn.filter(Boolean)).toHaveLength(1);
  expect(await balances(db)).toEqual(['10500']);
});
