import { createHash } from 'node:crypto';
import { missingGlyphs } from '../documents/glyphs.ts';
import { type Centimes, formatAmount, parseAmount } from '../values/centimes.ts';
import { type Day, parseDay } from '../values/dates.ts';
import { type MandateId, parseCreditorCode, parseEmployerNumber, parseMandateId } from '../values/ids.ts';
import { bankCodeOf, parseTypedRib } from '../values/rib.ts';
import { type CertificateIssuer, certificateLength, certificateLimit } from './certificate.ts';
import { type AuthorisationRequest, type Period, periods } from './mandate.ts';

/** As staff typed it; an empty text is the same as none. */
export const requestFields = [
  'creditor',
  'employerNumber',
  'rib',
  'nameFr',
  'nameAr',
  'representativeFr',
  'representativeAr',
  'phone',
  'perDebitCeiling',
  'periodCeiling',
  'period',
  'validFrom',
  'validTo',
  'replaces',
] as const;
export type RequestField = (typeof requestFields)[number];
export type TypedRequest = Readonly<Partial<Record<RequestField, string | undefined>>>;
export type RequestFault = { field: RequestField; message: string };

export type RequestRules = {
  today: Day;
  /** The bank's own codes, the first three digits of every RIB that it keeps. */
  bankCodes: readonly string[];
  issuer: CertificateIssuer;
};

/** Reads an authorisation request and tells every fault at once, also those that would come up at certification only. */
export function readAuthorisationRequest(
  typed: TypedRequest,
  rules: RequestRules,
): { request: AuthorisationRequest } | { faults: readonly RequestFault[] } {
  const faults: RequestFault[] = [];
  const fault = (field: RequestField, message: string): undefined => {
    faults.push({ field, message });
  };
  const text = (field: RequestField): string => tidy(typed[field] ?? '');
  const required = <Value>(field: RequestField, parse: (text: string) => Value | undefined, expected: string) =>
    text(field) === '' ? fault(field, 'is missing') : (parse(text(field)) ?? fault(field, expected));

  const creditor = required('creditor', parseCreditorCode, 'is no creditor code, such as CNAS');
  const employerNumber = required('employerNumber', parseEmployerNumber, 'is not ten digits');
  const rib = required('rib', parseTypedRib, 'is no RIB: twenty digits whose last two are the right key');
  if (rib !== undefined && !rules.bankCodes.includes(bankCodeOf(rib)))
    fault(
      'rib',
      `is of bank ${bankCodeOf(rib)}: only accounts at this bank (${rules.bankCodes.join(', ')}) are debited`,
    );
  const perDebitCeiling = required('perDebitCeiling', parsePositive, 'is no amount above zero, such as 125000.00');
  const periodCeiling = required('periodCeiling', parsePositive, 'is no amount above zero, such as 125000.00');
  if (perDebitCeiling !== undefined && periodCeiling !== undefined && periodCeiling < perDebitCeiling)
    fault('periodCeiling', 'is below the ceiling of one debit');
  const period = required('period', parsePeriod, `is none of ${periods.join(', ')}`);
  const validFrom = required('validFrom', parseDay, 'is no day, such as 2026-01-31');
  const validTo = required('validTo', parseDay, 'is no day, such as 2026-01-31');
  if (validTo !== undefined && validTo < rules.today) fault('validTo', 'is in the past');
  if (validFrom !== undefined && validTo !== undefined && validTo < validFrom)
    fault('validTo', 'is before the first day');
  const replaces = text('replaces') === '' ? undefined : required('replaces', parseMandateId, 'is no mandate id');
  const phone = text('phone') === '' ? undefined : required('phone', parsePhone, 'is no Algerian mobile number');

  for (const field of nameFields) for (const message of nameFaults(field, text(field))) fault(field, message);
  const debtor = {
    nameFr: text('nameFr'),
    nameAr: text('nameAr'),
    representativeFr: text('representativeFr') || undefined,
    representativeAr: text('representativeAr') || undefined,
    phone,
  };
  if (
    faults.length > 0 ||
    creditor === undefined ||
    employerNumber === undefined ||
    rib === undefined ||
    perDebitCeiling === undefined ||
    periodCeiling === undefined ||
    period === undefined ||
    validFrom === undefined ||
    validTo === undefined
  )
    return { faults };
  const request = {
    creditor,
    employerNumber,
    debtor: { rib, ...debtor },
    perDebitCeiling,
    periodCeiling,
    period,
    validFrom,
    validTo,
    replaces,
  };
  const tooLong = certificateLength(request, rules.issuer) - certificateLimit;
  if (tooLong <= 0) return { request };
  return {
    faults: [{ field: 'nameFr', message: `and nameAr are too long for the QR code: shorten by ${excess(tooLong)}` }],
  };
}

