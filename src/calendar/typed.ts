import { type Day, parseDay } from '../values/dates.ts';
import { parseTimeOfDay, type TimeOfDay, type Weekday, weekdays } from './calendar.ts';

/** A change of the calendar, read from what staff typed. */
export type CalendarChange =
  | { kind: 'calendar.feast'; on: { day: Day } | { yearly: string }; nameFr: string; nameAr: string; source: string }
  | { kind: 'calendar.week'; fromDay: Day; weekend: readonly Weekday[]; source: string }
  | {
      kind: 'calendar.core';
      fromDay: Day;
      closed: { from: TimeOfDay; to: TimeOfDay } | undefined;
      source: string;
    };

/** A field and what is wrong with it, as codes. */
export type CalendarFault = {
  field: string;
  fault: 'missing' | 'too-long' | 'not-a-day' | 'past' | 'not-a-time' | 'same-time' | 'whole-week';
};

type Read<Change> = { change: Change } | { faults: readonly CalendarFault[] };

/** A feast: on one day, or every year on its month and day. One of the past would change what the calendar has said. */
export function readFeast(
  typed: { day: string; everyYear: boolean; nameFr: string; nameAr: string; source: string },
  today: Day,
): Read<Extract<CalendarChange, { kind: 'calendar.feast' }>> {
  const day = parseDay(typed.day.trim());
  const texts = readTexts({ nameFr: typed.nameFr, nameAr: typed.nameAr, source: typed.source });
  const faults = [...dayFaults('day', day, typed.everyYear ? undefined : today), ...texts.faults];
  if (day === undefined || faults.length > 0) return { faults };
  const { nameFr, nameAr, source } = texts.read;
  const on = typed.everyYear ? { yearly: day.slice(5) } : { day };
  return { change: { kind: 'calendar.feast', on, nameFr, nameAr, source } };
}

export function readWeek(
  typed: { fromDay: string; weekend: readonly string[]; source: string },
  today: Day,
): Read<Extract<CalendarChange, { kind: 'calendar.week' }>> {
  const fromDay = parseDay(typed.fromDay.trim());
  const weekend = weekdays.filter((weekday) => typed.weekend.includes(String(weekday)));
  const texts = readTexts({ source: typed.source });
  const faults = [...dayFaults('fromDay', fromDay, today), ...texts.faults];
  if (weekend.length === weekdays.length) faults.push({ field: 'weekend', fault: 'whole-week' });
  if (fromDay === undefined || faults.length > 0) return { faults };
  return { change: { kind: 'calendar.week', fromDay, weekend, source: texts.read.source } };
}

/** Both times left empty: the core never closes. */
export function readCoreHours(
  typed: { fromDay: string; closesAt: string; opensAt: string; source: string },
  today: Day,
): Read<Extract<CalendarChange, { kind: 'calendar.core' }>> {
  const fromDay = parseDay(typed.fromDay.trim());
  const never = typed.closesAt.trim() === '' && typed.opensAt.trim() === '';
  const from = parseTimeOfDay(typed.closesAt.trim());
  const to = parseTimeOfDay(typed.opensAt.trim());
  const texts = readTexts({ source: typed.source });
  const faults = [...dayFaults('fromDay', fromDay, today), ...texts.faults];
  if (!never && from === undefined) faults.push({ field: 'closesAt', fault: 'not-a-time' });
  if (!never && to === undefined) faults.push({ field: 'opensAt', fault: 'not-a-time' });
  if (from !== undefined && from === to) faults.push({ field: 'opensAt', fault: 'same-time' });
  if (fromDay === undefined || faults.length > 0) return { faults };
  const closed = from === undefined || to === undefined ? undefined : { from, to };
  return { change: { kind: 'calendar.core', fromDay, closed, source: texts.read.source } };
}

function dayFaults(field: string, day: Day | undefined, earliest: Day | undefined): CalendarFault[] {
  if (day === undefined) return [{ field, fault: 'not-a-day' }];
  return earliest !== undefined && day < earliest ? [{ field, fault: 'past' }] : [];
}

const longest: Readonly<Record<string, number>> = { nameFr: 100, nameAr: 100, source: 300 };

function readTexts<Field extends string>(typed: Record<Field, string>) {
  const faults: CalendarFault[] = [];
  const read = { ...typed };
  for (const field in typed) {
    const text = typed[field].trim();
    read[field] = text;
    if (text === '') faults.push({ field, fault: 'missing' });
    if (text.length > (longest[field] ?? 100)) faults.push({ field, fault: 'too-long' });
  }
  return { read, faults };
}
