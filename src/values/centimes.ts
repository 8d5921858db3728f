import type { Branded } from './branded.ts';

/** Money inside the gateway: whole centimes, never negative, never a float. */
export type Centimes = Branded<bigint, 'Centimes'>;

/** The one currency of the accounts that the gateway debits (ISO 4217). */
export const currency = 'DZD' as const;

/** Reads the contract's form, "125000.00". Anything else is undefined: the caller knows what that means. */
export function parseAmount(text: string): Centimes | undefined {
  if (!/^(0|[1-9]\d{0,14})\.\d{2}$/.test(text)) return undefined;
  return BigInt(text.replace('.', '')) as Centimes;
}

/**
 * Reads an amount as people write it, "125 000,00", "125000", "1.234.567,89", in either kind of digits. What could mean
 * two amounts, such as "125.000", is undefined.
 */
export function parseTypedAmount(text: string): Centimes | undefined {
  const digits = text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\s\u200e\u200f'’]/g, '')
    .replace('٫', ',');
  const [, dinars, centimes = '00'] =
    /^(\d+)(?:[.,](\d{2}))?$/.exec(digits) ??
    /^(\d{1,3}(?:\.\d{3})+),(\d{2})$/.exec(digits) ??
    /^(\d{1,3}(?:\.\d{3}){2,})$/.exec(digits) ??
    [];
  return dinars === undefined ? undefined : parseAmount(`${BigInt(dinars.replaceAll('.', ''))}.${centimes}`);
}

/** The contract's form: a decimal point, two places, no grouping. */
export function formatAmount(centimes: Centimes): string {
  const digits = centimes.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reads what the database stores: a bigint column arrives as text. Throws on what no column of ours can hold. */
export function centimesFromDatabase(text: string): Centimes {
  if (!/^\d{1,17}$/.test(text)) throw new RangeError('not an amount in centimes');
  return BigInt(text) as Centimes;
}

export const noCentimes = 0n as Centimes;

export const sumOf = (amounts: readonly Centimes[]): Centimes =>
  amounts.reduce((sum, amount) => sum + amount, 0n) as Centimes;

/** What is left of `whole`; throws below zero, which no caller means. */
export function subtract(whole: Centimes, part: Centimes): Centimes {
  if (part > whole) throw new RangeError('an amount below zero');
  return (whole - part) as Centimes;
}
