import { expect, test } from 'vitest';
import type { Act } from './acts.ts';
import { expectAnswersKept } from './answers.ts';
import type { DebitRow } from './invariants.ts';

const row = (state: DebitRow['state'], ...reversals: DebitRow['reversals']): DebitRow => ({
  ...{ name: 1, state, amount: '100', declaration: 'D', reserved_on: null, holds_ceiling: false },
  ...{
    holds_declaration: false,
    confirmations: 0,
    rejections: 0,
    reversal_confirmations: 0,
    debit_id: 'one',
    reversals,
  },
});
const debit: Act = {
  ...{ act: 'debit', name: 1, declaration: 0, amount: 100n, bus: 'MOVES', later: false, mandate: 'LAST' },
};
const back: Act = { act: 'reverse', name: 1, attempt: 1, reason: 'other', bus: 'MOVES' };
const rejectedOnce = { attempt: 1, state: 'REJECTED', counted_on: '2027-03-29' } as const;

test.for<[string, Act, string, DebitRow]>([
  ['paid, and rejected in the end', debit, 'SETTLED', row('REJECTED')],
  ['rejected, and paid in the end', debit, 'REJECTED', row('SETTLED')],
  ['withdrawn, and paid in the end', { act: 'cancel', name: 1 }, 'CANCELLED', row('SETTLED')],
  ['not withdrawn, and withdrawn in the end', { act: 'cancel', name: 1 }, 'TOO_LATE', row('CANCELLED')],
  ['given back, and not in the end', back, 'SETTLED', row('SETTLED', rejectedOnce)],
])('an answer that does not stand is seen: %s', ([, act, answer, stands]) => {
  expect(() => expectAnswersKept([stands], [{ act, answer }])).toThrow('deeply equal');
});

test('what was paid may be given back after, and an answer without an end binds nothing', () => {
  const answers = [
    { act: debit, answer: 'SETTLED' },
    { act: debit, answer: 'IN_DOUBT' },
    { act: debit, answer: 'NAME_TAKEN' },
  ];
  expectAnswersKept([row('REVERSED')], answers);
});
