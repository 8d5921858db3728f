import type { Centimes } from '../../values/centimes.ts';
import type { Day } from '../../values/dates.ts';
import type { WordKey } from './messages.ts';

export const languages = ['ar', 'fr', 'en'] as const;
export type Language = (typeof languages)[number];

export type { WordKey };

/** The reader's language: messages, amounts, dates and numbers in its own form. All text, to be escaped as any other. */
export type Words = {
  language: Language;
  direction: 'rtl' | 'ltr';
  /** A message in ICU form, with its values. Throws where a value that it names is not given. */
  say: (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;
  /** With its currency: "125 000,00 DA". */
  amount: (amount: Centimes) => string;
  /** Without it, for a column or a chart whose heading names the currency. */
  figure: (amount: Centimes) => string;
  number: (value: number) => string;
  /** Its month and year: "janvier 2026". */
  month: (day: Day) => string;
  /** Short, for an axis: "1,2 M". */
  compact: (value: number) => string;
  /** A part of one: 0.125 is "12,5 %". */
  percent: (part: number) => string;
  day: (day: Day) => string;
  /** Short, for an axis: "31 janv.". */
  dayAndMonth: (day: Day) => string;
  /** Date and time in Algiers, to the second. */
  instant: (instant: Date) => string;
  /** Its time of the day in Algiers, to the second. */
  time: (instant: Date) => string;
};
