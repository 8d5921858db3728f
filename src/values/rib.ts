import type { Branded } from './branded.ts';

/**
 * An Algerian account number: bank 3, branch 5, account 10, key 2 (Bank of Algeria, Instruction 06-2004).
 * The key leaves the bank code out, so a wrong bank passes it: whoever takes a RIB in checks the bank too.
 */
export type Rib = Branded<string, 'Rib'>;

/** Reads 20 ASCII digits whose key is right. Anything else is undefined. */
export function parseRib(text: string): Rib | undefined {
  const [, branchAndAccount, key] = /^\d{3}(\d{15})(\d{2})$/.exec(text) ?? [];
  if (branchAndAccount === undefined || key === undefined) return undefined;
  return key === keyOf(branchAndAccount) ? (text as Rib) : undefined;
}

/** The RIB of an account, its key computed. Undefined where bank, branch or account is not 3, 5 or 10 digits. */
export function ribOf(bank: string, branch: string, account: string): Rib | undefined {
  if (!/^\d{3} \d{5} \d{10}$/.test(`${bank} ${branch} ${account}`)) return undefined;
  return `${bank}${branch}${account}${keyOf(branch + account)}` as Rib;
}

function keyOf(branchAndAccount: string): string {
  // BigInt, because 17 digits are more than a number holds exactly.
  return String(97n - ((BigInt(branchAndAccount) * 100n) % 97n)).padStart(2, '0');
}

/** Reads what a person types or pastes: blanks, dashes, dots and Arabic-Indic digits are forgiven. */
export function parseTypedRib(text: string): Rib | undefined {
  const ascii = text.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
  return parseRib(ascii.replace(/[\s.\-\u2010-\u2015\u200e\u200f]/g, ''));
}

export const bankCodeOf = (rib: Rib): string => rib.slice(0, 3);

/** The agency that holds the account: five digits. */
export const agencyOf = (rib: Rib): string => rib.slice(3, 8);

/** What is shown after the certificate: the bank and the last four digits, "005*************3214". */
export const maskRib = (rib: Rib): string => `${rib.slice(0, 3)}${'*'.repeat(13)}${rib.slice(16)}`;

/** As it is printed: "005 00102 4447712782 14". */
export const groupRib = (rib: Rib): string =>
  `${rib.slice(0, 3)} ${rib.slice(3, 8)} ${rib.slice(8, 18)} ${rib.slice(18)}`;
