import type pg from 'pg';
import type { Apply } from '../approvals/decide.ts';
import type { Ready } from '../approvals/decide-when-ready.ts';
import type { Proposal, ProposalId } from '../approvals/proposal.ts';
import type { InquiryOutcome } from '../core-banking/port.ts';
import type { DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import {
  askOnceMore,
  contradictionWith,
  endsInDoubt,
  evidenceOf,
  overtaken,
  type Proposer,
  proposeWith,
  type SaidOfDebit,
} from './by-hand.ts';
import { insertEndedByHand } from './evidence.sql.ts';
import { bookingFaults, type Document, type Evidence, type EvidenceFault, earliestByItsClock } from './evidence.ts';
import { selectHeldReversal } from './held-reversal.sql.ts';
import type { OpenReversal, ReversalState } from './reversal.ts';
import { rejectReversal, settleReversal } from './reversal-end.sql.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { signReversal } from './tokens.ts';

/** What ending a reversal by hand works with. */
export type ReversalHands = { db: pg.Pool; reversing: ReversalSteps };

export const reversalEndingKind = 'reversal.ending';

/** As for a debit: WRONG_STATE where it is not in doubt, TOO_EARLY where it may still be sent. */
export type ReversalEndingProposed =
  | { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }
  | { outcome: 'NOT_FOUND' | 'TOO_EARLY' }
  | { outcome: 'WRONG_STATE'; state: ReversalState }
  | { outcome: 'FAULTS'; faults: readonly EvidenceFault[] };

/** Proposes to end a reversal in doubt by the core's own booking, void or refusal, which is attached. Nothing is ended yet. */
export async function proposeReversalEnding(
  { db }: Pick<ReversalHands, 'db'>,
  { debitId, attempt }: { debitId: DebitId; attempt: number },
  said: SaidOfDebit,
  document: Document,
  proposer: Proposer,
): Promise<ReversalEndingProposed> {
  const held = await selectHeldReversal(db, debitId, attempt, proposer.agencies);
  if (held === undefined) return { outcome: 'NOT_FOUND' };
  const { reversal, state, agencyCode, notBefore } = held;
  if (state !== 'IN_DOUBT') return { outcome: 'WRONG_STATE', state };
  if (said.kind === 'BOOKING') {
    const { amount } = reversal;
    const earliest = earliestByItsClock(notBefore);
    const faults = bookingFaults(said.booking, { amount, earliest, now: proposer.now });
    // Money that goes back is a booking of its own.
    if (said.booking.bookingReference === reversal.settlement.bookingReference) faults.push('BOOKING_REFERENCE');
    if (faults.length > 0) return { outcome: 'FAULTS', faults };
  } else if (proposer.now < reversal.expiresAt) return { outcome: 'TOO_EARLY' };
  const subjectId = reversal.reversalId;
  const asked = { kind: reversalEndingKind, subjectId, agencyCode, debitId, said, document, proposer, reversal };
  return proposeWith(db, asked);
}

/**
 * Before a second person's approval: the core is asked once more about the reversal's own reference, then the
 * confirmation is signed. Approval, token and end are one transaction then. See `prepareEnding`.
 */
export async function prepareReversalEnding(hands: ReversalHands, proposal: Proposal): Promise<Ready> {
  const { db, reversing } = hands;
  const evidence = await evidenceOf(hands, proposal);
  const { said, debitId } = evidence;
  const held = evidence.reversal && (await selectHeldReversal(db, debitId, evidence.reversal.attempt, 'ALL'));
  if (held?.state !== 'IN_DOUBT' || !endsInDoubt(said)) return overtaken;
  const answer = await askOnceMore(db, reversing, held.reversal.reference, said, held.shownMoved);
  const against = await contradictionWith({ db, steps: reversing }, debitId, said, answer, held.shownMoved);
  return against ?? { outcome: 'READY', apply: await endingBy(reversing, held.reversal, evidence, said, answer) };
}

async function endingBy(
  steps: ReversalSteps,
  reversal: OpenReversal,
  { evidenceId }: Evidence,
  said: SaidOfDebit,
  answer: InquiryOutcome,
): Promise<Apply> {
  const { debitId, attempt } = reversal;
  if (said.kind === 'BOOKING') {
    // What the core says itself has its time to the millisecond.
    const booking = answer.outcome === 'MOVED' ? answer.booking : said.booking;
    const confirmation = await signReversal(steps.sign, reversal, booking, steps.now());
    return async (db, _proposal, { by, from }) => {
      if ((await settleReversal(db, reversal, booking, confirmation)) !== 'STORED') return overtaken;
      await insertEndedByHand(db, { debitId, attempt, state: 'REVERSED', evidenceId, by, from });
      steps.observe.ended('settled');
      return { outcome: 'APPLIED' };
    };
  }
  const reason: ReasonCode = said.kind === 'REFUSAL' ? said.reason : 'AB03';
  const shownReason = steps.shown(reason);
  return async (db, _proposal, { by, from }) => {
    if ((await rejectReversal(db, reversal, reason, shownReason)) !== 'STORED') return overtaken;
    await insertEndedByHand(db, { debitId, attempt, state: 'SETTLED', evidenceId, by, from });
    steps.observe.ended('rejected', shownReason);
    return { outcome: 'APPLIED' };
  };
}
