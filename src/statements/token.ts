import { placeText } from '../journal/canonical.ts';
import { currency, formatAmount } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import {
  type ClosedStatement,
  type Figure,
  type Figures,
  type OpenFigures,
  type StatementFile,
  type StatementFormat,
  statementFormat,
} from './statement.ts';

/** What is signed of a statement: all of it but what the signature itself makes (schema StatementClaims). */
export type StatementToSign = Omit<ClosedStatement, 'jti' | 'token'>;

export const mediaTypes = { jsonLines: 'application/x-ndjson', csv: 'text/csv', camt054: 'application/xml' } as const;

/** The members that the token and the contract's StatementSummary share. */
export const statementMembers = (statement: StatementToSign) => ({
  date: statement.day,
  sequence: statement.sequence,
  closedAt: formatInstant(statement.closedAt),
  closedOn: algiersDay(statement.closedAt),
  currency,
  ...(statement.previous && { previous: { date: statement.previous.day, jti: statement.previous.jti } }),
  journal: {
    after: placeText(statement.after),
    through: placeText(statement.through),
    ...(statement.throughHash && { hash: statement.throughHash.toString('base64url') }),
  },
  totals: totals(statement.figures),
  open: openTotals(statement.open, statementFormat(statement)),
  cumulative: totals(statement.cumulative),
  lineCount: statement.lines,
  openCount: statement.openLines,
  files: {
    jsonLines: file(mediaTypes.jsonLines, statement.files.jsonLines),
    csv: file(mediaTypes.csv, statement.files.csv),
    camt054: file(mediaTypes.camt054, statement.files.camt054),
  },
});

export const statementClaims = (statement: StatementToSign): Readonly<Record<string, unknown>> =>
  statementMembers(statement);

const file = <Type extends string>(mediaType: Type, { bytes, digest }: StatementFile) => ({
  mediaType,
  bytes,
  digest: digest.toString('base64url'),
});

const total = ({ debits, amount }: Figure) => ({ count: debits, amount: formatAmount(amount) });

const totals = (figures: Figures) => ({
  settled: total(figures.SETTLED),
  corrected: total(figures.CORRECTED),
  rejected: total(figures.REJECTED),
  cancelled: total(figures.CANCELLED),
  reversed: total(figures.REVERSED),
});

const openTotals = (open: OpenFigures, format: StatementFormat) => ({
  scheduled: total(open.SCHEDULED),
  accepted: total(open.ACCEPTED),
  executing: total(open.EXECUTING),
  inDoubt: total(open.IN_DOUBT),
  ...(format >= 3 && { reversing: total(open.REVERSING) }),
});
