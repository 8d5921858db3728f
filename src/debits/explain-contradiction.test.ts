import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { amountOf, must } from '../../test/bank.ts';
import { amel, type BankByHand, karim, nadia, openBankByHand, paper } from '../../test/by-hand.ts';
import { someoneWaits } from '../../test/database.ts';
import type { CoreDifference } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { DebitId, MandateId } from '../values/ids.ts';
import { proposeEnding } from './by-hand.ts';
import { type Contradiction, selectContradictionsOf } from './contradiction.sql.ts';
import { prepareContradictionEnd, proposeContradictionEnd } from './end-contradiction.ts';
import type { RightAnswer } from './evidence.ts';
import { reject } from './finish.ts';
import { selectHeldDebit } from './held.sql.ts';
import { recordQuarantined } from './keep-contradiction.sql.ts';
import { resolveDebits } from './resolve.ts';

/** The bus answered about the debit, or its first reversal, with something else than its instruction: never believed. */
async function quarantined(
  { bank }: BankByHand,
  debitId: DebitId,
  difference: CoreDifference,
  { of = 'debits', named, db = bank.db.gateway }: { of?: 'debits' | 'reversals'; named?: string; db?: Queryable } = {},
): Promise<Contradiction[]> {
  const { rows } = await bank.db.owner.query(
    `with sent as (
       insert into core_messages (message_id, direction, type, body)
       values (gen_random_uuid(), 'SENT', 'pacs.003.001.08', 'x') returning message_id
     ), received as (
       insert into core_messages (message_id, direction, answers, outcome, body)
       select gen_random_uuid(), 'RECEIVED', message_id, 'ANSWERED', 'y' from sent returning message_id
     )
     select message_id, core_reference from received, ${of} where debit_id = $1`,
    [debitId],
  );
  await recordQuarantined(db, {
    reference: must(rows[0]).core_reference,
    difference,
    bookingReference: named,
    amount: named === undefined ? undefined : amountOf('1.00'),
    executedAt: named === undefined ? undefined : bank.clock.now(),
    messageId: must(rows[0]).message_id,
  });
  return selectContradictionsOf(bank.db.gateway, debitId);
}

const explain = (byHand: BankByHand, met: Contradiction, right: RightAnswer, bookingReference?: string) =>
  proposeContradictionEnd(
    byHand.hands,
    { kind: 'EXPLANATION', contradictionId: met.contradictionId, right, bookingReference },
    paper,
    byHand.proposer(),
  );

async function proposed(byHand: BankByHand, met: Contradiction, right: RightAnswer, bookingReference?: string) {
  const outcome = await explain(byHand, met, right, bookingReference);
  if (outcome.outcome !== 'PROPOSED') throw new Error(JSON.stringify(outcome));
  return outcome.proposalId;
}

/** Two people end the debit by the core's own booking. */
async function settleByHand(byHand: BankByHand, debitId: DebitId): Promise<string> {
  const booking = await byHand.booking(debitId);
  const ending = await proposeEnding(byHand.hands, debitId, { kind: 'BOOKING', booking }, paper, byHand.proposer());
  if (ending.outcome !== 'PROPOSED') throw new Error(ending.outcome);
  expect(await byHand.approve(ending.proposalId)).toMatchObject({ outcome: 'DECIDED' });
  return booking.bookingReference;
}

/** Its void is known, and its rejection signed. */
async function rejectByHand(byHand: BankByHand, debitId: DebitId): Promise<void> {
  byHand.later(120);
  const ending = await proposeEnding(byHand.hands, debitId, { kind: 'VOID' }, paper, byHand.proposer());
  if (ending.outcome !== 'PROPOSED') throw new Error(ending.outcome);
  expect(await byHand.approve(ending.proposalId)).toMatchObject({ outcome: 'DECIDED' });
}

const counters = async ({ bank }: BankByHand, mandateId: MandateId) => {
  const { rows } = await bank.db.owner.query(
    'select month_used, live, contradicted from mandate_usage, declarations where chain_id = $1',
    [mandateId],
  );
  return rows[0];
};

