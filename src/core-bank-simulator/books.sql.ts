import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference } from '../values/ids.ts';
import { referenceOf } from './ledger-name.ts';

/** One row of the books: everything that was ever decided on a reference. Accounts are those of the posting. */
export type Entry = {
  /** Ascending in the order of booking, not without gaps. */
  number: bigint;
  reference: CoreReference;
  /** What the ledger calls it: another where the bus had forgotten the reference and took it anew. */
  ledgerName: string;
  kind: 'DEBIT' | 'REVERSAL' | null;
  outcome: 'MOVED' | 'REFUSED' | 'VOIDED';
  reason: string | null;
  /** The account that was, or would have been, debited; null of a void, as are creditor and amount. */
  debtor: string | null;
  creditor: string | null;
  amount: Centimes | null;
  /** The reference that a reversal gives back. */
  original: CoreReference | null;
  decidedAt: Date;
  executedAt: Date | null;
  bookingDate: string | null;
  valueDate: string | null;
  bookingReference: string | null;
};

type Row = {
  booking_id: string;
  reference: string;
  kind: 'DEBIT' | 'REVERSAL' | null;
  outcome: 'MOVED' | 'REFUSED' | 'VOIDED';
  reason: string | null;
  debtor: string | null;
  creditor: string | null;
  amount: string | null;
  original: string | null;
  decided_at: Date;
  executed_at: Date | null;
  booking_date: string | null;
  value_date: string | null;
  booking_reference: string | null;
};

const columns = `booking_id, bookings.reference, kind, outcome, reason, debtor, creditor, amount, original, decided_at,
  executed_at, booking_date, value_date, booking_reference`;

/** What stands under each of the ledger's names, undefined where nothing was decided. In the order asked. */
export async function selectEntries(db: Queryable, names: readonly string[]): Promise<(Entry | undefined)[]> {
  const { rows } = await db.query<Row>({
    name: 'simulator-select-entries',
    text: `select ${columns} from ledger.bookings where reference = any ($1)`,
    values: [names],
  });
  const entries = new Map(rows.map((row) => [row.reference, entryOf(row)]));
  return names.map((name) => entries.get(name));
}

/** Both accounts of what is known under each reference, in any generation; none where nothing is. In the order asked. */
export async function selectRibs(db: Queryable, references: readonly CoreReference[]): Promise<string[][]> {
  const { rows } = await db.query<{ ribs: string[] }>({
    name: 'simulator-select-ribs',
    text: `
      select array(
               select unnest(array[debtor, creditor]) from simulator.names join ledger.bookings
                   on bookings.reference = simulator.ledger_name(names.reference, names.generation)
                where names.reference = item.reference and debtor is not null
             ) as ribs
        from unnest($1::text[]) with ordinality as item (reference, position) order by position`,
    values: [references],
  });
  return rows.map(({ ribs }) => ribs);
}

/** The whole books but for the bank's own fundings, by number: the next `limit` after that one. */
export async function selectBooks(db: Queryable, after: bigint, limit: number): Promise<Entry[]> {
  const { rows } = await db.query<Row>({
    name: 'simulator-select-books',
    text: `select ${columns} from ledger.bookings
            where booking_id > $1 and kind is distinct from 'FUNDING' order by booking_id limit $2`,
    values: [after, limit],
  });
  return rows.map(entryOf);
}

export type DayTotals = { count: number; sum: Centimes };

/** What moved on that booking day, in the order of booking: a page of it. */
export async function selectDay(db: Queryable, day: Day, offset: number, limit: number): Promise<Entry[]> {
  const { rows } = await db.query<Row>({
    name: 'simulator-select-day',
    text: `select ${columns} from ledger.bookings
            where booking_date = $1 and outcome = 'MOVED' and kind in ('DEBIT', 'REVERSAL')
            order by booking_id offset $2 limit $3`,
    values: [day, offset, limit],
  });
  return rows.map(entryOf);
}

export async function selectDayTotals(db: Queryable, day: Day): Promise<DayTotals> {
  const { rows } = await db.query<{ count: string; sum: string }>({
    name: 'simulator-select-day-totals',
    text: `select count(*) as count, coalesce(sum(amount), 0)::text as sum from ledger.bookings
            where booking_date = $1 and outcome = 'MOVED' and kind in ('DEBIT', 'REVERSAL')`,
    values: [day],
  });
  const [totals] = rows;
  return { count: Number(totals?.count ?? 0), sum: centimesFromDatabase(totals?.sum ?? '0') };
}

export type Refusal = {
  ledgerName: string;
  kind: 'DEBIT' | 'REVERSAL';
  reason: string;
  debtor: string;
  creditor: string;
  amount: Centimes;
  original: string | null;
};

/** Refuses what nothing was decided on yet, for a reason that was told: the ledger answers it ever after as its own. */
export async function insertRefusals(db: Queryable, refusals: readonly Refusal[]): Promise<void> {
  const all = <Name extends keyof Refusal>(name: Name) => refusals.map((refusal) => refusal[name]);
  await db.query({
    name: 'simulator-insert-refusals',
    text: `
      insert into ledger.bookings (reference, kind, outcome, reason, debtor, creditor, amount, original, decided_at)
      select reference, kind, 'REFUSED', reason, debtor, creditor, amount, original, clock_timestamp()
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
          as item (reference, kind, reason, debtor, creditor, amount, original)
       order by reference
      on conflict (reference) do nothing`,
    values: [
      all('ledgerName'),
      all('kind'),
      all('reason'),
      all('debtor'),
      all('creditor'),
      all('amount'),
      all('original'),
    ],
  });
}

const entryOf = (row: Row): Entry => ({
  number: BigInt(row.booking_id),
  reference: referenceOf(row.reference),
  ledgerName: row.reference,
  kind: row.kind,
  outcome: row.outcome,
  reason: row.reason,
  debtor: row.debtor,
  creditor: row.creditor,
  amount: row.amount === null ? null : centimesFromDatabase(row.amount),
  original: row.original === null ? null : referenceOf(row.original),
  decidedAt: row.decided_at,
  executedAt: row.executed_at,
  bookingDate: row.booking_date,
  valueDate: row.value_date,
  bookingReference: row.booking_reference,
});
