import { expect, test } from 'vitest';
import { cnas, must } from '../../test/bank.ts';
import {
  agency,
  amel,
  type BankByHand,
  issuer,
  karim,
  nadia,
  openBankByHand,
  paper,
  typed,
} from '../../test/by-hand.ts';
import { verificationKeysOf } from '../signing/keys.ts';
import { readDebit } from './lookup.sql.ts';
import { readProof } from './proof.ts';
import { prepareReversalEnding, proposeReversalEnding } from './reversal-by-hand.ts';

const rowOf = async ({ bank }: BankByHand) => {
  const { rows } = await bank.db.owner.query(
    `select r.state, r.reason, r.people_since is not null as people, d.state as debit, u.month_used, l.live
       from reversals r join debits d using (debit_id) join mandate_usage u on u.chain_id = d.mandate_id
       join declarations l on l.reference = d.declaration order by attempt`,
  );
  return rows[0];
};

test("a reversal in doubt that two people end by the core's booking is SETTLED with a confirmation that verifies, and no money moves", async () => {
  await using byHand = await openBankByHand();
  const { bank, hands, says } = byHand;
  const mandateId = await bank.addMandate();
  const named = await byHand.reversalInDoubt(mandateId, true);
  const before = await bank.balance(await bank.debtorOf(mandateId));
  const booking = await byHand.booking(named.debitId, 'reversals');
  says.inquire = { outcome: 'NO_ANSWER' };

  const said = { kind: 'BOOKING', booking } as const;
  const proposed = await proposeReversalEnding(hands, named, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(JSON.stringify(proposed));
  const { proposalId } = proposed;
  expect(await rowOf(byHand)).toMatchObject({ state: 'IN_DOUBT', debit: 'SETTLED' });
  expect(await byHand.approve(proposalId, { by: amel }, prepareReversalEnding)).toEqual({ outcome: 'SAME_PERSON' });
  const both = await Promise.all([karim, nadia].map((by) => byHand.approve(proposalId, { by }, prepareReversalEnding)));
  expect(both.filter(({ outcome }) => outcome === 'DECIDED')).toHaveLength(1);

  expect(await rowOf(byHand)).toEqual({
    ...{ state: 'SETTLED', reason: null, people: false, debit: 'REVERSED', month_used: '0', live: '0' },
  });
  const debit = await readDebit(bank.db.gateway, named.debitId);
  const reading = await readProof(must(debit.reversal?.confirmation), 'reversal-confirmation+jwt', {
    ...issuer,
    creditor: cnas,
    endToEndId: debit.endToEndId,
    keyOf: verificationKeysOf(byHand.keys, 'confirmations'),
  });
  expect(reading).toMatchObject({ outcome: 'GENUINE', claims: { bookingReference: booking.bookingReference } });
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(before);
  const { rows } = await bank.db.owner.query(
    `select kind, side, actor, detail->>'attempt' as attempt from journal
      where kind in ('debit.reversed', 'debit.reversal-ended-by-hand') order by entry_id`,
  );
  expect(rows).toMatchObject([
    { kind: 'debit.reversed', side: 'gateway', actor: null, attempt: '1' },
    { kind: 'debit.reversal-ended-by-hand', side: 'bank', attempt: '1' },
  ]);
});

test("a reversal in doubt that two people end by the core's void is REJECTED, the debit stays settled, and a late instruction moves nothing", async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const mandateId = await bank.addMandate();
  const named = await byHand.reversalInDoubt(mandateId, false);
  const propose = () => proposeReversalEnding(hands, named, { kind: 'VOID' }, paper, byHand.proposer());
  expect(await propose()).toEqual({ outcome: 'TOO_EARLY' });
  byHand.later(120);
  const proposed = await propose();
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, {}, prepareReversalEnding)).toMatchObject({ outcome: 'DECIDED' });
  expect(await rowOf(byHand)).toMatchObject({ state: 'REJECTED', reason: 'AB03', debit: 'SETTLED', live: '12500000' });
  const { rows } = await bank.db.owner.query('select operation, answer, attempt from core_answers order by answer_id');
  expect(rows).toEqual([
    { operation: 'inquire', answer: 'UNKNOWN', attempt: 1 },
    { operation: 'void', answer: 'VOIDED', attempt: 1 },
  ]);
  // It has ended: nobody ends it once more.
  expect(await propose()).toEqual({ outcome: 'WRONG_STATE', state: 'REJECTED' });
});

