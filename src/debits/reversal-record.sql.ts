import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { DebitId, Jws, TokenId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { ReversalId, ReversalReason, ReversalRecord, ReversalState } from './reversal.ts';

/** Beside a debit's own columns: null throughout where nobody has asked to have it given back. */
export type ReversalRow = {
  reversal_id: ReversalId | null;
  reversal_attempt: number;
  reversal_state: ReversalState;
  reversal_asked: ReversalReason;
  reversal_reason: ReasonCode | null;
  reversal_ordered_at: Date;
  reversal_received_at: Date;
  reversal_expires_at: Date;
  reversal_resolve_by: Date;
  reversal_ended_at: Date | null;
  reversal_booking_reference: string | null;
  reversal_executed_at: Date | null;
  reversal_booking_date: Day | null;
  reversal_value_date: Day | null;
  reversal_confirmation_jti: TokenId | null;
  reversal_confirmation: Jws | null;
  reversal_request_jti: string;
};

export const reversalColumns = `
  reversal.reversal_id, reversal.attempt as reversal_attempt, reversal.state as reversal_state,
  reversal.asked_reason as reversal_asked, reversal.shown_reason as reversal_reason,
  reversal.ordered_at as reversal_ordered_at, reversal.received_at as reversal_received_at,
  reversal.expires_at as reversal_expires_at, reversal.resolve_by as reversal_resolve_by,
  reversal.ended_at as reversal_ended_at, reversal.booking_reference as reversal_booking_reference,
  reversal.executed_at as reversal_executed_at, reversal.booking_date as reversal_booking_date,
  reversal.value_date as reversal_value_date, reversal.confirmation_jti as reversal_confirmation_jti,
  reversed.token as reversal_confirmation, reversal.request_jti as reversal_request_jti`;

/** The last attempt of a statement's `debits`. */
export const reversalJoins = `
  left join lateral (
    select * from reversals where reversals.debit_id = debits.debit_id order by attempt desc limit 1
  ) reversal on true
  left join tokens reversed on reversed.jti = reversal.confirmation_jti`;

/** Every attempt to give that debit back, the first one first. */
export async function selectReversals(db: Queryable, debitId: DebitId): Promise<ReversalRecord[]> {
  const { rows } = await db.query<ReversalRow>({
    name: 'select-reversals',
    text: `
      select ${reversalColumns} from reversals reversal left join tokens reversed on reversed.jti = reversal.confirmation_jti
       where reversal.debit_id = $1 order by attempt`,
    values: [debitId],
  });
  return rows.flatMap((row) => reversalRecord(row) ?? []);
}

export function reversalRecord(row: ReversalRow): ReversalRecord | undefined {
  if (row.reversal_id === null) return undefined;
  const { reversal_booking_reference: bookingReference, reversal_executed_at: executedAt } = row;
  const { reversal_booking_date: bookingDate, reversal_value_date: valueDate } = row;
  const settled =
    row.reversal_state === 'SETTLED' &&
    bookingReference !== null &&
    executedAt !== null &&
    bookingDate !== null &&
    valueDate !== null;
  return {
    reversalId: row.reversal_id,
    attempt: row.reversal_attempt,
    state: row.reversal_state,
    askedReason: row.reversal_asked,
    reason: row.reversal_reason ?? undefined,
    orderedAt: row.reversal_ordered_at,
    receivedAt: row.reversal_received_at,
    expiresAt: row.reversal_expires_at,
    resolveBy: row.reversal_resolve_by,
    endedAt: row.reversal_ended_at ?? undefined,
    settled: settled ? { bookingReference, executedAt, bookingDate, valueDate } : undefined,
    confirmation: row.reversal_confirmation ?? undefined,
    confirmationJti: row.reversal_confirmation_jti ?? undefined,
    requestJti: row.reversal_request_jti,
  };
}
