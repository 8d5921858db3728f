import { type Centimes, formatAmount } from '../values/centimes.ts';
import { algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { amountInWords } from './amount-in-words.ts';

/** A name as it is written in each script. */
export type BilingualName = { nameFr: string; nameAr: string };

/** Which gateway signed: all but production's documents are marked as specimens. */
export type Environment = 'development' | 'test' | 'production';

/** "1 234 567,89", the blanks unbreakable, and the same in words. */
export function printedAmount(amount: Centimes): { figures: string; fr: string; ar: string } {
  const figures = formatAmount(amount)
    .replace(/\B(?=(\d{3})+\.)/g, '\u00a0')
    .replace('.', ',');
  return { figures, ...amountInWords(amount) };
}

/** "31/01/2026", as both languages write it in Algeria. */
export const printedDay = (day: Day): string => day.split('-').reverse().join('/');

/** "01/02/2026 00:30:00": an instant as the clocks in Algiers show it. */
export function printedInstant(instant: Date): { day: string; time: string } {
  const day = algiersDay(instant);
  const sinceMidnight = new Date(instant.getTime() - startOfAlgiersDay(day).getTime());
  return { day: printedDay(day), time: sinceMidnight.toISOString().slice(11, 19) };
}

/** The date that the file itself bears, as numbers: of what it tells, so that the same data give the same bytes. */
export const fileDate = (instant: Date): number[] => algiersDay(instant).split('-').map(Number);

/** A name in its composed letters; where it has no blank for long, with places where its line may break, or it would leave the page. */
export const breakable = (name: string): string => name.normalize('NFC').replace(/[^\s-]{24}(?=[^\s-])/gu, '$&\u200b');

export const breakableName = ({ nameFr, nameAr }: BilingualName): BilingualName => ({
  nameFr: breakable(nameFr),
  nameAr: breakable(nameAr),
});

/** An account number, masked or not, in the groups that are printed: bank, branch, account, key. */
export const accountGroups = (account: string): string[] =>
  /^(.{3})(.{5})(.{10})(.{2})$/.exec(account)?.slice(1) ?? [account];
