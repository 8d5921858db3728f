import { lookUpProposal } from '../../approvals/look-up.ts';
import type { Proposal } from '../../approvals/proposal.ts';
import { parseProposalId } from '../../approvals/proposal.ts';
import { PageFault } from '../fault.ts';
import type { Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { hasRole } from '../staff.ts';
import type { ApprovalKind } from './kind.ts';

export type ApprovalParts = Pick<BackOfficeParts, 'db' | 'cursors' | 'agencies'> & { kinds: readonly ApprovalKind[] };

/** Whether this member of staff may see what is proposed under that kind. */
export const seesKind = ({ staff }: Pick<Visit, 'staff'>, { approve, see }: ApprovalKind): boolean =>
  hasRole(staff, [...approve, ...see]);

/** Whether this member of staff may approve and refuse it, if they did not propose it themselves. */
export const maySettle = (visit: Visit, kind: ApprovalKind, proposal: Proposal): boolean =>
  hasRole(visit.staff, kind.approve) && (kind.mayDecide?.(visit, proposal) ?? true);

/** The proposal that the address names. One of another agency, or of a kind that is not theirs, is as unknown. */
export async function proposalOfVisit(
  { db, kinds }: ApprovalParts,
  visit: Visit,
): Promise<{ proposal: Proposal; kind: ApprovalKind }> {
  const proposalId = parseProposalId(visit.params.proposalId ?? '');
  const proposal = proposalId === undefined ? undefined : await lookUpProposal(db, proposalId, visit.staff.agencies);
  const kind = kinds.find((one) => one.kind === proposal?.kind);
  if (proposal === undefined || kind === undefined || !seesKind(visit, kind)) throw new PageFault('not-found');
  return { proposal, kind };
}
