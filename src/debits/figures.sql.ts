import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import { addDays, type Day, startOfAlgiersDay } from '../values/dates.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { type Agencies, agencyParameter } from './agencies.ts';

/** What happened to debits, each counted in the hour and day in which it did. RECEIVED: taken in, scheduled ones too. */
export type FigureEvent = 'RECEIVED' | 'SETTLED' | 'REJECTED' | 'CANCELLED' | 'REVERSED';

export type Figure = { debits: number; amount: Centimes };

/**
 * Adds up to `most` sealed rows of the journal to the figures. The seals' order says how far that has come, and the
 * figures and their place commit together: no row is counted twice or left out, whatever stops this. Answers how many
 * rows it took; a replica that finds another at it takes none.
 */
export async function addFigures(db: Queryable, most: number): Promise<number> {
  const { rows } = await db.query<{ took: number }>({
    name: 'add-figures',
    text: `
      with place as materialized (
        select epoch, number from debit_figures_progress p
         where exists (select from journal_seals s where (s.epoch, s.number) > (p.epoch, p.number))
           for update skip locked
      ), sealed as materialized (
        select epoch, number, recorded_at, kind, subject_id, reason from sealed_journal
         where (epoch, number) > ((select epoch from place), (select number from place))
         order by epoch, number limit $1
      ), event as (
        select date_trunc('hour', recorded_at) as hour, (recorded_at at time zone 'Africa/Algiers')::date as day,
               agency_code, debits.creditor_code, amount,
               case when kind in ('debit.received', 'debit.scheduled') then 'RECEIVED'
                    when kind in ('debit.settled', 'debit.corrected') then 'SETTLED'
                    when kind = 'debit.rejected' then 'REJECTED'
                    when kind = 'debit.reversed' then 'REVERSED' else 'CANCELLED' end as event,
               case when kind = 'debit.rejected' then coalesce(sealed.reason, '') else '' end as reason
          from sealed join debits on debit_id = subject_id join mandate_debtors using (mandate_id)
         where kind in ('debit.received', 'debit.scheduled', 'debit.settled', 'debit.corrected', 'debit.rejected', 'debit.cancelled', 'debit.reversed')
      ), hours as (
        insert into debit_hours (hour, agency_code, creditor_code, event, reason, debits, amount)
        select hour, agency_code, creditor_code, event, reason, count(*), sum(amount)::bigint from event
         group by 1, 2, 3, 4, 5
        on conflict (hour, agency_code, creditor_code, event, reason) do update
           set debits = debit_hours.debits + excluded.debits, amount = debit_hours.amount + excluded.amount
      ), days as (
        insert into debit_days (day, agency_code, creditor_code, event, reason, debits, amount)
        select day, agency_code, creditor_code, event, reason, count(*), sum(amount)::bigint from event
         group by 1, 2, 3, 4, 5
        on conflict (day, agency_code, creditor_code, event, reason) do update
           set debits = debit_days.debits + excluded.debits, amount = debit_days.amount + excluded.amount
      ), gone_on as (
        update debit_figures_progress p set epoch = last.epoch, number = last.number
          from (select epoch, number from sealed order by epoch desc, number desc limit 1) last
      )
      select count(*)::int as took from sealed`,
    values: [most],
  });
  return rows[0]?.took ?? 0;
}

type Row = { event: FigureEvent; debits: string; amount: string };

const figureOf = ({ debits, amount }: Row): Figure => ({
  debits: Number(debits),
  amount: centimesFromDatabase(amount),
});

export type DayFigure = Figure & { day: Day; event: FigureEvent };

/** By day, from that day on; nothing where nothing happened. Of an agency's debits, or of all. */
export async function selectDayFigures(db: Queryable, from: Day, agencies: Agencies): Promise<DayFigure[]> {
  const { rows } = await db.query<Row & { day: Day }>({
    name: 'select-day-figures',
    text: `
      select day, event, sum(debits) as debits, sum(amount) as amount from debit_days
       where day >= $1::date and ($2::text[] is null or agency_code = any ($2)) group by day, event order by day, event`,
    values: [from, agencyParameter(agencies)],
  });
  return rows.map((row) => ({ day: row.day, event: row.event, ...figureOf(row) }));
}

export type HourFigure = Figure & { hour: Date; event: FigureEvent };

/** By hour, on that day in Algiers. */
export async function selectHourFigures(db: Queryable, day: Day, agencies: Agencies): Promise<HourFigure[]> {
  const { rows } = await db.query<Row & { hour: Date }>({
    name: 'select-hour-figures',
    text: `
      select hour, event, sum(debits) as debits, sum(amount) as amount from debit_hours
       where hour >= $1 and hour < $2 and ($3::text[] is null or agency_code = any ($3))
       group by hour, event order by hour, event`,
    values: [startOfAlgiersDay(day), startOfAlgiersDay(addDays(day, 1)), agencyParameter(agencies)],
  });
  return rows.map((row) => ({ hour: row.hour, event: row.event, ...figureOf(row) }));
}

export type ReasonFigure = Figure & { reason: ReasonCode };

/** That day's rejections by reason as the bank knows it, the most frequent first. */
export async function selectReasonFigures(db: Queryable, day: Day, agencies: Agencies): Promise<ReasonFigure[]> {
  const { rows } = await db.query<Row & { reason: ReasonCode }>({
    name: 'select-reason-figures',
    text: `
      select reason, event, sum(debits) as debits, sum(amount) as amount from debit_days
       where day = $1::date and event = 'REJECTED' and ($2::text[] is null or agency_code = any ($2))
       group by reason, event order by sum(debits) desc, reason`,
    values: [day, agencyParameter(agencies)],
  });
  return rows.map((row) => ({ reason: row.reason, ...figureOf(row) }));
}

/** As many of what waits are looked at for the oldest: more wait only where something stands still, and then for long. */
const mostLookedAt = 1_000;

/**
 * Up to when everything that happened is in the figures: now, where nothing waits to be added. The order of rows is not
 * that of their times: a transaction that began early may write late.
 */
export async function selectFiguresAsOf(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ as_of: Date }>({
    name: 'select-figures-as-of',
    text: `
      with waiting as (
        (select recorded_at from debit_figures_progress p
          cross join lateral (select recorded_at from sealed_journal s
                               where (s.epoch, s.number) > (p.epoch, p.number)
                               order by s.epoch, s.number limit $1::int) next)
        union all
        (select recorded_at from journal
          where entry_id > coalesce((select sealed_through from journal_sealer), 0) order by entry_id limit $1::int)
        union all
        -- Open while later rows were sealed.
        (select recorded_at from journal
          where transaction_id >= (select open_from from journal_sealer)
            and transaction_id < pg_snapshot_xmax(pg_current_snapshot())
            and entry_id <= (select sealed_through from journal_sealer)
            and not exists (select from journal_seals s where s.entry_id = journal.entry_id) limit $1::int)
      )
      select coalesce(min(recorded_at), clock_timestamp()) as as_of from waiting`,
    values: [mostLookedAt],
  });
  return rows[0]?.as_of ?? new Date(0);
}
