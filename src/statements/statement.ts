import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type {
  CreditorCode,
  DebitId,
  DeclarationReference,
  EmployerNumber,
  EndToEndId,
  Jws,
  MandateId,
  TokenId,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';

/** What a debit's journal tells of that is final: each is one line, in exactly one statement. */
export const outcomes = ['SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * The kinds of the journal that make a line. A rejection that was signed and corrected later is a line of its day, and
 * its settlement one of the day of the correction.
 */
export const outcomeOfKind: Readonly<Record<string, Outcome>> = {
  'debit.settled': 'SETTLED',
  'debit.corrected': 'SETTLED',
  'debit.rejected': 'REJECTED',
  'debit.cancelled': 'CANCELLED',
  'debit.burnt': 'CANCELLED',
  'debit.reversed': 'REVERSED',
};

/** CORRECTED: how many of the settled ones had a signed rejection before. */
export const figureNames = [...outcomes, 'CORRECTED'] as const;
export type FigureName = (typeof figureNames)[number];

/** REVERSING: it has settled, and what was asked to give it back has not ended. */
export const openStates = ['SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT', 'REVERSING'] as const;
export type OpenState = (typeof openStates)[number];

export type Figure = { debits: number; amount: Centimes };
export type Figures = Readonly<Record<FigureName, Figure>>;
export type OpenFigures = Readonly<Record<OpenState, Figure>>;

/** What was credited to one of the creditor's accounts, and given back out of it. */
export type AccountFigures = { account: Rib; settled: Figure; reversed: Figure };

/** Where a row of the journal stands: an epoch, and its number there from 1. 0/0 is before everything. */
export type Place = { epoch: number; number: number };

/**
 * How a statement's files are written: the same for ever, since their digests were signed. From 2 on no cell of the CSV is
 * read as a formula, however a reference begins; before, the core's own were guarded where they begin with `=`, `+` or `@`.
 * From 3 on what is being given back is told among what is open. From 4 on the camt.054 has a notification of each account
 * that moved; before, a single one, of the creditor's latest, whichever moved.
 */
export type StatementFormat = 1 | 2 | 3 | 4;
export const presentFormat: StatementFormat = 4;

/** Throws where only a newer program can write it: other bytes would be taken for a statement that was changed. */
export function statementFormat({ format: stored }: Pick<CutStatement, 'format'>): StatementFormat {
  if (stored === 1 || stored === 2 || stored === 3 || stored === 4) return stored;
  throw new Error('a statement in a form that only a newer program can write');
}

/** A statement whose range stands: all that its files are made of. */
export type CutStatement = {
  statementId: string;
  creditor: CreditorCode;
  day: Day;
  sequence: number;
  /** The creditor's own at the day's end: where the debits are credited, as long as it has no other. */
  collectionAccount: Rib;
  cutAt: Date;
  after: Place;
  through: Place;
  /** The journal's chain at `through`; undefined where nothing was sealed yet. */
  throughHash: Buffer | undefined;
  figures: Figures;
  /** Each that something moved on, in an order that stays. An older gateway counts none. */
  accounts: readonly AccountFigures[];
  /** A StatementFormat; of a statement that a newer program closed, perhaps one that is not known here. */
  format: number;
  /** The first sequence at which a debit was open that is open at this close. */
  openSince: number;
};

/** One of a statement's files, as it was signed. Digest: SHA-256. */
export type StatementFile = { bytes: number; digest: Buffer };
export const fileFormats = ['jsonLines', 'csv', 'camt054'] as const;
export type FileFormat = (typeof fileFormats)[number];

export type ClosedStatement = CutStatement & {
  closedAt: Date;
  /** Since the creditor's first statement, this one included. */
  cumulative: Figures;
  open: OpenFigures;
  lines: number;
  openLines: number;
  files: Readonly<Record<FileFormat, StatementFile>>;
  jti: TokenId;
  token: Jws;
  previous: { day: Day; jti: TokenId } | undefined;
};

/** What was asked, which never changes; absent where a name was burnt before its debit came. */
export type LineTerms = {
  mandateId: MandateId;
  employerNumber: EmployerNumber;
  declaration: DeclarationReference;
  declared: Centimes;
  amount: Centimes;
};

type LineDebit = {
  debitId: DebitId;
  endToEndId: EndToEndId;
  terms: LineTerms | undefined;
  executionDate: Day | undefined;
  orderedAt: Date;
  receivedAt: Date;
};

/** The core banking system's booking, as the signed proof tells of it. Accounts are masked. */
export type LineBooking = {
  bookingReference: string;
  executedAt: string;
  bookingDate: string;
  valueDate: string;
  debitedAccount: string | undefined;
  creditedAccount: string | undefined;
};

/** One outcome. */
export type StatementLine = LineDebit & {
  outcome: Outcome;
  /** Where the journal has it: `1/42`. Unique. */
  place: Place;
  finalAt: Date;
  /** The proof: a confirmation's, a rejection's, a reversal's. None of a cancellation. */
  jti: TokenId | undefined;
  reason: ReasonCode | undefined;
  booking: LineBooking | undefined;
  /** The creditor's, that was credited or given back from, where the statement has several. */
  account: Rib | undefined;
  /** The rejection that a correcting confirmation takes the place of. */
  corrects: TokenId | undefined;
};

/** One debit that was open at the close. */
export type OpenLine = LineDebit & { terms: LineTerms; state: OpenState };
