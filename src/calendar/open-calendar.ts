import type { Clock } from '../database/clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { selectCalendar } from './calendar.sql.ts';
import type { BankCalendar } from './calendar.ts';

/** The calendar as staff have entered it, a few seconds old at most. */
export type ReadCalendar = () => Promise<BankCalendar>;

const keptMilliseconds = 2_000;

/** Reads it when it is asked for, and once for all who ask at the same time: every debit looks at it. */
export function openCalendar(db: Queryable, clock: Clock): ReadCalendar {
  let kept: { calendar: Promise<BankCalendar>; until: number } | undefined;
  return () => {
    const now = clock.now().getTime();
    if (kept !== undefined && now < kept.until) return kept.calendar;
    const read = { calendar: selectCalendar(db), until: now + keptMilliseconds };
    kept = read;
    // A reading that failed is no calendar: the next one who asks tries again.
    read.calendar.catch(() => {
      if (kept === read) kept = undefined;
    });
    return read.calendar;
  };
}