test('an answer that was never believed ends by the explanation of the core, by two people, once its debit has settled', async () => {
  await using byHand = await openBankByHand();
  const { bank } = byHand;
  const debitId = await byHand.inDoubt({ mandateId: await bank.addMandate() }, true);
  const [met] = await quarantined(byHand, debitId, 'OTHER_OUTCOME');
  expect(await explain(byHand, must(met), 'MOVED', 'B-1')).toEqual({ outcome: 'NOT_BY_THIS' });
  const bookingReference = await settleByHand(byHand, debitId);

  // What does not stand is never explained away: not a refusal of what was confirmed, nor by another booking.
  expect(await explain(byHand, must(met), 'REFUSED')).toEqual({ outcome: 'FAULTS', faults: ['OTHER_ANSWER'] });
  expect(await explain(byHand, must(met), 'MOVED', 'B-OTHER')).toEqual({
    outcome: 'FAULTS',
    faults: ['OTHER_BOOKING'],
  });
  const proposalId = await proposed(byHand, must(met), 'MOVED', bookingReference);
  expect(await explain(byHand, must(met), 'MOVED', bookingReference)).toEqual({
    outcome: 'ALREADY_WAITING',
    proposalId,
  });
  expect(await byHand.approve(proposalId, { by: amel }, prepareContradictionEnd)).toEqual({ outcome: 'SAME_PERSON' });
  const both = await Promise.all(
    [karim, nadia].map((by) => byHand.approve(proposalId, { by }, prepareContradictionEnd)),
  );
  expect(both.filter(({ outcome }) => outcome === 'DECIDED')).toHaveLength(1);
  expect(await selectContradictionsOf(bank.db.gateway, debitId)).toMatchObject([{ ending: 'EXPLAINED', holds: false }]);
  expect(await byHand.row(debitId)).toMatchObject({ state: 'SETTLED', booking_reference: bookingReference });
  const { rows } = await bank.db.owner.query(
    "select reason, side, from_state, to_state from journal where kind = 'contradiction.ended'",
  );
  expect(rows).toEqual([{ reason: 'EXPLAINED', side: 'bank', from_state: 'SETTLED', to_state: 'SETTLED' }]);
  // Met again it is the same thing.
  expect(await quarantined(byHand, debitId, 'OTHER_OUTCOME')).toHaveLength(1);
});

test('a booking that was named against a rejection, and never was, gives back what it held once the core explains it', async () => {
  await using byHand = await openBankByHand();
  const mandateId = await byHand.bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId }, false);
  await rejectByHand(byHand, debitId);
  const [met] = await quarantined(byHand, debitId, 'OTHER_AMOUNT', { named: 'B-LIE' });
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '12500000', live: '0', contradicted: '12500000' });
  expect(await explain(byHand, must(met), 'MOVED', 'B-LIE')).toEqual({ outcome: 'FAULTS', faults: ['OTHER_ANSWER'] });
  const proposalId = await proposed(byHand, must(met), 'VOIDED');
  expect(await byHand.approve(proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '0', live: '0', contradicted: '0' });
  expect(await byHand.row(debitId)).toMatchObject({ state: 'REJECTED' });
});

test('a booking that was named while a debit was in doubt holds ceiling and declaration on when it is rejected, until two people end that', async () => {
  await using byHand = await openBankByHand();
  const { bank } = byHand;
  const mandateId = await bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId, declaration: 'D' }, false);
  const [met] = await quarantined(byHand, debitId, 'OTHER_AMOUNT', { named: 'B-7' });
  await quarantined(byHand, debitId, 'OTHER_OUTCOME');
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '12500000', live: '12500000', contradicted: '0' });
  byHand.says.inquire = { outcome: 'REFUSED', reason: 'AM04' };
  await bank.db.owner.query("update debits set lease_until = now() - interval '1 second'");
  await resolveDebits(byHand.hands.steps, new Map(), [debitId]);
  expect(await byHand.row(debitId)).toMatchObject({ state: 'REJECTED', reason: 'AM04' });
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '12500000', live: '0', contradicted: '12500000' });
  expect(await selectContradictionsOf(bank.db.gateway, debitId)).toMatchObject([{ holds: true }, { holds: false }]);

  const second = { mandateId, endToEndId: 'SECOND', declaration: 'D' };
  expect(await bank.debit(second)).toMatchObject({ outcome: 'DECLARATION_PAID' });
  const proposalId = await proposed(byHand, must(met), 'REFUSED');
  expect(await byHand.approve(proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '0', live: '0', contradicted: '0' });
  expect(await bank.debit(second)).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
});

