import type pg from 'pg';
import type { Apply } from '../approvals/decide.ts';
import type { Ready } from '../approvals/decide-when-ready.ts';
import type { Proposal, ProposalContent, ProposalId } from '../approvals/proposal.ts';
import { propose } from '../approvals/propose.ts';
import type { InquiryOutcome } from '../core-banking/port.ts';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { formatAmount } from '../values/centimes.ts';
import { formatInstant } from '../values/dates.ts';
import type { CoreReference, DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Agencies } from './agencies.ts';
import { selectReturnedBookings } from './contradiction.sql.ts';
import type { DebitState } from './debit.ts';
import { rejectDebits, settleDebits } from './debits.sql.ts';
import { insertEndedByHand, insertEvidence, newEvidenceId, selectEvidence } from './evidence.sql.ts';
import {
  agreementOf,
  bookingFaults,
  type Document,
  type Evidence,
  type EvidenceFault,
  earliestByItsClock,
  parseEvidenceId,
  type Said,
} from './evidence.ts';
import { type HeldDebit, selectHeldDebit } from './held.sql.ts';
import type { ReversalId } from './reversal.ts';
import type { DebitSteps } from './steps.ts';
import { signConfirmation, signRejection } from './tokens.ts';
import { selectShownBooking } from './unclaimed.sql.ts';

/** What ending by hand works with. */
export type Hands = { db: pg.Pool; steps: DebitSteps };

export const endingKind = 'debit.ending';

/** A member of staff who proposes, from where, and why in their own words. */
export type Proposer = { by: string; from: string; agencies: Agencies; reason: string; now: Date };

export type SaidOfDebit = Extract<Said, { kind: 'BOOKING' | 'VOID' | 'REFUSAL' }>;

/**
 * WRONG_STATE: only a debit in doubt is ended by hand. TOO_EARLY: until it expires it may still be sent, so nothing but
 * a booking ends it. FAULTS: what was attached is not of this debit.
 */
export type EndingProposed =
  | { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }
  | { outcome: 'NOT_FOUND' | 'TOO_EARLY' }
  | { outcome: 'WRONG_STATE'; state: DebitState }
  | { outcome: 'FAULTS'; faults: readonly EvidenceFault[] };

/** Proposes to end a debit in doubt by the core's own booking, void or refusal, which is attached. Nothing is ended yet. */
export async function proposeEnding(
  { db }: Hands,
  debitId: DebitId,
  said: SaidOfDebit,
  document: Document,
  proposer: Proposer,
): Promise<EndingProposed> {
  const held = await selectHeldDebit(db, debitId, proposer.agencies);
  if (held === undefined) return { outcome: 'NOT_FOUND' };
  const { debit, open, state, agencyCode, notBefore } = held;
  if (state !== 'IN_DOUBT' || open === undefined) return { outcome: 'WRONG_STATE', state };
  if (said.kind === 'BOOKING') {
    const faults = bookingFaults(said.booking, {
      amount: debit.amount,
      earliest: earliestByItsClock(notBefore),
      now: proposer.now,
    });
    if (faults.length > 0) return { outcome: 'FAULTS', faults };
  } else if (proposer.now < debit.expiresAt) return { outcome: 'TOO_EARLY' };
  return proposeWith(db, { kind: endingKind, subjectId: debitId, agencyCode, debitId, said, document, proposer });
}

/** The proposal and what it rests on, both or neither. */
export function proposeWith(
  pool: pg.Pool,
  asked: {
    kind: string;
    subjectId: string;
    agencyCode: string | undefined;
    debitId: DebitId;
    said: Said;
    document: Document;
    proposer: Proposer;
    /** The attempt to give it back that the paper is of. */
    reversal?: { reversalId: ReversalId; attempt: number };
  },
): Promise<{ outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId }> {
  const { kind, subjectId, agencyCode, debitId, said, document, proposer, reversal } = asked;
  const { by, from, reason, now } = proposer;
  const evidenceId = newEvidenceId(now);
  const content = {
    ...contentOf(evidenceId, debitId, said),
    ...(reversal && { reversal: reversal.reversalId, attempt: reversal.attempt }),
  };
  return inTransaction(pool, async (db) => {
    const proposed = await propose(db, { kind, subjectId, agencyCode, content, reason, by, from, now });
    if (proposed.outcome === 'PROPOSED')
      await insertEvidence(db, {
        ...{ evidenceId, debitId, said, document, attachedBy: by, attachedAt: now },
        reversalId: reversal?.reversalId,
      });
    return proposed;
  });
}

/** What the second person's approval is of: every figure on the paper, by the hash of the proposal's content. */
function contentOf(evidenceId: string, debitId: DebitId, said: Said): ProposalContent {
  const about = { evidence: evidenceId, debit: debitId, says: said.kind };
  switch (said.kind) {
    case 'VOID':
      return about;
    case 'REFUSAL':
      return { ...about, reason: said.reason };
    case 'EXPLANATION':
      return {
        ...about,
        contradiction: said.contradictionId,
        right: said.right,
        ...(said.bookingReference !== undefined && { bookingReference: said.bookingReference }),
      };
    case 'BOOKING':
    case 'RETURN':
    case 'CORRECTION':
      return {
        ...about,
        ...('contradictionId' in said && { contradiction: said.contradictionId }),
        bookingReference: said.booking.bookingReference,
        executedAt: formatInstant(said.booking.executedAt),
        bookingDate: said.booking.bookingDate,
        valueDate: said.booking.valueDate,
        amount: formatAmount(said.booking.amount),
      };
  }
}

