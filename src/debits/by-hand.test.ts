import { expect, test } from 'vitest';
import { cnas, must } from '../../test/bank.ts';
import { agency, amel, issuer, nadia, openBankByHand, paper, typed } from '../../test/by-hand.ts';
import { verificationKeysOf } from '../signing/keys.ts';
import { parseJws } from '../values/ids.ts';
import { proposeEnding } from './by-hand.ts';
import { readDebit } from './lookup.sql.ts';
import { readProof } from './proof.ts';

test("a debit in doubt that two people end by the core's booking is SETTLED with a confirmation that verifies, and no money moves", async () => {
  await using byHand = await openBankByHand();
  const { bank, hands, says } = byHand;
  const mandateId = await bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId }, true);
  const before = await bank.balance(await bank.debtorOf(mandateId));
  const booking = await byHand.booking(debitId);
  says.inquire = { outcome: 'NO_ANSWER' };

  const proposed = await proposeEnding(hands, debitId, { kind: 'BOOKING', booking }, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.row(debitId)).toMatchObject({ state: 'IN_DOUBT' });
  const approved = await byHand.approve(proposed.proposalId);
  expect(approved).toMatchObject({ outcome: 'DECIDED', proposal: { state: 'APPROVED' } });

  const debit = await readDebit(bank.db.gateway, debitId);
  expect(debit).toMatchObject({ state: 'SETTLED', settled: { bookingReference: booking.bookingReference } });
  const reading = await readProof(must(debit.confirmation), 'settlement-confirmation+jwt', {
    ...issuer,
    creditor: cnas,
    endToEndId: debit.endToEndId,
    keyOf: verificationKeysOf(byHand.keys, 'confirmations'),
  });
  expect(reading).toMatchObject({
    outcome: 'GENUINE',
    claims: { bookingReference: booking.bookingReference, amount: '125000.00' },
  });
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(before);
  const { rows } = await bank.db.owner.query(
    "select kind, side, actor from journal where subject_id = $1 and kind not like 'debit.received%' order by entry_id",
    [debitId],
  );
  expect(rows).toEqual([
    { kind: 'debit.in-doubt', side: 'gateway', actor: null },
    { kind: 'debit.evidence-attached', side: 'bank', actor: amel },
    { kind: 'debit.settled', side: 'gateway', actor: null },
    { kind: 'debit.ended-by-hand', side: 'bank', actor: 'supervisor-karim' },
  ]);
});

test("a debit in doubt that two people end by the core's void is REJECTED for the bank's side, and its counters are given back", async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const mandateId = await bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId, declaration: 'DAC-VOID' }, false);
  expect(await proposeEnding(hands, debitId, { kind: 'VOID' }, paper, byHand.proposer())).toEqual({
    outcome: 'TOO_EARLY',
  });
  byHand.later(120);
  const proposed = await proposeEnding(hands, debitId, { kind: 'VOID' }, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId)).toMatchObject({
    outcome: 'DECIDED',
  });
  expect(await byHand.row(debitId)).toMatchObject({
    state: 'REJECTED',
    reason: 'AB03',
    holds_ceiling: false,
    holds_declaration: false,
  });
  const { rows } = await bank.db.owner.query(
    "select month_used, live from mandate_usage, declarations where chain_id = $1 and reference = 'DAC-VOID'",
    [mandateId],
  );
  expect(rows).toEqual([{ month_used: '0', live: '0' }]);
  // The core was made sure of: what it was asked and what it said is kept.
  const { rows: answers } = await bank.db.owner.query(
    'select operation, answer from core_answers where debit_id = $1 order by answer_id',
    [debitId],
  );
  expect(answers).toEqual([
    { operation: 'inquire', answer: 'UNKNOWN' },
    { operation: 'void', answer: 'VOIDED' },
  ]);
});

test('a booking of a core whose clock is as far behind as clocks may be is taken, and one from before that is not', async () => {
  await using byHand = await openBankByHand();
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, false);
  const { received_at: receivedAt } = await byHand.row(debitId);
  const earlier = (seconds: number) => new Date((receivedAt as Date).getTime() - seconds * 1000);
  const propose = (executedAt: Date) =>
    proposeEnding(byHand.hands, debitId, typed('125000.00', { executedAt }), paper, byHand.proposer());
  expect(await propose(earlier(302))).toEqual({ outcome: 'FAULTS', faults: ['TIME'] });
  expect(await propose(earlier(90))).toMatchObject({ outcome: 'PROPOSED' });
});

