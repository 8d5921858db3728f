import { expect, test } from 'vitest';
import { amountOf, cnas, must, openBank } from '../../test/bank.ts';
import { askThrough, moveUnknown, putBack, rowsOf } from '../../test/restored-bank.ts';
import type { DebitInstruction } from '../core-banking/port.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import { coreReferenceOf, parseEndToEndId } from '../values/ids.ts';
import { instructionFor } from './debit.ts';
import { selectInstructionsHeld } from './instructions.sql.ts';

const referenceOf = (name: string) => coreReferenceOf(cnas, must(parseEndToEndId(name)));

test('what a row instructs is what was sent by it, and nothing of it moves before it was asked for', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const sent: DebitInstruction[] = [];
  await bank.debit(
    { mandateId, endToEndId: 'NOW', amount: '1000.00' },
    {
      ...bank.steps,
      async move(debit) {
        sent.push(instructionFor(debit));
        return { outcome: 'IN_DOUBT' };
      },
    },
  );
  const held = (await selectInstructionsHeld(bank.db.gateway, [referenceOf('NOW')])).get(referenceOf('NOW'));
  const { reference, notAfter, ...said } = must(sent[0]);
  expect(held).toEqual({ ...said, ofReversal: false });
  expect([reference, said.amount]).toEqual([referenceOf('NOW'), amountOf('1000.00')]);
  const [row] = await rowsOf(bank, 'select received_at, expires_at from debits');
  expect([held?.notBefore, notAfter]).toEqual([row.received_at, row.expires_at]);
});

test('a dated debit moves on its day at the earliest, one that was rejected holds no account, and one that was claimed moved when the core says', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const tomorrow = addDays(algiersDay(new Date()), 1);
  await bank.debit({ mandateId, endToEndId: 'DATED', amount: '1000.00', executionDate: tomorrow });
  await bank.debit({ mandateId, endToEndId: 'REJECTED', amount: '500000.01' });
  await moveUnknown(bank, mandateId, 'CLAIMED');
  await putBack(bank);
  await askThrough(bank, bank.debit({ mandateId, endToEndId: 'CLAIMED', amount: '1000.00' }));
  const held = await selectInstructionsHeld(
    bank.db.gateway,
    ['DATED', 'REJECTED', 'CLAIMED', 'NEVER'].map(referenceOf),
  );
  expect([...held.keys()].sort()).toEqual(['DATED', 'CLAIMED'].map(referenceOf).sort());
  expect(held.get(referenceOf('DATED'))?.notBefore).toEqual(startOfAlgiersDay(tomorrow));
  const [moved] = await rowsOf(bank, 'select executed_at from unclaimed_movements');
  expect(held.get(referenceOf('CLAIMED'))?.notBefore).toEqual(moved.executed_at);
});
