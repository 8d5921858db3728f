/** Vowel signs, accents and hamzas that stand apart once decomposed, the letter that stretches, and marks of direction. */
const unwritten = /[\u0300-\u036f\u0640\u064b-\u0655\u0670\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const between = /[\s!-/:-@[-`{-~«»‘’“”،؛؟\u2010-\u2015·]+/;

/**
 * The words by which an employer's name is found, as people type them: "Éts. El-Hidhab" is `ets`, `el`, `hidhab`.
 * The database makes the same of the stored names (migration 0009).
 */
export const searchWords = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replace(unwritten, '')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .toLowerCase()
    .split(between)
    .filter((word) => word !== '');

/** A PostgreSQL text query: names in which each of the words begins one. Undefined where nothing was typed. */
export function nameQuery(text: string): string | undefined {
  const words = searchWords(text).slice(0, 8);
  return words.length === 0 ? undefined : words.map((word) => `'${word}':*`).join(' & ');
}
