import { stringify } from 'csv-stringify/sync';
import { withoutFormula } from '../values/without-formula.ts';
import type { FileWriter } from './file-writer.ts';
import { lineResource, openLineResource } from './line-representation.ts';
import type { StatementFormat } from './statement.ts';

/**
 * The columns, in their order; new ones come last. For programs: UTF-8 without a mark, comma, CRLF, a header. A cell that
 * a spreadsheet would read as a formula (the core's reference, or a creditor's that begins with a hyphen) has an
 * apostrophe before it.
 */
const columns = [
  'outcome',
  'state',
  'endToEndId',
  'mandateId',
  'employerNumber',
  'declaration',
  'declaredAmount',
  'amount',
  'currency',
  'reasonCode',
  'bookingReference',
  'executedAt',
  'bookingDate',
  'valueDate',
  'orderedAt',
  'receivedAt',
  'finalAt',
  'executionDate',
  'debitedAccount',
  'creditedAccount',
  'jti',
  'corrects',
  'debitId',
  'place',
] as const;

export const csvWriter = (format: StatementFormat): FileWriter => ({
  head: () => rowsOf([Object.fromEntries(columns.map((name) => [name, name]))]),
  lines: (lines) => rowsOf(lines.map(lineResource).map(flat).map(guarded[format])),
  open: (lines) => rowsOf(lines.map(openLineResource).map(flat).map(guarded[format])),
  tail: () => '',
});

type Row = Readonly<Record<string, string>>;

const everyCell = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, withoutFormula(cell)]));

const guarded: Readonly<Record<StatementFormat, (row: Row) => Row>> = {
  1: ({ bookingReference, ...row }) => ({
    ...row,
    ...(bookingReference && { bookingReference: bookingReference.replace(/^[=+@]/, "'$&") }),
  }),
  2: everyCell,
  3: everyCell,
  4: everyCell,
};

type Line = ReturnType<typeof lineResource> | ReturnType<typeof openLineResource>;

const flat = ({ declaration, ...line }: Line): Row => ({
  ...line,
  ...(declaration && { declaration: declaration.reference, declaredAmount: declaration.declaredAmount }),
});

const rowsOf = (records: readonly Row[]): string =>
  records.length === 0 ? '' : stringify([...records], { columns: [...columns], record_delimiter: '\r\n' });
