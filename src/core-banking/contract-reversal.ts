import { expect, test } from 'vitest';
import { bookingOf, instructionOf, movementsOf, newReference, payable, type TestBank } from './contract-bank.ts';

/** A reversal gives back a debit that moved. */
export function reversalPromises(adapter: string, open: () => Promise<TestBank>): void {
  test(`${adapter}: a reversal gives the whole debit back, once`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    await bank.port.debit([instruction]);
    const back = { ...instruction, reference: newReference(), original: instruction.reference };
    const [reversed] = await bank.port.reverse([back]);
    expect(reversed).toMatchObject({ outcome: 'MOVED', booking: { amount: 10000n } });
    const again = await Promise.all(Array.from({ length: 5 }, () => bank.port.reverse([back])));
    expect(again.flat()).toEqual(Array(5).fill(reversed));
    expect(await bank.balanceOf(instruction.debtor)).toBe(10000n);
    expect(await bank.balanceOf(instruction.creditor)).toBe(0n);
    expect(await bank.port.inquire([instruction.reference, back.reference])).toMatchObject([
      { outcome: 'MOVED' },
      reversed ?? {},
    ]);
    expect(await movementsOf(bank, [bookingOf(reversed).bookingDate])).toContainEqual({
      reference: back.reference,
      debtor: instruction.creditor,
      creditor: instruction.debtor,
      booking: bookingOf(reversed),
    });
  });

  test(`${adapter}: a reversal is refused where the collection account is short, and may be asked again by another reference`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    await bank.port.debit([instruction]);
    const elsewhere = await bank.openAccount('COLLECTION', 0n);
    await bank.port.debit([instructionOf(instruction.creditor, elsewhere, '0.01')]);
    const back = { ...instruction, reference: newReference(), original: instruction.reference };
    expect(await bank.port.reverse([back])).toEqual([{ outcome: 'REFUSED', reason: 'AM04' }]);
    await bank.fund(instruction.creditor, 1n);
    expect(await bank.port.reverse([{ ...back, reference: newReference() }])).toMatchObject([{ outcome: 'MOVED' }]);
    expect(await bank.balanceOf(instruction.debtor)).toBe(10000n);
  });

  test(`${adapter}: a second reversal under another reference moves nothing, however many come at once`, async () => {
    await using bank = await open();
    const debtor = await bank.openAccount('CUSTOMER', 10000n);
    // So that it is not for want of money.
    const creditor = await bank.openAccount('COLLECTION', 10000n);
    const instruction = instructionOf(debtor, creditor, '100.00');
    await bank.port.debit([instruction]);
    const backs = Array.from({ length: 6 }, () => ({
      ...instruction,
      reference: newReference(),
      original: instruction.reference,
    }));
    const answers = (await Promise.all(backs.map((back) => bank.port.reverse([back])))).flat();
    expect(answers.filter(({ outcome }) => outcome === 'MOVED')).toHaveLength(1);
    expect(answers.filter((answer) => answer.outcome === 'REFUSED' && answer.reason === 'AM05')).toHaveLength(5);
    expect(await bank.balanceOf(debtor)).toBe(10000n);
    expect(await bank.balanceOf(creditor)).toBe(10000n);
  });
}
