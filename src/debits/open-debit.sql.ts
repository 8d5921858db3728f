import type { Queryable } from '../database/queryable.ts';
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
import type { EndingDebit, OpenDebit } from './debit.ts';

export type EndingRow = {
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  core_reference: CoreReference;
  mandate_id: MandateId;
  chain_id: MandateId;
  employer_number: EmployerNumber;
  declaration: DeclarationReference;
  declared: string;
  period_label: string | null;
  due_date: Day | null;
  amount: string;
  execution_date: Day | null;
  retry_of: EndToEndId | null;
  ordered_at: Date;
  received_at: Date;
  expires_at: Date;
  resolve_by: Date;
  request_jti: string;
  request_key: string;
  request_digest: Buffer;
};

export type OpenRow = EndingRow & {
  certificate_jti: TokenId;
  rib: Rib;
  collection_account: Rib;
  authorised_at: Date;
};
const endingColumns = `
  debits.debit_id, debits.creditor_code, debits.end_to_end_id, debits.core_reference, debits.mandate_id, mandates.chain_id,
  debits.employer_number, debits.declaration, debits.declared, debits.period_label, debits.due_date, debits.amount,
  debits.execution_date, debits.retry_of,
  debits.ordered_at, debits.received_at, debits.expires_at, debits.resolve_by,
  debits.request_jti, requests.key_thumbprint as request_key, requests.digest as request_digest`;

/** The account that the money of what was claimed after a restore had gone to: its creditor may have another by now. */
const claimedAccount = '(select creditor from unclaimed_movements where claimed_by = debits.debit_id)';

export const openColumns = `${endingColumns}, mandates.certificate_jti, mandate_debtors.rib,
  coalesce(${claimedAccount}, creditors.collection_account) as collection_account, debits.authorised_at`;
export const openJoins = `
  join mandate_debtors using (mandate_id) join creditors on creditors.creditor_code = debits.creditor_code
  join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti`;

/**
 * The account that a debit was credited to: the one that the core named after a restore, since its change may be entered
 * again only later, or before it is claimed; else the creditor's of that time, which may have another by now.
 */
export const creditedAccount = `coalesce(${creditedAccountAt(`'infinity'`)}, creditors.collection_account)`;

/** The same as it was known at an instant (SQL), and stays for ever. Null where none was. */
export function creditedAccountAt(instant: string): string {
  return `
  coalesce((select creditor from unexplained_movements
             where reference = debits.core_reference and why = 'OTHER_ACCOUNT' and ending = 'MET' and ended_at <= ${instant}),
           ${claimedAccount},
           (select account from collection_accounts
             where creditor_code = debits.creditor_code and since <= debits.executed_at and since <= ${instant}
             order by since desc limit 1))`;
}

/**
 * When a debit can have moved at the earliest. What was claimed after a restore had moved before it was asked for again,
 * and what was found had before it was authorised.
 */
export const debitNotBefore = `
  coalesce((select executed_at from unclaimed_movements where claimed_by = debits.debit_id),
           greatest(debits.received_at, debits.execution_date::timestamp at time zone 'Africa/Algiers'))`;

/** The account that the creditor's money went to at that time. */
export async function selectCollectionAccount(
  db: Queryable,
  creditor: CreditorCode,
  at: Date,
): Promise<Rib | undefined> {
  const { rows } = await db.query<{ account: Rib }>({
    name: 'select-collection-account-at',
    text: `select account from collection_accounts where creditor_code = $1 and since <= $2 order by since desc limit 1`,
    values: [creditor, at],
  });
  return rows[0]?.account;
}

export const endingDebit = (row: EndingRow): EndingDebit => ({
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  reference: row.core_reference,
  mandateId: row.mandate_id,
  chainId: row.chain_id,
  employerNumber: row.employer_number,
  declaration: row.declaration,
  declared: centimesFromDatabase(row.declared),
  periodLabel: row.period_label ?? undefined,
  dueDate: row.due_date ?? undefined,
  amount: centimesFromDatabase(row.amount),
  executionDate: row.execution_date ?? undefined,
  retryOf: row.retry_of ?? undefined,
  orderedAt: row.ordered_at,
  receivedAt: row.received_at,
  expiresAt: row.expires_at,
  resolveBy: row.resolve_by,
  request: { jti: row.request_jti, keyThumbprint: row.request_key, digest: row.request_digest },
});

export const openDebit = (row: OpenRow): OpenDebit => ({
  ...endingDebit(row),
  certificateJti: row.certificate_jti,
  debtor: row.rib,
  collectionAccount: row.collection_account,
  authorisedAt: row.authorised_at,
});
