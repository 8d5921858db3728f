import { expect, test } from 'vitest';
import { must, openBank } from '../../test/bank.ts';
import { bookWork } from '../statements/compare-books.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import { readReconcileOptions, reconcile } from './reconcile.ts';

const today = algiersDay(new Date());
const run = (db: Parameters<typeof reconcile>[0], ...words: string[]) => {
  const options = readReconcileOptions(words);
  if (options === 'HELP') throw new Error('no help was asked for');
  return reconcile(db, options);
};

test('an operator sees each day with what differs, and has it compared again under a name', async () => {
  await using bank = await openBank();
  const db = bank.db.gateway;
  expect(await run(db, 'lists')).toEqual({ agrees: true, lines: ['No list was sent.'] });
  expect(await run(db, 'books')).toEqual({ agrees: true, lines: ['No day was compared.'] });
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
  expect((await run(db, 'again', '--day', today, '--by', 'operator')).agrees).toBe(true);
  const found = bookWork({ db, now, movements: bank.core.movements });
  expect(await found.run(await found.due(10))).toEqual([]);
  const after = await run(db, 'books');
  expect([after.agrees, must(after.lines[0])]).toEqual([
    true,
    `${today} (2): 1 booked, 1 agree (100.00), 0 of no creditor, 0 differ`,
  ]);
});

test('what the command line can not mean is said, and nothing is done', () => {
  expect(readReconcileOptions([])).toBe('HELP');
  expect(readReconcileOptions(['mend'])).toBe('HELP');
  expect(() => readReconcileOptions(['again', '--day', today])).toThrow('--by');
  expect(() => readReconcileOptions(['books', '--day', 'today'])).toThrow('--day');
});
