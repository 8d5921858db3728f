import type { Booking, ReversalInstruction } from '../core-banking/port.ts';
import type { Branded } from '../values/branded.ts';
import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import {
  type CoreReference,
  type CreditorCode,
  type DebitId,
  type DeclarationReference,
  type EmployerNumber,
  type EndToEndId,
  isUuidV7,
  type Jws,
  type MandateId,
  type TokenId,
  uuidV7,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import type { RequestProof } from './debit.ts';

/** One try to give a debit back: UUIDv7. Outside it is known by its debit and its number. */
export type ReversalId = Branded<string, 'ReversalId'>;

export const parseReversalId = (text: string): ReversalId | undefined =>
  isUuidV7(text) ? (text as ReversalId) : undefined;
export const newReversalId = (now: Date): ReversalId => uuidV7(now) as ReversalId;

export const reversalStates = ['REQUESTED', 'EXECUTING', 'IN_DOUBT', 'SETTLED', 'REJECTED'] as const;
export type ReversalState = (typeof reversalStates)[number];

/** REQUESTED goes to REJECTED where its time passed before anything was sent. */
const next: Record<ReversalState, readonly ReversalState[]> = {
  REQUESTED: ['EXECUTING', 'REJECTED'],
  EXECUTING: ['SETTLED', 'REJECTED', 'IN_DOUBT'],
  IN_DOUBT: ['SETTLED', 'REJECTED'],
  SETTLED: [],
  REJECTED: [],
};

/** The states from which `state` is reached: what the WHERE clause of an UPDATE may name. */
export function reversalStatesBefore(state: ReversalState): ReversalState[] {
  return reversalStates.filter((from) => next[from].includes(state));
}

/** Why the creditor gives a debit back. A code, never a text. */
export const reversalReasons = [
  'employer-request',
  'declaration-corrected',
  'paid-otherwise',
  'asked-in-error',
  'contest-accepted',
  'other',
] as const;
export type ReversalReason = (typeof reversalReasons)[number];

/**
 * What the creditor asks for. `attempt` counts its tries, from 1: a retry names the same one, so that it never moves
 * money anew after a rejection; only the next number is a new try.
 */
export type ReversalOrder = {
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  attempt: number;
  reason: ReversalReason;
};

/** A reversal as its creditor may see it. */
export type ReversalRecord = {
  reversalId: ReversalId;
  attempt: number;
  state: ReversalState;
  askedReason: ReversalReason;
  reason: ReasonCode | undefined;
  orderedAt: Date;
  receivedAt: Date;
  expiresAt: Date;
  resolveBy: Date;
  endedAt: Date | undefined;
  settled: Omit<Booking, 'amount'> | undefined;
  confirmation: Jws | undefined;
  confirmationJti: TokenId | undefined;
  requestJti: string;
};

/** A reversal that is to be sent or ended: all that the way onward needs, so that nothing is read again. */
export type OpenReversal = {
  reversalId: ReversalId;
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  attempt: number;
  askedReason: ReversalReason;
  reference: CoreReference;
  /** The reference under which the debit moved. */
  original: CoreReference;
  mandateId: MandateId;
  employerNumber: EmployerNumber;
  declaration: DeclarationReference;
  amount: Centimes;
  debtor: Rib;
  /** The account that the debit was credited to. */
  collectionAccount: Rib;
  settlement: { confirmationJti: TokenId; bookingReference: string; executedAt: Date; bookingDate: Day };
  orderedAt: Date;
  receivedAt: Date;
  expiresAt: Date;
  resolveBy: Date;
  request: RequestProof;
};

export const reversalInstructionFor = (reversal: OpenReversal): ReversalInstruction => ({
  reference: reversal.reference,
  original: reversal.original,
  debtor: reversal.debtor,
  creditor: reversal.collectionAccount,
  amount: reversal.amount,
  notBefore: reversal.receivedAt,
  notAfter: reversal.expiresAt,
});
