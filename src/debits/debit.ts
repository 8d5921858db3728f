import { createHash } from 'node:crypto';
import type { DebitInstruction } from '../core-banking/port.ts';
import type { Centimes } from '../values/centimes.ts';
import { type Day, startOfAlgiersDay } from '../values/dates.ts';
import type {
  CoreReference,
  CreditorCode,
  DebitId,
  DeclarationReference,
  EmployerNumber,
  EndToEndId,
  MandateId,
  TokenId,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';

export const debitStates = [
  'SCHEDULED',
  'ACCEPTED',
  'EXECUTING',
  'IN_DOUBT',
  'SETTLED',
  'REJECTED',
  'CANCELLED',
  'REVERSED',
] as const;
export type DebitState = (typeof debitStates)[number];

const next: Record<DebitState, readonly DebitState[]> = {
  SCHEDULED: ['ACCEPTED', 'CANCELLED'],
  ACCEPTED: ['EXECUTING', 'REJECTED', 'CANCELLED'],
  EXECUTING: ['SETTLED', 'REJECTED', 'IN_DOUBT'],
  IN_DOUBT: ['SETTLED', 'REJECTED'],
  SETTLED: ['REVERSED'],
  REJECTED: [],
  CANCELLED: [],
  REVERSED: [],
};

/** The states from which `state` is reached: what the WHERE clause of an UPDATE may name. */
export function statesBefore(state: DebitState): DebitState[] {
  return debitStates.filter((from) => next[from].includes(state));
}

/** Against the order of things, by two people who end a contradiction: the core's own booking stands. */
const corrections: Partial<Record<DebitState, readonly DebitState[]>> = { REJECTED: ['SETTLED'] };

/** The states that a correction leads from to `state`. */
export const correctionsTo = (state: DebitState): DebitState[] =>
  debitStates.filter((from) => corrections[from]?.includes(state) ?? false);

/** As far as a database that was put back knows they were not sent; the core's own movements may say otherwise. */
export const foundMoved = ['SCHEDULED', 'ACCEPTED'] as const satisfies readonly DebitState[];

/** Not final: it may still move money. */
export const isOpen = (state: DebitState): boolean => {
  switch (state) {
    case 'SCHEDULED':
    case 'ACCEPTED':
    case 'EXECUTING':
    case 'IN_DOUBT':
      return true;
    case 'SETTLED':
    case 'REJECTED':
    case 'CANCELLED':
    case 'REVERSED':
      return false;
  }
};

/** What the creditor asks for, read and parsed: its content, apart from when and how it was asked. */
export type DebitOrder = {
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  mandateId: MandateId;
  employerNumber: EmployerNumber;
  declaration: DeclarationReference;
  declared: Centimes;
  /** The period as the creditor calls it, and when it was due: shown on the proofs, deciding nothing. */
  periodLabel: string | undefined;
  dueDate: Day | undefined;
  amount: Centimes;
  /** Absent: at once. */
  executionDate: Day | undefined;
  /** Absent: 60 s after receipt, or the end of its day for a scheduled one. */
  expiresAt: Date | undefined;
  /** What is to become of it where the core banking system is closed: executed when it opens, or rejected at once. */
  whenClosed: 'WAIT' | 'REJECT';
  /** The debit that it follows after a rejection: told, never enforced. */
  retryOf: EndToEndId | undefined;
};

/**
 * What makes it the same debit when it is asked again: mandate, employer, amount, declaration and date. A new
 * signature, a new `expiresAt` and another `retryOf` are fine.
 */
export function contentOf(order: DebitOrder): Buffer {
  const parts = [
    order.mandateId,
    order.employerNumber,
    order.amount.toString(),
    order.declaration,
    order.declared.toString(),
    order.executionDate ?? 'now',
  ];
  return createHash('sha256').update(parts.join('\n')).digest();
}

/** A debit that has been reserved and is to be moved: all that the way onward needs, so that nothing is read again. */
export type OpenDebit = {
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  reference: CoreReference;
  mandateId: MandateId;
  chainId: MandateId;
  certificateJti: TokenId;
  employerNumber: EmployerNumber;
  declaration: DeclarationReference;
  declared: Centimes;
  periodLabel: string | undefined;
  dueDate: Day | undefined;
  amount: Centimes;
  executionDate: Day | undefined;
  retryOf: EndToEndId | undefined;
  debtor: Rib;
  collectionAccount: Rib;
  orderedAt: Date;
  receivedAt: Date;
  authorisedAt: Date;
  expiresAt: Date;
  resolveBy: Date;
  request: RequestProof;
};

/** The request that a token answers: so that the proof names what it proves. */
export type RequestProof = { jti: string; keyThumbprint: string; digest: Buffer };

/** A debit that ends without money: its name, its claims, and nothing of an account. */
export type EndingDebit = Omit<OpenDebit, 'debtor' | 'collectionAccount' | 'certificateJti' | 'authorisedAt'>;

/** Which ceiling was passed, what it is, what is left of it, and the day on which it renews: all that the creditor may know. */
export type CeilingDetail = {
  ceiling: 'PER_DEBIT' | 'PER_PERIOD';
  limit: Centimes;
  left: Centimes;
  renewsOn: Day | undefined;
};

export type Refusal = { reason: ReasonCode; ceiling: CeilingDetail | undefined };

export const instructionFor = (debit: OpenDebit): DebitInstruction => ({
  reference: debit.reference,
  debtor: debit.debtor,
  creditor: debit.collectionAccount,
  amount: debit.amount,
  notBefore: earliestOf(debit),
  notAfter: debit.expiresAt,
});

/** When it was asked for, or when its day begins. */
function earliestOf({ receivedAt, executionDate }: OpenDebit): Date {
  const day = executionDate && startOfAlgiersDay(executionDate);
  return day !== undefined && day > receivedAt ? day : receivedAt;
}

/** What two debits may not share in one set (the mandate's chain is known by its mandate until it is read). */
export const limitsOf = (order: DebitOrder): string[] => [
  `name ${order.creditor} ${order.endToEndId}`,
  `mandate ${order.mandateId}`,
  `declaration ${order.creditor} ${order.employerNumber} ${order.declaration}`,
];
