import type pg from 'pg';
import { type Apply, type DecideOutcome, type Deciding, decide } from './decide.ts';
import { lookUpProposal } from './look-up.ts';
import type { Proposal } from './proposal.ts';

/** What an approval does, once everything outside the database is done. IMPOSSIBLE: `why` is a code of the feature's. */
export type Ready = { outcome: 'READY'; apply: Apply } | { outcome: 'IMPOSSIBLE'; why: string };

/** Asks other systems and signs, which no transaction waits for. Only for whoever may approve. */
export type Prepare = (proposal: Proposal) => Promise<Ready>;

/**
 * `decide` for what needs more than the database: prepared first, then decided and done in one transaction. Who may not
 * approve, or not this, is told so before anything is asked or signed. Of two at once both prepare, and one decides.
 */
export async function decideWhenReady(pool: pg.Pool, deciding: Deciding, prepare: Prepare): Promise<DecideOutcome> {
  const proposal = await lookUpProposal(pool, deciding.proposalId, deciding.agencies);
  const mayApprove =
    proposal !== undefined &&
    deciding.decision === 'APPROVE' &&
    proposal.state === 'WAITING' &&
    deciding.now.getTime() <= proposal.endsAt.getTime() &&
    proposal.proposedBy !== deciding.by &&
    proposal.contentHash === deciding.seenHash;
  if (!mayApprove) return decide(pool, deciding, notPrepared);
  const ready = await prepare(proposal);
  return ready.outcome === 'READY' ? decide(pool, deciding, ready.apply) : ready;
}

/** Only reached where it came to be approvable between two looks at it: the next try goes through. */
const notPrepared: Apply = async () => ({ outcome: 'IMPOSSIBLE', why: 'OVERTAKEN' });
