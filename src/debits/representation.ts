import type { components } from '../contract/generated.ts';
import { currency, formatAmount } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import type { DebitRecord } from './lookup.sql.ts';
import type { ReversalRecord } from './reversal.ts';
import { exceededCeiling } from './tokens.ts';

type Debit = components['schemas']['Debit'];
type Reversal = components['schemas']['Reversal'];
type LiveDebit = components['schemas']['LiveDebit'];

/** A debit as its creditor sees it (schema Debit). Lists leave the tokens out. */
export function debitResource(debit: DebitRecord, { tokens }: { tokens: boolean }): Debit {
  const { terms, settled } = debit;
  return {
    endToEndId: debit.endToEndId,
    debitId: debit.debitId,
    state: debit.state,
    ...(terms && {
      mandateId: terms.mandateId,
      employerNumber: terms.employerNumber,
      amount: formatAmount(terms.amount),
      currency,
      declaration: {
        reference: terms.declaration,
        declaredAmount: formatAmount(terms.declared),
        ...(terms.periodLabel !== undefined && { periodLabel: terms.periodLabel }),
        ...(terms.dueDate !== undefined && { dueDate: terms.dueDate }),
      },
    }),
    ...(debit.executionDate !== undefined && { executionDate: debit.executionDate }),
    ...(debit.retryOf !== undefined && { retryOf: debit.retryOf }),
    orderedAt: formatInstant(debit.orderedAt),
    orderedOn: algiersDay(debit.orderedAt),
    receivedAt: formatInstant(debit.receivedAt),
    receivedOn: algiersDay(debit.receivedAt),
    ...(debit.authorisedAt && {
      authorisedAt: formatInstant(debit.authorisedAt),
      authorisedOn: algiersDay(debit.authorisedAt),
    }),
    ...(settled && {
      executedAt: formatInstant(settled.executedAt),
      executedOn: algiersDay(settled.executedAt),
      bookingDate: settled.bookingDate,
      valueDate: settled.valueDate,
      bookingReference: settled.bookingReference,
    }),
    ...(debit.endedAt && { endedAt: formatInstant(debit.endedAt), endedOn: algiersDay(debit.endedAt) }),
    // A burnt name was never an order: it has no time after which it ends.
    ...(terms && { expiresAt: formatInstant(debit.expiresAt), resolveBy: formatInstant(debit.resolveBy) }),
    ...(debit.reason !== undefined && { reasonCode: debit.reason }),
    ...(debit.ceiling && { exceededCeiling: exceededCeiling(debit.ceiling) }),
    ...(tokens && debit.receipt !== undefined && { receipt: debit.receipt }),
    ...(tokens && debit.confirmation !== undefined && { confirmation: debit.confirmation }),
    ...(tokens && debit.rejection !== undefined && { rejection: debit.rejection }),
    ...(debit.reversal && { reversal: reversalResource(debit, debit.reversal, { tokens }) }),
    links: linksOf(debit),
  };
}

/** One attempt to give a debit back, as its creditor sees it (schema Reversal). */
export function reversalResource(
  debit: DebitRecord,
  reversal: ReversalRecord,
  { tokens }: { tokens: boolean },
): Reversal {
  const { settled, endedAt, reason, confirmation } = reversal;
  if (debit.terms === undefined) throw new Error('only a settled debit is given back');
  return {
    endToEndId: debit.endToEndId,
    debitId: debit.debitId,
    attempt: reversal.attempt,
    state: reversal.state,
    reason: reversal.askedReason,
    ...(reason !== undefined && { reasonCode: reason }),
    amount: formatAmount(debit.terms.amount),
    currency,
    orderedAt: formatInstant(reversal.orderedAt),
    orderedOn: algiersDay(reversal.orderedAt),
    receivedAt: formatInstant(reversal.receivedAt),
    receivedOn: algiersDay(reversal.receivedAt),
    expiresAt: formatInstant(reversal.expiresAt),
    resolveBy: formatInstant(reversal.resolveBy),
    ...(settled && {
      executedAt: formatInstant(settled.executedAt),
      executedOn: algiersDay(settled.executedAt),
      bookingDate: settled.bookingDate,
      valueDate: settled.valueDate,
      bookingReference: settled.bookingReference,
    }),
    ...(endedAt && { endedAt: formatInstant(endedAt), endedOn: algiersDay(endedAt) }),
    ...(tokens && confirmation !== undefined && { confirmation }),
    links: { self: reversalPathOf(debit), debit: pathOf(debit) },
  };
}

/** One of a declaration's live debits, as a conflict names it (schema LiveDebit). */
export const liveDebit = (debit: DebitRecord): LiveDebit[] =>
  debit.terms === undefined
    ? []
    : [
        {
          endToEndId: debit.endToEndId,
          state: debit.state,
          amount: formatAmount(debit.terms.amount),
          currency,
          links: linksOf(debit),
        },
      ];

export const pathOf = (debit: Pick<DebitRecord, 'endToEndId'>): string => `/v1/debits/${debit.endToEndId}`;

export const reversalPathOf = (debit: Pick<DebitRecord, 'endToEndId'>): string => `${pathOf(debit)}/reversal`;

const linksOf = (debit: DebitRecord): Debit['links'] => ({
  self: pathOf(debit),
  ...(debit.terms && {
    mandate: `/v1/mandates/${debit.terms.mandateId}`,
    declaration: `/v1/declarations/${debit.terms.declaration}?employerNumber=${debit.terms.employerNumber}`,
  }),
  ...(debit.confirmation !== undefined && { confirmation: `${pathOf(debit)}/confirmation` }),
  ...(debit.reversal && { reversal: reversalPathOf(debit) }),
});
