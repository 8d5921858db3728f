import type { Centimes } from '../values/centimes.ts';
import type { CoreReference } from '../values/ids.ts';
import type { DebitState } from './debit.ts';
import type { RightAnswer } from './evidence.ts';
import type { ReversalState } from './reversal.ts';

export const contradictionKinds = [
  'MOVED_AFTER_REJECTION',
  'MOVED_AFTER_CANCELLATION',
  'OTHER_BOOKING',
  'OTHER_AMOUNT',
  'OTHER_CURRENCY',
  'OTHER_ACCOUNT',
  'OTHER_REFERENCE',
  'OTHER_OUTCOME',
  'OTHER_TIME',
  'SHARED_BOOKING',
  'REFUSED_AFTER_SETTLEMENT',
  'REVERSED_AFTER_REJECTION',
  'OTHER_REVERSAL_BOOKING',
  'OTHER_REVERSAL_AMOUNT',
] as const;
export type ContradictionKind = (typeof contradictionKinds)[number];

/** The core's papers that end a contradiction, and how it has ended by each. */
export const endings = { RETURN: 'RETURNED', CORRECTION: 'CORRECTED', EXPLANATION: 'EXPLAINED' } as const;
export type EndingPaper = keyof typeof endings;
export type ContradictionEnding = (typeof endings)[EndingPaper];

/**
 * What can end each kind. Money that the core booked against what stands comes back by a booking of its own, or it is
 * confirmed after all. An answer that was never believed may have moved nothing: then the core explains it.
 */
const endedBy: Record<ContradictionKind, readonly EndingPaper[]> = {
  MOVED_AFTER_REJECTION: ['RETURN', 'CORRECTION'],
  MOVED_AFTER_CANCELLATION: ['RETURN'],
  OTHER_BOOKING: ['RETURN'],
  OTHER_AMOUNT: ['RETURN', 'EXPLANATION'],
  OTHER_CURRENCY: ['RETURN', 'EXPLANATION'],
  OTHER_ACCOUNT: ['RETURN', 'EXPLANATION'],
  OTHER_REFERENCE: ['RETURN', 'EXPLANATION'],
  OTHER_OUTCOME: ['RETURN', 'EXPLANATION'],
  OTHER_TIME: ['RETURN', 'EXPLANATION'],
  SHARED_BOOKING: ['RETURN', 'EXPLANATION'],
  REFUSED_AFTER_SETTLEMENT: ['EXPLANATION'],
  REVERSED_AFTER_REJECTION: ['RETURN'],
  OTHER_REVERSAL_BOOKING: ['RETURN'],
  OTHER_REVERSAL_AMOUNT: ['RETURN', 'EXPLANATION'],
};

/** The kinds that such a paper ends: what the WHERE clause of an UPDATE may name. */
export const kindsEndedBy = (paper: EndingPaper): ContradictionKind[] =>
  contradictionKinds.filter((kind) => endedBy[kind].includes(paper));

/** What stands of a debit, or of a reversal. OPEN: the core has not yet said. */
export type Standing = 'OPEN' | 'MOVED' | 'NOT_MOVED';

/** What an answer was about: the debit itself, or an attempt to give it back. */
export type About = {
  reference: CoreReference;
  attempt: number | undefined;
  stands: Standing;
  /** The booking that was confirmed. */
  bookingReference: string | undefined;
};

/** What decides how a contradiction can end, as it is read. */
export type Endable = {
  kind: ContradictionKind;
  /** The booking that the answer named, as far as it did. */
  said: { amount: Centimes | undefined } | undefined;
  /** The debit as it stands. */
  state: DebitState;
  amount: Centimes | undefined;
  about: Pick<About, 'stands'>;
};

/** What can end this one now. Nothing can where the answer named no booking and what it is about is still in doubt. */
export const endingsOf = (met: Endable): EndingPaper[] => endedBy[met.kind].filter((paper) => endsNow(met, paper));

function endsNow({ said, state, amount, about }: Endable, paper: EndingPaper): boolean {
  switch (paper) {
    case 'RETURN':
      return said !== undefined;
    case 'CORRECTION':
      // Money that moved, whole, against a signed rejection, under ceilings that were reserved for it once.
      return state === 'REJECTED' && said?.amount !== undefined && said.amount === amount;
    case 'EXPLANATION':
      return about.stands !== 'OPEN';
  }
}

/** Whether what the core's explanation calls right is what stands. */
export function explains(right: RightAnswer, stands: Standing): boolean {
  switch (right) {
    case 'MOVED':
      return stands === 'MOVED';
    case 'REFUSED':
    case 'VOIDED':
      return stands === 'NOT_MOVED';
  }
}

export function standingOfDebit(state: DebitState): Standing {
  switch (state) {
    case 'SCHEDULED':
    case 'ACCEPTED':
    case 'EXECUTING':
    case 'IN_DOUBT':
      return 'OPEN';
    // Given back later by a booking of its own: the debit's stands.
    case 'SETTLED':
    case 'REVERSED':
      return 'MOVED';
    case 'REJECTED':
    case 'CANCELLED':
      return 'NOT_MOVED';
  }
}

export function standingOfReversal(state: ReversalState): Standing {
  switch (state) {
    case 'REQUESTED':
    case 'EXECUTING':
    case 'IN_DOUBT':
      return 'OPEN';
    case 'SETTLED':
      return 'MOVED';
    case 'REJECTED':
      return 'NOT_MOVED';
  }
}
