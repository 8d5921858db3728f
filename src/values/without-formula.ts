/**
 * What begins so is read as a formula, also behind blanks and in its full-width form. A spreadsheet of other settings
 * parts a line at another separator than ours, and may not see our quotes: so behind whatever it could part at, too.
 */
export function withoutFormula(text: string): string {
  const parted = text.replace(/([;,|\t\r\n])(["\s\p{Cc}]*)(?=[=+\-@|%＝＋－＠])/gu, `$1$2'`);
  return /^[\s\p{Cc}]*[=+\-@|%＝＋－＠]|^[\t\r\n]/u.test(parted) ? `'${parted}` : parted;
}
