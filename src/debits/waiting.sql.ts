import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { DebitId } from '../values/ids.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import { type CoreAnswer, type CoreAnswerRow, coreAnswer } from './core-answers.sql.ts';
import { type FoundDebit, type FoundRow, foundColumns, foundDebit } from './search.sql.ts';

/** What waits for people among the debits, for the overview and the queues' tabs. */
export type DebitsWaiting = {
  inDoubt: number;
  forPeople: number;
  contradictions: number;
  contests: number;
  /** Of the contests, those whose term is over. */
  contestsOverdue: number;
};

export async function countDebitsWaiting(db: Queryable, agencies: Agencies, today: Day): Promise<DebitsWaiting> {
  const { rows } = await db.query<DebitsWaiting>({
    name: 'count-debits-waiting',
    text: `
      with doubtful as (
        select count(*)::int as "inDoubt", count(people_since)::int as "forPeople"
          from (select mandate_id, people_since from debits where state = 'IN_DOUBT'
                union all select mandate_id, reversals.people_since
                  from reversals join debits using (debit_id) where reversals.state = 'IN_DOUBT') doubtful
          left join mandate_debtors using (mandate_id) where ${ofAgencies('$1')}
      ), contradicted as (
        select count(*)::int as contradictions
          from contradictions join debits using (debit_id) left join mandate_debtors using (mandate_id)
         where contradictions.ended_at is null and ${ofAgencies('$1')}
      ), contested as (
        select count(*)::int as contests, (count(*) filter (where due_on < $2::date))::int as "contestsOverdue"
          from contests join debits using (debit_id) left join mandate_debtors using (mandate_id)
         where contests.ended_at is null and ${ofAgencies('$1')}
      )
      select * from doubtful, contradicted, contested`,
    values: [agencyParameter(agencies), today],
  });
  return rows[0] ?? { inDoubt: 0, forPeople: 0, contradictions: 0, contests: 0, contestsOverdue: 0 };
}

/** A debit in doubt, or a settled one whose reversal is, with what its queue must say of it. */
export type DoubtfulDebit = FoundDebit & {
  /** The attempt to give it back that is in doubt; undefined where it is the debit itself. */
  attempt: number | undefined;
  resolveBy: Date;
  forPeopleSince: Date | undefined;
  nextQuestionAt: Date;
  questions: number;
  lastAnswer: CoreAnswer | undefined;
};

/** Debits in doubt, the oldest first; `forPeople`: those alone that the core could not tell of in time. */
export async function selectDoubtful(
  db: Queryable,
  agencies: Agencies,
  page: { forPeople: boolean; after?: DebitId | undefined; limit: number },
): Promise<DoubtfulDebit[]> {
  const { rows } = await db.query<
    FoundRow & {
      resolve_by: Date;
      people_since: Date | null;
      lease_until: Date;
      questions: number;
      said: boolean;
      reversal_attempt: number | null;
    } & Omit<CoreAnswerRow, 'reason' | 'booking_reference' | 'amount'> & {
        said_reason: CoreAnswerRow['reason'];
        said_reference: string | null;
        said_amount: string | null;
      }
  >({
    name: page.forPeople ? 'select-debits-for-people' : 'select-doubtful',
    text: `
      with queue as (
        select debit_id, resolve_by, people_since, lease_until, questions, reversal_attempt from (
            select debit_id, mandate_id, resolve_by, people_since, lease_until, questions, null::integer as reversal_attempt
              from debits where state = 'IN_DOUBT'
            -- A debit is settled while its reversal is in doubt: each debit stands here once.
            union all select debit_id, mandate_id, reversals.resolve_by, reversals.people_since, reversals.lease_until,
                             reversals.questions, attempt
              from reversals join debits using (debit_id) where reversals.state = 'IN_DOUBT'
          ) doubtful left join mandate_debtors using (mandate_id)
         where ${page.forPeople ? 'people_since is not null and' : ''} ${ofAgencies('$1')}
           and ($2::uuid is null or debit_id > $2::uuid)
         order by debit_id limit $3
      )
      select ${foundColumns}, queue.resolve_by, queue.people_since, queue.lease_until, queue.questions,
             queue.reversal_attempt,
             last.answer_id is not null as said, last.asked_at, last.operation, last.answer, last.reason as said_reason,
             last.booking_reference as said_reference, last.amount as said_amount, last.attempt
        from queue join debits using (debit_id) left join mandate_debtors using (mandate_id)
        left join lateral (
          select * from core_answers
           where core_answers.debit_id = debits.debit_id
             and core_answers.attempt is not distinct from queue.reversal_attempt
           order by answer_id desc limit 1
        ) last on true
       order by debits.debit_id`,
    values: [agencyParameter(agencies), page.after ?? null, page.limit],
  });
  return rows.map((row) => ({
    ...foundDebit(row),
    attempt: row.reversal_attempt ?? undefined,
    resolveBy: row.resolve_by,
    forPeopleSince: row.people_since ?? undefined,
    nextQuestionAt: row.lease_until,
    questions: row.questions,
    lastAnswer: row.said
      ? coreAnswer({ ...row, reason: row.said_reason, booking_reference: row.said_reference, amount: row.said_amount })
      : undefined,
  }));
}
