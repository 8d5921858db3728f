import { CsvError, parse } from 'csv-parse/sync';
import type { Words } from './words/words.ts';

/** The bank's agencies by their five digits, as it calls them in both languages. */
export type AgencyNames = ReadonlyMap<string, { fr: string; ar: string }>;

export const noAgencyNames: AgencyNames = new Map();

/**
 * Reads the bank's list: CSV, UTF-8, with the columns code, name_fr and name_ar. Throws one error that says what is wrong
 * with it: a list that is half right would give an account the name of another agency.
 */
export function readAgencyNames(text: string): AgencyNames {
  const faults: string[] = [];
  const names = new Map<string, { fr: string; ar: string }>();
  const [heading, ...rows] = recordsOf(text);
  if (heading?.join() !== 'code,name_fr,name_ar') faults.push('its first line is not code,name_fr,name_ar');
  for (const [index, [code = '', fr = '', ar = '', ...more]] of rows.entries()) {
    const line = `line ${index + 2}`;
    if (!/^\d{5}$/.test(code)) faults.push(`${line} begins with no agency of five digits`);
    if (names.has(code)) faults.push(`${line} names ${code} again`);
    if (fr === '' || ar === '' || more.length > 0) faults.push(`${line} has not two names`);
    if (Math.max(fr.length, ar.length) > 80 || /\p{C}/u.test(fr + ar))
      faults.push(`${line} has a name that can't be shown`);
    names.set(code, { fr, ar });
  }
  if (faults.length > 0) throw new Error(`the list of agencies:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  return names;
}

/** "00102 (Chlef)"; the digits alone of one that the list does not have. */
export function agencyText({ language }: Pick<Words, 'language'>, names: AgencyNames, code: string): string {
  const name = agencyName({ language }, names, code);
  // The name stands by itself in whatever direction, and so do the digits.
  return name === '' ? code : `${code} (\u2068${name}\u2069)`;
}

/** Its name alone, for a file; empty where the list has none. */
export const agencyName = ({ language }: Pick<Words, 'language'>, names: AgencyNames, code: string): string =>
  names.get(code)?.[language === 'ar' ? 'ar' : 'fr'] ?? '';

function recordsOf(text: string): string[][] {
  try {
    const records: unknown = parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
    return Array.isArray(records) ? records.map((record: unknown) => [record].flat().map(String)) : [];
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
