import { expect, test } from 'vitest';
import { openBank } from '../../test/bank.ts';
import { moveUnknown, putBack, readMovements, rowsOf, startAgain, workRound } from '../../test/restored-bank.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { DebitSteps } from './steps.ts';

test('what is found to have moved between its refusal here and the rejection is not rejected as never sent', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({
    mandateId,
    endToEndId: 'S',
    amount: '1000.00',
    executionDate: addDays(algiersDay(new Date()), 1),
  });
  const states = 'select state, reason from debits';
  const stopId = await putBack(bank);
  expect(await startAgain(bank, stopId)).toBe('DECIDED');
  await rowsOf(bank, "update debits set expires_at = now() - interval '1 second', execution_date = execution_date - 5");
  let refused = 0;
  const overtaken: DebitSteps = {
    ...bank.steps,
    async reject(rejection) {
      refused += 1;
      await moveUnknown(bank, mandateId, 'S');
      await rowsOf(bank, 'update restores set movements_read_at = null');
      await readMovements(bank);
      return bank.steps.reject(rejection);
    },
  };
  while (refused === 0) await workRound({ ...bank, steps: overtaken });
  expect(await rowsOf(bank, states)).toEqual([{ state: 'IN_DOUBT', reason: null }]);
  expect(await rowsOf(bank, 'select kind from contradictions')).toEqual([]);
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await rowsOf(bank, states)).toEqual([{ state: 'SETTLED', reason: null }]);
});
