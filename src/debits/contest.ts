import type pg from 'pg';
import type { Apply } from '../approvals/decide.ts';
import type { ProposalId } from '../approvals/proposal.ts';
import { propose } from '../approvals/propose.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { type DebitId, isUuidV7 } from '../values/ids.ts';
import { overtaken, type Proposer } from './by-hand.ts';
import { type ContestId, insertContest, newContestId, refuseContest, selectContest } from './contest.sql.ts';

export const parseContestId = (text: string): ContestId | undefined =>
  isUuidV7(text) ? (text as ContestId) : undefined;

export const contestRefusalKind = 'contest.refusal';

export type ContestOpened =
  | { outcome: 'OPENED'; contestId: ContestId }
  | { outcome: 'ALREADY_OPEN' | 'NOT_FOUND' | 'NOT_SETTLED' };

/**
 * A debtor contests a settled debit: one member of staff takes it down, and the creditor is told. It ends by the
 * creditor's reversal (reversal-end.sql.ts) or by a reasoned no. `termDays`: in how many days the debtor is to have an
 * answer.
 */
export async function openContest(
  db: pg.Pool,
  debitId: DebitId,
  { reason: claim, ...opener }: Proposer,
  termDays: number,
): Promise<ContestOpened> {
  const contestId = newContestId(opener.now);
  const dueOn = addDays(algiersDay(opener.now), termDays);
  const opened = await insertContest(db, { ...opener, contestId, debitId, dueOn, claim });
  switch (opened) {
    case 'OPENED':
      return { outcome: 'OPENED', contestId };
    case 'UNKNOWN':
      return { outcome: 'NOT_FOUND' };
    case 'ALREADY_OPEN':
    case 'NOT_SETTLED':
      return { outcome: opened };
  }
}

export type RefusalProposed =
  | { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }
  | { outcome: 'NOT_FOUND' | 'ENDED' };

/** Proposes a reasoned no: the reason is what the debtor will be told, in the proposer's words. */
export async function proposeContestRefusal(
  db: pg.Pool,
  contestId: ContestId,
  { by, from, agencies, reason, now }: Proposer,
): Promise<RefusalProposed> {
  const contest = await selectContest(db, contestId, agencies);
  if (contest === undefined) return { outcome: 'NOT_FOUND' };
  if (contest.endedAt !== undefined) return { outcome: 'ENDED' };
  const { agencyCode, debitId } = contest;
  const content = { contest: contestId, debit: debitId };
  return propose(db, { kind: contestRefusalKind, subjectId: contestId, agencyCode, content, reason, by, from, now });
}

/** A second person says no too: the contest ends, and the creditor is told. */
export const applyContestRefusal: Apply = async (db, { subjectId, reason, proposedBy }, approval) => {
  const contestId = parseContestId(subjectId ?? '');
  if (contestId === undefined) throw new Error('a proposal names no contest');
  return (await refuseContest(db, { contestId, remark: reason, writtenBy: proposedBy, ...approval }))
    ? { outcome: 'APPLIED' }
    : overtaken;
};
