import { createHash } from 'node:crypto';
import { missingGlyphs } from '../documents/glyphs.ts';
import { type Centimes, formatAmount, parseTypedAmount } from '../values/centimes.ts';
import { type Day, parseDay } from '../values/dates.ts';
import { type MandateId, parseCreditorCode, parseMandateId, parseTypedEmployerNumber } from '../values/ids.ts';
import { agencyOf, bankCodeOf, parseTypedRib } from '../values/rib.ts';
import { type CertificateIssuer, certificateLength, certificateLimit } from './certificate.ts';
import { type AuthorisationRequest, type Period, parseReplaceReason, periods } from './mandate.ts';
import { type FaultValues, type RequestFault, type RequestFaultCode, requestFault } from './request-faults.ts';
import type { RequestField, TypedRequest } from './request-fields.ts';

export { type RequestField, requestFields, type TypedRequest } from './request-fields.ts';

export type RequestRules = {
  today: Day;
  /** The bank's own codes, the first three digits of every RIB that it keeps. */
  bankCodes: readonly string[];
  issuer: CertificateIssuer;
  /** Whose employers the person who asks sees; without it, everyone's. */
  agencies?: 'ALL' | readonly string[] | undefined;
  /** The bank's own staff say why another mandate is replaced; a creditor only asks for it. */
  asksWhy?: boolean;
};

/** Reads an authorisation request and tells every fault at once, also those that would come up at certification only. */
export function readAuthorisationRequest(
  typed: TypedRequest,
  rules: RequestRules,
): { request: AuthorisationRequest } | { faults: readonly RequestFault[] } {
  const faults: RequestFault[] = [];
  const fault = (field: RequestField, code: RequestFaultCode, values?: FaultValues): undefined => {
    faults.push(requestFault(field, code, values));
  };
  const text = (field: RequestField): string => tidy(typed[field] ?? '');
  const required = <Value>(field: RequestField, parse: (text: string) => Value | undefined, code: RequestFaultCode) =>
    text(field) === '' ? fault(field, 'missing') : (parse(text(field)) ?? fault(field, code));

  const creditor = required('creditor', parseCreditorCode, 'not-a-creditor');
  const employerNumber = required('employerNumber', parseTypedEmployerNumber, 'not-ten-digits');
  const rib = required('rib', parseTypedRib, 'not-a-rib');
  if (rib !== undefined && !rules.bankCodes.includes(bankCodeOf(rib)))
    fault('rib', 'other-bank', { bank: bankCodeOf(rib), ours: rules.bankCodes.join(', ') });
  else if (rib !== undefined && !sees(rules.agencies, agencyOf(rib)))
    fault('rib', 'other-agency', { agency: agencyOf(rib) });
  const perDebitCeiling = required('perDebitCeiling', parsePositive, 'not-an-amount');
  const periodCeiling = required('periodCeiling', parsePositive, 'not-an-amount');
  if (perDebitCeiling !== undefined && periodCeiling !== undefined && periodCeiling < perDebitCeiling)
    fault('periodCeiling', 'below-debit-ceiling');
  const period = required('period', parsePeriod, 'not-a-period');
  const validFrom = required('validFrom', parseTypedDay, 'not-a-day');
  const validTo = required('validTo', parseTypedDay, 'not-a-day');
  if (validTo !== undefined && validTo < rules.today) fault('validTo', 'in-the-past');
  if (validFrom !== undefined && validTo !== undefined && validTo < validFrom) fault('validTo', 'before-first-day');
  const replaces = text('replaces') === '' ? undefined : required('replaces', parseMandateId, 'not-a-mandate-id');
  const why = whyReplaced(replaces !== undefined && rules.asksWhy === true, text, fault);
  const phone = text('phone') === '' ? undefined : required('phone', parsePhone, 'not-a-phone');
  const handOver = answers.get(text('handOver').toLowerCase());
  if (handOver === undefined) fault('handOver', 'not-yes-or-no');

  for (const field of nameFields) faults.push(...nameFaults(field, text(field)));
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
    ...(replaces !== undefined && why),
    handOver: handOver === true,
  };
  const tooLong = certificateLength(request, rules.issuer) - certificateLimit;
  if (tooLong <= 0) return { request };
  // Three bytes of a name take four characters of the token.
  return { faults: [requestFault('nameFr', 'too-long-for-qr', { bytes: Math.ceil((tooLong * 3) / 4) })] };
}

const remarkLimit = 500;

