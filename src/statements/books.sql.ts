import type { Movement } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { mayRun } from '../jobs/work.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference, CreditorCode, DebitId } from '../values/ids.ts';
import type { BookFigures, Difference, DifferenceKind, Kept } from './books.ts';
import { startedAgain } from './cut.sql.ts';

/** One row for each day up to `last` that has none, from the first creditor's registration on, a month back at most. */
export async function insertDueComparisons(db: Queryable, last: Day): Promise<void> {
  await db.query({
    name: 'insert-due-comparisons',
    text: `
      insert into book_comparisons (comparison_id, day, attempt)
      select gen_random_uuid(), day::date, 1
        from generate_series(
               greatest(coalesce((select max(day) + 1 from book_comparisons),
                                 (select min(registered_at at time zone 'Africa/Algiers')::date from creditors)),
                        $1::date - 31)::timestamp, $1::date::timestamp, interval '1 day') as day
       order by day
      on conflict do nothing`,
    values: [last],
  });
}

/**
 * A day is compared once by itself: after a restore not before people have started again, when what it has lost was claimed.
 * What a person asks for is compared all the same.
 */
const mayCompare = `(asked_by is not null or ${startedAgain})`;

export async function selectDueComparisons(db: Queryable, most: number): Promise<string[]> {
  const { rows } = await db.query<{ comparison_id: string }>({
    name: 'select-due-comparisons',
    text: `
      select comparison_id from book_comparisons
       where compared_at is null and ${mayCompare} and coalesce(lease_until, '-infinity') < clock_timestamp()
         and ${mayRun('books', 'comparison_id')}
       order by day, comparison_id limit $1`,
    values: [most],
  });
  return rows.map(({ comparison_id }) => comparison_id);
}

export type Lease = { id: string; holder: string; leaseSeconds: number };

/** Takes the lease, or keeps it. Undefined: it is compared, another works on it, or a restore holds it up. */
export async function claimComparison(db: Queryable, { id, holder, leaseSeconds }: Lease): Promise<Day | undefined> {
  const { rows } = await db.query<{ day: Day }>({
    name: 'claim-comparison',
    text: `update book_comparisons set holder = $2::uuid, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
            where comparison_id = $1 and compared_at is null and ${mayCompare}
              and (holder = $2::uuid or coalesce(lease_until, '-infinity') < clock_timestamp())
           returning day`,
    values: [id, holder, leaseSeconds],
  });
  return rows[0]?.day;
}

/** Lets the next one begin at once: after a failure. */
export async function releaseComparison(db: Queryable, { id, holder }: Lease): Promise<void> {
  await db.query({
    name: 'release-comparison',
    text: `update book_comparisons set lease_until = null, holder = null
            where comparison_id = $1 and holder = $2::uuid and compared_at is null`,
    values: [id, holder],
  });
}

type KeptRow = {
  creditor_code: CreditorCode | null;
  debit_id: DebitId | null;
  reversal_id: string | null;
  state: string | null;
  amount: string | null;
  booking_reference: string | null;
  booking_date: Day | null;
};

/** AGREES, FOREIGN, or how it differs from what is stored. */
export type Verdict = { verdict: 'AGREES' | 'FOREIGN' | DifferenceKind; kept: Kept | undefined };

/** Holds each of the core's postings against the debit, or the reversal, that has its reference. In the order asked. */
export async function judgeMovements(db: Queryable, movements: readonly Movement[]): Promise<Verdict[]> {
  const of = <Value>(read: (movement: Movement) => Value) => movements.map(read);
  const { rows } = await db.query<KeptRow & { verdict: Verdict['verdict'] }>({
    name: 'judge-movements',
    text: `
      with item as (
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::date[])
          with ordinality as item (reference, debtor, creditor, booked_amount, booked_reference, booked_date, position)
      ), kept as (
        select item.*, d.creditor_code, d.debit_id, r.reversal_id, coalesce(r.state, d.state) as state,
               coalesce(r.amount, d.amount) as amount,
               case when r.reversal_id is null then d.booking_reference else r.booking_reference end as booking_reference,
               case when r.reversal_id is null then d.booking_date else r.booking_date end as booking_date,
               -- A reversal goes the other way.
               case when r.reversal_id is null then item.debtor else item.creditor end as employers,
               case when r.reversal_id is null then item.creditor else item.debtor end as creditors,
               case when r.reversal_id is null then d.state in ('SETTLED', 'REVERSED') else r.state = 'SETTLED' end as settled
          from item
          left join reversals r on r.core_reference = item.reference
          left join debits d on d.debit_id = r.debit_id or (r.reversal_id is null and d.core_reference = item.reference)
      )
      select case
               when debit_id is null then
                 case when reference ~ '^[A-Z2-7]{32}$'
                       and exists (select from collection_accounts where account in (creditor, debtor))
                      then 'UNKNOWN_HERE' else 'FOREIGN' end
               when not settled then 'NOT_SETTLED_HERE'
               when booked_amount is distinct from amount then 'OTHER_AMOUNT'
               when not exists (select from mandate_debtors join debits using (mandate_id)
                                 where debits.debit_id = kept.debit_id and rib = employers)
                 or not exists (select from collection_accounts c
                                 where c.creditor_code = kept.creditor_code and account = creditors) then 'OTHER_ACCOUNT'
               when booked_reference is distinct from booking_reference then 'OTHER_BOOKING'
               when booked_date is distinct from booking_date then 'OTHER_DAY'
               else 'AGREES' end as verdict,
             creditor_code, debit_id, reversal_id, state, amount, booking_reference, booking_date
        from kept order by position`,
    values: [
      of(({ reference }) => reference),
      of(({ debtor }) => debtor),
      of(({ creditor }) => creditor),
      of(({ booking }) => booking.amount),
      of(({ booking }) => booking.bookingReference),
      of(({ booking }) => booking.bookingDate),
    ],
  });
  return rows.map((row) => ({ verdict: row.verdict, kept: keptOf(row) }));
}

