import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import { type Day, parseDay } from '../values/dates.ts';
import { type CoreReference, parseCoreReference } from '../values/ids.ts';
import { isReasonCode, type ReasonCode } from '../values/reasons.ts';
import { parseRib, type Rib } from '../values/rib.ts';
import type { AccountOutcome, Booking, InquiryOutcome, Movement, MoveOutcome, VoidOutcome } from './port.ts';

/** One transfer as the books see it: out of the debtor's account, into the creditor's. Only a reversal has an original. */
export type Transfer = {
  reference: CoreReference;
  debtor: Rib;
  creditor: Rib;
  amount: bigint;
  notAfter: Date;
  original: CoreReference | null;
};

export type TransferKind = 'DEBIT' | 'REVERSAL';

type BookingRow = {
  outcome: 'MOVED' | 'REFUSED' | 'VOIDED';
  reason: string | null;
  amount: string | null;
  booking_reference: string | null;
  executed_at: Date | null;
  booking_date: string | null;
  value_date: string | null;
};

/** A row's columns as they are read, of whatever the query calls that row. */
const columnsOf = (row: string): string => `${row}.outcome, ${row}.reason, ${row}.amount, ${row}.booking_reference,
  ${row}.executed_at, ${row}.booking_date::text as booking_date, ${row}.value_date::text as value_date`;

/**
 * The booking of one reference, looked up by its index row by row. A plain join would be planned by statistics, which
 * lag behind a ledger that fills: a plan of the first minute reads the whole table for every set.
 */
const storedUnder = (reference: string): string =>
  `lateral (select * from ledger.bookings where bookings.reference = ${reference} offset 0)`;

/**
 * Decides and books each transfer by itself: moves it, or refuses it and keeps the refusal. A reference that is known
 * answers with what it came to, in doubt where its content differs or a tombstone stands there. No two transfers of one
 * call may share a reference or a debtor's account: each is weighed against the balance before the call.
 */
export async function bookTransfers(
  db: Queryable,
  kind: TransferKind,
  transfers: readonly Transfer[],
): Promise<MoveOutcome[]> {
  const all = <Name extends keyof Transfer>(name: Name) => transfers.map((transfer) => transfer[name]);
  const { rows } = await db.query<BookingRow & { same: boolean }>({
    name: `ledger-book-${kind.toLowerCase()}`,
    text: `
      with item as (
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
          with ordinality as item (reference, debtor, creditor, amount, not_after, original, position)
      ), known as (
        select item.position, stored.*,
               stored.kind = '${kind}' and stored.debtor = item.debtor and stored.creditor = item.creditor
               and stored.amount = item.amount and stored.original is not distinct from item.original as same
          from item cross join ${storedUnder('item.reference')} stored
      ), fresh as (
        select * from item where position not in (select position from known)
      ), account as (
        -- One lock order for every set, so that two of them can't deadlock; the creditors' hot accounts come last and
        -- are held shortest. What was waited for is read as it is then, not as it was when the statement began.
        select rib, status, balance - minimum_balance as available from ledger.accounts
         where rib = any (array(select debtor from fresh union select creditor from fresh)) and kind <> 'CASH'
         order by kind <> 'CUSTOMER', rib for no key update
      ), moment as materialized (
        -- Counting them holds the clock back until every lock is there: who waited past notAfter is too late.
        select date_trunc('milliseconds', clock_timestamp()) as decided_at, count(*) as locked from account
      ), weighed as (
        select fresh.*, moment.decided_at, (moment.decided_at at time zone 'Africa/Algiers')::date as booking_date,
               ${reasonOf[kind]} as reason
          from fresh cross join moment
          left join account debited on debited.rib = fresh.debtor
          left join account credited on credited.rib = fresh.creditor
          left join ${storedUnder('fresh.original')} given on true
      ), numbered as (
        select *, nextval('ledger.booking_numbers') as booking_id from weighed
      ), booked as (
        insert into ledger.bookings (booking_id, reference, kind, outcome, reason, debtor, creditor, amount, original,
               decided_at, executed_at, booking_date, value_date, booking_reference)
        select booking_id, reference, '${kind}', case when reason is null then 'MOVED' else 'REFUSED' end, reason,
               debtor, creditor, amount, original, decided_at,
               case when reason is null then decided_at end,
               case when reason is null then booking_date end,
               case when reason is null then booking_date end,
               case when reason is null then 'LB' || to_char(booking_date, 'YYYYMMDD') || '-' || booking_id end
          -- In one order everywhere, so that sets and tombstones that race for the same references can't deadlock.
          from numbered order by reference
        returning *
      ), posted as (
        insert into ledger.postings (booking_id, account, amount)
        select booking_id, debtor, - amount from booked where outcome = 'MOVED'
        union all select booking_id, creditor, amount from booked where outcome = 'MOVED'
      ), answer as (
        select item.position, true as same, ${columnsOf('booked')} from booked join item using (reference)
        union all select position, coalesce(same, false), ${columnsOf('known')} from known
      )
      select same, outcome, reason, amount, booking_reference, executed_at, booking_date, value_date
        from answer order by position`,
    values: [all('reference'), all('debtor'), all('creditor'), all('amount'), all('notAfter'), all('original')],
  });
  return rows.map((row) => moveOutcome(row));
}

