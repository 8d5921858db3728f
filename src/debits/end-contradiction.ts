import type { Apply } from '../approvals/decide.ts';
import type { Ready } from '../approvals/decide-when-ready.ts';
import type { Proposal, ProposalId } from '../approvals/proposal.ts';
import type { Centimes } from '../values/centimes.ts';
import { contradictionWith, evidenceOf, type Hands, overtaken, type Proposer, proposeWith } from './by-hand.ts';
import {
  type Contradiction,
  correctContradiction,
  returnContradiction,
  selectContradiction,
} from './contradiction.sql.ts';
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
      return { outcome: 'READY', apply: returnedBy(said.contradictionId, evidence) };
    case 'CORRECTION':
      return correctedBy(hands, evidence, said);
  }
}

const returnedBy =
  (contradictionId: ContradictionId, { evidenceId }: Evidence): Apply =>
  async (db, _proposal, { by, from }) =>
    (await returnContradiction(db, { contradictionId, evidenceId, by, from })) ? { outcome: 'APPLIED' } : overtaken;

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
