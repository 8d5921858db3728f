/**
 * Why a debit was refused, as its creditor may know it: ISO 20022 external status reason codes, one cause, one code.
 * The names and meanings stand in the contract (schema ReasonCode) and on the public pages.
 */
export const reasonCodes = [
  'AB03',
  'AC01',
  'AC03',
  'AC04',
  'AC06',
  'AC07',
  'AM02',
  'AM04',
  'AM05',
  'AM09',
  'AM14',
  'DU04',
  'MD01',
  'MS03',
  'TM01',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export const isReasonCode = (text: string): text is ReasonCode => reasonCodes.some((code) => code === text);
