import { readdirSync, readFileSync } from 'node:fs';
import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import type { Centimes } from '../../values/centimes.ts';
import type { Day } from '../../values/dates.ts';
import type { Language, Words } from './words.ts';

/** Algeria's forms; the digits are those of the Maghreb in Arabic too, the hours run from 0 to 23. */
const locales: Record<Language, string> = {
  ar: 'ar-DZ-u-nu-latn-hc-h23',
  fr: 'fr-DZ-u-nu-latn-hc-h23',
  en: 'en-GB-u-nu-latn-hc-h23',
};

const currencyNames: Record<Language, string> = { ar: 'د.ج', fr: 'DA', en: 'DZD' };

/** Money is grouped as bank papers in Algeria group it, whatever the language: 125 000,00. Never a float on the way. */
const dinars = new Intl.NumberFormat('fr-DZ-u-nu-latn');
const figure = (amount: Centimes): string =>
  plain(`${dinars.format(amount / 100n)},${String(amount % 100n).padStart(2, '0')}`);

const loaded: Record<Language, Words> = { ar: load('ar'), fr: load('fr'), en: load('en') };

export const wordsOf = (language: Language): Words => loaded[language];

/** Reads every `<section>.<language>.json` beside this file, once. Throws where a message is not in ICU form. */
function load(language: Language): Words {
  const locale = locales[language];
  // An Arabic page groups by blanks like its amounts, not by the points that CLDR has for Algeria: 1.234 reads as French 1,234.
  const numberLocale = language === 'ar' ? 'fr-DZ-u-nu-latn' : locale;
  const numbers = new Intl.NumberFormat(numberLocale);
  const formatters: Formatters = {
    getNumberFormat: (_locales, options) => new Intl.NumberFormat(numberLocale, options),
    getDateTimeFormat: (locales, options) => new Intl.DateTimeFormat(locales, options),
    getPluralRules: (locales, options) => new Intl.PluralRules(locales, options),
  };
  const messages = new Map(
    Object.entries(messagesOf(language)).map(([key, message]) => [
      key,
      new IntlMessageFormat(message, locale, undefined, { ignoreTag: true, formatters }),
    ]),
  );
  const compacts = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percents = new Intl.NumberFormat(numberLocale, { style: 'percent', maximumFractionDigits: 1 });
  const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const months = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const shortDays = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const dates = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'Africa/Algiers',
  });
  const times = new Intl.DateTimeFormat('fr-FR', { timeStyle: 'medium', timeZone: 'Africa/Algiers' });
  const time = (instant: Date) => times.format(instant);
  return {
    language,
    direction: language === 'ar' ? 'rtl' : 'ltr',
    say: (key, values) => {
      const message = messages.get(key);
      if (message === undefined) throw new Error(`no message ${key} in ${language}`);
      return plain(String(message.format({ ...values })));
    },
    amount: (amount) => `${figure(amount)}\u00a0${currencyNames[language]}`,
    figure,
    number: (value) => plain(numbers.format(value)),
    compact: (value) => plain(compacts.format(value)),
    percent: (part) => plain(percents.format(part)),
    day: (day) => plain(days.format(middleOf(day))),
    month: (day) => plain(months.format(middleOf(day))),
    dayAndMonth: (day) => plain(shortDays.format(middleOf(day))),
    instant: (instant) => `${plain(dates.format(instant))}${language === 'ar' ? '،' : ','} ${time(instant)}`,
    time,
  };
}

/** Every message of a language by its key, as it is written. */
export function messagesOf(language: Language): Record<string, string> {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(`.${language}.json`));
  return Object.assign({}, ...files.map((name) => JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))));
}

const middleOf = (day: Day): Date => new Date(`${day}T12:00:00Z`);

/**
 * Intl puts marks of direction into Arabic: the pages isolate by elements, and copied text should hold no more than it
 * shows. Its narrow blank between thousands is all but lost in the pages' font.
 */
const plain = (text: string): string => text.replace(/[\u200e\u200f\u061c]/g, '').replaceAll('\u202f', '\u00a0');