test('a booking of another amount, of a time before it was asked for or still to come, or of dates far off is refused before anyone is asked', async () => {
  await using byHand = await openBankByHand();
  const mandateId = await byHand.bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId }, false);
  const propose = (said: ReturnType<typeof typed>) =>
    proposeEnding(byHand.hands, debitId, said, paper, byHand.proposer());
  expect(await propose(typed('125000.01'))).toEqual({ outcome: 'FAULTS', faults: ['AMOUNT'] });
  const early = new Date(Date.now() - 3_600_000);
  expect(await propose(typed('125000.00', { executedAt: early }))).toEqual({ outcome: 'FAULTS', faults: ['TIME'] });
  const late = new Date(Date.now() + 3_600_000);
  expect(await propose(typed('125000.00', { executedAt: late }))).toEqual({ outcome: 'FAULTS', faults: ['TIME'] });
  expect(await propose(typed('125000.00', { bookingReference: 'two words' }))).toEqual({
    outcome: 'FAULTS',
    faults: ['BOOKING_REFERENCE'],
  });
  const { rowCount } = await byHand.bank.db.owner.query('select from proposals');
  expect(rowCount).toBe(0);
});

test('who proposed an end can not approve it, and of two who approve at once one does', async () => {
  await using byHand = await openBankByHand();
  const { hands } = byHand;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const said = { kind: 'BOOKING', booking: await byHand.booking(debitId) } as const;
  const proposed = await proposeEnding(hands, debitId, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  const { proposalId } = proposed;
  expect(await proposeEnding(hands, debitId, said, paper, byHand.proposer({ by: nadia }))).toEqual({
    outcome: 'ALREADY_WAITING',
    proposalId,
  });
  expect(await byHand.approve(proposalId, { by: amel })).toEqual({ outcome: 'SAME_PERSON' });
  const both = await Promise.all([byHand.approve(proposalId), byHand.approve(proposalId, { by: nadia })]);
  expect(both.filter(({ outcome }) => outcome === 'DECIDED')).toHaveLength(1);
  const { rows } = await byHand.bank.db.owner.query(
    "select (select count(*) from tokens where kind like 'settlement%')::int as tokens, (select count(*) from debit_evidence)::int as papers",
  );
  expect(rows).toEqual([{ tokens: 1, papers: 1 }]);
});

test('a core that says otherwise than its paper at the approval stops it, and the debit stays in doubt', async () => {
  await using byHand = await openBankByHand();
  const { hands, bank } = byHand;
  const moved = await byHand.inDoubt({ mandateId: await bank.addMandate() }, true);
  const unknown = await byHand.inDoubt({ mandateId: await bank.addMandate() }, false);
  byHand.later(120);
  const void_ = await proposeEnding(hands, moved, { kind: 'VOID' }, paper, byHand.proposer());
  const booked = await proposeEnding(
    hands,
    unknown,
    typed('125000.00', { executedAt: bank.clock.now() }),
    paper,
    byHand.proposer(),
  );
  if (void_.outcome !== 'PROPOSED' || booked.outcome !== 'PROPOSED')
    throw new Error(`${void_.outcome} ${booked.outcome}`);
  expect(await byHand.approve(void_.proposalId)).toEqual({ outcome: 'IMPOSSIBLE', why: 'CORE_MOVED' });
  expect(await byHand.approve(booked.proposalId)).toEqual({ outcome: 'IMPOSSIBLE', why: 'CORE_UNKNOWN' });
  for (const debitId of [moved, unknown]) expect(await byHand.row(debitId)).toMatchObject({ state: 'IN_DOUBT' });
  const { rows } = await bank.db.owner.query('select distinct state from proposals');
  expect(rows).toEqual([{ state: 'WAITING' }]);
});

test("another agency's debit is unknown to who would end it, and so is its proposal", async () => {
  await using byHand = await openBankByHand();
  const { hands } = byHand;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const said = { kind: 'BOOKING', booking: await byHand.booking(debitId) } as const;
  expect(await proposeEnding(hands, debitId, said, paper, byHand.proposer({ agencies: ['00999'] }))).toEqual({
    outcome: 'NOT_FOUND',
  });
  const proposed = await proposeEnding(hands, debitId, said, paper, byHand.proposer({ agencies: [agency] }));
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, { agencies: ['00999'] })).toEqual({ outcome: 'NOT_FOUND' });
});

test('a token that was altered, or is of another debit, is not shown as genuine', async () => {
  await using byHand = await openBankByHand();
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const said = { kind: 'BOOKING', booking: await byHand.booking(debitId) } as const;
  const proposed = await proposeEnding(byHand.hands, debitId, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  await byHand.approve(proposed.proposalId);
  const { confirmation, endToEndId } = await readDebit(byHand.bank.db.gateway, debitId);
  const token = must(confirmation);
  const expected = { ...issuer, creditor: cnas, endToEndId, keyOf: verificationKeysOf(byHand.keys, 'confirmations') };
  const [header, claims, signature] = token.split('.');
  const altered = must(
    parseJws([header, claims?.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')), signature].join('.')),
  );
  expect((await readProof(altered, 'settlement-confirmation+jwt', expected)).outcome).not.toBe('GENUINE');
  expect(await readProof(token, 'settlement-confirmation+jwt', { ...expected, endToEndId: 'ANOTHER' })).toEqual({
    outcome: 'OTHER_DEBIT',
  });
});
