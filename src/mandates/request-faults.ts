import type { RequestField } from './request-fields.ts';

/** What can be wrong with one field of a request. The pages say it in the reader's language by the code. */
export const requestFaultCodes = [
  'missing',
  'not-a-creditor',
  'creditor-unknown',
  'not-ten-digits',
  'not-a-rib',
  'other-bank',
  'other-agency',
  'not-an-amount',
  'below-debit-ceiling',
  'not-a-period',
  'not-a-day',
  'in-the-past',
  'before-first-day',
  'not-a-phone',
  'not-a-mandate-id',
  'replaces-unknown',
  'replaces-other-creditor',
  'replaces-other-employer',
  'replaces-ended',
  'not-a-replace-reason',
  'too-long',
  'hidden-characters',
  'no-arabic-letter',
  'no-latin-letter',
  'not-printable',
  'too-long-for-qr',
  'not-yes-or-no',
  'same-as-line',
] as const;
export type RequestFaultCode = (typeof requestFaultCodes)[number];

export type FaultValues = Readonly<Record<string, string | number>>;

/** `message` is for engineers and creditors, in English; it goes on after the field's name. */
export type RequestFault = { field: RequestField; code: RequestFaultCode; values: FaultValues; message: string };

export const requestFault = (field: RequestField, code: RequestFaultCode, values: FaultValues = {}): RequestFault => ({
  field,
  code,
  values,
  message: messages[code].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
});

const messages: Record<RequestFaultCode, string> = {
  missing: 'is missing',
  'not-a-creditor': 'is no creditor code, such as CNAS',
  'creditor-unknown': 'is not registered',
  'not-ten-digits': 'is not ten digits',
  'not-a-rib': 'is no RIB: twenty digits whose last two are the right key',
  'other-bank': 'is of bank {bank}: only accounts at this bank ({ours}) are debited',
  'other-agency': 'is of agency {agency}, whose employers you do not see',
  'not-an-amount': 'is no amount above zero, such as 125000.00',
  'below-debit-ceiling': 'is below the ceiling of one debit',
  'not-a-period': 'is none of MONTH, QUARTER, YEAR',
  'not-a-day': 'is no day, such as 2026-01-31',
  'in-the-past': 'is in the past',
  'before-first-day': 'is before the first day',
  'not-a-phone': 'is no Algerian mobile number',
  'not-a-mandate-id': 'is no mandate id',
  'replaces-unknown': 'names no other mandate',
  'replaces-other-creditor': 'names a mandate of another creditor',
  'replaces-other-employer': 'names a mandate of another employer number',
  'replaces-ended': 'names a mandate that is {state}: only one that still runs is replaced',
  'not-a-replace-reason': 'is none of the reasons for replacing a mandate',
  'too-long': 'has {length} characters, and may have {most}',
  'hidden-characters': 'holds control characters or direction marks',
  'no-arabic-letter': 'has no Arabic letter',
  'no-latin-letter': 'has no Latin letter',
  'not-printable': "has characters that can't be printed: {characters}",
  'too-long-for-qr': 'and nameAr are too long for the QR code: shorten by {bytes} bytes (an Arabic letter takes two)',
  'not-yes-or-no': 'is yes, or nothing',
  'same-as-line': 'is the same as in line {line}',
};
