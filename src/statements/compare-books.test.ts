import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { amountOf, cnas, must, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { askThrough, moveUnknown, putBack, startAgain } from '../../test/restored-bank.ts';
import { reversing } from '../../test/reversals.ts';
import type { Movement } from '../core-banking/port.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { coreReferenceOf, parseCoreReference, parseEndToEndId } from '../values/ids.ts';
import { compareBooksAgain, countBookDifferences, listComparisons, selectDifferences } from './book-views.sql.ts';
import { bookWork } from './compare-books.ts';

const today = algiersDay(new Date());

const tomorrow = () => new Date(startOfAlgiersDay(addDays(today, 1)).getTime() + 3 * 3_600_000);

type Twist = (movements: Movement[]) => Movement[];

/** Compares today as if it were over, with the core's postings as the test wants them. */
async function compareToday({ db, core }: TestBankWithGateway, twist: Twist = (movements) => movements) {
  const work = bookWork({
    db: db.gateway,
    movements: async (day: Day) => twist(await core.movements(day)),
    now: tomorrow,
    most: 2,
  });
  const due = await work.due(10);
  for (const { fault } of await work.run(due)) throw fault;
  const [comparison] = await listComparisons(db.gateway, { before: undefined, limit: 1 });
  const { comparisonId, compared } = must(comparison);
  const found = await selectDifferences(db.gateway, { comparisonId, after: undefined, limit: 100 });
  return { compared: must(compared), found };
}

/** Three settled debits, the last of them given back, and one that was refused. */
async function openDay() {
  const bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '5000.00' });
  for (const [endToEndId, amount] of Object.entries({
    'B-1': '100.00',
    'B-2': '200.00',
    'B-3': '300.00',
    'B-4': '9999.00',
  }))
    await bank.debit({ mandateId, endToEndId, amount });
  expect(await reversing(bank).reverse({ endToEndId: 'B-3' })).toMatchObject({ outcome: 'REVERSAL' });
  return bank;
}

const referenceOf = (name: string) => coreReferenceOf(cnas, must(parseEndToEndId(name)));

test('a day on which both tell the same has no difference, and is compared once by itself', async () => {
  await using bank = await openDay();
  const { compared, found } = await compareToday(bank);
  expect(found).toEqual([]);
  expect(compared).toMatchObject({ booked: 4, agreed: 4, foreign: 0, differences: 0 });
  expect(compared.agreedAmount).toBe(amountOf('900.00'));
  expect(await compareToday(bank)).toEqual({ compared, found });
  const { rows } = await bank.db.owner.query(
    "select kind, side, creditor_code, detail->>'agreed' as agreed from journal where kind like 'books.%'",
  );
  expect(rows).toEqual([{ kind: 'books.compared', side: 'gateway', creditor_code: null, agreed: '4' }]);
});

const foreignReference = must(parseCoreReference('A'.repeat(32)));
const change =
  (at: number, to: (movement: Movement) => Movement): Twist =>
  (movements) =>
    movements.map((movement, position) => (position === at ? to(movement) : movement));
const booking =
  (to: Partial<Movement['booking']>) =>
  (movement: Movement): Movement => ({
    ...movement,
    booking: { ...movement.booking, ...to },
  });

