import { decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import { applyAct, type BankAct, type BankReason, proposeAct } from './bank-acts.ts';
import type { ActOutcome, Desk, StaffAct } from './desk.ts';
import { selectMandate } from './mandates.sql.ts';

/** `by` approves what `proposedBy` has proposed. */
export type ActingByTwo = StaffAct & { act: BankAct; proposedBy: string; reason: BankReason; remark: string };

/** ALREADY_WAITING: the same was proposed before, and is to be approved as it stands, where it is shown. */
export type ByTwoOutcome = ActOutcome | { outcome: 'ALREADY_WAITING' };

/** Suspends, resumes or revokes where both people are at hand, as at the command line: proposed, and approved at once. */
export async function actByTwo({ pool, now }: Pick<Desk, 'pool' | 'now'>, asked: ActingByTwo): Promise<ByTwoOutcome> {
  const { mandateId, act, by, from, proposedBy, agencies = 'ALL' } = asked;
  if (by === proposedBy) return { outcome: 'SAME_PERSON' };
  const proposed = await proposeAct(pool, { ...asked, by: proposedBy, agencies, now: now() });
  switch (proposed.outcome) {
    case 'NOT_FOUND':
    case 'ALREADY_WAITING':
      return { outcome: proposed.outcome };
    case 'NOT_POSSIBLE':
      return { outcome: 'WRONG_STATE', state: proposed.state };
    case 'PROPOSED':
      break;
  }
  const { proposalId } = proposed;
  const proposal = await lookUpProposal(pool, proposalId, agencies);
  if (proposal === undefined) return { outcome: 'NOT_FOUND' };
  const deciding = { proposalId, by, from, agencies, seenHash: proposal.contentHash, now: now() };
  const decided = await decide(pool, { ...deciding, decision: 'APPROVE' }, applyAct(act));
  const mandate = await selectMandate(pool, mandateId);
  if (mandate === undefined) return { outcome: 'NOT_FOUND' };
  if (decided.outcome === 'DECIDED') return { outcome: 'DONE', mandate };
  // It changed in between: the proposal goes, so that it does not wait for nothing.
  await decide(pool, { ...deciding, by: proposedBy, decision: 'WITHDRAW' }, applyAct(act));
  return { outcome: 'WRONG_STATE', state: mandate.state };
}
