import { expect, test } from 'vitest';
import { must, openBank } from '../../test/bank.ts';
import {
  at,
  daysAgo,
  inThePast,
  listIsAsked,
  openBankSince,
  sealAndClose,
  statementParts,
} from '../../test/statements.ts';
import { bookWork } from '../statements/compare-books.ts';
import { reconciliationWork } from '../statements/match.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import { readReconcileOptions, reconcile } from './reconcile.ts';

const today = algiersDay(new Date());
const yesterday = daysAgo(1);
const run = async (db: Parameters<typeof reconcile>[0], ...words: string[]) => {
  const options = readReconcileOptions(words);
  if (options === 'HELP') throw new Error('no help was asked for');
  const lines: string[] = [];
  const agrees = await reconcile(db, options, (line) => lines.push(line));
  return { agrees, lines };
};

test('an operator sees each day with what differs, and has it compared again under a name', async () => {
  await using bank = await openBank();
  const db = bank.db.gateway;
  expect(await run(db, 'lists')).toEqual({ agrees: true, lines: ['No list was sent.'] });
  expect(await run(db, 'books')).toEqual({ agrees: false, lines: ['No day was compared.'] });
  expect(await run(db, 'books', '--day', today)).toEqual({ agrees: false, lines: [`${today} was never compared.`] });
  await bank.debit({ mandateId: await bank.addMandate(), endToEndId: 'CMD-1', amount: '100.00' });
  const now = () => new Date(startOfAlgiersDay(addDays(today, 1)).getTime() + 3 * 3_600_000);
  const lost = bookWork({ db, now, movements: async () => [] });
  expect(await lost.run(await lost.due(10))).toEqual([]);
  const told = await run(db, 'books', '--day', today);
  expect(told.agrees).toBe(false);
  expect(told.lines).toEqual([
    `${today} (1): 0 booked, 0 agree (0.00), 0 of no creditor, 1 differ`,
    expect.stringMatching(/^ {2}NOT_BOOKED [A-Z2-7]{32}: here SETTLED 100\.00, there nothing, debit [0-9a-f-]{36}$/),
  ]);
  // However many there are.
  await bank.db.owner.query(
    `insert into book_differences (difference_id, comparison_id, kind, core_reference, booked_amount, booked_reference, booked_date)
     select gen_random_uuid(), comparison_id, 'UNKNOWN_HERE', repeat('A', 32), 100, 'B', day
       from book_comparisons, generate_series(1, 1500)`,
  );
  expect((await run(db, 'books', '--day', today)).lines).toHaveLength(1502);
  expect((await run(db, 'again', '--day', today, '--by', 'operator')).agrees).toBe(true);
  // What waits to be compared does not agree yet.
  expect(await run(db, 'books')).toMatchObject({
    agrees: false,
    lines: [`${today} (2): to be compared`, expect.anything()],
  });
  const found = bookWork({ db, now, movements: bank.core.movements });
  expect(await found.run(await found.due(10))).toEqual([]);
  const after = await run(db, 'books');
  expect([after.agrees, must(after.lines[0])]).toEqual([
    true,
    `${today} (2): 1 booked, 1 agree (100.00), 0 of no creditor, 0 differ`,
  ]);
});

test('of a list each line that did not match is told by its name, and an operator learns of it by how it ends', async () => {
  await using bank = await openBankSince(yesterday);
  const { gateway: db } = bank.db;
  const mandateId = await bank.addMandate();
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
    for (const endToEndId of ['L-1', 'L-2', 'L-9']) await bank.debit({ mandateId, endToEndId, amount: '100.00' });
  });
  const list = `date,${yesterday}\nendToEndId,amount,currency\nL-1,100.00,DZD\nL-2,90.00,DZD\nL-3,80.00,DZD\nL-1,100.00,DZD\n`;
  await listIsAsked(bank.db, { day: yesterday, list, lines: 4, amount: 37_000 });
  expect(await run(db, 'lists')).toMatchObject({ agrees: false, lines: [expect.stringContaining('to be matched')] });
  await sealAndClose(bank);
  const work = reconciliationWork(statementParts(bank));
  expect(await work.run(await work.due(10))).toEqual([]);
  expect(await run(db, 'lists')).toMatchObject({ agrees: false, lines: [expect.stringContaining('matched 1,')] });
  const told = await run(db, 'lists', '--creditor', 'CNAS', '--reference', 'REC');
  expect(told.agrees).toBe(false);
  expect(told.lines.slice(1).map((line) => line.replace(/, debit [0-9a-f-]{36}$/, ''))).toEqual([
    '  DIFFERING L-2 (line 2): expected 90.00, settled 100.00, SETTLED',
    '  MISSING L-3 (line 3): expected 80.00, nothing settled',
    expect.stringMatching(/^ {2}REPEATED L-1 \(line 4\): expected 100\.00/),
    '  UNEXPECTED L-9: nothing expected, settled 100.00, SETTLED',
  ]);
  expect(await run(db, 'lists', '--creditor', 'CNAS', '--reference', 'OTHER')).toEqual({
    agrees: false,
    lines: ['CNAS has sent no list OTHER.'],
  });
});

test('what the command line can not mean is said, and nothing is done', () => {
  expect(readReconcileOptions([])).toBe('HELP');
  expect(readReconcileOptions(['mend'])).toBe('HELP');
  expect(() => readReconcileOptions(['again', '--day', today])).toThrow('--by');
  expect(() => readReconcileOptions(['books', '--day', 'today'])).toThrow('--day');
  expect(() => readReconcileOptions(['lists', '--reference', 'REC'])).toThrow('--creditor');
});
