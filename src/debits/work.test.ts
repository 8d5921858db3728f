import { expect, test } from 'vitest';
import { openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { runWork } from '../jobs/run-work.ts';
import type { Work } from '../jobs/work.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { longestInterval, secondsBeforeQuestion } from './doubt.ts';
import type { DebitSteps } from './steps.ts';
import { debitWorks } from './work.ts';

class Away extends Error {
  override name = 'Away';
}
const away = () => Promise.reject(new Away('signing is away'));

const debitWork = (steps: DebitSteps): Work => {
  const found = debitWorks(steps, new Map()).find(({ name }) => name === 'debits');
  return found ?? expect.fail('the debits have their work');
};
const leaseEnds = (bank: TestBankWithGateway) =>
  bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
const failuresOf = async (bank: TestBankWithGateway) =>
  (await bank.db.owner.query('select work, failures, fault, dead_at is not null as dead from job_failures')).rows;

/** A debit whose money has moved and whose confirmation can't be signed, and one round of its work. */
async function unsigned(bank: TestBankWithGateway) {
  const mandateId = await bank.addMandate();
  const steps = { ...bank.steps, sign: away };
  await expect(bank.debit({ mandateId }, steps)).rejects.toThrow(Away);
  const settings = { db: bank.db.gateway, onFault: () => undefined };
  const round = async (work = debitWork(steps)) => (await runWork(work, await work.due(64), settings)).well;
  return { steps, round };
}

test('a debit whose work fails waits longer each time and dies in the list, yet is asked about each minute until it has ended', async () => {
  await using bank = await openBank();
  const { round, steps } = await unsigned(bank);
  for (let failure = 1; failure <= 10; failure += 1) {
    await leaseEnds(bank);
    expect(await round()).toBe(0);
    expect(await failuresOf(bank)).toMatchObject([{ work: 'debits', failures: failure, fault: 'Away' }]);
    await leaseEnds(bank);
    expect(await debitWork(steps).due(64)).toEqual([]);
    await bank.db.owner.query(
      "update job_failures set failed_at = failed_at - interval '61 s', next_at = next_at - interval '5 s'",
    );
  }
  expect(await failuresOf(bank)).toMatchObject([{ dead: true }]);
  expect(await round(debitWork(bank.steps))).toBe(1);
  expect(await failuresOf(bank)).toEqual([]);
  const { rows } = await bank.db.owner.query('select state from debits');
  expect(rows).toEqual([{ state: 'SETTLED' }]);
});

test.for([
  ['is executed once it can be', 'update debits set execution_date = $1', 'SETTLED'],
  [
    'is rejected when its time is over',
    "update debits set execution_date = $1::date - 2, expires_at = clock_timestamp() - interval '1 s'",
    'REJECTED',
  ],
] as const)(
  'a scheduled debit whose day was in vain so often that its work is dead is tried each minute still, and %s',
  async ([_end, comes, state]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    const today = algiersDay(bank.clock.now());
    await bank.debit({ mandateId, executionDate: addDays(today, 3) });
    const works = (steps: DebitSteps) => debitWorks(steps, new Map()).filter(({ name }) => name !== 'names');
    const settings = { db: bank.db.gateway, onFault: () => undefined };
    const [vain = expect.fail('what is due has its work')] = works({ ...bank.steps, acceptDue: away });
    await bank.db.owner.query(comes, [today]);
    for (let failure = 1; failure <= 10; failure += 1) {
      expect(await runWork(vain, await vain.due(64), settings)).toMatchObject({ failed: 1 });
      expect(await vain.due(64)).toEqual([]);
      await bank.db.owner.query(
        "update job_failures set failed_at = failed_at - interval '61 s', next_at = next_at - interval '5 s'",
      );
    }
    expect(await failuresOf(bank)).toMatchObject([{ work: 'due-dates', failures: 10, dead: true }]);
    for (const work of works(bank.steps)) await runWork(work, await work.due(64), settings);
    expect(await failuresOf(bank)).toEqual([]);
    expect((await bank.db.owner.query('select state from debits')).rows).toEqual([{ state }]);
  },
);

test('what people send on its way again is taken up at once, however lately it failed', async () => {
  await using bank = await openBank();
  const { round, steps } = await unsigned(bank);
  await leaseEnds(bank);
  await round();
  await leaseEnds(bank);
  expect(await debitWork(steps).due(64)).toEqual([]);
  await bank.db.owner.query('update job_failures set next_at = clock_timestamp(), dead_at = null');
  expect(await debitWork(steps).due(64)).toHaveLength(1);
});

test('ids that are not due, or another replica has, are left alone; what is no id of a debit too', async () => {
  await using bank = await openBank();
  const { steps } = await unsigned(bank);
  const { rows } = await bank.db.owner.query<{ debit_id: string; questions: number }>(
    'select debit_id, questions from debits',
  );
  expect(await debitWork(steps).run([...rows.map((row) => row.debit_id), 'nonsense'])).toEqual([]);
  expect((await bank.db.owner.query('select questions from debits')).rows).toEqual([{ questions: rows[0]?.questions }]);
});

test('one debit that fails holds up no other', async () => {
  await using bank = await openBank();
  const [bad, good] = [await bank.addMandate(), await bank.addMandate()];
  for (const mandateId of [bad, good])
    await expect(bank.debit({ mandateId }, { ...bank.steps, settle: away, storeBooking: away })).rejects.toThrow(Away);
  await leaseEnds(bank);
  const failing = {
    ...bank.steps,
    settle: (settlement: Parameters<DebitSteps['settle']>[0]) =>
      settlement.debitId === badId ? away() : bank.steps.settle(settlement),
  };
  const { rows } = await bank.db.owner.query<{ debit_id: string }>(
    'select debit_id from debits where mandate_id = $1',
    [bad],
  );
  const badId = rows[0]?.debit_id;
  const work = debitWork(failing);
  expect(await work.run(await work.due(64))).toMatchObject([{ id: badId, fault: { name: 'Away' } }]);
  const { rows: states } = await bank.db.owner.query('select state from debits where mandate_id = $1', [good]);
  expect(states).toEqual([{ state: 'SETTLED' }]);
});

test('questions come at growing intervals, to a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 1000].map(secondsBeforeQuestion)).toEqual([1, 2, 4, 8, 15, 30, 60, 60, 60]);
  expect(longestInterval).toBe(60);
});
