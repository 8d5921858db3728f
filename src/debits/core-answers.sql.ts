import type { InquiryOutcome, VoidOutcome } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { CoreReference, DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';

export type CoreOperation = 'inquire' | 'void';

/** One answer of the core banking system's to a question about a debit. */
export type CoreAnswer = {
  askedAt: Date;
  operation: CoreOperation;
  answer: (InquiryOutcome | VoidOutcome)['outcome'];
  reason: ReasonCode | undefined;
  bookingReference: string | undefined;
  amount: Centimes | undefined;
  /** Of which attempt to give it back; undefined where it is of the debit itself. */
  attempt: number | undefined;
};

/** Keeps what was said of the debit under that reference, or of its reversal, unless the same was said in the last ten minutes. */
export async function insertCoreAnswer(
  db: Queryable,
  reference: CoreReference,
  operation: CoreOperation,
  answer: InquiryOutcome | VoidOutcome,
): Promise<void> {
  const booking = answer.outcome === 'MOVED' ? answer.booking : undefined;
  await db.query({
    name: 'insert-core-answer',
    text: `
      insert into core_answers (debit_id, attempt, operation, answer, reason, booking_reference, amount)
      select debit_id, attempt, $2, $3, $4, $5, $6::bigint
        from (select debit_id, null::integer as attempt from debits where core_reference = $1
              union all select debit_id, attempt from reversals where core_reference = $1) asked
       where not exists (
           select from (select * from core_answers last where last.debit_id = asked.debit_id
                           and last.attempt is not distinct from asked.attempt order by answer_id desc limit 1) last
            where (last.operation, last.answer) = ($2, $3) and last.reason is not distinct from $4
              and last.booking_reference is not distinct from $5 and last.amount is not distinct from $6::bigint
              and last.asked_at > clock_timestamp() - interval '10 minutes')`,
    values: [
      reference,
      operation,
      answer.outcome,
      answer.outcome === 'REFUSED' ? answer.reason : null,
      booking?.bookingReference ?? null,
      booking?.amount ?? null,
    ],
  });
}

export type CoreAnswerRow = {
  asked_at: Date;
  operation: CoreOperation;
  answer: CoreAnswer['answer'];
  reason: ReasonCode | null;
  booking_reference: string | null;
  amount: string | null;
  attempt: number | null;
};

/** What was said of a debit, the last first. */
export async function selectCoreAnswers(db: Queryable, debitId: DebitId, limit: number): Promise<CoreAnswer[]> {
  const { rows } = await db.query<CoreAnswerRow>({
    name: 'select-core-answers',
    text: `select asked_at, operation, answer, reason, booking_reference, amount, attempt from core_answers
            where debit_id = $1 order by answer_id desc limit $2`,
    values: [debitId, limit],
  });
  return rows.map(coreAnswer);
}

export const coreAnswer = (row: CoreAnswerRow): CoreAnswer => ({
  askedAt: row.asked_at,
  operation: row.operation,
  answer: row.answer,
  reason: row.reason ?? undefined,
  bookingReference: row.booking_reference ?? undefined,
  amount: row.amount === null ? undefined : centimesFromDatabase(row.amount),
  attempt: row.attempt ?? undefined,
});
