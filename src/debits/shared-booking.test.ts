import { expect, test } from 'vitest';
import { openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { rowsOf, workRound } from '../../test/restored-bank.ts';
import { reversalStateOf, reversing } from '../../test/reversals.ts';
import type { Booking } from '../core-banking/port.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { OpenDebit } from './debit.ts';
import type { DebitSteps } from './steps.ts';

const today = algiersDay(new Date());
const bookingOf = (bookingReference: string, amount: Booking['amount'], bookingDate = today): Booking => ({
  ...{ bookingReference, executedAt: new Date(), bookingDate, valueDate: bookingDate, amount },
});

/** A core that says of every debit that it moved by that booking. */
const movedBy = (steps: DebitSteps, bookingReference: string, bookingDate = today): DebitSteps => ({
  ...steps,
  move: async ({ amount }: OpenDebit) => ({
    outcome: 'MOVED',
    booking: bookingOf(bookingReference, amount, bookingDate),
  }),
});

const states = (bank: TestBankWithGateway) =>
  rowsOf(bank, 'select end_to_end_id as name, state from debits order by end_to_end_id');
const met = (bank: TestBankWithGateway) =>
  rowsOf(bank, 'select kind, booking_reference, holds, reversal_id is not null as of_reversal from contradictions');
const confirmations = async (bank: TestBankWithGateway) =>
  (await rowsOf(bank, "select from tokens where kind = 'settlement-confirmation+jwt'")).length;
const shared = (bookingReference: string, of_reversal = false) => ({
  ...{ kind: 'SHARED_BOOKING', booking_reference: bookingReference, holds: false, of_reversal },
});

test('a booking that another debit was settled with confirms no second one, which people have', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const steps = movedBy(bank.steps, 'B-1');
  await bank.debit({ mandateId, endToEndId: 'A', amount: '1000.00' }, steps);
  await bank.debit({ mandateId, endToEndId: 'B', amount: '1000.00' }, steps);
  expect(await states(bank)).toEqual([
    { name: 'A', state: 'SETTLED' },
    { name: 'B', state: 'IN_DOUBT' },
  ]);
  expect(await met(bank)).toEqual([shared('B-1')]);
  expect(await confirmations(bank)).toBe(1);
  expect(await rowsOf(bank, "select from debits where end_to_end_id = 'B' and people_since is not null")).toHaveLength(
    1,
  );
});

test('a core that counts its bookings anew each day is believed: on another day the same reference is another booking', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'A', amount: '1000.00' }, movedBy(bank.steps, 'B-1'));
  await bank.debit({ mandateId, endToEndId: 'B', amount: '1000.00' }, movedBy(bank.steps, 'B-1', addDays(today, 1)));
  expect(await states(bank)).toEqual([
    { name: 'A', state: 'SETTLED' },
    { name: 'B', state: 'SETTLED' },
  ]);
  expect(await met(bank)).toEqual([]);
});

test('of many that are settled in one moment with one booking, one is confirmed', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(Array.from({ length: 8 }, () => bank.addMandate()));
  const steps = movedBy(bank.steps, 'B-1');
  await Promise.all(
    mandates.map((mandateId, at) => bank.debit({ mandateId, endToEndId: `D-${at}`, amount: '1000.00' }, steps)),
  );
  expect(await rowsOf(bank, 'select state, count(*)::int from debits group by state order by state')).toEqual([
    { state: 'IN_DOUBT', count: 7 },
    { state: 'SETTLED', count: 1 },
  ]);
  expect(await met(bank)).toEqual(Array(7).fill(shared('B-1')));
  expect(await confirmations(bank)).toBe(1);
});

test('where signing is away, the booking of another debit is not stored, and is told all the same', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const steps = movedBy(bank.steps, 'B-1');
  await bank.debit({ mandateId, endToEndId: 'A', amount: '1000.00' }, steps);
  const away = { ...steps, sign: () => Promise.reject(new Error('no signer')) };
  await expect(bank.debit({ mandateId, endToEndId: 'B', amount: '1000.00' }, away)).rejects.toThrow();
  expect(await rowsOf(bank, "select booking_reference from debits where end_to_end_id = 'B'")).toEqual([
    { booking_reference: null },
  ]);
  expect(await met(bank)).toEqual([shared('B-1')]);
});

test("a debit's own booking told again is the same, and one in doubt settles with its own booking afterwards", async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'A', amount: '1000.00' });
  const [a] = await rowsOf(bank, 'select booking_reference from debits');
  const lying: DebitSteps = {
    ...bank.steps,
    async move(debit) {
      await bank.steps.move(debit);
      return { outcome: 'MOVED', booking: bookingOf(a.booking_reference, debit.amount) };
    },
  };
  await bank.debit({ mandateId, endToEndId: 'B', amount: '1000.00' }, lying);
  expect(await met(bank)).toEqual([shared(a.booking_reference)]);
  await rowsOf(bank, "update debits set lease_until = now() - interval '1 second' where state = 'IN_DOUBT'");
  await workRound(bank);
  expect(await states(bank)).toEqual([
    { name: 'A', state: 'SETTLED' },
    { name: 'B', state: 'SETTLED' },
  ]);
  expect(await met(bank)).toEqual([shared(a.booking_reference)]);
});

test("a reversal that is said to have moved by its debit's booking, or another's, is not confirmed", async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'A', amount: '1000.00' });
  const [a] = await rowsOf(bank, 'select booking_reference from debits');
  const { reverse, steps } = reversing(bank);
  const lying = {
    ...steps,
    move: async ({ amount }: { amount: Booking['amount'] }) => ({
      ...{ outcome: 'MOVED' as const, booking: bookingOf(a.booking_reference, amount) },
    }),
  };
  expect(reversalStateOf(await reverse({ endToEndId: 'A' }, lying))).toBe('IN_DOUBT');
  expect(await states(bank)).toEqual([{ name: 'A', state: 'SETTLED' }]);
  expect(await met(bank)).toEqual([shared(a.booking_reference, true)]);
});
