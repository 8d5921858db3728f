import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
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
import type { Rib } from '../values/rib.ts';
import { creditedAccount } from './open-debit.sql.ts';
import type { OpenReversal, ReversalId, ReversalReason } from './reversal.ts';

export type OpenReversalRow = {
  reversal_id: ReversalId;
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  attempt: number;
  asked_reason: ReversalReason;
  core_reference: CoreReference;
  original: CoreReference;
  mandate_id: MandateId;
  employer_number: EmployerNumber;
  declaration: DeclarationReference;
  amount: string;
  rib: Rib;
  collection_account: Rib;
  settled_jti: TokenId;
  settled_reference: string;
  settled_at: Date;
  settled_booking_date: Day;
  ordered_at: Date;
  received_at: Date;
  expires_at: Date;
  resolve_by: Date;
  request_jti: string;
  request_key: string;
  request_digest: Buffer;
};

/** Of a reversal and its debit, which was settled once: so its confirmation and its booking are there. */
export const openReversalColumns = `reversals.reversal_id, reversals.debit_id, reversals.creditor_code, debits.end_to_end_id,
  reversals.attempt, reversals.asked_reason, reversals.core_reference, debits.core_reference as original,
  debits.mandate_id, debits.employer_number, debits.declaration, reversals.amount, mandate_debtors.rib,
  ${creditedAccount} as collection_account, debits.confirmation_jti as settled_jti,
  debits.booking_reference as settled_reference, debits.executed_at as settled_at,
  debits.booking_date as settled_booking_date, reversals.ordered_at, reversals.received_at, reversals.expires_at,
  reversals.resolve_by, reversals.request_jti, requests.key_thumbprint as request_key, requests.digest as request_digest`;

/** As `debitNotBefore`, of a reversal. */
export const reversalNotBefore = `
  coalesce((select executed_at from unexplained_movements where claimed_by = reversals.reversal_id), reversals.received_at)`;

/** They follow the statement's own `reversals`. */
export const openReversalJoins = `
  join debits on debits.debit_id = reversals.debit_id
  join mandate_debtors on mandate_debtors.mandate_id = debits.mandate_id
  join creditors on creditors.creditor_code = debits.creditor_code
  join requests on requests.creditor_code = reversals.creditor_code and requests.jti = reversals.request_jti`;

export const openReversal = (row: OpenReversalRow): OpenReversal => ({
  reversalId: row.reversal_id,
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  attempt: row.attempt,
  askedReason: row.asked_reason,
  reference: row.core_reference,
  original: row.original,
  mandateId: row.mandate_id,
  employerNumber: row.employer_number,
  declaration: row.declaration,
  amount: centimesFromDatabase(row.amount),
  debtor: row.rib,
  collectionAccount: row.collection_account,
  settlement: {
    confirmationJti: row.settled_jti,
    bookingReference: row.settled_reference,
    executedAt: row.settled_at,
    bookingDate: row.settled_booking_date,
  },
  orderedAt: row.ordered_at,
  receivedAt: row.received_at,
  expiresAt: row.expires_at,
  resolveBy: row.resolve_by,
  request: { jti: row.request_jti, keyThumbprint: row.request_key, digest: row.request_digest },
});
