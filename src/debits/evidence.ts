import { type Booking, clockSeconds, type InquiryOutcome } from '../core-banking/port.ts';
import type { Branded } from '../values/branded.ts';
import type { Centimes } from '../values/centimes.ts';
import { isFarApart } from '../values/dates.ts';
import { type DebitId, isUuid } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { ReversalId } from './reversal.ts';

export type EvidenceId = Branded<string, 'EvidenceId'>;
/** A contradiction's name: a UUID. */
export type ContradictionId = Branded<string, 'ContradictionId'>;

export const parseEvidenceId = (text: string): EvidenceId | undefined =>
  isUuid(text) ? (text as EvidenceId) : undefined;
export const parseContradictionId = (text: string): ContradictionId | undefined =>
  isUuid(text) ? (text as ContradictionId) : undefined;

/** What the core's own paper says, as it was typed from it. */
export type Said =
  | { kind: 'BOOKING'; booking: Booking }
  | { kind: 'VOID' }
  | { kind: 'REFUSAL'; reason: ReasonCode }
  /** The core has given the contradicted booking back, by a booking of its own. */
  | { kind: 'RETURN'; contradictionId: ContradictionId; booking: Booking }
  /** The contradicted booking stands: the rejection is corrected by a confirmation that names it. */
  | { kind: 'CORRECTION'; contradictionId: ContradictionId; booking: Booking }
  /** The contradicting answer was never right: this is what the core says of the debit, or the reversal, instead. */
  | { kind: 'EXPLANATION'; contradictionId: ContradictionId; right: RightAnswer; bookingReference: string | undefined };
/** What the core calls right: that it moved, by a booking that it names; that it refused; or that it voided. */
export const rightAnswers = ['MOVED', 'REFUSED', 'VOIDED'] as const;
export type RightAnswer = (typeof rightAnswers)[number];
export type EvidenceKind = Said['kind'];

/** The core's paper itself; its type found by its content. */
export type Document = { mediaType: DocumentType; bytes: Buffer };
export type DocumentType = 'application/pdf' | 'image/png' | 'image/jpeg';
export const documentMaximumBytes = 5 * 1024 * 1024;

/** Evidence as it is shown: what it says, and how its document is found again. */
export type Evidence = {
  evidenceId: EvidenceId;
  debitId: DebitId;
  /** The attempt to give it back that it ends; undefined where it is of the debit itself, or of a contradiction. */
  reversal: { reversalId: ReversalId; attempt: number } | undefined;
  said: Said;
  mediaType: DocumentType;
  digest: Buffer;
  attachedBy: string;
  attachedAt: Date;
};

/** What the signature of each kind of document looks like at its very beginning. */
const beginnings: readonly { mediaType: DocumentType; bytes: readonly number[] }[] = [
  { mediaType: 'application/pdf', bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { mediaType: 'image/png', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mediaType: 'image/jpeg', bytes: [0xff, 0xd8, 0xff] },
];

/** Reads a document by its content; undefined where it is too large, or neither PDF, PNG nor JPEG. */
export function readDocument(bytes: Buffer): Document | undefined {
  if (bytes.length > documentMaximumBytes) return undefined;
  const known = beginnings.find((beginning) => beginning.bytes.every((byte, at) => bytes[at] === byte));
  return known && { mediaType: known.mediaType, bytes };
}

/**
 * AGREES: the core says the same. SILENT: it does not say, or can't any more; the paper stands alone. CONTRADICTS: its
 * word is against the paper, and nothing may be ended by it.
 */
export type Agreement = 'AGREES' | 'SILENT' | 'CONTRADICTS';

/**
 * What the core's word is worth beside its paper. `remembers`: what it calls unknown it has never executed. `returned`:
 * booking references that contradictions of this debit ended by returning.
 */
export function agreementOf(
  said: Exclude<Said, { kind: 'RETURN' }>,
  answer: InquiryOutcome,
  { remembers, returned }: { remembers: boolean; returned: readonly string[] },
): Agreement {
  switch (answer.outcome) {
    case 'NO_ANSWER':
      return 'SILENT';
    case 'UNKNOWN':
      // Unknown to a core that forgets nothing: it has not moved. That it never will, its void says.
      return remembers && movedBy(said) ? 'CONTRADICTS' : 'SILENT';
    case 'MOVED':
      if (!movedBy(said)) return returned.includes(answer.booking.bookingReference) ? 'SILENT' : 'CONTRADICTS';
      return sameBooking(said, answer.booking) ? 'AGREES' : 'CONTRADICTS';
    case 'REFUSED':
    case 'VOIDED':
      return movedBy(said) ? 'CONTRADICTS' : 'AGREES';
  }
}

type SaidOfMoney = Exclude<Said, { kind: 'RETURN' }>;
type Moving = Extract<Said, { kind: 'BOOKING' | 'CORRECTION' | 'EXPLANATION' }>;

function movedBy(said: SaidOfMoney): said is Moving {
  switch (said.kind) {
    case 'BOOKING':
    case 'CORRECTION':
      return true;
    case 'EXPLANATION':
      return said.right === 'MOVED';
    case 'VOID':
    case 'REFUSAL':
      return false;
  }
}

/** An explanation names the booking alone. A booking's time is compared to the second, since people type it from paper. */
const sameBooking = (said: Moving, answered: Booking): boolean =>
  said.kind === 'EXPLANATION'
    ? said.bookingReference === answered.bookingReference
    : said.booking.bookingReference === answered.bookingReference &&
      said.booking.amount === answered.amount &&
      said.booking.bookingDate === answered.bookingDate &&
      said.booking.valueDate === answered.valueDate &&
      Math.floor(said.booking.executedAt.getTime() / 1000) === Math.floor(answered.executedAt.getTime() / 1000);

/**
 * Why evidence can't be of this debit: codes, each told beside its field. OTHER_ANSWER, OTHER_BOOKING: what an
 * explanation calls right is not what stands, so that it explains nothing.
 */
export type EvidenceFault =
  | 'AMOUNT'
  | 'TIME'
  | 'BOOKING_REFERENCE'
  | 'DATES'
  | 'DOCUMENT'
  | 'OTHER_ANSWER'
  | 'OTHER_BOOKING';

/** The earliest time that a core can name, whose clock may be behind ours. */
export const earliestByItsClock = (notBefore: Date): Date => new Date(notBefore.getTime() - clockSeconds * 1000);

/** What is wrong with a booking as it was typed, for something of that amount that could not move before `earliest`. */
export function bookingFaults(
  booking: Booking,
  expected: { amount: Centimes; earliest: Date; now: Date },
): EvidenceFault[] {
  const faults: EvidenceFault[] = [];
  if (!/^[\x21-\x7e]{1,70}$/.test(booking.bookingReference)) faults.push('BOOKING_REFERENCE');
  if (booking.amount !== expected.amount) faults.push('AMOUNT');
  // Typed to the second, while the gateway's times have milliseconds.
  if (booking.executedAt.getTime() + 1000 <= expected.earliest.getTime() || booking.executedAt > expected.now)
    faults.push('TIME');
  if (isFarApart(booking.bookingDate, booking.executedAt) || isFarApart(booking.valueDate, booking.executedAt))
    faults.push('DATES');
  return faults;
}
