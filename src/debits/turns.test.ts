import { expect, test } from 'vitest';
import { openBank } from '../../test/bank.ts';
import { resolveUnfinished } from '../../test/work.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import type { DebitOutcome } from './outcome.ts';
import { openTurns } from './turns.ts';

const toldBy = (outcome: DebitOutcome) =>
  outcome.outcome === 'DEBIT' ? (outcome.debit.reason ?? outcome.debit.state) : outcome.outcome;

test('debits asked for at once, on two replicas, are refused for funds no more often than a day allows', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '10.00' });
  const replicas = [1, 2].map(() => bank.stepsWith({}));
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      bank.debit({ mandateId, declaration: `D-${index}`, amount: `${100 + index}.00` }, replicas[index % 2]),
    ),
  );
  const told = outcomes.map(toldBy);
  expect(told.filter((one) => one === 'AM04')).toHaveLength(3);
  expect(told.filter((one) => one === 'FUNDS_REFUSALS')).toHaveLength(17);
  const { rows } = await bank.db.ledgerOwner.query(
    "select count(*)::int as refused from ledger.bookings where outcome = 'REFUSED'",
  );
  expect(rows).toEqual([{ refused: 3 }]);
});

test('debits of one mandate asked for at once all settle where the account has the money', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, index) => bank.debit({ mandateId, declaration: `D-${index}`, amount: '10.00' })),
  );
  expect(new Set(outcomes.map(toldBy))).toEqual(new Set(['SETTLED']));
});

test('debits in doubt may still be refused for funds: with three of them a fourth is turned away, and its name stays free', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const silent = {
    ...bank.stepsWith({
      times: { lifetimeSeconds: 60, resolveWithinSeconds: 900, answerSeconds: 0, leaseSeconds: 15 },
    }),
    move: async () => ({ outcome: 'IN_DOUBT' as const }),
  };
  for (const declaration of ['A', 'B', 'C'])
    expect(toldBy(await bank.debit({ mandateId, declaration, amount: '1.00' }, silent))).toBe('IN_DOUBT');
  const fourth = { mandateId, declaration: 'D', amount: '1.00', endToEndId: 'FOURTH' };
  expect(toldBy(await bank.debit(fourth, silent))).toBe('OTHERS_UNDER_WAY');
  const { rows } = await bank.db.owner.query("select from debits where end_to_end_id = 'FOURTH'");
  expect(rows).toEqual([]);
  // What people have waits no longer for the core: it stands in nobody's way.
  await bank.db.owner.query("update debits set people_since = now() where declaration = 'A'");
  expect(toldBy(await bank.debit(fourth, bank.steps))).toBe('SETTLED');
});

test('debits that are due on one day take turns under their mandate too, and the rest is refused without asking the core', async () => {
  await using bank = await openBank();
  const mandateId: MandateId = await bank.addMandate({ balance: '10.00' });
  const today = algiersDay(bank.clock.now());
  for (let index = 0; index < 6; index += 1)
    await bank.debit({ mandateId, declaration: `D-${index}`, amount: '100.00', executionDate: addDays(today, 1) });
  bank.clock.set(new Date(Date.now() + 86_400_000));
  await bank.db.owner.query('update debits set execution_date = execution_date - 1');
  for (let round = 0; round < 4; round += 1) {
    await resolveUnfinished(bank.steps, bank.running);
    await bank.db.owner.query("update debits set lease_until = now() - interval '1 s' where state = 'ACCEPTED'");
  }
  const { rows } = await bank.db.owner.query(
    'select state, reason, sends, count(*)::int from debits group by 1, 2, 3 order by 2',
  );
  expect(rows).toEqual([
    { state: 'REJECTED', reason: 'AM04', sends: 1, count: 3 },
    { state: 'REJECTED', reason: 'MS03', sends: 0, count: 3 },
  ]);
});

test('turns go in the order of asking, and none is lost by one that nobody passes on', async () => {
  const turns = openTurns();
  const mandateId = '0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e' as MandateId;
  const gone: number[] = [];
  const waits = [1, 2, 3].map((number) => turns.wait(mandateId).then(() => gone.push(number)));
  turns.pass(mandateId);
  await waits[0];
  expect(gone).toEqual([1]);
  await Promise.all(waits);
  expect(gone).toEqual([1, 2, 3]);
});