/** The same as staff would type it: what a correction begins from. */
export const typedFrom = (request: AuthorisationRequest): TypedRequest => ({
  ...request,
  ...request.debtor,
  perDebitCeiling: formatAmount(request.perDebitCeiling),
  periodCeiling: formatAmount(request.periodCeiling),
});

/** What is certified, in one form for ever: a supervisor's approval names it. The telephone is not on the paper. */
export function contentHashOf(mandateId: MandateId, request: AuthorisationRequest): string {
  const { debtor } = request;
  const certified = [
    mandateId,
    request.replaces ?? null,
    request.creditor,
    request.employerNumber,
    debtor.rib,
    debtor.nameFr,
    debtor.nameAr,
    debtor.representativeFr ?? null,
    debtor.representativeAr ?? null,
    request.perDebitCeiling.toString(),
    request.periodCeiling.toString(),
    request.period,
    request.validFrom,
    request.validTo,
  ];
  return createHash('sha256').update(JSON.stringify(certified)).digest('hex');
}

const nameFields = ['nameFr', 'nameAr', 'representativeFr', 'representativeAr'] as const;
const nameLimit = 140;

function nameFaults(field: (typeof nameFields)[number], name: string): string[] {
  if (name === '') return field === 'nameFr' || field === 'nameAr' ? ['is missing'] : [];
  const faults: string[] = [];
  if (name.length > nameLimit) faults.push(`has ${name.length} characters, and may have ${nameLimit}`);
  // Marks that turn the direction would make the paper show another name than the token holds.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) faults.push('holds control characters or direction marks');
  const script = field.endsWith('Ar') ? /\p{Script=Arabic}/u : /\p{Script=Latin}/u;
  if (!script.test(name)) faults.push(field.endsWith('Ar') ? 'has no Arabic letter' : 'has no Latin letter');
  const missing = missingGlyphs(name.replace(/\p{C}/gu, ''));
  if (missing.length > 0) faults.push(`has characters that can't be printed: ${missing.join(' ')}`);
  return faults;
}

/** One form of what looks the same: composed letters, plain blanks, none at the ends. */
const tidy = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\t\u00a0\u202f ]+/g, ' ')
    .trim();

const parsePositive = (text: string): Centimes | undefined => {
  const amount = parseAmount(text);
  return amount === undefined || amount === 0n ? undefined : amount;
};

const parsePeriod = (text: string): Period | undefined => periods.find((period) => period === text.toUpperCase());

/** A mobile number as it is dialled at home or from abroad, kept as "+213555123456". */
function parsePhone(text: string): string | undefined {
  const [, subscriber] = /^(?:\+213|00213|0)([567]\d{8})$/.exec(text.replace(/[\s.()-]/g, '')) ?? [];
  return subscriber === undefined ? undefined : `+213${subscriber}`;
}

/** Three bytes of a name take four characters of the token. */
const excess = (characters: number): string => `${Math.ceil((characters * 3) / 4)} bytes (an Arabic letter takes two)`;
