import type { Centimes } from '../../values/centimes.ts';
import type { Day } from '../../values/dates.ts';

export const languages = ['ar', 'fr', 'en'] as const;
export type Language = (typeof languages)[number];

/** A message's name, `section.message`. */
export type WordKey = string;

/** The reader's language: messages, amounts, dates and numbers in its own form. */
export type Words = {
  language: Language;
  direction: 'rtl' | 'ltr';
  /** A message in ICU form, with its values. */
  say: (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;
  amount: (amount: Centimes) => string;
  number: (value: number) => string;
  day: (day: Day) => string;
  /** Date and time in Algiers. */
  instant: (instant: Date) => string;
};
