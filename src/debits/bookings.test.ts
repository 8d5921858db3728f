import { expect, test } from 'vitest';
import { openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { resolveUnfinished } from '../../test/work.ts';
import type { Booking } from '../core-banking/port.ts';
import { settle } from './finish.ts';
import type { DebitSteps } from './steps.ts';

const rowsOf = async ({ db }: TestBankWithGateway) => {
  const { rows } = await db.owner.query(
    `select state, booking_reference, (select array_agg(kind || ' ' || c.booking_reference) from contradictions c) as told,
            people_since is not null as people
       from debits`,
  );
  return rows[0];
};

/** A debit whose booking is stored, since signing was away when it moved, and another booking of it. */
async function storedAndAnother(bank: TestBankWithGateway) {
  const mandateId = await bank.addMandate();
  let sent: Parameters<DebitSteps['move']>[0] | undefined;
  let said: Booking | undefined;
  const away: DebitSteps = {
    ...bank.steps,
    async move(debit) {
      sent = debit;
      const moved = await bank.steps.move(debit);
      if (moved.outcome === 'MOVED') said = moved.booking;
      return moved;
    },
    sign: () => Promise.reject(new Error('signing is away')),
  };
  await expect(bank.debit({ mandateId }, away)).rejects.toThrow('signing is away');
  if (sent === undefined || said === undefined) return expect.fail('it moved');
  return { away, debit: sent, first: said, another: { ...said, bookingReference: 'ANOTHER' } };
}

test('a booking that was stored while signing was away is never replaced by another: that one is a contradiction', async () => {
  await using bank = await openBank();
  const { debit, first, another } = await storedAndAnother(bank);
  await settle(bank.steps, debit, another);
  const told = { told: ['OTHER_BOOKING ANOTHER'], booking_reference: first.bookingReference };
  expect(await rowsOf(bank)).toEqual({ ...told, state: 'IN_DOUBT', people: true });
  const { rows } = await bank.db.owner.query("select from tokens where kind = 'settlement-confirmation+jwt'");
  expect(rows).toEqual([]);
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await resolveUnfinished(bank.steps, new Map());
  expect(await rowsOf(bank)).toEqual({ ...told, state: 'SETTLED', people: false });
});

test('another booking that comes while signing is still away is not lost either, and the same one tells nothing', async () => {
  await using bank = await openBank();
  const { away, debit, first, another } = await storedAndAnother(bank);
  for (const booking of [first, another, another])
    await expect(settle(away, debit, booking)).rejects.toThrow('signing is away');
  expect(await rowsOf(bank)).toMatchObject({
    ...{ state: 'EXECUTING', booking_reference: first.bookingReference, told: ['OTHER_BOOKING ANOTHER'] },
  });
});
