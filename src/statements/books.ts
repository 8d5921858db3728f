import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference, CreditorCode, DebitId } from '../values/ids.ts';

/**
 * What our books and the core's say differently of one transfer.
 * UNKNOWN_HERE: the core moved money of a creditor's under a reference that nothing here has.
 * NOT_SETTLED_HERE: the core moved it, and it is not settled here.
 * NOT_BOOKED: it is settled here on that booking day, and the core's day does not have it.
 * BOOKED_TWICE: the core's day has it more than once.
 * OTHER_AMOUNT, OTHER_ACCOUNT, OTHER_BOOKING, OTHER_DAY: both have it, and not the same.
 */
export const differenceKinds = [
  'UNKNOWN_HERE',
  'NOT_SETTLED_HERE',
  'NOT_BOOKED',
  'BOOKED_TWICE',
  'OTHER_AMOUNT',
  'OTHER_ACCOUNT',
  'OTHER_BOOKING',
  'OTHER_DAY',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** What is stored here of a debit, or of its reversal. */
export type Kept = {
  creditor: CreditorCode;
  debitId: DebitId;
  reversalId: string | undefined;
  state: string;
  amount: Centimes | undefined;
  bookingReference: string | undefined;
  bookingDate: Day | undefined;
};

/** What the core's day says. */
export type Booked = { amount: Centimes; bookingReference: string; bookingDate: Day };

export type Difference = {
  kind: DifferenceKind;
  reference: CoreReference;
  kept: Kept | undefined;
  booked: Booked | undefined;
};

/** What one comparison came to. `foreign`: postings that concern no creditor of ours. */
export type BookFigures = {
  booked: number;
  bookedAmount: Centimes;
  foreign: number;
  agreed: number;
  agreedAmount: Centimes;
};

/** One comparison of a booking day; of several the latest counts. */
export type BookComparison = {
  comparisonId: string;
  day: Day;
  attempt: number;
  /** A staff member's subject; undefined where the day itself asked. */
  askedBy: string | undefined;
  askedAt: Date;
  compared: (BookFigures & { comparedAt: Date; differences: number }) | undefined;
};