test.each<[string, Twist, object]>([
  [
    'a posting that nobody here asked for',
    (all) => [...all, { ...must(all[0]), reference: foreignReference }],
    { kind: 'UNKNOWN_HERE', kept: undefined },
  ],
  [
    'a posting of what was rejected',
    (all) => [...all, { ...must(all[0]), reference: referenceOf('B-4') }],
    { kind: 'NOT_SETTLED_HERE', kept: { state: 'REJECTED' } },
  ],
  [
    'a settled debit that is not booked',
    (all) => all.slice(1),
    { kind: 'NOT_BOOKED', reference: referenceOf('B-1'), booked: undefined },
  ],
  [
    'a settled reversal that is not booked',
    (all) => all.slice(0, 3),
    { kind: 'NOT_BOOKED', kept: { reversalId: expect.any(String), state: 'SETTLED' } },
  ],
  [
    'a posting that stands twice',
    (all) => [...all, must(all[1])],
    { kind: 'BOOKED_TWICE', reference: referenceOf('B-2') },
  ],
  [
    'another amount',
    change(0, booking({ amount: amountOf('100.01') })),
    { kind: 'OTHER_AMOUNT', kept: { amount: 10_000n }, booked: { amount: 10_001n } },
  ],
  ['another account', change(0, (movement) => ({ ...movement, debtor: ribOf(77) })), { kind: 'OTHER_ACCOUNT' }],
  [
    'a reversal that went to another account',
    change(3, (movement) => ({ ...movement, creditor: ribOf(77) })),
    { kind: 'OTHER_ACCOUNT', kept: { reversalId: expect.any(String) } },
  ],
  [
    'another booking reference',
    change(0, booking({ bookingReference: 'OTHER' })),
    { kind: 'OTHER_BOOKING', booked: { bookingReference: 'OTHER' } },
  ],
  ['another booking day', change(0, booking({ bookingDate: addDays(today, 1) })), { kind: 'OTHER_DAY' }],
])('%s is found, told in the journal, counted, and nothing is mended', async (_what, twist, difference) => {
  await using bank = await openDay();
  const before = await bank.db.owner.query('select * from debits order by debit_id');
  const { compared, found } = await compareToday(bank, twist);
  expect(found).toMatchObject([difference]);
  expect(compared.differences).toBe(1);
  expect(await countBookDifferences(bank.db.gateway)).toBe(1);
  const { rows } = await bank.db.owner.query(
    "select reason, creditor_code from journal where kind = 'books.difference-found'",
  );
  expect(rows).toEqual([{ reason: must(found[0]).kind.replaceAll('_', '-'), creditor_code: null }]);
  expect((await bank.db.owner.query('select * from debits order by debit_id')).rows).toEqual(before.rows);
});

test("a posting between accounts that are no creditor's is nothing of ours", async () => {
  await using bank = await openDay();
  const other = { debtor: ribOf(77), creditor: ribOf(78), reference: foreignReference };
  const { compared, found } = await compareToday(bank, (all) => [...all, { ...must(all[0]), ...other }]);
  expect([compared.foreign, found]).toEqual([1, []]);
});

test('a core that does not answer says nothing: the day stays to be compared', async () => {
  await using bank = await openDay();
  const silent = () => {
    throw new Error('the core is silent');
  };
  await expect(compareToday(bank, silent)).rejects.toThrow('the core is silent');
  expect(await countBookDifferences(bank.db.gateway)).toBe(0);
  expect((await compareToday(bank)).compared.differences).toBe(0);
});

test('after a restore no day is compared before people start again: what was lost of it is claimed by then, and it agrees', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await moveUnknown(bank, mandateId, 'LOST');
  const stopId = await putBack(bank);
  const work = bookWork({ db: bank.db.gateway, movements: bank.core.movements, now: tomorrow });
  const due = await work.due(10);
  expect(due).toEqual([]);
  const { rows } = await bank.db.owner.query('select comparison_id as id from book_comparisons');
  expect(await work.run(rows.map(({ id }) => id))).toEqual([]);
  expect((await bank.db.owner.query('select from book_comparisons where compared_at is null')).rowCount).toBe(1);
  const claimed = await askThrough(bank, bank.debit({ mandateId, endToEndId: 'LOST', amount: '1000.00' }));
  expect(claimed).toMatchObject({ debit: { state: 'SETTLED' } });
  expect(await startAgain(bank, stopId)).toBe('DECIDED');
  const { compared, found } = await compareToday(bank);
  expect([compared.agreed, found]).toEqual([1, []]);
});

test('what staff ask to be compared again under the stop of a restore is', async () => {
  await using bank = await openDay();
  await compareToday(bank);
  await putBack(bank);
  expect(await compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: '127.0.0.1' })).toBe(true);
  await compareToday(bank);
  const comparisons = await listComparisons(bank.db.gateway, { before: undefined, limit: 10 });
  expect(comparisons.map(({ attempt, compared }) => [attempt, compared?.differences])).toEqual([
    [2, 0],
    [1, 0],
  ]);
});

