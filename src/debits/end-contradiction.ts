import type { Apply } from '../approvals/decide.ts';
import type { Ready } from '../approvals/decide-when-ready.ts';
import type { Proposal, ProposalId } from '../approvals/proposal.ts';
import { contradictionWith, evidenceOf, type Hands, overtaken, type Proposer, proposeWith } from './by-hand.ts';
import {
  type Contradiction,
  correctContradiction,
  letGoContradiction,
  selectContradiction,
} from './contradiction.sql.ts';
import { endingsOf, explains } from './contradiction-endings.ts';
import {
  bookingFaults,
  type ContradictionId,
  type Document,
  type Evidence,
  type EvidenceFault,
  type Said,
} from './evidence.ts';
import { selectHeldDebit } from './held.sql.ts';
import { selectCollectionAccount } from './open-debit.sql.ts';
import { signConfirmation } from './tokens.ts';

export const contradictionEndingKind = 'contradiction.ending';

export type SaidOfContradiction = Extract<Said, { kind: 'RETURN' | 'CORRECTION' | 'EXPLANATION' }>;

/** ENDED: two people ended it before. NOT_BY_THIS: no paper of that kind ends this one, or not while it is in doubt. */
export type ContradictionEndProposed =
  | { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }
  | { outcome: 'NOT_FOUND' | 'ENDED' | 'NOT_BY_THIS' }
  | { outcome: 'FAULTS'; faults: readonly EvidenceFault[] };

/**
 * Proposes to end a contradiction: by the core's own return booking, by a confirmation that corrects the rejection, or by
 * the core's explanation, which says that what stands is right.
 */
export async function proposeContradictionEnd(
  { db }: Hands,
  said: SaidOfContradiction,
  document: Document,
  proposer: Proposer,
): Promise<ContradictionEndProposed> {
  const contradiction = await selectContradiction(db, said.contradictionId, proposer.agencies);
  if (contradiction === undefined) return { outcome: 'NOT_FOUND' };
  if (contradiction.endedAt !== undefined) return { outcome: 'ENDED' };
  if (!endingsOf(contradiction).includes(said.kind)) return { outcome: 'NOT_BY_THIS' };
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

function faultsOf(met: Contradiction, said: SaidOfContradiction, now: Date): EvidenceFault[] {
  if (said.kind === 'EXPLANATION') return faultsOfExplanation(met, said);
  const { booking } = said;
  const amount = met.said?.amount ?? booking.amount;
  const faults = bookingFaults(booking, { amount, earliest: met.said?.executedAt ?? booking.executedAt, now });
  // A return is a booking of its own; what is corrected is the very one that was met.
  const isTheOneMet = booking.bookingReference === met.said?.bookingReference;
  if (isTheOneMet !== (said.kind === 'CORRECTION') && !faults.includes('BOOKING_REFERENCE'))
    faults.push('BOOKING_REFERENCE');
  return faults;
}

/** Where the core calls right what does not stand, it explains nothing: then something is wrong that no paper ends. */
function faultsOfExplanation(
  { about }: Contradiction,
  { right, bookingReference }: Extract<Said, { kind: 'EXPLANATION' }>,
): EvidenceFault[] {
  if (!explains(right, about.stands)) return ['OTHER_ANSWER'];
  const named = right === 'MOVED' ? about.bookingReference : undefined;
  return bookingReference === named ? [] : ['OTHER_BOOKING'];
}

/** Before a second person's approval: see `prepareEnding`. A return is a booking of the bank's own, of which nothing is asked. */
export async function prepareContradictionEnd(hands: Hands, proposal: Proposal): Promise<Ready> {
  const evidence = await evidenceOf(hands, proposal);
  const { said } = evidence;
  switch (said.kind) {
    case 'BOOKING':
    case 'VOID':
    case 'REFUSAL':
      return overtaken;
    case 'RETURN':
      return { outcome: 'READY', apply: letGoBy('RETURN', said.contradictionId, evidence) };
    case 'EXPLANATION':
      return explainedBy(hands, evidence, said);
    case 'CORRECTION':
      return correctedBy(hands, evidence, said);
  }
}

const letGoBy =
  (paper: 'RETURN' | 'EXPLANATION', contradictionId: ContradictionId, { evidenceId }: Evidence): Apply =>
  async (db, _proposal, { by, from }) =>
    (await letGoContradiction(db, { contradictionId, evidenceId, by, from, paper }))
      ? { outcome: 'APPLIED' }
      : overtaken;

/** Looked at once more with what stands by now, and the core asked once more about what its answer was of. */
async function explainedBy(
  hands: Hands,
  evidence: Evidence,
  said: Extract<Said, { kind: 'EXPLANATION' }>,
): Promise<Ready> {
  const met = await selectContradiction(hands.db, said.contradictionId, 'ALL');
  if (met === undefined || met.endedAt !== undefined || !endingsOf(met).includes('EXPLANATION')) return overtaken;
  if (faultsOfExplanation(met, said).length > 0) return overtaken;
  const answer = await hands.steps.inquire(met.about.reference);
  const against = await contradictionWith(hands, met.debitId, said, answer);
  return against ?? { outcome: 'READY', apply: letGoBy('EXPLANATION', said.contradictionId, evidence) };
}

async function correctedBy(
  hands: Hands,
  { evidenceId, debitId }: Evidence,
  said: Extract<Said, { kind: 'CORRECTION' }>,
): Promise<Ready> {
  const { db, steps } = hands;
  const { open, rejectionJti } = (await selectHeldDebit(db, debitId, 'ALL')) ?? {};
  if (open === undefined || rejectionJti === undefined) return overtaken;
  const answer = await steps.inquire(open.reference);
  const against = await contradictionWith(hands, debitId, said, answer);
  if (against !== undefined) return against;
  const booking = answer.outcome === 'MOVED' ? answer.booking : said.booking;
  // A rejected debit holds no account still: the creditor may have another by now than the one that was credited.
  const credited = await selectCollectionAccount(db, open.creditor, booking.executedAt);
  const moved = { ...open, collectionAccount: credited ?? open.collectionAccount };
  const confirmation = await signConfirmation(steps.sign, moved, booking, steps.now(), rejectionJti);
  const { contradictionId } = said;
  return {
    outcome: 'READY',
    apply: async (transaction, _proposal, { by, from }) =>
      (await correctContradiction(transaction, { contradictionId, evidenceId, by, from, booking, confirmation }))
        ? { outcome: 'APPLIED' }
        : { outcome: 'IMPOSSIBLE', why: 'DECLARATION_PAID' },
  };
}
