import { expect, test } from 'vitest';
import { centimes, instructionOf, openMany, payable, type TestBank, textOf } from './contract-bank.ts';
import type { DebitInstruction } from './port.ts';

/** A reference moves money once, whole, or is refused with its reason. */
export function debitPromises(adapter: string, open: () => Promise<TestBank>): void {
  test(`${adapter}: one reference moves money once, however often and concurrently it is sent`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '125000.00');
    const answers = await Promise.all(Array.from({ length: 20 }, () => bank.port.debit([instruction])));
    expect(new Set(answers.flat().map(textOf)).size).toBe(1);
    expect(answers[0]?.[0]).toMatchObject({ outcome: 'MOVED', booking: { amount: 12500000n } });
    expect(await bank.port.debit([instruction, instruction])).toEqual([answers[0]?.[0], answers[0]?.[0]]);
    expect(await bank.balanceOf(instruction.debtor)).toBe(0n);
    expect(await bank.balanceOf(instruction.creditor)).toBe(12500000n);
  });

  test(`${adapter}: a known reference with other content is in doubt, and moves nothing`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    const [first] = await bank.port.debit([{ ...instruction, amount: centimes('60.00') }]);
    const other = await bank.openAccount('CUSTOMER', 10000n);
    expect(await bank.port.debit([instruction, { ...instruction, amount: centimes('60.00'), debtor: other }])).toEqual([
      { outcome: 'IN_DOUBT' },
      { outcome: 'IN_DOUBT' },
    ]);
    expect(await bank.port.inquire([instruction.reference])).toEqual([first]);
    expect(await bank.balanceOf(instruction.debtor)).toBe(4000n);
    expect(await bank.balanceOf(other)).toBe(10000n);
  });

  test(`${adapter}: a later notAfter does not make it another instruction`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    const first = await bank.port.debit([instruction]);
    expect(await bank.port.debit([{ ...instruction, notAfter: new Date(Date.now() + 7_200_000) }])).toEqual(first);
  });

  test(`${adapter}: a refusal is kept and repeated, also after its cause is gone`, async () => {
    await using bank = await open();
    // A promise that this one does not make: there is nothing to hold it to.
    if (!bank.port.properties.keepsRefusals) return;
    const instruction = { ...(await payable(bank, '99.99')), amount: centimes('100.00') };
    const refused = [{ outcome: 'REFUSED', reason: 'AM04' }];
    expect(await bank.port.debit([instruction])).toEqual(refused);
    await bank.fund(instruction.debtor, 10000n);
    expect(await bank.port.debit([instruction])).toEqual(refused);
    expect(await bank.port.inquire([instruction.reference])).toEqual(refused);
    if (bank.port.properties.canVoid) expect(await bank.port.void([instruction.reference])).toEqual(refused);
    expect(await bank.balanceOf(instruction.debtor)).toBe(19999n);
  });

  test(`${adapter}: each cause of a refusal has its reason, and none touches its neighbours`, async () => {
    await using bank = await open();
    const creditor = await bank.openAccount('COLLECTION', 0n);
    const closedCreditor = await bank.openAccount('COLLECTION', 0n);
    const [good, closed, blocked, short, alsoGood, another] = await openMany(bank, 6, 10000n);
    if (!good || !closed || !blocked || !short || !alsoGood || !another) throw new Error('six accounts');
    await bank.setStatus(closed, 'CLOSED');
    await bank.setStatus(blocked, 'BLOCKED');
    await bank.setStatus(closedCreditor, 'CLOSED');
    const set: [Partial<DebitInstruction>, string][] = [
      [{ debtor: good }, 'MOVED'],
      [{ debtor: bank.unusedRib() }, 'AC01'],
      [{ debtor: closed }, 'AC04'],
      [{ debtor: blocked }, 'AC06'],
      [{ debtor: short, amount: centimes('100.01') }, 'AM04'],
      [{ debtor: alsoGood }, 'MOVED'],
      [{ debtor: another, creditor: bank.unusedRib() }, 'AC03'],
      [{ debtor: another, creditor: closedCreditor }, 'AC07'],
    ];
    const answers = await bank.port.debit(set.map(([one]) => ({ ...instructionOf(good, creditor, '100.00'), ...one })));
    expect(answers.map((answer) => (answer.outcome === 'REFUSED' ? answer.reason : answer.outcome))).toEqual(
      set.map(([, expected]) => expected),
    );
    expect(await bank.balanceOf(creditor)).toBe(20000n);
    expect(await bank.imbalances()).toEqual([]);
  });

  test(`${adapter}: what comes after its notAfter is refused and never moves`, async () => {
    await using bank = await open();
    // A promise that this one does not make: there is nothing to hold it to.
    if (!bank.port.properties.honoursNotAfter) return;
    const late = { ...(await payable(bank, '100.00')), notAfter: new Date(Date.now() - 60_000) };
    expect(await bank.port.debit([late])).toEqual([{ outcome: 'REFUSED', reason: 'TM01' }]);
    expect(await bank.balanceOf(late.debtor)).toBe(10000n);
  });

  test(`${adapter}: what moved before its notAfter is still told after it`, async () => {
    await using bank = await open();
    const instruction = await payable(bank, '100.00');
    const first = await bank.port.debit([instruction]);
    expect(await bank.port.debit([{ ...instruction, notAfter: new Date(Date.now() - 60_000) }])).toEqual(first);
  });

  test(`${adapter}: no account goes below its permitted balance, however many debit it at once`, async () => {
    await using bank = await open();
    const creditor = await bank.openAccount('COLLECTION', 0n);
    const debtor = await bank.openAccount('CUSTOMER', 100000n);
    const sets = Array.from({ length: 10 }, () =>
      Array.from({ length: 3 }, () => instructionOf(debtor, creditor, '150.00')),
    );
    const answers = (await Promise.all(sets.map((set) => bank.port.debit(set)))).flat();
    // 1,000.00 pays six of 150.00.
    expect(answers.filter(({ outcome }) => outcome === 'MOVED')).toHaveLength(6);
    expect(answers.filter(({ outcome }) => outcome === 'REFUSED')).toHaveLength(24);
    expect(await bank.balanceOf(debtor)).toBe(10000n);
    expect(await bank.balanceOf(creditor)).toBe(90000n);
  });

  test(`${adapter}: one account's debits in one set are decided in the order asked`, async () => {
    await using bank = await open();
    const creditor = await bank.openAccount('COLLECTION', 0n);
    const debtor = await bank.openAccount('CUSTOMER', 10000n);
    const set = ['70.00', '40.00', '30.00', '0.01'].map((amount) => instructionOf(debtor, creditor, amount));
    const answers = await bank.port.debit(set);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['MOVED', 'REFUSED', 'MOVED', 'REFUSED']);
  });
}
