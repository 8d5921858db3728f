import type { Movement } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference, DebitId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import { type BookingRow, bookingOf } from './booking-row.ts';
import { beforeInPeriods } from './ceilings.sql.ts';
import { foundMoved } from './debit.ts';
import { reversalTakenUp } from './reversal-recovery.sql.ts';
import { mandateWithAccount } from './unclaimed.sql.ts';

/** As `spentInPeriods`, with what each period's days have moved. */
const advancedPeriods = `
           month_start = date_trunc('month', counted_on), month_used = month_before + month_moved,
           quarter_start = date_trunc('quarter', counted_on), quarter_used = quarter_before + quarter_moved,
           year_start = date_trunc('year', counted_on), year_used = year_before + year_moved`;

/** A restore whose movements are to be read now, and since when this database may have missed some. */
export type Restore = { epoch: number; knownUntil: Date; readFrom: Date };

/**
 * The restores that are to be read, the first one first: once nobody who began before them can send any more, and once more
 * where the end of their stop, all that is ever proposed of one, was proposed since.
 */
export async function selectUnread(db: Queryable, settleSeconds: number): Promise<Restore[]> {
  const { rows } = await db.query<{ epoch: number; known_until: Date; read_from: Date }>({
    name: 'select-unread-restores',
    text: `
      select epoch, known_until, clock_timestamp() as read_from from restores
       where movements_read_at is null and began_at + make_interval(secs => $1::float8) <= clock_timestamp()
          or exists (select from proposals where subject_id = restores.stop_id::text
                        and state = 'WAITING' and proposed_at >= movements_read_at)
       order by epoch`,
    values: [settleSeconds],
  });
  return rows.map((row) => ({ epoch: row.epoch, knownUntil: row.known_until, readFrom: row.read_from }));
}

/** The epoch that the last restore began; undefined where there was none. */
export async function selectLastRestore(db: Queryable): Promise<number | undefined> {
  const { rows } = await db.query<{ epoch: number }>({
    name: 'select-last-restore',
    text: 'select epoch from restores order by epoch desc limit 1',
  });
  return rows[0]?.epoch;
}

/** When each restore began: what was received before may have run since this database was saved. */
export async function selectRestoreBegins(db: Queryable): Promise<Date[]> {
  const { rows } = await db.query<{ began_at: Date }>({
    name: 'select-restore-begins',
    text: 'select began_at from restores',
  });
  return rows.map((row) => row.began_at);
}

/**
 * CONFIRMED: known so. ASKED_ON: its outcome was not known. FOUND: it was not sent, as far as was known. UNCLAIMED: never
 * heard of. CONTRADICTS: it had ended. The other three are unexplained (`Unexplained`).
 */
export type MovementFate = 'CONFIRMED' | 'ASKED_ON' | 'FOUND' | 'UNCLAIMED' | 'CONTRADICTS' | Unexplained;

/**
 * FOREIGN: neither a debit's nor a reversal's that is known here. OTHER_ACCOUNT: of a debit whose
 * mandate, or any of its chain where it was never sent, has another account than was debited, or whose creditor has
 * another than was credited: its confirmation would name the wrong one. OTHER_REVERSAL: of a reversal that ended otherwise, or not what was asked.
 */
export type Unexplained = 'FOREIGN' | 'OTHER_ACCOUNT' | 'OTHER_REVERSAL';

