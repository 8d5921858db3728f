import type { Queryable } from '../database/queryable.ts';
import { type Agencies, maySee, type Proposal, type ProposalId } from './proposal.ts';
import { selectProposal } from './proposals.sql.ts';

export {
  countWaiting,
  expireProposals,
  listWaiting,
  proposalsBy,
  proposalsOf,
} from './proposals.sql.ts';

/** One proposal, where staff of these agencies may see it. */
export async function lookUpProposal(
  db: Queryable,
  proposalId: ProposalId,
  agencies: Agencies,
): Promise<Proposal | undefined> {
  const proposal = await selectProposal(db, proposalId);
  return proposal !== undefined && maySee(proposal, agencies) ? proposal : undefined;
}