test('a core that says otherwise than its paper stops the end of a reversal, and it stays in doubt', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const named = await byHand.reversalInDoubt(await bank.addMandate(), true);
  byHand.later(120);
  const proposed = await proposeReversalEnding(
    hands,
    named,
    { kind: 'REFUSAL', reason: 'AM04' },
    paper,
    byHand.proposer(),
  );
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, {}, prepareReversalEnding)).toEqual({
    outcome: 'IMPOSSIBLE',
    why: 'CORE_MOVED',
  });
  expect(await rowOf(byHand)).toMatchObject({ state: 'IN_DOUBT', debit: 'SETTLED' });
});

test('the booking of a reversal by a core whose clock is as far behind as clocks may be is taken, and one from before that is not', async () => {
  await using byHand = await openBankByHand();
  const named = await byHand.reversalInDoubt(await byHand.bank.addMandate(), false);
  const { rows } = await byHand.bank.db.owner.query<{ received_at: Date }>('select received_at from reversals');
  const earlier = (seconds: number) => new Date(must(rows[0]).received_at.getTime() - seconds * 1000);
  const propose = (executedAt: Date) =>
    proposeReversalEnding(byHand.hands, named, typed('125000.00', { executedAt }), paper, byHand.proposer());
  expect(await propose(earlier(302))).toEqual({ outcome: 'FAULTS', faults: ['TIME'] });
  expect(await propose(earlier(90))).toMatchObject({ outcome: 'PROPOSED' });
});

test("the debit's own booking, another amount and another agency's reversal are refused before anyone is asked", async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const named = await byHand.reversalInDoubt(await bank.addMandate(), true);
  const own = { kind: 'BOOKING', booking: await byHand.booking(named.debitId) } as const;
  const propose = (said: ReturnType<typeof typed>, agencies: 'ALL' | string[] = 'ALL', attempt = 1) =>
    proposeReversalEnding(hands, { ...named, attempt }, said, paper, byHand.proposer({ agencies }));
  expect(await propose(own)).toMatchObject({
    outcome: 'FAULTS',
    faults: expect.arrayContaining(['BOOKING_REFERENCE']),
  });
  const executedAt = bank.clock.now();
  expect(await propose(typed('125000.01', { executedAt }))).toEqual({ outcome: 'FAULTS', faults: ['AMOUNT'] });
  expect(await propose(typed('125000.00', { executedAt }), ['00999'])).toEqual({ outcome: 'NOT_FOUND' });
  expect(await propose(typed('125000.00', { executedAt }), 'ALL', 2)).toEqual({ outcome: 'NOT_FOUND' });
  const { rowCount } = await bank.db.owner.query('select from proposals');
  expect(rowCount).toBe(0);
  expect(await propose(typed('125000.00', { executedAt }), [agency])).toMatchObject({ outcome: 'PROPOSED' });
});

test('a refusal of what has gone back changes nothing that was signed, and is a contradiction of the reversal', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const named = await byHand.reversalInDoubt(await bank.addMandate(), true);
  const booking = await byHand.booking(named.debitId, 'reversals');
  const said = { kind: 'BOOKING', booking } as const;
  const proposed = await proposeReversalEnding(hands, named, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  await byHand.approve(proposed.proposalId, {}, prepareReversalEnding);
  const { rows } = await bank.db.owner.query(
    'select reversal_id as "reversalId", debit_id as "debitId" from reversals',
  );
  expect(await hands.reversing.reject(rows[0], 'AM04', 'AM04')).toBe('CONTRADICTED');
  expect(await hands.reversing.reject(rows[0], 'AM04', 'AM04')).toBe('CONTRADICTED');
  const { rows: found } = await bank.db.owner.query(
    'select kind, reversal_id is not null as named from contradictions',
  );
  expect(found).toEqual([{ kind: 'REFUSED_AFTER_SETTLEMENT', named: true }]);
  expect(await rowOf(byHand)).toMatchObject({ state: 'SETTLED', debit: 'REVERSED' });
});
