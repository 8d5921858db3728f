import { stringify } from 'csv-stringify/sync';
import type { FileWriter } from './file-writer.ts';
import { lineResource, openLineResource } from './line-representation.ts';

/**
 * The columns, in their order; new ones come last. For programs: UTF-8 without a mark, comma, CRLF, a header. No cell is
 * read as a formula: each is of letters, digits and hyphens, but for the core's own reference, which gets an apostrophe.
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

export const csvWriter = (): FileWriter => ({
  head: () => rowsOf([Object.fromEntries(columns.map((name) => [name, name]))]),
  lines: (lines) => rowsOf(lines.map(lineResource).map(flat)),
  open: (lines) => rowsOf(lines.map(openLineResource).map(flat)),
  tail: () => '',
});

type Declared = { bookingReference?: string; declaration?: { reference: string; declaredAmount: string } };

const flat = ({ declaration, bookingReference, ...line }: Declared): Record<string, unknown> => ({
  ...line,
  ...(bookingReference && { bookingReference: bookingReference.replace(/^[=+@]/, "'$&") }),
  ...(declaration && { declaration: declaration.reference, declaredAmount: declaration.declaredAmount }),
});

const rowsOf = (records: Record<string, unknown>[]): string =>
  records.length === 0 ? '' : stringify(records, { columns: [...columns], record_delimiter: '\r\n' });
