import { type Proposal, stateAt } from '../../approvals/proposal.ts';
import { isThumbprintGiven } from '../../clients/compared-thumbprint.ts';
import { type RegistryChange, registryChangeOf } from '../../clients/registry-change.ts';
import { readSigningKey } from '../../clients/signing-keys.ts';
import type { ApprovalKind } from '../approvals/kind.ts';
import type { Visit } from '../page.ts';
import type { AdministrationParts } from './shared.ts';

/**
 * A creditor's first key vouches for itself, so that two people could bring one of their own: whoever approves it types
 * its thumbprint as the creditor gave it by another way, and is not shown it until then.
 */
export const firstKey = (parts: AdministrationParts): Pick<ApprovalKind, 'about' | 'compare'> => ({
  about: async (_visit, proposals) => ({
    texts: new Map(proposals.map(({ proposalId, content }) => [proposalId, String(content.creditor ?? '')])),
    read: [],
  }),
  async compare(visit, proposal) {
    const { words } = visit;
    const change = await registryChangeOf(parts.db, proposal);
    if (change?.kind !== 'signing-key.registration' || !(await isToCompare(parts, visit, change))) return undefined;
    return {
      label: words.say('administration.thumbprint-given'),
      hint: words.say('administration.thumbprint-given-hint'),
      fault: words.say('administration.fault.thumbprint-given'),
      agrees: (typed) => isThumbprintGiven(typed, change.thumbprint),
    };
  },
});

/** Whether only the key itself vouches for it. One that does not read any more is refused when it is applied. */
export async function isToCompare({ db, issuer }: AdministrationParts, { now }: Visit, change: RegistryChange) {
  if (change.kind !== 'signing-key.registration') return false;
  const read = await readSigningKey(db, { ...change, issuer, now });
  return read.outcome === 'READ' && read.signedBy === 'ITSELF';
}

export const comparesIt = ({ staff, now }: Visit, proposal: Proposal): boolean =>
  proposal.proposedBy !== staff.subject && stateAt(proposal, now) === 'WAITING';
