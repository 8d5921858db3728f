import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type {
  CreditorCode,
  DebitId,
  DeclarationReference,
  EmployerNumber,
  EndToEndId,
  Jws,
  MandateId,
  TokenId,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { ceilingDetail, type RefusalDetailRow } from './ceilings.sql.ts';
import type { CeilingDetail, DebitState, RequestProof } from './debit.ts';
import type { ReversalRecord } from './reversal.ts';
import { type ReversalRow, reversalColumns, reversalJoins, reversalRecord } from './reversal-record.sql.ts';

/** What was asked, absent only where a name was burnt before its debit ever came. */
export type DebitTerms = {
  mandateId: MandateId;
  employerNumber: EmployerNumber;
  declaration: DeclarationReference;
  declared: Centimes;
  periodLabel: string | undefined;
  dueDate: Day | undefined;
  amount: Centimes;
};

/** A debit as its creditor may see it: no account, no balance, the reason as it may be told. */
export type DebitRecord = {
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  state: DebitState;
  terms: DebitTerms | undefined;
  executionDate: Day | undefined;
  retryOf: EndToEndId | undefined;
  reason: ReasonCode | undefined;
  ceiling: CeilingDetail | undefined;
  orderedAt: Date;
  receivedAt: Date;
  authorisedAt: Date | undefined;
  expiresAt: Date;
  resolveBy: Date;
  endedAt: Date | undefined;
  /** Whether it counts in what its declaration has come to. */
  holdsDeclaration: boolean;
  settled: { bookingReference: string; executedAt: Date; bookingDate: Day; valueDate: Day } | undefined;
  receipt: Jws | undefined;
  confirmation: Jws | undefined;
  rejection: Jws | undefined;
  /** Whose ids the declaration's answer names. */
  confirmationJti: TokenId | undefined;
  rejectionJti: TokenId | undefined;
  /** The last attempt to give it back. */
  reversal: ReversalRecord | undefined;
  request: RequestProof;
};

type Row = ReversalRow & {
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  state: DebitState;
  mandate_id: MandateId | null;
  employer_number: EmployerNumber | null;
  declaration: DeclarationReference | null;
  declared: string | null;
  period_label: string | null;
  due_date: Day | null;
  amount: string | null;
  execution_date: Day | null;
  retry_of: EndToEndId | null;
  shown_reason: ReasonCode | null;
  refusal_detail: RefusalDetailRow | null;
  ordered_at: Date;
  received_at: Date;
  authorised_at: Date | null;
  expires_at: Date;
  resolve_by: Date;
  ended_at: Date | null;
  holds_declaration: boolean;
  booking_reference: string | null;
  executed_at: Date | null;
  booking_date: Day | null;
  value_date: Day | null;
  receipt: Jws | null;
  confirmation: Jws | null;
  rejection: Jws | null;
  confirmation_jti: TokenId | null;
  rejection_jti: TokenId | null;
  request_jti: string;
  request_key: string;
  request_digest: Buffer;
};

const selectDebits = `
  select debits.*, receipt.token as receipt, confirmation.token as confirmation, rejection.token as rejection,
         requests.key_thumbprint as request_key, requests.digest as request_digest, ${reversalColumns}
    from debits
    join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti
    left join tokens receipt on receipt.jti = debits.receipt_jti
    left join tokens confirmation on confirmation.jti = debits.confirmation_jti
    left join tokens rejection on rejection.jti = debits.rejection_jti
    ${reversalJoins}`;

/** The debit of that id; every id that the gateway hands on has its row. */
export async function readDebit(db: Queryable, debitId: DebitId): Promise<DebitRecord> {
  const { rows } = await db.query<Row>({
    name: 'read-debit',
    text: `${selectDebits} where debits.debit_id = $1`,
    values: [debitId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a debit that was named has no row');
  return debitRecord(row);
}

/** The creditor's debit of that name; undefined where it has none, or where it is another's. */
export async function findDebit(
  db: Queryable,
  creditor: CreditorCode,
  endToEndId: EndToEndId,
): Promise<DebitRecord | undefined> {
  const { rows } = await db.query<Row>({
    name: 'find-debit',
    text: `${selectDebits} where debits.creditor_code = $1 and debits.end_to_end_id = $2`,
    values: [creditor, endToEndId],
  });
  return rows[0] && debitRecord(rows[0]);
}

export type DebitFilter = {
  creditor: CreditorCode;
  declaration?: DeclarationReference | undefined;
  employerNumber?: EmployerNumber | undefined;
  mandateId?: MandateId | undefined;
  /** Received from then on, and before then: a day in Algiers, as its creditor asked for it. */
  receivedFrom?: Date | undefined;
  receivedBefore?: Date | undefined;
  state?: DebitState | undefined;
  /** The last debit of the page before: newest first. */
  after?: DebitId | undefined;
  limit: number;
};

/** The creditor's debits that fit, newest first. */
export async function listDebits(db: Queryable, filter: DebitFilter): Promise<DebitRecord[]> {
  const values: unknown[] = [filter.creditor];
  const conditions = ['debits.creditor_code = $1'];
  // Only conditions that are asked for, so that each shape of question finds its own index.
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where((parameter) => `debits.declaration = ${parameter}`, filter.declaration);
  // By its mandates, which have an index: a debit is of its mandate's employer.
  where(
    (parameter) => `debits.mandate_id in (select mandates.mandate_id from mandates
      where mandates.creditor_code = $1 and mandates.employer_number = ${parameter})`,
    filter.employerNumber,
  );
  where((parameter) => `debits.mandate_id = ${parameter}`, filter.mandateId);
  where((parameter) => `debits.received_at >= ${parameter}`, filter.receivedFrom);
  where((parameter) => `debits.received_at < ${parameter}`, filter.receivedBefore);
  where((parameter) => `debits.state = ${parameter}`, filter.state);
  where((parameter) => `debits.debit_id < ${parameter}`, filter.after);
  values.push(filter.limit);
  const { rows } = await db.query<Row>({
    text: `${selectDebits} where ${conditions.join(' and ')} order by debits.debit_id desc limit $${values.length}`,
    values,
  });
  return rows.map(debitRecord);
}

export type Declaration = {
  employerNumber: EmployerNumber;
  reference: DeclarationReference;
  declared: Centimes | undefined;
  /** Every attempt, oldest first. */
  debits: readonly DebitRecord[];
};

/** What a declaration has come to: every debit for it, whatever became of it. Undefined where nothing was ever asked. */
export async function findDeclaration(
  db: Queryable,
  creditor: CreditorCode,
  employerNumber: EmployerNumber,
  reference: DeclarationReference,
): Promise<Declaration | undefined> {
  const { rows } = await db.query<Row & { declared_now: string | null }>({
    name: 'find-declaration',
    text: `
      select known.*, declarations.declared as declared_now
        from (${selectDebits} where debits.creditor_code = $1 and debits.employer_number = $2 and debits.declaration = $3) known
        left join declarations on declarations.creditor_code = known.creditor_code
         and declarations.employer_number = known.employer_number and declarations.reference = known.declaration
       order by known.debit_id`,
    values: [creditor, employerNumber, reference],
  });
  const [first] = rows;
  if (first === undefined) return undefined;
  const declared = first.declared_now ?? first.declared;
  return {
    employerNumber,
    reference,
    declared: declared === null ? undefined : centimesFromDatabase(declared),
    debits: rows.map(debitRecord),
  };
}

const orUndefined = <Value>(value: Value | null): Value | undefined => value ?? undefined;

function debitRecord(row: Row): DebitRecord {
  const { mandate_id: mandateId, employer_number: employerNumber, declaration, declared, amount } = row;
  const asked =
    mandateId !== null && employerNumber !== null && declaration !== null && declared !== null && amount !== null;
  const {
    booking_reference: bookingReference,
    executed_at: executedAt,
    booking_date: bookingDate,
    value_date: valueDate,
  } = row;
  const settled =
    (row.state === 'SETTLED' || row.state === 'REVERSED') &&
    bookingReference !== null &&
    executedAt !== null &&
    bookingDate !== null &&
    valueDate !== null;
  return {
    debitId: row.debit_id,
    creditor: row.creditor_code,
    endToEndId: row.end_to_end_id,
    state: row.state,
    terms: asked
      ? {
          mandateId,
          employerNumber,
          declaration,
          declared: centimesFromDatabase(declared),
          periodLabel: orUndefined(row.period_label),
          dueDate: orUndefined(row.due_date),
          amount: centimesFromDatabase(amount),
        }
      : undefined,
    executionDate: orUndefined(row.execution_date),
    retryOf: orUndefined(row.retry_of),
    reason: orUndefined(row.shown_reason),
    ceiling: row.state === 'REJECTED' && row.shown_reason === 'AM14' ? ceilingDetail(row.refusal_detail) : undefined,
    orderedAt: row.ordered_at,
    receivedAt: row.received_at,
    authorisedAt: orUndefined(row.authorised_at),
    expiresAt: row.expires_at,
    resolveBy: row.resolve_by,
    endedAt: orUndefined(row.ended_at),
    holdsDeclaration: row.holds_declaration,
    settled: settled ? { bookingReference, executedAt, bookingDate, valueDate } : undefined,
    receipt: orUndefined(row.receipt),
    confirmation: orUndefined(row.confirmation),
    rejection: orUndefined(row.rejection),
    confirmationJti: orUndefined(row.confirmation_jti),
    rejectionJti: orUndefined(row.rejection_jti),
    reversal: reversalRecord(row),
    request: { jti: row.request_jti, keyThumbprint: row.request_key, digest: row.request_digest },
  };
}
