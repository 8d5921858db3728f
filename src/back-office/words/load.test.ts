import { expect, test } from 'vitest';
import { type Centimes, parseAmount } from '../../values/centimes.ts';
import { type Day, parseDay } from '../../values/dates.ts';
import { wordsOf } from './load.ts';
import { languages } from './words.ts';

const [arabic, french, english] = [wordsOf('ar'), wordsOf('fr'), wordsOf('en')];
const blank = '\u00a0';

test('an amount is shown to the last centime however large it is, grouped as on Algerian bank papers', () => {
  const most = amount('999999999999999.99');
  expect(french.amount(most)).toBe(spaced('999 999 999 999 999,99 DA'));
  expect(arabic.amount(most)).toBe(spaced('999 999 999 999 999,99 د.ج'));
  expect(english.amount(most)).toBe(spaced('999 999 999 999 999,99 DZD'));
  for (const language of languages) expect(wordsOf(language).figure(amount('0.05'))).toBe('0,05');
});

test('an amount can be read in again: no mark of direction, and no blank but one', () => {
  for (const language of languages)
    expect(wordsOf(language).amount(amount('1234567.80'))).toMatch(/^1\u00a0234\u00a0567,80\u00a0(د\.ج|DA|DZD)$/);
});

test('numbers have the digits of the Maghreb, in Arabic grouped like the amounts beside them', () => {
  expect(arabic.number(1_234_567.5)).toBe(spaced('1 234 567,5'));
  expect(french.number(1_234_567.5)).toBe(spaced('1 234 567,5'));
  expect(english.number(1_234_567.5)).toBe('1,234,567.5');
  expect(french.percent(0.125)).toBe(spaced('12,5 %'));
  expect(english.percent(0.125)).toBe('12.5%');
  expect([arabic, french, english].map((words) => words.compact(1_200_000))).toEqual([
    spaced('1,2 مليون'),
    spaced('1,2 M'),
    '1.2m',
  ]);
});

test('months have their Algerian names in Arabic', () => {
  const months = Array.from({ length: 12 }, (_, month) => day(`2026-${String(month + 1).padStart(2, '0')}-15`));
  expect(months.map((of) => arabic.day(of))).toEqual(
    'جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر'
      .split(' ')
      .map((name) => `15 ${name} 2026`),
  );
  expect(french.day(day('2026-02-01'))).toBe('1 février 2026');
  expect(english.day(day('2026-02-01'))).toBe('1 February 2026');
  expect(french.dayAndMonth(day('2026-01-31'))).toBe('31 janv.');
});

test('an instant is shown by the clock of Algiers, from 00 to 23 hours', () => {
  const justAfterMidnight = new Date('2026-01-31T23:05:09Z');
  expect(french.instant(justAfterMidnight)).toBe('1 février 2026, 00:05:09');
  expect(arabic.instant(justAfterMidnight)).toBe('1 فيفري 2026، 00:05:09');
  expect(english.instant(justAfterMidnight)).toBe('1 February 2026, 00:05:09');
  expect(french.time(new Date('2026-01-31T14:00:00Z'))).toBe('15:00:00');
});

test('each of the six plural forms of Arabic is said', () => {
  const said = [0, 1, 2, 3, 11, 100].map((count) => arabic.say('common.faults', { count }));
  expect(new Set(said).size).toBe(6);
  expect(said[4]).toContain('11');
});

test('a value that a message names and is not given is told, not left out', () => {
  expect(() => french.say('common.faults')).toThrow(/count/);
});

const spaced = (text: string): string => text.replaceAll(' ', blank);

function amount(text: string): Centimes {
  const read = parseAmount(text);
  if (read === undefined) throw new Error(text);
  return read;
}

function day(text: string): Day {
  const read = parseDay(text);
  if (read === undefined) throw new Error(text);
  return read;
}
