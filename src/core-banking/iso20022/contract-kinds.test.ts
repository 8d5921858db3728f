import { expect, test } from 'vitest';
import { openIso20022Bank } from '../../../test/iso20022-bank.ts';
import { bestKind } from '../../core-bank-simulator/kind.ts';
import { payable } from '../contract-bank.ts';
import { coreBankingContract } from '../contract-suite.ts';

// Buses that promise less: each keeps the promises that its properties make.
coreBankingContract('iso20022, forgets refusals', () => openIso20022Bank({ ...bestKind, keepsRefusals: false }));
coreBankingContract('iso20022, promises least', () =>
  openIso20022Bank({ ...bestKind, keepsRefusals: false, canVoid: false, honoursNotAfter: false }),
);

test('of a bus that can not void, a void is what its inquiry says, and of what it never saw no answer', async () => {
  await using bank = await openIso20022Bank({ ...bestKind, canVoid: false });
  const instruction = await payable(bank, '100.00');
  expect(await bank.port.void([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  const moved = await bank.port.debit([instruction]);
  expect(await bank.port.void([instruction.reference])).toEqual(moved);
});

test('a bus of bounded memory that has forgotten says so of what has moved: unknown is not never', async () => {
  await using bank = await openIso20022Bank({ ...bestKind, memorySeconds: 0 });
  const instruction = { ...(await payable(bank, '100.00')), notAfter: new Date(Date.now() + 3_000) };
  expect(await bank.port.debit([instruction])).toMatchObject([{ outcome: 'MOVED' }]);
  await expect
    .poll(async () => (await bank.port.inquire([instruction.reference]))[0]?.outcome, { timeout: 20_000 })
    .toBe('UNKNOWN');
  expect(await bank.balanceOf(instruction.debtor)).toBe(0n);
});
