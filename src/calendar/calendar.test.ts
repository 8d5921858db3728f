import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, type Day, parseDay } from '../values/dates.ts';
import { type BankCalendar, coreIsOpen, isBankingDay, nextBankingDay, parseTimeOfDay, weekdayOf } from './calendar.ts';

const day = (text: string): Day => parseDay(text) ?? expect.fail(text);
const time = (text: string) => parseTimeOfDay(text) ?? expect.fail(text);
const source = 'test';
const feast = (on: BankCalendar['feasts'][number]['on']) => ({
  feastId: '1',
  on,
  nameFr: 'Fête',
  nameAr: 'عيد',
  source,
});
const calendar: BankCalendar = {
  feasts: [feast({ yearly: '05-01' }), feast({ day: day('2026-05-27') }), feast({ day: day('2026-05-28') })],
  weeks: [
    { fromDay: day('2009-08-14'), weekend: [5, 6], source },
    { fromDay: day('2027-01-01'), weekend: [6, 7], source },
  ],
  hours: [],
};

test('the bank works from Sunday to Thursday, and not on a feast', () => {
  const week = Array.from({ length: 7 }, (_, ahead) => addDays(day('2026-03-01'), ahead));
  expect(week.map(weekdayOf)).toEqual([7, 1, 2, 3, 4, 5, 6]);
  expect(week.map((one) => isBankingDay(calendar, one))).toEqual([true, true, true, true, true, false, false]);
  expect(isBankingDay(calendar, day('2029-05-01'))).toBe(false);
  expect(isBankingDay(calendar, day('2026-05-27'))).toBe(false);
});

test('a week that is decided holds from its day on', () => {
  expect(isBankingDay(calendar, day('2026-12-27'))).toBe(true);
  expect(isBankingDay(calendar, day('2027-01-03'))).toBe(false);
  expect(isBankingDay(calendar, day('2027-01-08'))).toBe(true);
});

test('the next banking day is the day itself, or the first one after feast and weekend', () => {
  expect(nextBankingDay(calendar, day('2026-05-26'))).toBe('2026-05-26');
  expect(nextBankingDay(calendar, day('2026-05-27'))).toBe('2026-05-31');
  const always = {
    ...calendar,
    weeks: [{ fromDay: day('2000-01-01'), weekend: [1, 2, 3, 4, 5, 6, 7] as const, source }],
  };
  expect(nextBankingDay(always, day('2026-05-27'))).toBeUndefined();
});

test('no day between a day and its next banking day is one', () => {
  const any = fc.integer({ min: 0, max: 2000 }).map((ahead) => addDays(day('2024-01-01'), ahead));
  fc.assert(
    fc.property(any, (from) => {
      const next = nextBankingDay(calendar, from) ?? expect.fail('none');
      expect(isBankingDay(calendar, next)).toBe(true);
      for (let between = from; between < next; between = addDays(between, 1))
        expect(isBankingDay(calendar, between)).toBe(false);
    }),
  );
});

test('the core is closed from its closing to its opening in Algiers, over midnight too', () => {
  const night = { hours: [{ fromDay: day('2026-01-01'), closed: { from: time('23:00'), to: time('01:30') }, source }] };
  const open = (instant: string) => coreIsOpen(night, new Date(instant));
  expect(open('2026-03-01T21:59:59Z')).toBe(true);
  expect(open('2026-03-01T22:00:00Z')).toBe(false);
  expect(open('2026-03-02T00:29:59Z')).toBe(false);
  expect(open('2026-03-02T00:30:00Z')).toBe(true);
  // They hold from 1 January on: the night before it was open.
  expect(open('2025-12-31T23:10:00Z')).toBe(true);
  const noon = { hours: [{ fromDay: day('2026-01-01'), closed: { from: time('12:00'), to: time('12:30') }, source }] };
  expect(coreIsOpen(noon, new Date('2026-03-01T11:15:00Z'))).toBe(false);
  expect(coreIsOpen(noon, new Date('2026-03-01T11:30:00Z'))).toBe(true);
  expect(coreIsOpen({ hours: [] }, new Date())).toBe(true);
});
