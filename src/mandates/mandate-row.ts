import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode, EmployerNumber, MandateId } from '../values/ids.ts';
import { type Mandate, type MandateOrigin, type MandateState, type Period, parseReplaceReason } from './mandate.ts';

/** The columns of `MandateRow`, in a SELECT from `mandates`. */
export const mandateColumns = `mandate_id, chain_id, replaces, replace_reason, replace_remark, creditor_code, origin, request_reference, hand_over,
  scan_digest, employer_number,
  per_debit_ceiling, period_ceiling, period, valid_from, valid_to, state, state_since, suspended_by_bank,
  suspended_by_creditor, content_hash, entered_at, makers, submitted_at, certified_by, certified_at,
  status_list, status_index, shown_at, accepted_at, last_signed_at`;

export type MandateRow = {
  mandate_id: MandateId;
  chain_id: MandateId;
  replaces: MandateId | null;
  replace_reason: string | null;
  replace_remark: string | null;
  creditor_code: CreditorCode;
  origin: MandateOrigin;
  request_reference: string | null;
  hand_over: boolean;
  scan_digest: string | null;
  employer_number: EmployerNumber;
  per_debit_ceiling: string;
  period_ceiling: string;
  period: Period;
  valid_from: Day;
  valid_to: Day;
  state: MandateState;
  state_since: Date;
  suspended_by_bank: boolean;
  suspended_by_creditor: boolean;
  content_hash: string;
  entered_at: Date;
  makers: string[];
  submitted_at: Date | null;
  certified_by: string | null;
  certified_at: Date | null;
  status_list: number | null;
  status_index: number | null;
  shown_at: Date | null;
  accepted_at: Date | null;
  last_signed_at: Date | null;
};

export const mandateOf = (row: MandateRow): Mandate => ({
  mandateId: row.mandate_id,
  chainId: row.chain_id,
  replaces: row.replaces ?? undefined,
  replaceReason: parseReplaceReason(row.replace_reason ?? ''),
  replaceRemark: row.replace_remark ?? undefined,
  creditor: row.creditor_code,
  origin: row.origin,
  requestReference: row.request_reference ?? undefined,
  handOver: row.hand_over,
  scanDigest: row.scan_digest ?? undefined,
  employerNumber: row.employer_number,
  perDebitCeiling: centimesFromDatabase(row.per_debit_ceiling),
  periodCeiling: centimesFromDatabase(row.period_ceiling),
  period: row.period,
  validFrom: row.valid_from,
  validTo: row.valid_to,
  state: row.state,
  stateSince: row.state_since,
  suspendedByBank: row.suspended_by_bank,
  suspendedByCreditor: row.suspended_by_creditor,
  contentHash: row.content_hash,
  enteredAt: row.entered_at,
  makers: row.makers,
  submittedAt: row.submitted_at ?? undefined,
  certifiedBy: row.certified_by ?? undefined,
  certifiedAt: row.certified_at ?? undefined,
  statusList: row.status_list ?? undefined,
  statusIndex: row.status_index ?? undefined,
  shownAt: row.shown_at ?? undefined,
  acceptedAt: row.accepted_at ?? undefined,
  lastSignedAt: row.last_signed_at ?? undefined,
});
