import type { Queryable } from '../database/queryable.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import type { Agencies } from './agencies.ts';
import {
  addFigures,
  type DayFigure,
  type HourFigure,
  type ReasonFigure,
  selectDayFigures,
  selectFiguresAsOf,
  selectHourFigures,
  selectReasonFigures,
} from './figures.sql.ts';

/** The days of the long chart: today and those before it. */
export const figureDays = 30;

const mostInOneGo = 2_000;

/** For the sweep: adds what was sealed since the last round. Not 0 only where there may be more at once. */
export async function sweepFigures(db: Queryable): Promise<number> {
  const took = await addFigures(db, mostInOneGo);
  return took < mostInOneGo ? 0 : took;
}

export type DebitFigures = {
  today: Day;
  /** Everything up to then is counted. */
  asOf: Date;
  days: DayFigure[];
  hours: HourFigure[];
  reasons: ReasonFigure[];
};

/** Today's figures and those of the last days, of the debits of these agencies. */
export async function debitFigures(db: Queryable, agencies: Agencies, now: Date): Promise<DebitFigures> {
  const today = algiersDay(now);
  const asOf = await selectFiguresAsOf(db);
  return {
    today,
    asOf,
    days: await selectDayFigures(db, addDays(today, 1 - figureDays), agencies),
    hours: await selectHourFigures(db, today, agencies),
    reasons: await selectReasonFigures(db, today, agencies),
  };
}
