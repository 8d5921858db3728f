import type { Clock } from '../database/clock.ts';
import { kept } from '../database/kept.ts';
import type { Queryable } from '../database/queryable.ts';
import { selectCalendar } from './calendar.sql.ts';
import type { BankCalendar } from './calendar.ts';

/** The calendar as staff have entered it, a few seconds old at most: every debit looks at it. */
export type ReadCalendar = () => Promise<BankCalendar>;

export const openCalendar = (db: Queryable, clock: Clock): ReadCalendar => kept(() => selectCalendar(db), clock, 2);
