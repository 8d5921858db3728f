import type { CertifyOutcome } from '../mandates/certify.ts';
import type { Mandate } from '../mandates/mandate.ts';
import type { RequestFault } from '../mandates/request-faults.ts';
import type { MandateFile } from '../mandates/show.ts';
import { formatAmount } from '../values/centimes.ts';
import { formatInstant } from '../values/dates.ts';
import { groupRib } from '../values/rib.ts';
import { fieldOptions } from './mandate-usage.ts';

export const faultLine = ({ field, message }: RequestFault): string => `--${fieldOptions[field]} ${message}`;

/** What a refused act is told, and what to do about it. */
export function refusalLine(outcome: Exclude<CertifyOutcome, { outcome: 'DONE' }>, by: string): string {
  switch (outcome.outcome) {
    case 'NOT_FOUND':
      return 'no mandate has this id';
    case 'WRONG_STATE':
      return `the mandate is ${outcome.state}: this can't be done in that state`;
    case 'SAME_PERSON':
      return `${by} entered, changed or submitted this mandate: another person must do this`;
    case 'OTHER_CONTENT':
      return 'the mandate is not what was seen: look at it again (show), and name the content hash that stands there';
    case 'SUBMITTED_TOO_LONG_AGO':
      return 'it was submitted too long ago: send it back, to be submitted again';
    case 'PAST_ITS_LAST_DAY':
      return 'its last day has passed';
    case 'REPLACES_NOTHING':
      return `it ${outcome.fault.message}`;
    case 'ACCOUNT_UNKNOWN':
      return 'the core banking system does not know the account';
    case 'ACCOUNT_BLOCKED':
      return 'the account is blocked';
    case 'ACCOUNT_CLOSED':
      return 'the account is closed';
    case 'UNREACHABLE':
      return 'the core banking system does not answer: try later';
    case 'HOLDER_DIFFERS':
      return `the account's holder is "${outcome.holder}": if that is the employer, say why (--name-difference)`;
  }
}

const line = (label: string, text: string): string => `${label.padEnd(20)} ${text}`;
const bothNames = (nameFr: string | undefined, nameAr: string | undefined): string =>
  [nameFr, nameAr].filter((name) => name !== undefined).join(' · ') || '-';

export function fileLines(file: MandateFile): string[] {
  const { mandate, debtor } = file;
  const { nameFr, nameAr, representativeFr, representativeAr } = debtor;
  return [
    line('mandate', mandate.mandateId),
    line('state', `${file.state}${mandate.submittedAt ? `, submitted ${formatInstant(mandate.submittedAt)}` : ''}`),
    line('debitable', file.debitable === true ? 'yes' : `no: ${file.debitable}`),
    line('creditor', mandate.creditor),
    line('employer', `${mandate.employerNumber}  ${bothNames(nameFr, nameAr)}`),
    line('representative', bothNames(representativeFr, representativeAr)),
    line('phone', debtor.phone ?? '-'),
    line('RIB', groupRib(debtor.rib)),
    line('ceilings', `${formatAmount(mandate.perDebitCeiling)} a debit, ${inAPeriod(mandate)}`),
    line('valid', `${mandate.validFrom} to ${mandate.validTo}, both included`),
    ...(mandate.replaces ? [line('replaces', mandate.replaces)] : []),
    ...(file.replacedBy ? [line('replaced by', file.replacedBy)] : []),
    line('content hash', mandate.contentHash),
    ...(mandate.certifiedBy ? [line('certified by', mandate.certifiedBy)] : []),
    ...(mandate.shownAt ? [line('first shown', formatInstant(mandate.shownAt))] : []),
    ...file.history.map(({ at, kind, from, to, side, actor, reason }) =>
      line(formatInstant(at), [kind, `${from ?? '-'} > ${to}`, side, actor, reason].filter(Boolean).join('  ')),
    ),
    ...file.remarks.map(({ writtenAt, writtenBy, about, remark }) =>
      line(formatInstant(writtenAt), `${about}  ${writtenBy}: ${remark}`),
    ),
  ];
}

const inAPeriod = ({ periodCeiling, period }: Mandate): string =>
  `${formatAmount(periodCeiling)} a ${period.toLowerCase()}`;
