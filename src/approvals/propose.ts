import type { Queryable } from '../database/queryable.ts';
import { newProposalId, type Proposal, type ProposalId, proposalHashOf, proposalHours } from './proposal.ts';
import { expireProposalsOf, insertProposal, selectWaitingOf } from './proposals.sql.ts';

export type Proposing = Pick<Proposal, 'kind' | 'subjectId' | 'agencyCode' | 'content' | 'reason'> & {
  /** The proposer's subject at the identity provider, and network address. */
  by: string;
  from: string;
  now: Date;
};

/** ALREADY_WAITING: the same is proposed for this subject already, and waits for a decision. */
export type ProposeOutcome = { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId };

/** Asks for something that another person must approve within a day. Nothing is done yet. */
export async function propose(db: Queryable, { by, from, now, ...asked }: Proposing): Promise<ProposeOutcome> {
  const proposalId = newProposalId(now);
  const endsAt = new Date(now.getTime() + proposalHours * 3_600_000);
  // One whose term is over no longer stands in the way.
  if (asked.subjectId !== undefined) await expireProposalsOf(db, { ...asked, now });
  const inserted = await insertProposal(db, {
    ...asked,
    proposalId,
    contentHash: proposalHashOf(asked),
    proposedBy: by,
    proposedAt: now,
    endsAt,
    from,
  });
  if (inserted) return { outcome: 'PROPOSED', proposalId };
  const waiting = await selectWaitingOf(db, asked);
  // Decided in this moment: the caller's next try goes through.
  return waiting === undefined
    ? propose(db, { by, from, now, ...asked })
    : { outcome: 'ALREADY_WAITING', proposalId: waiting };
}
