import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';

/** What the core banking system has done with the money: final, with its own reference and times. */
export type Booking = {
  bookingReference: string;
  executedAt: Date;
  bookingDate: Day;
  valueDate: Day;
  amount: Centimes;
};

/**
 * One book transfer, whole. After `notAfter` a core that can must refuse it, however late it arrives. `notBefore`: when it
 * was asked for, or when its day begins, so that nothing of it can have moved earlier.
 */
export type DebitInstruction = {
  reference: CoreReference;
  debtor: Rib;
  creditor: Rib;
  amount: Centimes;
  notBefore: Date;
  notAfter: Date;
};

/** IN_DOUBT: no answer, an answer that says nothing, or a duplicate reference. Never read as yes or no. */
export type MoveOutcome =
  | { outcome: 'MOVED'; booking: Booking }
  | { outcome: 'REFUSED'; reason: ReasonCode }
  | { outcome: 'IN_DOUBT' };

export type InquiryOutcome =
  | { outcome: 'MOVED'; booking: Booking }
  | { outcome: 'REFUSED'; reason: ReasonCode }
  | { outcome: 'VOIDED' }
  | { outcome: 'UNKNOWN' }
  | { outcome: 'NO_ANSWER' };

export type VoidOutcome =
  | { outcome: 'VOIDED' }
  | { outcome: 'REFUSED'; reason: ReasonCode }
  | { outcome: 'MOVED'; booking: Booking }
  | { outcome: 'NO_ANSWER' };

/** UNREACHABLE: the core banking system did not say, which is no answer about the account. */
export type AccountOutcome =
  | { outcome: 'FOUND'; status: 'OPEN' | 'BLOCKED' | 'CLOSED'; holder: string }
  | { outcome: 'UNKNOWN' }
  | { outcome: 'UNREACHABLE' };

/**
 * Gives one settled debit back, whole. Its reference is the reversal's own, derived with the attempt's number. Debtor
 * and creditor are the original's: the money goes from the creditor's collection account to the debtor's account.
 */
export type ReversalInstruction = DebitInstruction & { original: CoreReference };

/**
 * One posting of the core's own books: what it says that it moved, for reconciliation and after a restore. `debtor` is
 * the account that was debited, `creditor` the one that was credited, so a reversal names them the other way round.
 */
export type Movement = { reference: CoreReference; debtor: Rib; creditor: Rib; booking: Booking };

/**
 * What a bus offers, declared by its adapter: what the gateway does in doubt follows from it (debits/doubt.ts).
 * `memory`: how long it knows a reference that it has executed; bounded in seconds after `notAfter`.
 */
export type CoreProperties = {
  memory: 'FOR_EVER' | { secondsAfterNotAfter: number };
  keepsRefusals: boolean;
  honoursNotAfter: boolean;
  canVoid: boolean;
};

/** A core's clock may be off by so much and still be believed. */
export const clockSeconds = 300;

/**
 * How an answer contradicts its instruction. OTHER_OUTCOME: it says two things of one transaction. OTHER_TIME: it moved
 * before it was asked for, or is yet to, or on a day that is not of its time. SHARED_BOOKING: it names one booking for two.
 */
export const coreDifferences = [
  'OTHER_AMOUNT',
  'OTHER_CURRENCY',
  'OTHER_ACCOUNT',
  'OTHER_REFERENCE',
  'OTHER_OUTCOME',
  'OTHER_TIME',
  'SHARED_BOOKING',
] as const;
export type CoreDifference = (typeof coreDifferences)[number];

/**
 * Part of an answer that contradicts its instruction. An adapter answers with silence then, after it has told of this
 * to whoever it was handed: what is contradicted is never believed, and never swallowed.
 */
export type CoreContradiction = {
  reference: CoreReference;
  difference: CoreDifference;
  /** What the core said, as far as it can be read. */
  bookingReference: string | undefined;
  amount: Centimes | undefined;
  executedAt: Date | undefined;
  /** The answer, among the messages that are kept. */
  messageId: string;
};

/**
 * The bank's books. A reference is derived from creditor and end-to-end id, so asking again is safe, also after a
 * restore. Answers come in the order asked. No operation throws for what a bus does: silence is an outcome.
 */
export type CoreBanking = {
  properties: CoreProperties;
  lookUpAccount: (rib: Rib) => Promise<AccountOutcome>;
  debit: (instructions: readonly DebitInstruction[]) => Promise<MoveOutcome[]>;
  inquire: (references: readonly CoreReference[]) => Promise<InquiryOutcome[]>;
  /** After VOIDED the reference can never move money, however late an instruction of ours still arrives. */
  void: (references: readonly CoreReference[]) => Promise<VoidOutcome[]>;
  reverse: (instructions: readonly ReversalInstruction[]) => Promise<MoveOutcome[]>;
  /** The postings of that booking day, in the order in which they were booked. Rejects where the bus does not answer. */
  movements: (day: Day) => Promise<Movement[]>;
};
