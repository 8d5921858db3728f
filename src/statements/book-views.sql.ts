import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference, CreditorCode, DebitId } from '../values/ids.ts';
import type { BookComparison, Difference, DifferenceKind } from './books.ts';

/** Differences that stand: those of the latest comparison of each day there ever was. What the alert looks at. */
export async function countBookDifferences(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'count-book-differences',
    text: `
      select coalesce(sum(differences), 0)::int as count
        from book_comparisons found
       where differences > 0
         and not exists (select from book_comparisons later
                          where later.day = found.day and later.attempt > found.attempt and later.compared_at is not null)`,
  });
  return rows[0]?.count ?? 0;
}

/** Has a day compared again, as a person asks, with the journal row of it. False: one waits already, or none was made. */
export async function compareBooksAgain(
  db: Queryable,
  { day, by, from }: { day: Day; by: string; from: string },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'compare-books-again',
    text: `
      with asked as (
        insert into book_comparisons (comparison_id, day, attempt, asked_by)
        select gen_random_uuid(), day, max(attempt) + 1, $2 from book_comparisons where day = $1 group by day
        on conflict do nothing returning *
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'books.asked-again', comparison_id, 'bank', $2, jsonb_build_object('day', day, 'attempt', attempt, 'from', $3::text)
        from asked`,
    values: [day, by, from],
  });
  return rowCount === 1;
}

type Row = {
  comparison_id: string;
  day: Day;
  attempt: number;
  asked_by: string | null;
  asked_at: Date;
  compared_at: Date | null;
  booked: string;
  booked_amount: string;
  foreign_ones: string;
  agreed: string;
  agreed_amount: string;
  differences: string;
};

/** The latest day first; of a day the latest comparison first. `before` is where the page before ended. */
export async function listComparisons(
  db: Queryable,
  { before, limit }: { before: { day: Day; attempt: number } | undefined; limit: number },
): Promise<BookComparison[]> {
  const { rows } = await db.query<Row>({
    name: 'list-book-comparisons',
    text: `select * from book_comparisons where $1::date is null or (day, attempt) < ($1::date, $2::int)
            order by day desc, attempt desc limit $3`,
    values: [before?.day ?? null, before?.attempt ?? 0, limit],
  });
  return rows.map(comparisonOf);
}

export async function readComparison(db: Queryable, comparisonId: string): Promise<BookComparison | undefined> {
  const { rows } = await db.query<Row>({
    name: 'read-book-comparison',
    text: 'select * from book_comparisons where comparison_id = $1',
    values: [comparisonId],
  });
  return rows.map(comparisonOf)[0];
}

export type ShownDifference = Difference & { differenceId: string };

type DifferenceRow = {
  difference_id: string;
  kind: DifferenceKind;
  core_reference: CoreReference;
  creditor_code: CreditorCode | null;
  debit_id: DebitId | null;
  reversal_id: string | null;
  state: string | null;
  amount: string | null;
  booking_reference: string | null;
  booking_date: Day | null;
  booked_amount: string | null;
  booked_reference: string | null;
  booked_date: Day | null;
};

/** What a comparison found, a page at a time, in an order that stays. */
export async function selectDifferences(
  db: Queryable,
  { comparisonId, after, limit }: { comparisonId: string; after: string | undefined; limit: number },
): Promise<ShownDifference[]> {
  const { rows } = await db.query<DifferenceRow>({
    name: 'select-book-differences',
    text: `select * from book_differences where comparison_id = $1 and ($2::uuid is null or difference_id > $2)
            order by difference_id limit $3`,
    values: [comparisonId, after ?? null, limit],
  });
  return rows.map((row) => ({
    differenceId: row.difference_id,
    kind: row.kind,
    reference: row.core_reference,
    kept:
      row.debit_id === null || row.creditor_code === null
        ? undefined
        : {
            creditor: row.creditor_code,
            debitId: row.debit_id,
            reversalId: row.reversal_id ?? undefined,
            state: row.state ?? '',
            amount: row.amount === null ? undefined : centimesFromDatabase(row.amount),
            bookingReference: row.booking_reference ?? undefined,
            bookingDate: row.booking_date ?? undefined,
          },
    booked:
      row.booked_amount === null || row.booked_reference === null || row.booked_date === null
        ? undefined
        : {
            amount: centimesFromDatabase(row.booked_amount),
            bookingReference: row.booked_reference,
            bookingDate: row.booked_date,
          },
  }));
}

const comparisonOf = (row: Row): BookComparison => ({
  comparisonId: row.comparison_id,
  day: row.day,
  attempt: row.attempt,
  askedBy: row.asked_by ?? undefined,
  askedAt: row.asked_at,
  compared:
    row.compared_at === null
      ? undefined
      : {
          comparedAt: row.compared_at,
          booked: Number(row.booked),
          bookedAmount: centimesFromDatabase(row.booked_amount),
          foreign: Number(row.foreign_ones),
          agreed: Number(row.agreed),
          agreedAmount: centimesFromDatabase(row.agreed_amount),
          differences: Number(row.differences),
        },
});
