import type { Booking } from '../core-banking/port.ts';
import type { Sign, SignedToken } from '../signing/signer.ts';
import { currency, formatAmount } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import { derivedTokenId, type TokenId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { maskRib } from '../values/rib.ts';
import type { CeilingDetail, EndingDebit, OpenDebit } from './debit.ts';
import type { OpenReversal } from './reversal.ts';

/**
 * Signs the proof of payment (schema SettlementConfirmationClaims): only ever for a booking that the core has told.
 * `corrects`: the rejection that it takes the place of.
 */
export function signConfirmation(
  sign: Sign,
  debit: OpenDebit,
  booking: Booking,
  now: Date,
  corrects?: TokenId,
): Promise<SignedToken> {
  return sign({
    type: 'settlement-confirmation+jwt',
    jti: derivedTokenId(debit.creditor, debit.endToEndId, 'confirmation'),
    audience: debit.creditor,
    issuedAt: now,
    claims: {
      ...terms(debit),
      certificateJti: debit.certificateJti,
      ...ordered(debit),
      authorisedAt: formatInstant(debit.authorisedAt),
      authorisedOn: algiersDay(debit.authorisedAt),
      executedAt: formatInstant(booking.executedAt),
      executedOn: algiersDay(booking.executedAt),
      bookingDate: booking.bookingDate,
      valueDate: booking.valueDate,
      bookingReference: booking.bookingReference,
      debitedAccount: maskRib(debit.debtor),
      creditedAccount: maskRib(debit.collectionAccount),
      ...(corrects !== undefined && { corrects }),
      request: proof(debit),
    },
  });
}

/** Signs the proof that nothing was debited, nor will be (schema DebitRejectionClaims). The reason is the one to be shown. */
export function signRejection(
  sign: Sign,
  debit: EndingDebit,
  shownReason: ReasonCode,
  ceiling: CeilingDetail | undefined,
  now: Date,
): Promise<SignedToken> {
  return sign({
    type: 'debit-rejection+jwt',
    jti: derivedTokenId(debit.creditor, debit.endToEndId, 'rejection'),
    audience: debit.creditor,
    issuedAt: now,
    claims: {
      ...terms(debit),
      reasonCode: shownReason,
      ...(ceiling && { exceededCeiling: exceededCeiling(ceiling) }),
      ...ordered(debit),
      expiresAt: formatInstant(debit.expiresAt),
      rejectedAt: formatInstant(now),
      rejectedOn: algiersDay(now),
      request: proof(debit),
    },
  });
}

/** Signs the proof that the whole debit was given back (schema ReversalConfirmationClaims): it names what it takes back. */
export function signReversal(sign: Sign, reversal: OpenReversal, booking: Booking, now: Date): Promise<SignedToken> {
  const { settlement } = reversal;
  return sign({
    type: 'reversal-confirmation+jwt',
    jti: derivedTokenId(reversal.creditor, reversal.endToEndId, 'reversal'),
    audience: reversal.creditor,
    issuedAt: now,
    claims: {
      endToEndId: reversal.endToEndId,
      debitId: reversal.debitId,
      attempt: reversal.attempt,
      reason: reversal.askedReason,
      mandateId: reversal.mandateId,
      employerNumber: reversal.employerNumber,
      declarationReference: reversal.declaration,
      amount: formatAmount(reversal.amount),
      currency,
      settlement: {
        confirmationJti: settlement.confirmationJti,
        bookingReference: settlement.bookingReference,
        bookingDate: settlement.bookingDate,
        executedAt: formatInstant(settlement.executedAt),
        executedOn: algiersDay(settlement.executedAt),
      },
      ...ordered(reversal),
      executedAt: formatInstant(booking.executedAt),
      executedOn: algiersDay(booking.executedAt),
      bookingDate: booking.bookingDate,
      valueDate: booking.valueDate,
      bookingReference: booking.bookingReference,
      debitedAccount: maskRib(reversal.collectionAccount),
      creditedAccount: maskRib(reversal.debtor),
      request: proof(reversal),
    },
  });
}

/** What a receipt says: all that was asked, and when it came. */
export type Receivable = Omit<EndingDebit, 'reference' | 'chainId'>;

/** Signs the proof of receipt (schema AcceptanceReceiptClaims): when it came, and that nothing is paid yet. */
export function signReceipt(sign: Sign, debit: Receivable, now: Date): Promise<SignedToken> {
  return sign({
    type: 'acceptance-receipt+jwt',
    jti: derivedTokenId(debit.creditor, debit.endToEndId, 'receipt'),
    audience: debit.creditor,
    issuedAt: now,
    claims: {
      settled: false,
      ...terms(debit),
      ...ordered(debit),
      expiresAt: formatInstant(debit.expiresAt),
      resolveBy: formatInstant(debit.resolveBy),
      request: proof(debit),
    },
  });
}

/** As the contract shows it (schema ExceededCeiling). */
export const exceededCeiling = ({ ceiling, limit, left, renewsOn }: CeilingDetail) => ({
  ceiling,
  limit: formatAmount(limit),
  left: formatAmount(left),
  currency,
  ...(renewsOn !== undefined && { renewsOn }),
});

const terms = (debit: Receivable) => ({
  endToEndId: debit.endToEndId,
  debitId: debit.debitId,
  mandateId: debit.mandateId,
  employerNumber: debit.employerNumber,
  declaration: {
    reference: debit.declaration,
    declaredAmount: formatAmount(debit.declared),
    ...(debit.periodLabel !== undefined && { periodLabel: debit.periodLabel }),
    ...(debit.dueDate !== undefined && { dueDate: debit.dueDate }),
  },
  amount: formatAmount(debit.amount),
  currency,
  ...(debit.executionDate !== undefined && { executionDate: debit.executionDate }),
  ...(debit.retryOf !== undefined && { retryOf: debit.retryOf }),
});

const ordered = (debit: Pick<Receivable, 'orderedAt' | 'receivedAt'>) => ({
  orderedAt: formatInstant(debit.orderedAt),
  orderedOn: algiersDay(debit.orderedAt),
  receivedAt: formatInstant(debit.receivedAt),
  receivedOn: algiersDay(debit.receivedAt),
});

const proof = ({ request }: Pick<Receivable, 'request'>) => ({
  jti: request.jti,
  keyThumbprint: request.keyThumbprint,
  digest: request.digest.toString('base64url'),
});