/** The first that applies, in words that the gateway passes on; null moves. */
const reasonOf: Record<TransferKind, string> = {
  DEBIT: `case
    when moment.decided_at > fresh.not_after then 'TM01'
    when debited.rib is null then 'AC01'
    when debited.status = 'CLOSED' then 'AC04'
    when debited.status = 'BLOCKED' then 'AC06'
    when credited.rib is null or credited.rib = debited.rib then 'AC03'
    when credited.status = 'CLOSED' then 'AC07'
    when debited.available < fresh.amount then 'AM04'
  end`,
  REVERSAL: `case
    when moment.decided_at > fresh.not_after then 'TM01'
    -- Only what moved can be given back, whole and to where it came from.
    when given.outcome is distinct from 'MOVED' or given.kind <> 'DEBIT' or given.debtor <> fresh.creditor
      or given.creditor <> fresh.debtor or given.amount <> fresh.amount then 'MS03'
    when exists (select from ledger.bookings back where back.original = fresh.original and back.outcome = 'MOVED') then 'AM05'
    when debited.rib is null then 'AC03'
    when debited.status = 'CLOSED' then 'AC07'
    when debited.status = 'BLOCKED' then 'AC06'
    when credited.rib is null then 'AC01'
    when credited.status = 'CLOSED' then 'AC04'
    when debited.available < fresh.amount then 'AM04'
  end`,
};

/** What each reference has come to, UNKNOWN where nothing was ever decided on it. */
export async function selectBookings(db: Queryable, references: readonly CoreReference[]): Promise<InquiryOutcome[]> {
  const { rows } = await db.query<Nullable<BookingRow>>({
    name: 'ledger-select-bookings',
    text: `
      select ${columnsOf('stored')}
        from unnest($1::text[]) with ordinality as item (reference, position)
        left join ${storedUnder('item.reference')} stored on true
       order by position`,
    values: [references],
  });
  return rows.map((row) =>
    row.outcome === null ? { outcome: 'UNKNOWN' } : storedOutcome({ ...row, outcome: row.outcome }),
  );
}

/** Plants a tombstone on each reference that is not taken; the others answer with what they have come to. */
export async function plantTombstones(db: Queryable, references: readonly CoreReference[]): Promise<VoidOutcome[]> {
  const { rows } = await db.query<Nullable<BookingRow>>({
    name: 'ledger-plant-tombstones',
    text: `
      with item as (
        select * from unnest($1::text[]) with ordinality as item (reference, position)
      ), known as (
        select item.position, stored.* from item cross join ${storedUnder('item.reference')} stored
      ), planted as (
        -- A debit that is being booked holds its reference in the unique index: this waits for it, then runs again.
        insert into ledger.bookings (reference, outcome, decided_at)
        select distinct reference, 'VOIDED', clock_timestamp() from item
         where position not in (select position from known) order by reference
      )
      select ${columnsOf('known')} from item left join known using (position) order by position`,
    values: [references],
  });
  return rows.map((row) =>
    row.outcome === null ? { outcome: 'VOIDED' } : storedOutcome({ ...row, outcome: row.outcome }),
  );
}

/** What the ledger moved on that day, in the order in which it was booked. The bank's own fundings are not among it. */
export async function selectMovements(db: Queryable, day: Day): Promise<Movement[]> {
  const { rows } = await db.query<BookingRow & { reference: string; debtor: string; creditor: string }>({
    name: 'ledger-select-movements',
    text: `
      select reference, debtor, creditor, ${columnsOf('bookings')}
        from ledger.bookings
       where booking_date = $1 and outcome = 'MOVED' and kind in ('DEBIT', 'REVERSAL')
       order by booking_id`,
    values: [day],
  });
  return rows.map((row) => ({
    reference: parseCoreReference(row.reference) ?? broken(),
    debtor: parseRib(row.debtor) ?? broken(),
    creditor: parseRib(row.creditor) ?? broken(),
    booking: bookingOf(row),
  }));
}

export async function selectAccount(db: Queryable, rib: Rib): Promise<AccountOutcome> {
  const { rows } = await db.query<{ status: 'OPEN' | 'BLOCKED' | 'CLOSED'; holder: string }>({
    name: 'ledger-select-account',
    text: `select status, holder from ledger.accounts where rib = $1 and kind <> 'CASH'`,
    values: [rib],
  });
  const [account] = rows;
  return account === undefined ? { outcome: 'UNKNOWN' } : { outcome: 'FOUND', ...account };
}

type StoredOutcome = Exclude<VoidOutcome, { outcome: 'NO_ANSWER' }>;

type Nullable<Row> = { [Name in keyof Row]: Row[Name] | null };

function moveOutcome(row: BookingRow & { same: boolean }): MoveOutcome {
  const stored = storedOutcome(row);
  return row.same && stored.outcome !== 'VOIDED' ? stored : { outcome: 'IN_DOUBT' };
}

function storedOutcome(row: BookingRow): StoredOutcome {
  switch (row.outcome) {
    case 'MOVED':
      return { outcome: 'MOVED', booking: bookingOf(row) };
    case 'REFUSED':
      return { outcome: 'REFUSED', reason: reasonCode(row.reason) };
    case 'VOIDED':
      return { outcome: 'VOIDED' };
  }
}

function bookingOf(row: BookingRow): Booking {
  return {
    bookingReference: row.booking_reference ?? broken(),
    executedAt: row.executed_at ?? broken(),
    bookingDate: parseDay(row.booking_date ?? '') ?? broken(),
    valueDate: parseDay(row.value_date ?? '') ?? broken(),
    amount: centimesFromDatabase(row.amount ?? ''),
  };
}

const reasonCode = (text: string | null): ReasonCode => (text !== null && isReasonCode(text) ? text : broken());

/** The table's constraints keep these columns whole. */
function broken(): never {
  throw new Error('the ledger holds a booking that its own constraints exclude');
}
