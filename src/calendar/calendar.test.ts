import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, type Day, parseDay } from '../values/dates.ts';
import {
  type BankCalendar,
  coreIsOpen,
  coreOpensAt,
  firstDateOf,
  isBankingDay,
  nextBankingDay,
  parseTimeOfDay,
  weekdayOf,
} from './calendar.ts';

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

test('a core that is closed opens at the next instant at which it is open, by the hours of the day on which it closed', () => {
  const hours = (from: string, to: string, fromDay = '2026-01-01') => ({
    ...{ fromDay: day(fromDay), source },
    closed: { from: time(from), to: time(to) },
  });
  const opens = (instant: string, ...all: ReturnType<typeof hours>[]) =>
    coreOpensAt({ hours: all }, new Date(instant))?.toISOString();
  const night = hours('23:00', '01:30');
  expect(opens('2026-03-01T21:59:59Z', night)).toBeUndefined();
  expect(opens('2026-03-01T22:00:00Z', night)).toBe('2026-03-02T00:30:00.000Z');
  expect(opens('2026-03-02T00:29:59Z', night)).toBe('2026-03-02T00:30:00.000Z');
  expect(opens('2026-03-01T11:05:00Z', hours('12:00', '12:30'))).toBe('2026-03-01T11:30:00.000Z');
  // New hours from midnight on: what closed by the old ones opens by them, and the new ones may still be closed then.
  expect(opens('2026-03-01T22:30:00Z', night, hours('01:00', '03:00', '2026-03-02'))).toBe('2026-03-02T02:00:00.000Z');
});

test('while the core is closed its opening is the first instant at which it is open', () => {
  const minutes = fc
    .integer({ min: 0, max: 1439 })
    .map((all) => `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`);
  fc.assert(
    fc.property(minutes, minutes, fc.integer({ min: 0, max: 2880 }), (from, to, at) => {
      fc.pre(from !== to);
      const known = { hours: [{ fromDay: day('2026-01-01'), closed: { from: time(from), to: time(to) }, source }] };
      const instant = new Date(Date.parse('2026-03-01T00:00:00Z') + at * 60_000);
      const opening = coreOpensAt(known, instant);
      expect(opening === undefined).toBe(coreIsOpen(known, instant));
      for (let minute = instant.getTime(); minute < (opening?.getTime() ?? 0); minute += 60_000)
        expect(coreIsOpen(known, new Date(minute))).toBe(false);
      if (opening !== undefined) expect(coreIsOpen(known, opening)).toBe(true);
    }),
  );
});

test('the dates that come to a banking day begin after the one before it', () => {
  expect(firstDateOf(calendar, day('2026-05-31'))).toBe('2026-05-27');
  expect(firstDateOf(calendar, day('2026-05-26'))).toBe('2026-05-26');
});