/** What is settled here on that booking day, after `after`, in the order of its ids. */
export async function selectKept(
  db: Queryable,
  of: 'debits' | 'reversals',
  { day, after, most }: { day: Day; after: string | undefined; most: number },
): Promise<{ reference: CoreReference; id: string; kept: Kept }[]> {
  const id = of === 'debits' ? 'debit_id' : 'reversal_id';
  const { rows } = await db.query<KeptRow & { core_reference: CoreReference; id: string }>({
    name: `select-kept-${of}`,
    text: `
      select core_reference, ${id} as id, creditor_code, debit_id,
             ${of === 'debits' ? 'null::uuid as reversal_id' : 'reversal_id'}, state, amount, booking_reference, booking_date
        from ${of}
       where booking_date = $1 and state in ('SETTLED', 'REVERSED') and ($2::uuid is null or ${id} > $2)
       order by booking_date, ${id} limit $3`,
    values: [day, after ?? null, most],
  });
  return rows.map((row) => {
    const kept = keptOf(row);
    if (kept === undefined) throw new Error('what is settled has no debit');
    return { reference: row.core_reference, id: row.id, kept };
  });
}

/** Ends the comparison with its figures and the journal row that tells of it. False: it was compared before. */
export async function closeComparison(
  db: Queryable,
  { id, holder }: Lease,
  figures: BookFigures & { differences: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'close-comparison',
    text: `
      with compared as (
        update book_comparisons
           set compared_at = clock_timestamp(), booked = $3, booked_amount = $4, foreign_ones = $5, agreed = $6,
               agreed_amount = $7, differences = $8, holder = null, lease_until = null
         where comparison_id = $1 and holder = $2::uuid and compared_at is null
        returning *
      )
      insert into journal (kind, subject_id, side, detail)
      select 'books.compared', comparison_id, 'gateway',
             jsonb_build_object('day', day, 'attempt', attempt, 'booked', booked, 'agreed', agreed, 'differences', differences)
        from compared`,
    values: [
      ...[id, holder, figures.booked, figures.bookedAmount, figures.foreign],
      ...[figures.agreed, figures.agreedAmount, figures.differences],
    ],
  });
  return rowCount === 1;
}

/** Keeps what differs, each with the journal row that tells of it: of its debit, where there is one. */
export async function insertDifferences(
  db: Queryable,
  comparisonId: string,
  differences: readonly Difference[],
): Promise<void> {
  const of = <Value>(read: (difference: Difference) => Value | undefined) =>
    differences.map((difference) => read(difference) ?? null);
  await db.query({
    name: 'insert-book-differences',
    text: `
      with found as (
        insert into book_differences (difference_id, comparison_id, kind, core_reference, creditor_code, debit_id, reversal_id,
          state, amount, booking_reference, booking_date, booked_amount, booked_reference, booked_date)
        select gen_random_uuid(), $1, item.*
          from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::text[],
                      $10::date[], $11::bigint[], $12::text[], $13::date[]) item
        returning *
      )
      insert into journal (kind, subject_id, reason, side, detail)
      select 'books.difference-found', coalesce(debit_id, comparison_id), replace(kind, '_', '-'), 'gateway',
             jsonb_strip_nulls(jsonb_build_object('comparison', comparison_id, 'reversal', reversal_id,
               'reference', core_reference))
        from found order by core_reference`,
    values: [
      comparisonId,
      of(({ kind }) => kind),
      of(({ reference }) => reference),
      of(({ kept }) => kept?.creditor),
      of(({ kept }) => kept?.debitId),
      of(({ kept }) => kept?.reversalId),
      of(({ kept }) => kept?.state),
      of(({ kept }) => kept?.amount),
      of(({ kept }) => kept?.bookingReference),
      of(({ kept }) => kept?.bookingDate),
      of(({ booked }) => booked?.amount),
      of(({ booked }) => booked?.bookingReference),
      of(({ booked }) => booked?.bookingDate),
    ],
  });
}

function keptOf(row: KeptRow): Kept | undefined {
  if (row.debit_id === null || row.creditor_code === null || row.state === null) return undefined;
  return {
    creditor: row.creditor_code,
    debitId: row.debit_id,
    reversalId: row.reversal_id ?? undefined,
    state: row.state,
    amount: row.amount === null ? undefined : centimesFromDatabase(row.amount),
    bookingReference: row.booking_reference ?? undefined,
    bookingDate: row.booking_date ?? undefined,
  };
}
