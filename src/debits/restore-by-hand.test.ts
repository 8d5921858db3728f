import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { type BankByHand, karim, openBankByHand, paper } from '../../test/by-hand.ts';
import { tamper } from '../../test/journal.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { moveBackUnknown, moveUnknown, putBack, rowsOf, startAgain } from '../../test/restored-bank.ts';
import { reversing } from '../../test/reversals.ts';
import { runDue } from '../../test/work.ts';
import { openAccounts } from '../core-banking/accounts.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { proposeEnding, type SaidOfDebit } from './by-hand.ts';
import { prepareContradictionEnd, proposeContradictionEnd } from './end-contradiction.ts';
import { prepareReversalEnding, proposeReversalEnding } from './reversal-by-hand.ts';
import { debitWorks } from './work.ts';

/*
 * What a restore has shown to have moved, and two people end: by what the core's own movements say, whatever else it says.
 */

const noAnswer = { outcome: 'NO_ANSWER' } as const;
const denials = [{ outcome: 'UNKNOWN' }, { outcome: 'REFUSED', reason: 'AM04' }, { outcome: 'VOIDED' }] as const;

/** How the backup knows what has moved, and what the core says when its own booking ends it. */
const cases = [
  ['claimed', denials[1]],
  ['never sent', denials[2]],
  ['in doubt', denials[0]],
  ['claimed', noAnswer],
] as const;
type Known = (typeof cases)[number][0];

/** It moved in the lost time, and the core says so no more. Past its new time. */
async function debitThatMoved({ bank, hands, says, later }: BankByHand, how: Known) {
  const mandateId = await bank.addMandate();
  const order = { mandateId, endToEndId: 'X', amount: '1000.00' };
  if (how === 'in doubt') {
    says.debit = 'SILENT';
    await bank.debit(order, hands.steps);
  }
  // Of its day, which has come by then.
  if (how === 'never sent') {
    await bank.debit({ ...order, executionDate: addDays(algiersDay(new Date()), 1) });
    await bank.db.owner.query('update debits set execution_date = null');
  }
  await moveUnknown(bank, mandateId, 'X');
  await putBack(bank);
  says.inquire = { outcome: 'NO_ANSWER' };
  if (how === 'claimed') await bank.debit(order, { ...hands.steps, times: { ...hands.steps.times, answerSeconds: 0 } });
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await runDue(debitWorks(hands.steps, new Map()));
  later(7 * 86_400);
  const { debit_id: debitId, ...left } = must((await rowsOf(bank, 'select debit_id, state from debits'))[0]);
  expect(left).toEqual({ state: 'IN_DOUBT' });
  return debitId;
}