test('a booking that is named in the moment of the rejection holds as well', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  const mandateId = await bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId }, false);
  // People have it already: the row of the debit would not show that more was met.
  await quarantined(byHand, debitId, 'OTHER_OUTCOME');
  const { debit } = must(await selectHeldDebit(bank.db.gateway, debitId, 'ALL'));
  const other = await bank.db.gateway.connect();
  let rejecting: ReturnType<typeof reject> | undefined;
  try {
    await other.query('begin');
    await quarantined(byHand, debitId, 'OTHER_AMOUNT', { named: 'B-7', db: other });
    rejecting = reject(hands.steps, debit, { reason: 'AM04', ceiling: undefined });
    while (!(await someoneWaits(bank.db))) await pause(10);
    await other.query('commit');
  } finally {
    other.release();
  }
  expect(await rejecting).toMatchObject({ state: 'REJECTED' });
  expect(await counters(byHand, mandateId)).toEqual({ month_used: '12500000', live: '0', contradicted: '12500000' });
});

test('a core that says otherwise than its explanation, asked once more, stops the end of a contradiction', async () => {
  await using byHand = await openBankByHand();
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const [met] = await quarantined(byHand, debitId, 'OTHER_ACCOUNT');
  const proposalId = await proposed(byHand, must(met), 'MOVED', await settleByHand(byHand, debitId));
  byHand.says.inquire = { outcome: 'REFUSED', reason: 'AM04' };
  const stopped = await byHand.approve(proposalId, {}, prepareContradictionEnd);
  expect(stopped).toEqual({ outcome: 'IMPOSSIBLE', why: 'CORE_REFUSED' });
  expect(await selectContradictionsOf(byHand.bank.db.gateway, debitId)).toMatchObject([{ ending: undefined }]);
  // Silent, it is not against its paper, which stands alone then.
  byHand.says.inquire = { outcome: 'NO_ANSWER' };
  expect(await byHand.approve(proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
});

test('what the bus says of a reversal is a thing of its own, and is explained only once that reversal has ended', async () => {
  await using byHand = await openBankByHand();
  const { bank } = byHand;
  const { debitId } = await byHand.reversalInDoubt(await bank.addMandate(), true);
  await quarantined(byHand, debitId, 'OTHER_ACCOUNT');
  const both = await quarantined(byHand, debitId, 'OTHER_ACCOUNT', { of: 'reversals' });
  expect(both.map(({ about: { attempt, stands } }) => ({ attempt, stands }))).toEqual([
    { attempt: undefined, stands: 'MOVED' },
    { attempt: 1, stands: 'OPEN' },
  ]);
  expect(await explain(byHand, must(both[1]), 'REFUSED')).toEqual({ outcome: 'NOT_BY_THIS' });
  const { rows } = await bank.db.owner.query(
    "select detail->>'attempt' as attempt from journal where kind = 'debit.reversal-for-people'",
  );
  expect(rows).toEqual([{ attempt: '1' }]);
});

test('no statement explains what is still in doubt: the database refuses it', async () => {
  await using byHand = await openBankByHand();
  const { owner } = byHand.bank.db;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, false);
  const [met] = await quarantined(byHand, debitId, 'OTHER_ACCOUNT');
  const attached = owner.query(
    `with attached as (
       insert into debit_evidence (evidence_id, debit_id, contradiction_id, kind, right_answer, media_type, digest, document, attached_by, attached_at)
       values (gen_random_uuid(), $1, $2, 'EXPLANATION', 'VOIDED', 'application/pdf', sha256('%PDF'), '%PDF', 'amel', now())
       returning evidence_id
     )
     update contradictions set ended_at = now(), ending = 'EXPLAINED', ended_by_evidence = evidence_id from attached`,
    [debitId, met?.contradictionId],
  );
  await expect(attached).rejects.toThrow('only where what it is about has ended');
});