/**
 * Holds each of the core's movements against the debits and their reversals. What was not sent, as far as this database
 * knows, holds ceiling and declaration from now on and is asked about like any other that was sent; its movement is kept, and
 * that of what was asked about already, so that nothing else is believed; what nobody here has heard of is kept until its
 * creditor asks for it again, and what nothing explains until it does or two people say so. Met again, an unexplained one
 * that is now told of is so no more. Answers in the order asked, with the debit where there is one.
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
        -- An account that a creditor has or had: what it claims will be confirmed with that one.
        select distinct on (item.position) item.position, creditor_code
          from item join collection_accounts on account = item.creditor
         order by item.position, since <= item.executed_at desc, since desc
      ), held as (
        select debits.*, mandates.chain_id from debits left join mandates using (mandate_id)
         where core_reference in (select reference from item) order by debit_id for no key update of debits
      ), given_back as (
        select r.reversal_id, r.core_reference, r.creditor_code, r.debit_id, r.attempt, r.request_jti, r.state, r.amount,
               r.booking_reference, rib
          from reversals r join debits using (debit_id) join mandate_debtors using (mandate_id)
         where r.core_reference in (select reference from item)
         order by reversal_id for no key update of r
      ), weighed as (
        select item.*, credited.creditor_code, held.debit_id, held.creditor_code as debit_creditor, held.state, held.chain_id,
               held.amount as debit_amount, payer.mandate_id as moved_under,
               already.reference is not null as is_kept,
               given_back.reversal_id,
               case when given_back.amount <> item.amount or given_back.rib <> item.creditor then 'OTHER_REVERSAL'
                    when given_back.state = 'REQUESTED' then 'FOUND'
                    when given_back.state in ('EXECUTING', 'IN_DOUBT') then 'ASKED_ON'
                    when given_back.state = 'SETTLED' and given_back.booking_reference = item.booking_reference then 'CONFIRMED'
                    when given_back.reversal_id is not null then 'OTHER_REVERSAL'
                    when held.state = any ($10::text[]) and held.holds_declaration
                    then case when payer.mandate_id is null or item.creditor <> collecting.account
                              then 'OTHER_ACCOUNT' else 'FOUND' end
                    when held.state in ('EXECUTING', 'IN_DOUBT')
                    then case when item.debtor <> paying.rib or item.creditor <> collecting.account
                              then 'OTHER_ACCOUNT' else 'ASKED_ON' end
                    when held.state in ('SETTLED', 'REVERSED') and held.booking_reference = item.booking_reference then 'CONFIRMED'
                    when held.debit_id is not null then 'CONTRADICTS'
                    -- Whatever accounts were entered since.
                    when already.reference is not null then 'UNCLAIMED'
                    when credited.creditor_code is null or item.reference !~ '^[A-Z2-7]{32}$' then 'FOREIGN'
                    else 'UNCLAIMED' end as fate
          from item left join credited using (position) left join held on held.core_reference = item.reference
          left join given_back on given_back.core_reference = item.reference
          left join lateral (${mandateWithAccount('held', 'item')}) payer on true
          left join unclaimed_movements already on already.reference = item.reference
          -- What its confirmation would name.
          left join lateral (select coalesce(already.creditor, collection_account) as account
                               from creditors where creditors.creditor_code = held.creditor_code) collecting on true
          left join mandate_debtors paying on paying.mandate_id = held.mandate_id
      ), locked_usage as (
        select * from mandate_usage where chain_id in (select chain_id from weighed where fate = 'FOUND' and debit_id is not null)
         order by chain_id for no key update
      ), latest as (
        -- Each chain's periods go on to the last day that something of it was booked on, and never back.
        select locked_usage.*, greatest(month_start, (select max(booking_date) from weighed w
                 where fate = 'FOUND' and w.chain_id = locked_usage.chain_id)) as counted_on
          from locked_usage
      ), measured as (
        select latest.*, ${beforeInPeriods} from latest
      ), spent as (
        -- It moved: the ceilings count it in the periods of its day, whatever they would have said.
        update mandate_usage u set ${advancedPeriods}
          from (
            select measured.chain_id, counted_on, month_before, quarter_before, year_before,
                   coalesce(sum(debit_amount) filter (where date_trunc('month', booking_date) = date_trunc('month', counted_on)), 0) as month_moved,
                   coalesce(sum(debit_amount) filter (where date_trunc('quarter', booking_date) = date_trunc('quarter', counted_on)), 0) as quarter_moved,
                   coalesce(sum(debit_amount) filter (where date_trunc('year', booking_date) = date_trunc('year', counted_on)), 0) as year_moved
              from measured join weighed w on w.chain_id = measured.chain_id and fate = 'FOUND'
             group by measured.chain_id, counted_on, month_before, quarter_before, year_before) moved
         where u.chain_id = moved.chain_id
      ), taken_up as (
        update debits
           set state = 'IN_DOUBT', sends = 1, refusal = null, holds_ceiling = true, mandate_id = moved_under,
               reserved_on = w.booking_date,
               authorised_at = clock_timestamp(), lease_until = clock_timestamp()
          from weighed w where fate = 'FOUND' and debits.debit_id = w.debit_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
        select debit_creditor, 'debit.found-moved', debit_id, state, 'IN_DOUBT', 'gateway'
          from weighed where fate = 'FOUND' and debit_id is not null order by position
      ), taken_back as (
        update reversals set ${reversalTakenUp}
         where reversal_id in (select reversal_id from weighed where fate = 'FOUND')
      ), taken_back_told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, request_jti, detail)
        select creditor_code, 'debit.reversal-in-doubt', debit_id, 'SETTLED', 'SETTLED', 'gateway', request_jti,
               jsonb_build_object('attempt', attempt, 'state', 'IN_DOUBT')
          from given_back where reversal_id in (select reversal_id from weighed where fate = 'FOUND')
      ), found as (
        insert into found_movements (reference, epoch, amount, booking_reference, executed_at, booking_date, value_date)
        select reference, $9, amount, booking_reference, executed_at, booking_date, value_date
          from weighed where fate in ('FOUND', 'ASKED_ON')
        on conflict do nothing
      ), unexplained as (
        insert into unexplained_movements (reference, epoch, stop_id, why, debtor, creditor, amount, booking_reference,
          executed_at, booking_date, value_date)
        select reference, $9, (select stop_id from restores where epoch = $9), fate, debtor, creditor, amount,
               booking_reference, executed_at, booking_date, value_date
          from weighed where fate = any ($11::text[])
        on conflict do nothing
      ), met as (
        update unexplained_movements u set ending = 'MET', ended_at = clock_timestamp()
          from weighed where u.reference = weighed.reference and fate <> all ($11::text[])
           and (u.ending is null or u.ending = 'EXPLAINED')
      ), kept as (
        insert into unclaimed_movements (reference, epoch, creditor_code, debtor, creditor, amount, booking_reference,
          executed_at, booking_date, value_date)
        select reference, $9, creditor_code, debtor, creditor, amount, booking_reference, executed_at, booking_date, value_date
          from weighed where fate = 'UNCLAIMED' and not is_kept
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
      ['FOREIGN', 'OTHER_ACCOUNT', 'OTHER_REVERSAL'] satisfies Unexplained[],
    ],
  });
  return rows.map((row) => ({ fate: row.fate, debitId: row.debit_id ?? undefined }));
}

/** What is unexplained yet, or holds up a debit, to be met again by what was entered or asked again since. */
export async function selectUnexplained(db: Queryable, most: number): Promise<{ epoch: number; movement: Movement }[]> {
  const { rows } = await db.query<BookingRow & { epoch: number; reference: CoreReference; debtor: Rib; creditor: Rib }>(
    {
      name: 'select-unexplained-movements',
      text: `
      select epoch, reference, debtor, creditor, amount, booking_reference, executed_at, booking_date, value_date
        from unexplained_movements
       where (ending is null or why = 'OTHER_ACCOUNT') and ending is distinct from 'MET' order by epoch, reference limit $1`,
      values: [most],
    },
  );
  return rows.map(({ epoch, reference, debtor, creditor, ...row }) => ({
    epoch,
    movement: { reference, debtor, creditor, booking: bookingOf(row) },
  }));
}

/** The movements of that restore are read: with its journal row, and how many are unclaimed and unexplained. They are as they were when the reading began. */
export async function endReading(db: Queryable, { epoch, readFrom }: Restore): Promise<void> {
  await db.query({
    name: 'end-reading-movements',
    text: `
      with read as (
        update restores set movements_read_at = $2
         where epoch = $1 and coalesce(movements_read_at < $2, true) returning stop_id
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'restore.movements-read', stop_id, 'gateway', 'gateway', jsonb_build_object('epoch', $1::int, 'unclaimed',
             (select count(*) from unclaimed_movements where epoch = $1 and claimed_by is null), 'unexplained',
             (select count(*) from unexplained_movements where epoch = $1 and ending is null)) from read`,
    values: [epoch, readFrom],
  });
}