async function debitEndedBy(byHand: BankByHand, debitId: Parameters<typeof proposeEnding>[1], said: SaidOfDebit) {
  const proposed = await proposeEnding(byHand.hands, debitId, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') expect.fail(JSON.stringify(proposed));
  const ended = await byHand.approve(proposed.proposalId);
  await withdrawn(byHand);
  return ended;
}

/** So that another paper may be proposed. */
const withdrawn = ({ bank }: BankByHand) =>
  rowsOf(
    bank,
    "update proposals set state = 'WITHDRAWN', decided_by = proposed_by, decided_at = now() where state = 'WAITING'",
  );

const states = ({ bank }: BankByHand, table: 'debits' | 'reversals' = 'debits') =>
  rowsOf(bank, `select state from ${table}`);

test.for(cases)(
  'what moved, %s before, is ended by no refusal, void or other booking, whatever the core says, nor voided for them: by its own booking, where the core says %j',
  async ([how, said]) => {
    await using byHand = await openBankByHand();
    const debitId = await debitThatMoved(byHand, how);
    const booking = await byHand.booking(debitId);
    const falsePapers: readonly SaidOfDebit[] = [
      { kind: 'VOID' },
      { kind: 'REFUSAL', reason: 'AM04' },
      { kind: 'BOOKING', booking: { ...booking, bookingReference: 'PAPER-1' } },
    ];
    for (const falsePaper of falsePapers)
      for (byHand.says.inquire of [noAnswer, ...denials])
        expect(await debitEndedBy(byHand, debitId, falsePaper)).toMatchObject({
          ...{ outcome: 'IMPOSSIBLE', why: 'CORE_MOVED' },
        });
    expect(await rowsOf(byHand.bank, "select from core_answers where operation = 'void'")).toEqual([]);
    expect(await states(byHand)).toEqual([{ state: 'IN_DOUBT' }]);
    byHand.says.inquire = said;
    expect(await debitEndedBy(byHand, debitId, { kind: 'BOOKING', booking })).toMatchObject({ outcome: 'DECIDED' });
    expect(await states(byHand)).toEqual([{ state: 'SETTLED' }]);
  },
);

test('what is in doubt and moved to another account than it names is ended by no void, nor voided for it', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands, says, later } = byHand;
  const mandateId = await bank.addMandate();
  says.debit = 'SILENT';
  await bank.debit({ mandateId, endToEndId: 'X', amount: '1000.00' }, hands.steps);
  const account = ribOf(9_000_002);
  await openAccounts(bank.db.ledger, [{ rib: account, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
  await moveUnknown(bank, mandateId, 'X', '1000.00', account);
  await putBack(bank);
  later(7 * 86_400);
  const { debit_id: debitId } = must((await rowsOf(bank, 'select debit_id from debits'))[0]);
  for (says.inquire of [noAnswer, ...denials])
    expect(await debitEndedBy(byHand, debitId, { kind: 'VOID' })).toMatchObject({ why: 'CORE_MOVED' });
  expect(await rowsOf(bank, "select from core_answers where operation = 'void'")).toEqual([]);

  // Once the core denies it past its time, the contradiction names the booking, which can be given back.
  for (says.inquire of [noAnswer, { outcome: 'UNKNOWN' } as const]) {
    await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
    await runDue(debitWorks(hands.steps, new Map()));
    const named = await rowsOf(bank, 'select booking_reference is not null as named from contradictions');
    expect(named).toEqual(says.inquire.outcome === 'UNKNOWN' ? [{ named: true }] : []);
  }
});

test('what an older gateway has found moved, and kept no booking of, is settled by its paper though the core denies it', async () => {
  await using byHand = await openBankByHand();
  const debitId = await debitThatMoved(byHand, 'never sent');
  const booking = await byHand.booking(debitId);
  await tamper(byHand.bank.db, 'delete from found_movements');
  byHand.says.inquire = { outcome: 'REFUSED', reason: 'AM04' };
  expect(await debitEndedBy(byHand, debitId, { kind: 'VOID' })).toMatchObject({ why: 'CORE_MOVED' });
  expect(await debitEndedBy(byHand, debitId, { kind: 'BOOKING', booking })).toMatchObject({ outcome: 'DECIDED' });
  expect(await states(byHand)).toEqual([{ state: 'SETTLED' }]);
});

test('what moved and the core has given back since, which denies it, is rejected by its refusal once the return has ended the contradiction', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands, says } = byHand;
  const debitId = await debitThatMoved(byHand, 'claimed');
  const booking = await byHand.booking(debitId);
  says.inquire = { outcome: 'REFUSED', reason: 'AM04' };
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await runDue(debitWorks(hands.steps, new Map()));
  const [met] = await rowsOf(bank, 'select contradiction_id, booking_reference as named from contradictions');
  expect(met.named).toBe(booking.bookingReference);
  const refusal = { kind: 'REFUSAL', reason: 'AM04' } as const;
  expect(await debitEndedBy(byHand, debitId, refusal)).toMatchObject({ why: 'CORE_MOVED' });

  const returned = await proposeContradictionEnd(
    hands,
    {
      kind: 'RETURN',
      contradictionId: met.contradiction_id,
      booking: { ...booking, bookingReference: 'RETURN-1' },
    },
    paper,
    byHand.proposer(),
  );
  if (returned.outcome !== 'PROPOSED') expect.fail(JSON.stringify(returned));
  expect(await byHand.approve(returned.proposalId, { by: karim }, prepareContradictionEnd)).toMatchObject({
    outcome: 'DECIDED',
  });
  for (says.inquire of [noAnswer, ...denials])
    expect(await debitEndedBy(byHand, debitId, { kind: 'BOOKING', booking })).toMatchObject({ why: 'RETURNED' });
  expect(await debitEndedBy(byHand, debitId, refusal)).toMatchObject({ outcome: 'DECIDED' });
  expect(await states(byHand)).toEqual([{ state: 'REJECTED' }]);
  expect(await rowsOf(bank, 'select live, contradicted from declarations')).toEqual([{ live: '0', contradicted: '0' }]);
});

test.for(cases)(
  'a reversal that went back, %s before, is ended by no refusal or void, whatever the core says, nor voided for them: by its own booking, where the core says %j',
  async ([how, said]) => {
    await using byHand = await openBankByHand();
    const { bank, hands, says } = byHand;
    const mandateId = await bank.addMandate();
    await bank.debit({ mandateId, endToEndId: 'R', amount: '1000.00' });
    const { reverse } = reversing(bank);
    const ask = (others: object = {}) => reverse({ endToEndId: 'R' }, { ...hands.reversing, ...others });
    if (how === 'never sent') {
      const killed = ask({ claim: () => Promise.reject(new Error('killed')) });
      await expect(killed).rejects.toThrow('killed');
    }
    says.inquire = { outcome: 'NO_ANSWER' };
    if (how === 'in doubt') await ask();
    await moveBackUnknown(bank, mandateId, 'R', 1);
    const stopId = await putBack(bank);
    if (how === 'claimed') await ask();
    else expect(await startAgain(bank, stopId)).toBe('DECIDED');
    byHand.later(7 * 86_400);
    const { debit_id: debitId, state } = must((await rowsOf(bank, 'select debit_id, state from reversals'))[0]);
    expect(state).toBe('IN_DOUBT');
    const booking = await byHand.booking(debitId, 'reversals');
    const endedBy = async (paperSays: SaidOfDebit) => {
      const named = { debitId, attempt: 1 };
      const proposed = await proposeReversalEnding(hands, named, paperSays, paper, byHand.proposer());
      if (proposed.outcome !== 'PROPOSED') expect.fail(JSON.stringify(proposed));
      const ended = await byHand.approve(proposed.proposalId, {}, prepareReversalEnding);
      await withdrawn(byHand);
      return ended;
    };
    for (const falsePaper of [{ kind: 'VOID' }, { kind: 'REFUSAL', reason: 'AM04' }] as const)
      for (says.inquire of [noAnswer, ...denials])
        expect(await endedBy(falsePaper)).toMatchObject({ outcome: 'IMPOSSIBLE', why: 'CORE_MOVED' });
    expect(await rowsOf(bank, "select from core_answers where operation = 'void'")).toEqual([]);
    expect(await states(byHand, 'reversals')).toEqual([{ state: 'IN_DOUBT' }]);
    says.inquire = said;
    expect(await endedBy({ kind: 'BOOKING', booking })).toMatchObject({ outcome: 'DECIDED' });
    expect(await states(byHand, 'reversals')).toEqual([{ state: 'SETTLED' }]);
  },
);
