import { expect, test } from 'vitest';
import { amountOf, openBank } from '../../test/bank.ts';
import { expectSound, reasonOf, stateOf } from '../../test/sound.ts';
import { addDays, algiersDay } from '../values/dates.ts';

test('ceilings hold under concurrency: the period takes what fits and no more, and says what is left and when it renews', async () => {
  await using bank = await openBank();
  bank.clock.set(new Date('2027-11-10T10:00:00Z'));
  const mandateId = await bank.addMandate();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => bank.debit({ mandateId, amount: '100000.00' })));
  expect(outcomes.map(stateOf).filter((state) => state === 'SETTLED')).toHaveLength(8);
  const refused = outcomes.filter((one) => stateOf(one) === 'REJECTED');
  expect(refused).toHaveLength(12);
  for (const one of refused) {
    expect(one).toMatchObject({
      debit: {
        reason: 'AM14',
        ceiling: { ceiling: 'PER_PERIOD', limit: amountOf('800000.00'), left: 0n, renewsOn: '2027-12-01' },
      },
    });
  }
  const tooLarge = await bank.debit({ mandateId, amount: '500000.01' });
  expect(tooLarge).toMatchObject({
    debit: { reason: 'AM14', ceiling: { ceiling: 'PER_DEBIT', left: amountOf('500000.00') } },
  });
  await expectSound(bank);
});

test.for([
  ['MONTH', '2027-01-31T22:30:00Z', '2027-01-31T23:30:00Z'],
  ['QUARTER', '2027-03-31T22:30:00Z', '2027-03-31T23:30:00Z'],
  ['YEAR', '2027-12-31T22:30:00Z', '2027-12-31T23:30:00Z'],
] as const)(
  'a %s is a calendar period in Algiers: it renews at midnight there, an hour before UTC',
  async ([period, before, after]) => {
    await using bank = await openBank();
    bank.clock.set(new Date(before));
    const mandateId = await bank.addMandate({ period, perPeriod: '500000.00' });
    expect(stateOf(await bank.debit({ mandateId, amount: '500000.00' }))).toBe('SETTLED');
    expect(reasonOf(await bank.debit({ mandateId, amount: '1.00' }))).toBe('AM14');
    bank.clock.set(new Date(after));
    expect(stateOf(await bank.debit({ mandateId, amount: '500000.00' }))).toBe('SETTLED');
    // Received just before midnight, weighed after one from just after it: it counts in the period that has begun.
    bank.clock.set(new Date(before));
    expect(reasonOf(await bank.debit({ mandateId, amount: '1.00' }))).toBe('AM14');
    await expectSound(bank);
  },
);

test('after three refusals for funds a day the mandate takes no more until the next, and no name is used', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '10.00' });
  for (const name of ['F-1', 'F-2', 'F-3'])
    expect(reasonOf(await bank.debit({ mandateId, endToEndId: name }))).toBe('AM04');
  expect(stateOf(await bank.debit({ mandateId, endToEndId: 'F-4' }))).toBe('FUNDS_REFUSALS');
  bank.clock.set(new Date(Date.now() + 86_400_000));
  expect(reasonOf(await bank.debit({ mandateId, endToEndId: 'F-4' }))).toBe('AM04');
  await expectSound(bank);
});

test('a setting hides insufficient funds behind MS03, and the bank’s own record keeps the true reason', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '10.00' });
  const outcome = await bank.debit({ mandateId }, bank.stepsWith({ insufficientFundsShownAs: 'MS03' }));
  expect(reasonOf(outcome)).toBe('MS03');
  const { rows } = await bank.db.owner.query('select reason, shown_reason from debits');
  expect(rows).toEqual([{ reason: 'AM04', shown_reason: 'MS03' }]);
});

test('over the bank’s own maximum is AM02; received after its time is TM01', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  expect(reasonOf(await bank.debit({ mandateId }, bank.stepsWith({ debitMaximum: amountOf('100.00') })))).toBe('AM02');
  expect(reasonOf(await bank.debit({ mandateId, expiresAt: new Date(Date.now() - 1000) }))).toBe('TM01');
  await expectSound(bank);
});

test('a date before today or more than 60 days ahead is turned away; another employer’s number too', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const today = algiersDay(bank.clock.now());
  expect(stateOf(await bank.debit({ mandateId, executionDate: addDays(today, -1) }))).toBe('DATE_OUT_OF_RANGE');
  expect(stateOf(await bank.debit({ mandateId, executionDate: addDays(today, 61) }))).toBe('DATE_OUT_OF_RANGE');
  expect(stateOf(await bank.debit({ mandateId, employerNumber: '9999999999' }))).toBe('OTHER_EMPLOYER');
  const { rows } = await bank.db.owner.query('select from debits');
  expect(rows).toEqual([]);
});

test('an end of time too far ahead is turned away: doubt is bounded', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const day = 86_400_000;
  const date = addDays(algiersDay(bank.clock.now()), 3);
  expect(stateOf(await bank.debit({ mandateId, expiresAt: new Date(Date.now() + 2 * day) }))).toBe(
    'EXPIRY_OUT_OF_RANGE',
  );
  expect(stateOf(await bank.debit({ mandateId, executionDate: date, expiresAt: new Date(Date.now() + 60_000) }))).toBe(
    'EXPIRY_OUT_OF_RANGE',
  );
  expect(stateOf(await bank.debit({ mandateId, executionDate: date, expiresAt: new Date(Date.now() + 9 * day) }))).toBe(
    'EXPIRY_OUT_OF_RANGE',
  );
});

test('a mandate takes so many debits a day and no more, and no name is used', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const steps = bank.stepsWith({ debitsADay: 2 });
  for (const state of ['SETTLED', 'SETTLED', 'DEBITS_A_DAY'])
    expect(stateOf(await bank.debit({ mandateId, amount: '1.00' }, steps))).toBe(state);
});
