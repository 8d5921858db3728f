import { expect, test } from 'vitest';
import { openIso20022Bank } from '../../../test/iso20022-bank.ts';
import { bestKind } from '../../core-bank-simulator/kind.ts';
import { algiersDay } from '../../values/dates.ts';
import { instructionOf, openMany, payable } from '../contract-bank.ts';
import { coreBankingContract } from '../contract-suite.ts';

coreBankingContract('iso20022', openIso20022Bank);

test('the movements of a day come page after page, each once and in order', async () => {
  await using bank = await openIso20022Bank(bestKind, { entriesAPage: 4 });
  const creditor = await bank.openAccount('COLLECTION', 0n);
  const debtors = await openMany(bank, 10, 10000n);
  const debits = debtors.map((debtor, at) => instructionOf(debtor, creditor, `${at + 1}.00`));
  const moved = await bank.port.debit(debits);
  const movements = await bank.port.movements(algiersDay(new Date()));
  expect(movements.map(({ booking }) => booking.bookingReference)).toEqual(
    movements.map(({ booking }) => booking.bookingReference).toSorted(),
  );
  const byAmount = movements.toSorted((one, other) => Number(one.booking.amount - other.booking.amount));
  expect(byAmount.map(({ booking }) => ({ outcome: 'MOVED', booking }))).toEqual(moved);
  expect(byAmount.map(({ reference, debtor }) => ({ reference, debtor }))).toEqual(
    debits.map(({ reference, debtor }) => ({ reference, debtor })),
  );
});

test('every message of a debit is kept, and every one is answered', async () => {
  await using bank = await openIso20022Bank();
  const instruction = await payable(bank, '100.00');
  await bank.port.debit([instruction]);
  await bank.port.inquire([instruction.reference]);
  await bank.port.void([instruction.reference]);
  await bank.port.reverse([
    { ...instruction, reference: (await payable(bank, '1.00')).reference, original: instruction.reference },
  ]);
  const { rows } = await bank.db.owner.query(
    `select sent.type, received.type as answer from core_messages sent left join core_messages received
         on received.answers = sent.message_id where sent.direction = 'SENT' order by sent.message_id`,
  );
  expect(rows).toEqual([
    { type: 'pacs.003.001.08', answer: 'pacs.002.001.10' },
    { type: 'pacs.028.001.03', answer: 'pacs.002.001.10' },
    { type: 'camt.056.001.08', answer: 'camt.029.001.09' },
    { type: 'pacs.028.001.03', answer: 'pacs.002.001.10' },
    { type: 'pacs.007.001.09', answer: 'pacs.002.001.10' },
  ]);
  expect([bank.quarantined, bank.faults]).toEqual([[], []]);
});
