import type { Branded } from '../values/branded.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';

/** A time of day in Algiers, "23:30". */
export type TimeOfDay = Branded<string, 'TimeOfDay'>;

export const parseTimeOfDay = (text: string): TimeOfDay | undefined =>
  /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? (text as TimeOfDay) : undefined;

/** ISO: 1 Monday … 5 Friday, 6 Saturday, 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;
export const weekdays: readonly Weekday[] = [7, 1, 2, 3, 4, 5, 6];

/** A day without banking: every year on that month and day ("05-01"), or on one day that was announced. */
export type Feast = {
  feastId: string;
  on: { yearly: string } | { day: Day };
  nameFr: string;
  nameAr: string;
  /** The law, or who announced it and when. */
  source: string;
};

/** The week's days without banking, from a day on. */
export type BankWeek = { fromDay: Day; weekend: readonly Weekday[]; source: string };

/** When the core banking system closes each day, from a day on; over midnight where it opens earlier than it closes. */
export type CoreHours = { fromDay: Day; closed: { from: TimeOfDay; to: TimeOfDay } | undefined; source: string };

/** The bank's days and the core's hours, as staff have entered them. Weeks and hours: the latest that has begun holds. */
export type BankCalendar = {
  feasts: readonly Feast[];
  weeks: readonly BankWeek[];
  hours: readonly CoreHours[];
};

export function isBankingDay(calendar: BankCalendar, day: Day): boolean {
  const week = standing(calendar.weeks, day);
  return week?.weekend.includes(weekdayOf(day)) !== true && feastOn(calendar, day) === undefined;
}

export const feastOn = ({ feasts }: Pick<BankCalendar, 'feasts'>, day: Day): Feast | undefined =>
  feasts.find(({ on }) => ('day' in on ? on.day === day : day.endsWith(`-${on.yearly}`)));

/** That day, or the first one after it that the bank works on. Undefined where a whole year has none: the data is wrong. */
export function nextBankingDay(calendar: BankCalendar, day: Day): Day | undefined {
  for (let ahead = 0; ahead < 366; ahead += 1) {
    const candidate = addDays(day, ahead);
    if (isBankingDay(calendar, candidate)) return candidate;
  }
  return undefined;
}

/** The first of the dates that come to that banking day: what was dated from it on runs on the day. */
export function firstDateOf(calendar: BankCalendar, bankingDay: Day): Day {
  for (let back = 1; back < 366; back += 1) {
    const before = addDays(bankingDay, -back);
    if (isBankingDay(calendar, before)) return addDays(before, 1);
  }
  return bankingDay;
}

/** Whether the core banking system works at that instant. The moment at which it closes is closed, the one at which it opens is open. */
export function coreIsOpen(calendar: Pick<BankCalendar, 'hours'>, instant: Date): boolean {
  const today = algiersDay(instant);
  const time = timeOf(instant);
  const closed = standing(calendar.hours, today)?.closed;
  const before = standing(calendar.hours, addDays(today, -1))?.closed;
  // What closed yesterday, by the hours that held then, opens today by the same.
  if (before !== undefined && overMidnight(before) && time < before.to) return false;
  if (closed === undefined) return true;
  return overMidnight(closed) ? time < closed.from : time < closed.from || time >= closed.to;
}

/**
 * When the core opens next: undefined where it is open at that instant. Also undefined where it does not open within
 * three days, which no hours that can be entered say.
 */
export function coreOpensAt(calendar: Pick<BankCalendar, 'hours'>, instant: Date): Date | undefined {
  if (coreIsOpen(calendar, instant)) return undefined;
  const today = algiersDay(instant);
  return [0, 1, 2, 3]
    .map((ahead) => addDays(today, ahead))
    .flatMap((day) => {
      const closings = [standing(calendar.hours, day)?.closed, standing(calendar.hours, addDays(day, -1))?.closed];
      return [
        startOfAlgiersDay(day),
        ...closings.flatMap((closed) => (closed === undefined ? [] : instantOf(day, closed.to))),
      ];
    })
    .toSorted((one, other) => one.getTime() - other.getTime())
    .find((candidate) => candidate > instant && coreIsOpen(calendar, candidate));
}

/** ISO weekday of a day. */
export function weekdayOf(day: Day): Weekday {
  const sunday = 7;
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekdays.find((known) => known % 7 === weekday) ?? sunday;
}

/** The week or the hours that hold on a day. */
export function standing<Dated extends { fromDay: Day }>(all: readonly Dated[], day: Day): Dated | undefined {
  return all
    .filter(({ fromDay }) => fromDay <= day)
    .toSorted((one, other) => (one.fromDay < other.fromDay ? 1 : -1))[0];
}

const overMidnight = ({ from, to }: { from: TimeOfDay; to: TimeOfDay }): boolean => to < from;

const instantOf = (day: Day, time: TimeOfDay): Date => {
  const [hours, minutes] = time.split(':').map(Number);
  return new Date(startOfAlgiersDay(day).getTime() + ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000);
};

/** Algeria keeps UTC+1 all year. */
const timeOf = (instant: Date): TimeOfDay =>
  new Date(instant.getTime() + 3_600_000).toISOString().slice(11, 16) as TimeOfDay;
