import { expect, test } from 'vitest';
import { instructionOf, openMany, payable, type TestBank } from './contract-bank.ts';

/** After a void nothing moves; before it, it takes nothing back. */
export function voidPromises(adapter: string, open: () => Promise<TestBank>): void {
  test(`${adapter}: after a void the reference never moves, however late its instruction comes`, async () => {
    await using bank = await open();
    // A promise that this one does not make: there is nothing to hold it to.
    if (!bank.port.properties.canVoid) return;
    const instruction = await payable(bank, '100.00');
    expect(await bank.port.void([instruction.reference])).toEqual([{ outcome: 'VOIDED' }]);
    expect(await bank.port.debit([instruction])).toEqual([{ outcome: 'IN_DOUBT' }]);
    expect(await bank.port.inquire([instruction.reference])).toEqual([{ outcome: 'VOIDED' }]);
    expect(await bank.port.void([instruction.reference])).toEqual([{ outcome: 'VOIDED' }]);
    expect(await bank.balanceOf(instruction.debtor)).toBe(10000n);
  });

  test(`${adapter}: a void that comes after the money moved answers with its booking, and takes nothing back`, async () => {
    await using bank = await open();
    // A promise that this one does not make: there is nothing to hold it to.
    if (!bank.port.properties.canVoid) return;
    const instruction = await payable(bank, '100.00');
    const moved = await bank.port.debit([instruction]);
    expect(await bank.port.void([instruction.reference])).toEqual(moved);
    expect(await bank.balanceOf(instruction.debtor)).toBe(0n);
  });

  test(`${adapter}: of a void and a debit that race, one wins, and both are told the same`, async () => {
    await using bank = await open();
    // A promise that this one does not make: there is nothing to hold it to.
    if (!bank.port.properties.canVoid) return;
    const creditor = await bank.openAccount('COLLECTION', 0n);
    const debtors = await openMany(bank, 12, 10000n);
    const instructions = debtors.map((debtor) => instructionOf(debtor, creditor, '100.00'));
    const references = instructions.map(({ reference }) => reference);
    const [debited, voided] = await Promise.all([
      Promise.all(instructions.map(async (one) => (await bank.port.debit([one]))[0])),
      Promise.all([bank.port.void(references.slice(0, 6)), bank.port.void(references.slice(6).toReversed())]),
    ]);
    const voids = [...(voided[0] ?? []), ...(voided[1] ?? []).toReversed()];
    for (const [position, { debtor }] of instructions.entries()) {
      const moved = debited[position]?.outcome === 'MOVED';
      expect(voids[position]).toEqual(moved ? debited[position] : { outcome: 'VOIDED' });
      expect(await bank.balanceOf(debtor)).toBe(moved ? 0n : 10000n);
    }
    expect(await bank.imbalances()).toEqual([]);
  });
}
