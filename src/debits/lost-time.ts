import { type BankCalendar, coreOpensAt, nextBankingDay } from '../calendar/calendar.ts';
import { startOfAlgiersDay } from '../values/dates.ts';
import type { EndingDebit } from './debit.ts';

/**
 * Whether a debit that waited could have been sent by that instant: a dated one from its banking day on, any other once
 * it was received, and each only while the core was open.
 */
export function couldHaveRun(
  calendar: BankCalendar,
  { receivedAt, executionDate }: Pick<EndingDebit, 'receivedAt' | 'executionDate'>,
  by: Date,
): boolean {
  const day = executionDate && nextBankingDay(calendar, executionDate);
  const begins = day && startOfAlgiersDay(day);
  const from = begins !== undefined && begins > receivedAt ? begins : receivedAt;
  return (coreOpensAt(calendar, from) ?? from) <= by;
}
