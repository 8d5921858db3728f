import { expect, test } from 'vitest';
import { addDays } from '../values/dates.ts';
import { bookingOf, centimes, instructionOf, newReference, openMany, payable, type TestBank } from './contract-bank.ts';
import type { Booking } from './port.ts';

/** What is asked changes nothing, and is answered in the order asked. */
export function inquiryPromises(adapter: string, open: () => Promise<TestBank>): void {
  test(`${adapter}: a reference that never came is unknown, and asking changes nothing`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    expect(await bank.port.inquire([instruction.reference])).toEqual([{ outcome: 'UNKNOWN' }]);
    expect(await bank.port.debit([instruction])).toMatchObject([{ outcome: 'MOVED' }]);
  });

  test(`${adapter}: answers come in the order asked, whatever the references and accounts are`, async () => {
    await using bank = await open();
    const creditor = await bank.openAccount('COLLECTION', 0n);
    const amounts = Array.from({ length: 40 }, (_, position) => BigInt(position + 1));
    const debtors = await openMany(bank, amounts.length, 10000n);
    const set = debtors.map((debtor, position) => instructionOf(debtor, creditor, `${position + 1}.00`));
    const booked = (answers: readonly { outcome: string; booking?: Booking }[]) =>
      answers.map(({ booking }) => (booking === undefined ? undefined : booking.amount / 100n));
    expect(booked(await bank.port.debit(set))).toEqual(amounts);
    const references = set.map(({ reference }) => reference).toReversed();
    expect(booked(await bank.port.inquire(references))).toEqual(amounts.toReversed());
  });

  test(`${adapter}: a booking tells its times, and its day is the day in Algiers`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    const { executedAt, bookingDate, bookingReference } = bookingOf((await bank.port.debit([instruction]))[0]);
    const inAlgiers = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Algiers' }).format(executedAt);
    expect(bookingDate).toBe(inAlgiers);
    expect(bookingReference).toMatch(/^\S{1,35}$/);
  });

  test(`${adapter}: the movements of a day are exactly what moved on it, each once`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    const short = { ...instruction, reference: newReference(), amount: centimes('100.01') };
    const moved = { ...instruction, amount: centimes('40.00') };
    await bank.port.debit([moved, short]);
    await bank.port.debit([moved]);
    if (bank.port.properties.canVoid) await bank.port.void([newReference()]);
    const [known] = await bank.port.inquire([moved.reference]);
    const booking = bookingOf(known);
    const { reference, debtor, creditor } = moved;
    expect(await bank.port.movements(booking.bookingDate)).toEqual([{ reference, debtor, creditor, booking }]);
    expect(await bank.port.movements(addDays(booking.bookingDate, -2))).toEqual([]);
  });

  test(`${adapter}: an account is found with its status and holder, or it is unknown`, async () => {
    await using bank = await open();
    const rib = await bank.openAccount('CUSTOMER', 0n);
    for (const status of ['OPEN', 'BLOCKED', 'CLOSED'] as const) {
      await bank.setStatus(rib, status);
      expect(await bank.port.lookUpAccount(rib)).toMatchObject({
        outcome: 'FOUND',
        status,
        holder: expect.any(String),
      });
    }
    expect(await bank.port.lookUpAccount(bank.unusedRib())).toEqual({ outcome: 'UNKNOWN' });
  });

  test(`${adapter}: nothing asked is nothing answered`, async () => {
    await using bank = await open();
    const { port } = bank;
    expect(await Promise.all([port.debit([]), port.inquire([]), port.void([]), port.reverse([])])).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
}