/** Why another mandate is replaced: a code for the creditor, and the bank's own words. Of one that replaces none, nothing. */
function whyReplaced(
  isAsked: boolean,
  text: (field: RequestField) => string,
  fault: (field: RequestField, code: RequestFaultCode, values?: FaultValues) => undefined,
): Pick<AuthorisationRequest, 'replaceReason' | 'replaceRemark'> {
  const [code, remark] = [text('replaceReason'), text('replaceRemark')];
  const replaceReason = parseReplaceReason(code);
  if (isAsked && code === '') fault('replaceReason', 'missing');
  if (code !== '' && replaceReason === undefined) fault('replaceReason', 'not-a-replace-reason');
  if (isAsked && remark.length < 3) fault('replaceRemark', 'missing');
  if (remark.length > remarkLimit) fault('replaceRemark', 'too-long', { length: remark.length, most: remarkLimit });
  return { replaceReason, replaceRemark: remark === '' ? undefined : remark };
}

/** The same as staff would type it: what a correction begins from. */
export const typedFrom = (request: AuthorisationRequest): TypedRequest => ({
  ...request,
  ...request.debtor,
  perDebitCeiling: formatAmount(request.perDebitCeiling),
  periodCeiling: formatAmount(request.periodCeiling),
  handOver: request.handOver ? 'yes' : undefined,
});

/**
 * What is certified, in one form for ever: a supervisor's approval names it. The telephone is not on the paper; the
 * consent to hand the certificate over is, and so is the scanned form, by its digest.
 */
export function contentHashOf(
  mandateId: MandateId,
  request: AuthorisationRequest,
  scanDigest: string | undefined,
): string {
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
    ...(request.handOver ? ['hand-over'] : []),
    ...(request.replaceReason === undefined && request.replaceRemark === undefined
      ? []
      : [`replace ${request.replaceReason ?? ''} ${request.replaceRemark ?? ''}`]),
    ...(scanDigest === undefined ? [] : [`scan ${scanDigest}`]),
  ];
  return createHash('sha256').update(JSON.stringify(certified)).digest('hex');
}

const nameFields = ['nameFr', 'nameAr', 'representativeFr', 'representativeAr'] as const;
const nameLimit = 140;

function nameFaults(field: (typeof nameFields)[number], name: string): RequestFault[] {
  if (name === '') return field === 'nameFr' || field === 'nameAr' ? [requestFault(field, 'missing')] : [];
  const faults: RequestFault[] = [];
  const fault = (code: RequestFaultCode, values?: FaultValues) => faults.push(requestFault(field, code, values));
  if (name.length > nameLimit) fault('too-long', { length: name.length, most: nameLimit });
  // Marks that turn the direction would make the paper show another name than the token holds.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) fault('hidden-characters');
  const script = field.endsWith('Ar') ? /\p{Script=Arabic}/u : /\p{Script=Latin}/u;
  if (!script.test(name)) fault(field.endsWith('Ar') ? 'no-arabic-letter' : 'no-latin-letter');
  const missing = missingGlyphs(name.replace(/\p{C}/gu, ''));
  if (missing.length > 0) fault('not-printable', { characters: missing.join(' ') });
  return faults;
}

/** One form of what looks the same: composed letters, plain blanks, none at the ends. */
const tidy = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\t\u00a0\u202f ]+/g, ' ')
    .trim();

/** A ticked box, and what people write into a file for one. */
const answers: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'oui', 'نعم'].map((word) => [word, true] as const),
  ...['', 'no', 'non', 'لا'].map((word) => [word, false] as const),
]);

const parsePositive = (text: string): Centimes | undefined => {
  const amount = parseTypedAmount(text);
  return amount === undefined || amount === 0n ? undefined : amount;
};

/** Its own name in capitals or not, or as a French form says it. */
const parsePeriod = (text: string): Period | undefined =>
  frenchPeriods[text.toLowerCase()] ?? periods.find((period) => period === text.toUpperCase());

const frenchPeriods: Readonly<Record<string, Period>> = {
  mois: 'MONTH',
  trimestre: 'QUARTER',
  année: 'YEAR',
  annee: 'YEAR',
};

/** As the wire writes it, or as people and their spreadsheets do: "31/01/2026". */
const parseTypedDay = (text: string): Day | undefined =>
  parseDay(text.replace(/^(\d{2})[/.-](\d{2})[/.-](\d{4})$/, '$3-$2-$1'));

/** A mobile number as it is dialled at home or from abroad, kept as "+213555123456". */
function parsePhone(text: string): string | undefined {
  const [, subscriber] = /^(?:\+213|00213|0)([567]\d{8})$/.exec(text.replace(/[\s.()-]/g, '')) ?? [];
  return subscriber === undefined ? undefined : `+213${subscriber}`;
}

/** Whether staff of these agencies see that agency's employers. */
export const sees = (agencies: RequestRules['agencies'], agency: string): boolean =>
  agencies === undefined || agencies === 'ALL' || agencies.includes(agency);
