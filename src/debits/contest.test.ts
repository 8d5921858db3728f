import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { amel, karim, openBankByHand } from '../../test/by-hand.ts';
import { reversalStateOf, reversing } from '../../test/reversals.ts';
import { decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { DebitId } from '../values/ids.ts';
import { selectContestsOf, selectOpenContests } from './contest.sql.ts';
import { applyContestRefusal, openContest, proposeContestRefusal } from './contest.ts';
import { countDebitsWaiting } from './waiting.sql.ts';

async function settled(byHand: Awaited<ReturnType<typeof openBankByHand>>): Promise<DebitId> {
  const outcome = await byHand.bank.debit({ mandateId: await byHand.bank.addMandate() });
  if (outcome.outcome !== 'DEBIT' || outcome.debit.state !== 'SETTLED') throw new Error('not settled');
  return outcome.debit.debitId;
}

test('a contest of a settled debit is told to the creditor, once, and has an answer due in 30 days', async () => {
  await using byHand = await openBankByHand();
  const { db } = byHand.hands;
  const debitId = await settled(byHand);
  const proposer = byHand.proposer({ reason: 'The employer never ordered it' });
  const both = await Promise.all([openContest(db, debitId, proposer, 30), openContest(db, debitId, proposer, 30)]);
  expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['ALREADY_OPEN', 'OPENED']);
  const today = algiersDay(proposer.now);
  expect(await selectOpenContests(db, ['00102'], { limit: 10 })).toMatchObject([
    { debitId, dueOn: addDays(today, 30), claim: 'The employer never ordered it', openedBy: amel },
  ]);
  expect(await selectOpenContests(db, ['00999'], { limit: 10 })).toEqual([]);
  expect(await countDebitsWaiting(db, 'ALL', today)).toMatchObject({ contests: 1, contestsOverdue: 0 });
  expect(await countDebitsWaiting(db, 'ALL', addDays(today, 31))).toMatchObject({ contestsOverdue: 1 });
  const { rows } = await byHand.bank.db.owner.query(
    "select creditor_code, kind, from_state, to_state, side, actor, detail::text as detail from journal where subject_id = $1 and kind like '%contest%'",
    [debitId],
  );
  expect(rows).toMatchObject([
    {
      creditor_code: 'CNAS',
      kind: 'debit.contested',
      from_state: 'SETTLED',
      to_state: 'SETTLED',
      side: 'bank',
      actor: amel,
    },
  ]);
  // What a person wrote stands beside the journal, never in it.
  expect(rows[0]?.detail).not.toContain('never ordered');
});

test('only a settled debit of the agency can be contested', async () => {
  await using byHand = await openBankByHand();
  const { db } = byHand.hands;
  const doubtful = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, false);
  expect(await openContest(db, doubtful, byHand.proposer(), 30)).toEqual({ outcome: 'NOT_SETTLED' });
  const debitId = await settled(byHand);
  expect(await openContest(db, debitId, byHand.proposer({ agencies: ['00999'] }), 30)).toEqual({
    outcome: 'NOT_FOUND',
  });
});

test("a reasoned no is two people's, keeps the proposer's words, and leaves the debit settled", async () => {
  await using byHand = await openBankByHand();
  const { db } = byHand.hands;
  const debitId = await settled(byHand);
  const opened = await openContest(db, debitId, byHand.proposer(), 45);
  if (opened.outcome !== 'OPENED') throw new Error(opened.outcome);
  const proposed = await proposeContestRefusal(
    db,
    opened.contestId,
    byHand.proposer({ reason: 'The mandate was signed' }),
  );
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  const { contentHash } = must(await lookUpProposal(db, proposed.proposalId, 'ALL'));
  const deciding = {
    ...proposed,
    by: amel,
    from: '10.0.0.7',
    agencies: 'ALL',
    seenHash: contentHash,
    decision: 'APPROVE',
    now: byHand.bank.clock.now(),
  } as const;
  expect(await decide(db, deciding, applyContestRefusal)).toEqual({ outcome: 'SAME_PERSON' });
  expect(await decide(db, { ...deciding, by: karim }, applyContestRefusal)).toMatchObject({ outcome: 'DECIDED' });
  expect(await selectContestsOf(db, debitId)).toMatchObject([{ ending: 'REFUSED', refusal: 'The mandate was signed' }]);
  expect(await byHand.row(debitId)).toMatchObject({ state: 'SETTLED' });
  // It may be contested again, by what is new.
  expect(await openContest(db, debitId, byHand.proposer(), 30)).toMatchObject({ outcome: 'OPENED' });
});

test('the creditor’s reversal ends a contest in the statement that gives the debit back, and a refusal that waits comes too late', async () => {
  await using byHand = await openBankByHand();
  const { bank, hands } = byHand;
  await bank.debit({ mandateId: await bank.addMandate(), endToEndId: 'CONTESTED' });
  const { rows } = await bank.db.owner.query<{ debit_id: DebitId }>('select debit_id from debits');
  const debitId = must(rows[0]).debit_id;
  const opened = await openContest(hands.db, debitId, byHand.proposer(), 30);
  if (opened.outcome !== 'OPENED') throw new Error(opened.outcome);
  const proposed = await proposeContestRefusal(hands.db, opened.contestId, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  const { reverse } = reversing(bank);
  expect(reversalStateOf(await reverse({ endToEndId: 'CONTESTED', reason: 'contest-accepted' }))).toBe('SETTLED');
  expect(await selectContestsOf(hands.db, debitId)).toMatchObject([{ ending: 'REVERSED', state: 'REVERSED' }]);
  const { rows: told } = await bank.db.owner.query(
    "select from_state, to_state, detail ->> 'contest' as contest from journal where kind = 'debit.contest-reversed'",
  );
  expect(told).toEqual([{ from_state: 'REVERSED', to_state: 'REVERSED', contest: opened.contestId }]);
  const { contentHash } = must(await lookUpProposal(hands.db, proposed.proposalId, 'ALL'));
  const approval = { ...proposed, by: karim, from: '10.0.0.7', agencies: 'ALL', seenHash: contentHash } as const;
  expect(
    await decide(hands.db, { ...approval, decision: 'APPROVE', now: bank.clock.now() }, applyContestRefusal),
  ).toMatchObject({ outcome: 'IMPOSSIBLE' });
  expect(await openContest(hands.db, debitId, byHand.proposer(), 30)).toEqual({ outcome: 'NOT_SETTLED' });
});
