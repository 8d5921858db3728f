import { type Apply, decide } from '../approvals/decide.ts';
import type { ProposalId } from '../approvals/proposal.ts';
import type { Centimes } from '../values/centimes.ts';
import type { Agencies } from './agencies.ts';
import {
  type Approved,
  type Approver,
  evidenceOf,
  type Hands,
  notPrepared,
  type Proposer,
  proposeWith,
  waitingFor,
} from './by-hand.ts';
import {
  type Contradiction,
  correctContradiction,
  returnContradiction,
  selectContradiction,
  selectReturnedBookings,
} from './contradiction.sql.ts';
import {
  agreementOf,
  bookingFaults,
  type ContradictionId,
  type Document,
  type Evidence,
  type EvidenceFault,
  type Said,
} from './evidence.ts';
import { selectHeldDebit } from './held.sql.ts';
import { signConfirmation } from './tokens.ts';

export const contradictionEndingKind = 'contradiction.ending';

export type SaidOfContradiction = Extract<Said, { kind: 'RETURN' | 'CORRECTION' }>;

/** ENDED: two people ended it before. NOT_CORRECTABLE: only money that moved whole against a rejection is confirmed. */
export type ContradictionEndProposed =
  | { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }
  | { outcome: 'NOT_FOUND' | 'ENDED' | 'NOT_CORRECTABLE' }
  | { outcome: 'FAULTS'; faults: readonly EvidenceFault[] };

/** Proposes to end a contradiction: by the core's own return booking, or by a confirmation that corrects the rejection. */
export async function proposeContradictionEnd(
  { db }: Hands,
  said: SaidOfContradiction,
  document: Document,
  proposer: Proposer,
): Promise<ContradictionEndProposed> {
  const contradiction = await selectContradiction(db, said.contradictionId, proposer.agencies);
  if (contradiction === undefined) return { outcome: 'NOT_FOUND' };
  if (contradiction.endedAt !== undefined) return { outcome: 'ENDED' };
  if (said.kind === 'CORRECTION' && !isCorrectable(contradiction)) return { outcome: 'NOT_CORRECTABLE' };
  const faults = faultsOf(contradiction, said, proposer.now);
  if (faults.length > 0) return { outcome: 'FAULTS', faults };
  const { contradictionId, debitId, agencyCode } = contradiction;
  return proposeWith(db, {
    kind: contradictionEndingKind,
    subjectId: contradictionId,
    agencyCode,
    debitId,
    said,
    document,
    proposer,
  });
}

/** Money that moved, whole, against a signed rejection, under ceilings that were reserved for it once. */
export const isCorrectable = ({ kind, state, said, amount }: Contradiction): boolean =>
  kind === 'MOVED_AFTER_REJECTION' && state === 'REJECTED' && said !== undefined && said.amount === amount;

function faultsOf({ said: met }: Contradiction, said: SaidOfContradiction, now: Date): EvidenceFault[] {
  const { booking } = said;
  const amount: Centimes = met?.amount ?? booking.amount;
  const faults = bookingFaults(booking, { amount, earliest: met?.executedAt ?? booking.executedAt, now });
  // A return is a booking of its own; what is corrected is the very one that was met.
  const isTheOneMet = booking.bookingReference === met?.bookingReference;
  if (isTheOneMet !== (said.kind === 'CORRECTION') && !faults.includes('BOOKING_REFERENCE'))
    faults.push('BOOKING_REFERENCE');
  return faults;
}

/** A second person approves: see `approveEnding`. A return is a booking of the bank's own, of which nothing is asked. */
export async function approveContradictionEnd(
  hands: Hands,
  proposalId: ProposalId,
  approver: Approver,
): Promise<Approved> {
  const { db } = hands;
  const proposal = await waitingFor(db, proposalId, contradictionEndingKind, approver);
  if (proposal === undefined) return decide(db, { ...approver, proposalId, decision: 'APPROVE' }, notPrepared);
  const evidence = await evidenceOf(hands, proposal);
  const { said } = evidence;
  switch (said.kind) {
    case 'BOOKING':
    case 'VOID':
    case 'REFUSAL':
      return { outcome: 'NOT_FOUND' };
    case 'RETURN':
      return decide(db, { ...approver, proposalId, decision: 'APPROVE' }, returnedBy(said.contradictionId, evidence));
    case 'CORRECTION':
      return approveCorrection(hands, proposalId, approver, evidence, said);
  }
}

const returnedBy =
  (contradictionId: ContradictionId, { evidenceId }: Evidence): Apply =>
  async (db, _proposal, { by, from }) =>
    (await returnContradiction(db, { contradictionId, evidenceId, by, from }))
      ? { outcome: 'APPLIED' }
      : { outcome: 'IMPOSSIBLE', why: 'OVERTAKEN' };

async function approveCorrection(
  { db, steps }: Hands,
  proposalId: ProposalId,
  approver: Approver,
  { evidenceId, debitId }: Evidence,
  said: Extract<Said, { kind: 'CORRECTION' }>,
): Promise<Approved> {
  const held = await selectHeldDebit(db, debitId, approver.agencies satisfies Agencies);
  const { open, rejectionJti } = held ?? {};
  if (open === undefined || rejectionJti === undefined) return { outcome: 'IMPOSSIBLE', why: 'OVERTAKEN' };
  const answer = await steps.inquire(open.reference);
  const facts = { remembers: steps.core.memory === 'FOR_EVER', returned: await selectReturnedBookings(db, debitId) };
  if (agreementOf(said, answer, facts) === 'CONTRADICTS') return { outcome: 'CORE_CONTRADICTS', answer };
  const booking = answer.outcome === 'MOVED' ? answer.booking : said.booking;
  const confirmation = await signConfirmation(steps.sign, open, booking, steps.now(), rejectionJti);
  return decide(db, { ...approver, proposalId, decision: 'APPROVE' }, async (transaction, _proposal, { by, from }) => {
    const end = { contradictionId: said.contradictionId, evidenceId, by, from };
    return (await correctContradiction(transaction, { ...end, booking, confirmation }))
      ? { outcome: 'APPLIED' }
      : { outcome: 'IMPOSSIBLE', why: 'DECLARATION_PAID' };
  });
}
