import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import {
  type Agencies,
  maySee,
  type Proposal,
  type ProposalId,
  type ProposalState,
  proposalHashOf,
  stateAt,
} from './proposal.ts';
import { lockProposal, storeDecision } from './proposals.sql.ts';

/** WITHDRAW is the proposer's own; the other two are another person's. */
export type Decision = 'APPROVE' | 'REFUSE' | 'WITHDRAW';

export type Deciding = {
  proposalId: ProposalId;
  /** The decider's subject at the identity provider, and network address. */
  by: string;
  from: string;
  /** Whose proposals this person sees: another agency's answers as an unknown one. */
  agencies: Agencies;
  /** The content hash of what was looked at. */
  seenHash: string;
  decision: Decision;
  remark?: string | undefined;
  now: Date;
};

/** IMPOSSIBLE: what was approved can't be done any more; `why` is a code of the feature's. All is rolled back then. */
export type ApplyOutcome = { outcome: 'APPLIED' } | { outcome: 'IMPOSSIBLE'; why: string };

/** Who approved, when and from where: for the journal rows of what is done. */
export type Approval = { by: string; from: string; now: Date };

/** Does what was approved, in the transaction of its approval. */
export type Apply = (db: pg.PoolClient, proposal: Proposal, approval: Approval) => Promise<ApplyOutcome>;

/**
 * SAME_PERSON: the proposer can't decide, only withdraw. NOT_THE_PROPOSER: only the proposer withdraws. OTHER_CONTENT:
 * not what was looked at. ENDED: decided before, or its day is over; `state` says which.
 */
export type DecideOutcome =
  | { outcome: 'DECIDED'; proposal: Proposal }
  | { outcome: 'NOT_FOUND' | 'SAME_PERSON' | 'NOT_THE_PROPOSER' | 'OTHER_CONTENT' }
  | { outcome: 'ENDED'; state: ProposalState }
  | { outcome: 'IMPOSSIBLE'; why: string };

/**
 * Ends a proposal. The row is locked first, so that of two who decide at once the second finds it ended; an approval
 * and what it does commit together, or neither.
 */
export async function decide(pool: pg.Pool, deciding: Deciding, apply: Apply): Promise<DecideOutcome> {
  const { by, from, now, decision } = deciding;
  try {
    return await inTransaction(pool, async (db) => {
      const proposal = await lockProposal(db, deciding.proposalId);
      if (proposal === undefined || !maySee(proposal, deciding.agencies)) return { outcome: 'NOT_FOUND' };
      const refusal = refusalOf(proposal, deciding);
      if (refusal !== undefined) return refusal;
      const decided = await storeDecision(db, { ...deciding, state: endStates[decision] });
      if (decision === 'APPROVE') {
        const applied = await apply(db, proposal, { by, from, now });
        if (applied.outcome === 'IMPOSSIBLE') throw new NotApplied(applied.why);
      }
      return { outcome: 'DECIDED', proposal: decided };
    });
  } catch (error) {
    if (error instanceof NotApplied) return { outcome: 'IMPOSSIBLE', why: error.why };
    throw error;
  }
}

const endStates = { APPROVE: 'APPROVED', REFUSE: 'REFUSED', WITHDRAW: 'WITHDRAWN' } as const;

function refusalOf(proposal: Proposal, { by, seenHash, decision, now }: Deciding): DecideOutcome | undefined {
  const state = stateAt(proposal, now);
  if (state !== 'WAITING') return { outcome: 'ENDED', state };
  if (decision === 'WITHDRAW') return proposal.proposedBy === by ? undefined : { outcome: 'NOT_THE_PROPOSER' };
  if (proposal.proposedBy === by) return { outcome: 'SAME_PERSON' };
  if (decision === 'REFUSE') return undefined;
  // Computed again from what stands there: a row that was changed by another way is not what was seen.
  const same = seenHash === proposal.contentHash && seenHash === proposalHashOf(proposal);
  return same ? undefined : { outcome: 'OTHER_CONTENT' };
}

/** Only to leave the transaction, so that it is rolled back. */
class NotApplied extends Error {
  readonly why: string;
  constructor(why: string) {
    super('what was approved could not be done');
    this.why = why;
  }
}
