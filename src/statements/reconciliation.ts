import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import {
  type CreditorCode,
  type DebitId,
  type DeclarationReference,
  type EmployerNumber,
  type EndToEndId,
  type Jws,
  type MandateId,
  parseEndToEndId,
  type TokenId,
} from '../values/ids.ts';
import type { Place } from './statement.ts';

/**
 * What comes of a line. MATCHED and DIFFERING settled in those days; MISSING did not; REPEATED stands on an earlier line,
 * where it is compared; UNEXPECTED settled in those days and is on no line.
 */
export const lineOutcomes = ['MATCHED', 'DIFFERING', 'MISSING', 'REPEATED', 'UNEXPECTED'] as const;
export type LineOutcome = (typeof lineOutcomes)[number];

export const parseLineOutcome = (text: string): LineOutcome | undefined =>
  lineOutcomes.find((outcome) => outcome === text);

/** REVERSED: those of the settled ones that were given back since. */
export const reconciliationFigures = [...lineOutcomes, 'REVERSED'] as const;
export type ReconciliationFigureName = (typeof reconciliationFigures)[number];
export type ReconciliationFigure = { lines: number; expected: Centimes; settled: Centimes };
export type ReconciliationFigures = Readonly<Record<ReconciliationFigureName, ReconciliationFigure>>;

/** How many lines of the list they count. */
export const linesCompared = ({ MATCHED, DIFFERING, MISSING, REPEATED }: ReconciliationFigures): number =>
  MATCHED.lines + DIFFERING.lines + MISSING.lines + REPEATED.lines;

/** The forms in which a list may come. */
export const listMediaTypes = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
export type ListMediaType = (typeof listMediaTypes)[number];

/** From one statement's day through another's, in Africa/Algiers. */
export type Days = { first: Day; last: Day };

/** A creditor's list: all of it but its lines. */
export type Reconciliation = {
  reconciliationId: string;
  creditor: CreditorCode;
  reference: string;
  days: Days;
  mediaType: ListMediaType;
  /** The signed request that brought it. */
  request: { jti: string; keyThumbprint: string; digest: Buffer };
  receivedAt: Date;
  expected: { lines: number; amount: Centimes };
  /** Its lines, from the first on, whose outcome is stored. */
  compared: number;
  matched: MatchedReconciliation | undefined;
};

/** What stands once it is matched, for ever. */
export type MatchedReconciliation = {
  matchedAt: Date;
  range: { after: Place; through: Place };
  figures: ReconciliationFigures;
  jti: TokenId;
  token: Jws;
};

/** One debit as its creditor expects it. `line` is its place in the list, from 1. */
export type ExpectedLine = {
  line: number;
  endToEndId: EndToEndId;
  amount: Centimes;
  declaration: DeclarationReference | undefined;
  employerNumber: EmployerNumber | undefined;
};

/** One line with what came of it. `line` is 0 where it is on no list. */
export type ReconciliationLine = {
  outcome: LineOutcome;
  line: number;
  endToEndId: EndToEndId;
  expected: Omit<ExpectedLine, 'line' | 'endToEndId'> | undefined;
  /** Set where it settled in those days. */
  settled: Centimes | undefined;
  /** Its state when it was matched. */
  state: string | undefined;
  debit: { debitId: DebitId; terms: DebitNames | undefined } | undefined;
  finalAt: Date | undefined;
  confirmation: TokenId | undefined;
};

/** Where a page of lines ended: what its cursor holds. */
export type LinePosition = Pick<ReconciliationLine, 'endToEndId' | 'line'>;

export const linePositionText = ({ line, endToEndId }: LinePosition): string => `${line}/${endToEndId}`;

export function parseLinePosition(text: string): LinePosition | undefined {
  const [, line, name] = /^(\d{1,7})\/(.+)$/.exec(text) ?? [];
  const endToEndId = parseEndToEndId(name ?? '');
  return endToEndId === undefined ? undefined : { endToEndId, line: Number(line) };
}

/** Absent where the name was burnt before its debit came. */
export type DebitNames = { mandateId: MandateId; employerNumber: EmployerNumber; declaration: DeclarationReference };

/** The longest list. */
export const mostLines = 1_000_000;
/** The most days of one list. */
export const mostDays = 92;
