import type { Centimes } from '../values/centimes.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import type { CreditorCode, EmployerNumber, MandateId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';

export const mandateStates = [
  'DRAFT',
  'PENDING_CERTIFICATION',
  'CERTIFIED',
  'ACTIVE',
  'SUSPENDED',
  'REVOKED',
  'REPLACED',
  'REFUSED',
  'EXPIRED',
] as const;
export type MandateState = (typeof mandateStates)[number];

const next: Record<MandateState, readonly MandateState[]> = {
  DRAFT: ['PENDING_CERTIFICATION', 'EXPIRED'],
  PENDING_CERTIFICATION: ['CERTIFIED', 'DRAFT', 'REFUSED', 'EXPIRED'],
  CERTIFIED: ['ACTIVE', 'REVOKED', 'REPLACED', 'EXPIRED'],
  ACTIVE: ['SUSPENDED', 'REVOKED', 'REPLACED', 'EXPIRED'],
  SUSPENDED: ['ACTIVE', 'REVOKED', 'REPLACED', 'EXPIRED'],
  REVOKED: [],
  REPLACED: [],
  REFUSED: [],
  EXPIRED: [],
};

/** The states from which `state` is reached: what the WHERE clause of an UPDATE may name. */
export function statesBefore(state: MandateState): MandateState[] {
  return mandateStates.filter((from) => next[from].includes(state));
}

export const leadsTo = (from: MandateState, to: MandateState): boolean => next[from].includes(to);

export const periods = ['MONTH', 'QUARTER', 'YEAR'] as const;
export type Period = (typeof periods)[number];

/** BANK: entered from paper. CREDITOR: opened by the creditor, which sees it from the first. */
export type MandateOrigin = 'BANK' | 'CREDITOR';

/** Personal data of the employer and of who signs for it: stored apart (debtors.sql.ts). */
export type Debtor = {
  rib: Rib;
  nameFr: string;
  nameAr: string;
  representativeFr: string | undefined;
  representativeAr: string | undefined;
  phone: string | undefined;
};

/** What the employer has asked for, read and found possible. */
export type AuthorisationRequest = {
  creditor: CreditorCode;
  employerNumber: EmployerNumber;
  debtor: Debtor;
  perDebitCeiling: Centimes;
  periodCeiling: Centimes;
  period: Period;
  validFrom: Day;
  validTo: Day;
  replaces: MandateId | undefined;
  /** Why it is replaced: what the creditor is told, and the bank's own words. */
  replaceReason?: ReplaceReason | undefined;
  replaceRemark?: string | undefined;
  /** The employer's consent, on the form, that the bank hands the certificate to the creditor that began it. */
  handOver: boolean;
};

/** Why the bank replaces a mandate, as its creditor is told. */
export const replaceReasons = [
  'employer-request',
  'ceilings-changed',
  'account-changed',
  'employer-data-changed',
  'term-ends',
  'issued-in-error',
  'bank-decision',
] as const;
export type ReplaceReason = (typeof replaceReasons)[number];

export const parseReplaceReason = (text: string): ReplaceReason | undefined =>
  replaceReasons.find((reason) => reason === text);

/** The debtor's permission to debit, as it is stored: without its personal data, which stand apart (debtors.sql.ts). */
export type Mandate = {
  mandateId: MandateId;
  /** The first mandate of those that replaced each other; its own id where it replaces none. */
  chainId: MandateId;
  replaces: MandateId | undefined;
  replaceReason: ReplaceReason | undefined;
  replaceRemark: string | undefined;
  creditor: CreditorCode;
  origin: MandateOrigin;
  /** The creditor's own name for the request that it opened. */
  requestReference: string | undefined;
  /** The employer consents that the bank hands the certificate to the creditor. */
  handOver: boolean;
  /** Of the signed form's last scan, SHA-256 in hexadecimal. */
  scanDigest: string | undefined;
  employerNumber: EmployerNumber;
  perDebitCeiling: Centimes;
  periodCeiling: Centimes;
  period: Period;
  validFrom: Day;
  /** The last day, included (Africa/Algiers). */
  validTo: Day;
  /** As stored: what holds now is `stateOn`. */
  state: MandateState;
  stateSince: Date;
  suspendedByBank: boolean;
  suspendedByCreditor: boolean;
  contentHash: string;
  enteredAt: Date;
  /** Everyone who entered, changed or submitted it: none of them may certify it. */
  makers: readonly string[];
  submittedAt: Date | undefined;
  certifiedBy: string | undefined;
  certifiedAt: Date | undefined;
  statusList: number | undefined;
  statusIndex: number | undefined;
  /** When its certificate was first shown by the creditor. */
  shownAt: Date | undefined;
  acceptedAt: Date | undefined;
  /** The signing time of the creditor's last write that was applied. */
  lastSignedAt: Date | undefined;
};

/** How long a request may wait in one state before it is certified. */
export const draftDays = 30;

/** The state that holds on that day (Africa/Algiers): the dates decide it, a job only writes it down. */
export function stateOn(mandate: Pick<Mandate, 'state' | 'stateSince' | 'validTo'>, today: Day): MandateState {
  switch (mandate.state) {
    case 'DRAFT':
    case 'PENDING_CERTIFICATION':
      return today > addDays(algiersDay(mandate.stateSince), draftDays) ? 'EXPIRED' : mandate.state;
    case 'CERTIFIED':
    case 'ACTIVE':
    case 'SUSPENDED':
      return today > mandate.validTo ? 'EXPIRED' : mandate.state;
    case 'REVOKED':
    case 'REPLACED':
    case 'REFUSED':
    case 'EXPIRED':
      return mandate.state;
  }
}

/** Why a mandate can't be debited: its own reason, never the account's. */
export type NotDebitableReason =
  | 'NOT_CERTIFIED'
  | 'NOT_ACCEPTED'
  | 'NOT_YET_VALID'
  | 'SUSPENDED'
  | 'REVOKED'
  | 'REPLACED'
  | 'REFUSED'
  | 'EXPIRED';

/** True, or the reason why not. */
export function debitable(
  mandate: Pick<Mandate, 'state' | 'stateSince' | 'validFrom' | 'validTo'>,
  today: Day,
): true | NotDebitableReason {
  const state = stateOn(mandate, today);
  switch (state) {
    case 'DRAFT':
    case 'PENDING_CERTIFICATION':
      return 'NOT_CERTIFIED';
    case 'CERTIFIED':
      return 'NOT_ACCEPTED';
    case 'ACTIVE':
      return today < mandate.validFrom ? 'NOT_YET_VALID' : true;
    case 'SUSPENDED':
    case 'REVOKED':
    case 'REPLACED':
    case 'REFUSED':
    case 'EXPIRED':
      return state;
  }
}

/** Whether its creditor may know of it: one that the bank began, only once its certificate was shown. */
export const isVisible = (mandate: Pick<Mandate, 'origin' | 'shownAt'>): boolean =>
  mandate.origin === 'CREDITOR' || mandate.shownAt !== undefined;

/** Whether its creditor may fetch the certificate: one that was shown to it, or that the employer lets the bank hand over. */
export const mayFetchCertificate = ({
  origin,
  shownAt,
  handOver,
}: Pick<Mandate, 'origin' | 'shownAt' | 'handOver'>): boolean =>
  shownAt !== undefined || (origin === 'CREDITOR' && handOver);

/** Whether it still runs or may come to run, so that another may replace it. */
export const isReplaceable = (state: MandateState): boolean => leadsTo(state, 'REPLACED');
