import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { BankCalendar, TimeOfDay, Weekday } from './calendar.ts';

/** Everything that holds, and every week and hours that ever held: a few dozen rows. */
export async function selectCalendar(db: Queryable): Promise<BankCalendar> {
  const feasts = await db.query<{
    feast_id: string;
    day: Day | null;
    yearly: string | null;
    name_fr: string;
    name_ar: string;
    source: string;
  }>({
    name: 'select-feasts',
    text: `select feast_id, day, yearly, name_fr, name_ar, source from feasts
            where withdrawn_at is null order by yearly, day`,
  });
  const weeks = await db.query<{ from_day: Day; weekend: Weekday[]; source: string }>({
    name: 'select-bank-weeks',
    text: `select distinct on (from_day) from_day, weekend, source from bank_weeks order by from_day, entered_at desc`,
  });
  const hours = await db.query<{
    from_day: Day;
    closes_at: TimeOfDay | null;
    opens_at: TimeOfDay | null;
    source: string;
  }>({
    name: 'select-core-hours',
    text: `select distinct on (from_day) from_day, to_char(closes_at, 'HH24:MI') as closes_at,
                  to_char(opens_at, 'HH24:MI') as opens_at, source
             from core_hours order by from_day, entered_at desc`,
  });
  return {
    feasts: feasts.rows.map(({ feast_id, day, yearly, name_fr, name_ar, source }) => ({
      feastId: feast_id,
      on: day === null ? { yearly: yearly ?? '' } : { day },
      nameFr: name_fr,
      nameAr: name_ar,
      source,
    })),
    weeks: weeks.rows.map(({ from_day: fromDay, weekend, source }) => ({ fromDay, weekend, source })),
    hours: hours.rows.map(({ from_day: fromDay, closes_at: from, opens_at: to, source }) => ({
      fromDay,
      closed: from === null || to === null ? undefined : { from, to },
      source,
    })),
  };
}

/** Who approved what by which proposal: for the row and the journal. */
export type Entry = { id: string; proposalId: string; by: string; from: string };

export type FeastEntry = { day: Day | null; yearly: string | null; nameFr: string; nameAr: string; source: string };

/** Enters a feast, with its journal row. False where one stands on that day. */
export async function insertFeast(db: Queryable, entry: Entry, feast: FeastEntry): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'insert-feast',
    text: `
      with entered as (
        insert into feasts (feast_id, day, yearly, name_fr, name_ar, source, entered_as)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning feast_id, coalesce(day::text, yearly) as day
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'calendar.feast-entered', feast_id, 'bank', $8,
             jsonb_build_object('day', day, 'proposal', $7::text, 'from', $9::text) from entered`,
    values: [
      entry.id,
      feast.day,
      feast.yearly,
      feast.nameFr,
      feast.nameAr,
      feast.source,
      entry.proposalId,
      entry.by,
      entry.from,
    ],
  });
  return rowCount === 1;
}

/** Takes a feast out of the calendar; what it said before stays. False where it was taken out already. */
export async function withdrawFeast(db: Queryable, { id, proposalId, by, from }: Entry): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'withdraw-feast',
    text: `
      with withdrawn as (
        update feasts set withdrawn_at = clock_timestamp(), withdrawn_as = $2
         where feast_id = $1 and withdrawn_at is null returning feast_id, coalesce(day::text, yearly) as day
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'calendar.feast-withdrawn', feast_id, 'bank', $3,
             jsonb_build_object('day', day, 'proposal', $2::text, 'from', $4::text) from withdrawn`,
    values: [id, proposalId, by, from],
  });
  return rowCount === 1;
}

/** The week's days without banking, from a day on. */
export async function insertWeek(
  db: Queryable,
  { id, proposalId, by, from }: Entry,
  week: { fromDay: Day; weekend: readonly Weekday[]; source: string },
): Promise<void> {
  await db.query({
    name: 'insert-bank-week',
    text: `
      with entered as (
        insert into bank_weeks (week_id, from_day, weekend, source, entered_as) values ($1, $2, $3, $4, $5)
        returning week_id, from_day, weekend
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'calendar.week-entered', week_id, 'bank', $6, jsonb_build_object('fromDay', from_day, 'weekend', weekend,
             'proposal', $5::text, 'from', $7::text) from entered`,
    values: [id, week.fromDay, [...week.weekend], week.source, proposalId, by, from],
  });
}

/** When the core closes each day, from a day on. */
export async function insertCoreHours(
  db: Queryable,
  { id, proposalId, by, from }: Entry,
  hours: { fromDay: Day; closed: { from: TimeOfDay; to: TimeOfDay } | undefined; source: string },
): Promise<void> {
  await db.query({
    name: 'insert-core-hours',
    text: `
      with entered as (
        insert into core_hours (hours_id, from_day, closes_at, opens_at, source, entered_as)
        values ($1, $2, $3, $4, $5, $6) returning hours_id, from_day, closes_at, opens_at
      )
      insert into journal (kind, subject_id, side, actor, detail)
      select 'calendar.core-entered', hours_id, 'bank', $7, jsonb_strip_nulls(jsonb_build_object('fromDay', from_day,
             'closesAt', closes_at, 'opensAt', opens_at, 'proposal', $6::text, 'from', $8::text)) from entered`,
    values: [
      id,
      hours.fromDay,
      hours.closed?.from ?? null,
      hours.closed?.to ?? null,
      hours.source,
      proposalId,
      by,
      from,
    ],
  });
}
