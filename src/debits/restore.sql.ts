import type { Movement } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { DebitId } from '../values/ids.ts';
import { foundMoved } from './debit.ts';

/** A restore whose movements are still to be read, and since when this database may have missed some. */
export type Restore = { epoch: number; knownUntil: Date };

/** The restores that are still to be read, the first one first. */
export async function selectUnread(db: Queryable): Promise<Restore[]> {
  const { rows } = await db.query<{ epoch: number; known_until: Date }>({
    name: 'select-unread-restores',
    text: 'select epoch, known_until from restores where movements_read_at is null order by epoch',
  });
  return rows.map((row) => ({ epoch: row.epoch, knownUntil: row.known_until }));
}

/** CONFIRMED: known so. FOUND: it was not sent, as far as was known. UNCLAIMED: never heard of. CONTRADICTS: it had ended. */
export type MovementFate = 'CONFIRMED' | 'ASKED_ON' | 'FOUND' | 'UNCLAIMED' | 'FOREIGN' | 'CONTRADICTS';

/**
 * Holds each of the core's movements against the debits. What was not sent, as far as this database knows, holds ceiling
 * and declaration from now on and is asked about like any other that was sent; what nobody here has heard of is kept
 * until its creditor asks for it again. FOREIGN: no debit, since its credited account is no creditor's. Answers in the
 * order asked, with the debit where there is one.
 */
export async function meetMovements(
  db: Queryable,
  epoch: number,
  movements: readonly Movement[],
): Promise<{ fate: MovementFate; debitId: DebitId | undefined }[]> {
  const of = <Value>(read: (movement: Movement) => Value) => movements.map(read);
  const { rows } = await db.query<{ fate: MovementFate; debit_id: DebitId | null }>({
    name: 'meet-movements',
    text: `
      with item as (
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::date[], $8::date[])
          with ordinality as item (reference, debtor, creditor, amount, booking_reference, executed_at, booking_date, value_date, position)
      ), credited as (
        -- An account that a creditor has, or had.
        select distinct on (item.position) item.position, creditor_code
          from item join collection_accounts on account = item.creditor order by item.position, since desc
      ), held as (
        select debits.*, mandates.chain_id from debits left join mandates using (mandate_id)
         where core_reference in (select reference from item) order by debit_id for no key update of debits
      ), weighed as (
        select item.*, credited.creditor_code, held.debit_id, held.state, held.chain_id,
               case when held.state = any ($10::text[]) then 'FOUND'
                    when held.state in ('EXECUTING', 'IN_DOUBT') then 'ASKED_ON'
                    when held.state in ('SETTLED', 'REVERSED') and held.booking_reference = item.booking_reference then 'CONFIRMED'
                    when held.debit_id is not null then 'CONTRADICTS'
                    when credited.creditor_code is null or item.reference !~ '^[A-Z2-7]{32}$' then 'FOREIGN'
                    else 'UNCLAIMED' end as fate
          from item left join credited using (position) left join held on held.core_reference = item.reference
      ), locked_usage as (
        select chain_id from mandate_usage where chain_id in (select chain_id from weighed where fate = 'FOUND')
         order by chain_id for no key update
      ), spent as (
        -- It moved: the ceilings count it, whatever they would have said.
        update mandate_usage u
           set month_used = month_used + case when month_start = date_trunc('month', booking_date)::date then w.amount else 0 end,
               quarter_used = quarter_used + case when quarter_start = date_trunc('quarter', booking_date)::date then w.amount else 0 end,
               year_used = year_used + case when year_start = date_trunc('year', booking_date)::date then w.amount else 0 end
          from weighed w where fate = 'FOUND' and u.chain_id = w.chain_id and (select count(*) from locked_usage) >= 0
      ), taken_up as (
        update debits
           set state = 'IN_DOUBT', sends = 1, refusal = null, holds_ceiling = true, reserved_on = w.booking_date,
               authorised_at = clock_timestamp(), lease_until = clock_timestamp()
          from weighed w where fate = 'FOUND' and debits.debit_id = w.debit_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
        select creditor_code, 'debit.found-moved', debit_id, state, 'IN_DOUBT', 'gateway'
          from weighed where fate = 'FOUND' order by position
      ), kept as (
        insert into unclaimed_movements (reference, epoch, creditor_code, debtor, amount, booking_reference, executed_at,
          booking_date, value_date)
        select reference, $9, creditor_code, debtor, amount, booking_reference, executed_at, booking_date, value_date
          from weighed where fate = 'UNCLAIMED'
        on conflict do nothing
      )
      select fate, debit_id from weighed order by position`,
    values: [
      of(({ reference }) => reference),
      of(({ debtor }) => debtor),
      of(({ creditor }) => creditor),
      of(({ booking }) => booking.amount),
      of(({ booking }) => booking.bookingReference),
      of(({ booking }) => booking.executedAt),
      of(({ booking }) => booking.bookingDate),
      of(({ booking }) => booking.valueDate),
      epoch,
      [...foundMoved],
    ],
  });
  return rows.map((row) => ({ fate: row.fate, debitId: row.debit_id ?? undefined }));
}

/** The movements of that restore are read: with its journal row, and how many are unclaimed. */
export async function endReading(db: Queryable, epoch: number): Promise<void> {
  await db.query({
    name: 'end-reading-movements',
    text: `
      with read as (
        update restores set movements_read_at = clock_timestamp() where epoch = $1 and movements_read_at is null returning stop_id
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'restore.movements-read', stop_id, 'gateway', 'gateway', jsonb_build_object('epoch', $1::int, 'unclaimed',
             (select count(*) from unclaimed_movements where epoch = $1 and claimed_by is null)) from read`,
    values: [epoch],
  });
}