/**
 * Before a second person's approval: the core is asked once more, then the token is signed. Approval, token and end are
 * one transaction then. IMPOSSIBLE with CORE_ and the core's word where that contradicts its paper. Whatever stops this on its way leaves the debit in doubt and the proposal waiting.
 */
export async function prepareEnding(hands: Hands, proposal: Proposal): Promise<Ready> {
  const { db, steps } = hands;
  const evidence = await evidenceOf(hands, proposal);
  const { said } = evidence;
  const held = await selectHeldDebit(db, evidence.debitId, 'ALL');
  if (held?.state !== 'IN_DOUBT' || !endsInDoubt(said)) return overtaken;
  const answer = await askOnceMore(db, steps, held.debit.reference, said, held.shownMoved);
  const against = await contradictionWith(hands, evidence.debitId, said, answer, held.shownMoved);
  return against ?? { outcome: 'READY', apply: await endingBy(steps, held, evidence, said, answer) };
}

/** It has ended meanwhile, by the core's own word or by two others. */
export const overtaken = { outcome: 'IMPOSSIBLE', why: 'OVERTAKEN' } as const;

/**
 * Where the core's word is against its paper. `shownMoved`: its own movements have said that it moved, which neither its
 * silence nor its denial takes back, as long as that booking is not returned.
 */
export async function contradictionWith(
  { db, steps }: { db: Queryable; steps: Pick<DebitSteps, 'core'> },
  debitId: DebitId,
  said: Exclude<Said, { kind: 'RETURN' }>,
  answer: InquiryOutcome,
  shownMoved = false,
): Promise<Ready | undefined> {
  const returned = await selectReturnedBookings(db, debitId);
  // By two others, meanwhile: that money has gone back, whatever is said of its booking.
  if ('booking' in said && returned.includes(said.booking.bookingReference))
    return { outcome: 'IMPOSSIBLE', why: 'RETURNED' };
  // An older gateway kept of what it found only that it moved.
  if (shownMoved && answer.outcome !== 'MOVED' && endsUnmoved(said) && returned.length === 0)
    return { outcome: 'IMPOSSIBLE', why: 'CORE_MOVED' };
  const agreement = agreementOf(said, answer, { remembers: steps.core.memory === 'FOR_EVER', returned });
  return agreement === 'CONTRADICTS' ? { outcome: 'IMPOSSIBLE', why: `CORE_${answer.outcome}` } : undefined;
}

export async function evidenceOf({ db }: Pick<Hands, 'db'>, proposal: Proposal): Promise<Evidence> {
  const named = proposal.content.evidence;
  const evidenceId = typeof named === 'string' ? parseEvidenceId(named) : undefined;
  if (evidenceId === undefined) throw new Error('a proposal names no evidence');
  return selectEvidence(db, evidenceId);
}

/** The papers that end what is in doubt: the others end a contradiction. */
export const endsInDoubt = (said: Said): said is SaidOfDebit =>
  said.kind === 'BOOKING' || said.kind === 'VOID' || said.kind === 'REFUSAL';

const endsUnmoved = ({ kind }: Said): boolean => kind === 'VOID' || kind === 'REFUSAL';

/**
 * Where it is to be rejected and the core can void, it is voided: what is not yet known there never can be. Not where its
 * own movements show that it has moved (`shownMoved`): it would void what it has forgotten. They are its word then, unless it
 * says moved itself.
 */
export async function askOnceMore(
  db: Queryable,
  steps: Pick<DebitSteps, 'inquire' | 'void' | 'core'>,
  reference: CoreReference,
  said: SaidOfDebit,
  shownMoved: boolean,
): Promise<InquiryOutcome> {
  const answer = await steps.inquire(reference);
  if (shownMoved && answer.outcome !== 'MOVED') {
    const booking = await selectShownBooking(db, reference);
    return booking ? { outcome: 'MOVED', booking } : { outcome: 'NO_ANSWER' };
  }
  if (said.kind === 'BOOKING' || !steps.core.canVoid) return answer;
  const final = answer.outcome === 'MOVED' || answer.outcome === 'VOIDED' || answer.outcome === 'NO_ANSWER';
  return final ? answer : steps.void(reference);
}

async function endingBy(
  steps: DebitSteps,
  { debit, open }: HeldDebit,
  { evidenceId }: Evidence,
  said: SaidOfDebit,
  answer: InquiryOutcome,
): Promise<Apply> {
  const { debitId } = debit;
  if (said.kind === 'BOOKING') {
    if (open === undefined) throw new Error('a debit in doubt was reserved once');
    // What the core says itself has its time to the millisecond.
    const booking = answer.outcome === 'MOVED' ? answer.booking : said.booking;
    const confirmation = await signConfirmation(steps.sign, open, booking, steps.now());
    return async (db, _proposal, { by, from }) => {
      const [stored] = await settleDebits(db, [{ debitId, booking, confirmation }]);
      if (stored !== 'STORED') return overtaken;
      await insertEndedByHand(db, { debitId, state: 'SETTLED', evidenceId, by, from });
      steps.observe.ended('settled');
      return { outcome: 'APPLIED' };
    };
  }
  const reason: ReasonCode = said.kind === 'REFUSAL' ? said.reason : 'AB03';
  const shownReason = steps.shown(reason);
  const rejection = await signRejection(steps.sign, debit, shownReason, undefined, steps.now());
  return async (db, _proposal, { by, from }) => {
    const [stored] = await rejectDebits(db, [{ debitId, reason, shownReason, rejection }]);
    if (stored !== 'STORED') return overtaken;
    await insertEndedByHand(db, { debitId, state: 'REJECTED', evidenceId, by, from });
    steps.observe.ended('rejected', shownReason);
    return { outcome: 'APPLIED' };
  };
}