test('compared again as staff ask, a day has the latest word, and what was found before stays beside it', async () => {
  await using bank = await openDay();
  await compareToday(bank, (all) => all.slice(1));
  const ask = () => compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: '127.0.0.1' });
  expect(await ask()).toBe(true);
  expect(await ask()).toBe(false);
  const { compared, found } = await compareToday(bank);
  expect([compared.differences, found]).toEqual([0, []]);
  expect(await countBookDifferences(bank.db.gateway)).toBe(0);
  const comparisons = await listComparisons(bank.db.gateway, { before: undefined, limit: 10 });
  expect(comparisons.map(({ attempt, askedBy, compared }) => [attempt, askedBy, compared?.differences])).toEqual([
    [2, 'supervisor', 0],
    [1, undefined, 1],
  ]);
  const { rows } = await bank.db.owner.query("select side, actor from journal where kind = 'books.asked-again'");
  expect(rows).toEqual([{ side: 'bank', actor: 'supervisor' }]);
  expect(await compareBooksAgain(bank.db.gateway, { day: addDays(today, -90), by: 'x', from: 'x' })).toBe(false);
});

test('of two that compare a day at once, one tells of it', async () => {
  await using bank = await openDay();
  await Promise.all(
    [compareToday(bank, (all) => all.slice(1)), compareToday(bank, (all) => all.slice(1))].map((one) =>
      one.catch(() => undefined),
    ),
  );
  const { rows } = await bank.db.owner.query(
    "select (select count(*)::int from book_differences) as found, (select count(*)::int from journal where kind = 'books.compared') as told",
  );
  expect(rows).toEqual([{ found: 1, told: 1 }]);
});

test('a difference counts until its day is compared again without it, however long ago that day was', async () => {
  await using bank = await openDay();
  const { gateway, owner } = bank.db;
  await compareToday(bank, ([, ...others]) => others);
  expect(await countBookDifferences(gateway)).toBe(1);
  await owner.query('update book_comparisons set day = day - 400');
  expect(await countBookDifferences(gateway)).toBe(1);
  // One that waits to be compared has found nothing yet.
  const day = addDays(today, -400);
  expect(await compareBooksAgain(gateway, { day, by: 'officer-amine', from: '192.0.2.1' })).toBe(true);
  expect(await countBookDifferences(gateway)).toBe(1);
  await owner.query(
    `update book_comparisons set compared_at = clock_timestamp(), booked = 0, booked_amount = 0, foreign_ones = 0,
       agreed = 0, agreed_amount = 0, differences = 0 where attempt = 2`,
  );
  expect(await countBookDifferences(gateway)).toBe(0);
});

test('a core that is long in telling of its day finds the comparison its own still: the lease is renewed meanwhile', async () => {
  await using bank = await openDay();
  const { gateway, owner } = bank.db;
  const leasedUntil = async () => {
    const { rows } = await owner.query<{ until: string }>('select lease_until::text as until from book_comparisons');
    return rows[0]?.until;
  };
  const slow = async (day: Day) => {
    const first = await leasedUntil();
    await expect.poll(leasedUntil, { timeout: 20_000 }).not.toBe(first);
    return bank.core.movements(day);
  };
  const work = bookWork({ db: gateway, movements: slow, now: tomorrow, leaseSeconds: 3 });
  expect(await work.run(await work.due(10))).toEqual([]);
  expect(await listComparisons(gateway, { before: undefined, limit: 1 })).toMatchObject([{ compared: { agreed: 4 } }]);
});

test('who has lost the comparison to another has failed, and leaves nothing of what it found', async () => {
  await using bank = await openDay();
  const { gateway, owner } = bank.db;
  const another = randomUUID();
  const movements = async () => {
    await owner.query(`update book_comparisons set holder = $1, lease_until = clock_timestamp() + interval '1 hour'`, [
      another,
    ]);
    return [];
  };
  const work = bookWork({ db: gateway, movements, now: tomorrow });
  const ids = await work.due(10);
  expect(await work.run(ids)).toMatchObject([{ id: ids[0], fault: { message: expect.stringContaining('another') } }]);
  const { rows } = await owner.query('select holder, compared_at from book_comparisons');
  expect(rows).toEqual([{ holder: another, compared_at: null }]);
  expect((await owner.query('select from book_differences')).rowCount).toBe(0);
});
