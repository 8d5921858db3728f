import { CsvError, parse } from 'csv-parse/sync';
import { type RequestField, requestFields, type TypedRequest } from './authorisation-request.ts';

export const largestImportBytes = 2 * 1024 * 1024;
export const mostImportLines = 5000;

/** One line of the file below its heading; `line` is where it stands in the file, the heading being 1. */
export type ImportLine = { line: number; typed: TypedRequest };

/** What is wrong with the file as a whole: nothing of it is looked at then. */
export type FileFault =
  | { fault: 'EMPTY' | 'NOT_UTF8' | 'NO_LINES' }
  | { fault: 'TOO_LARGE' | 'TOO_MANY_LINES'; most: number }
  | { fault: 'MALFORMED'; line: number }
  | { fault: 'UNKNOWN_COLUMN' | 'COLUMN_TWICE'; column: string }
  | { fault: 'MISSING_COLUMN'; column: string };

/** The columns of a file, in the order of the sample; the creditor may be said once for the whole file. */
export const importColumns: Readonly<Record<RequestField, string>> = {
  creditor: 'creditor',
  employerNumber: 'employer_number',
  rib: 'rib',
  nameFr: 'name_fr',
  nameAr: 'name_ar',
  representativeFr: 'representative_fr',
  representativeAr: 'representative_ar',
  phone: 'phone',
  perDebitCeiling: 'per_debit_ceiling',
  periodCeiling: 'period_ceiling',
  period: 'period',
  validFrom: 'valid_from',
  validTo: 'valid_to',
  replaces: 'replaces',
  replaceReason: 'replace_reason',
  replaceRemark: 'replace_remark',
  handOver: 'hand_over',
};

const requiredColumns = [
  'employerNumber',
  'rib',
  'nameFr',
  'nameAr',
  'perDebitCeiling',
  'periodCeiling',
  'period',
  'validFrom',
  'validTo',
] as const;

/** Reads a CSV file, UTF-8 with its mark or without, of semicolons or commas, with a heading that names its columns. */
export function readImportFile(bytes: Buffer, creditor: string): { lines: readonly ImportLine[] } | FileFault {
  if (bytes.length === 0) return { fault: 'EMPTY' };
  if (bytes.length > largestImportBytes) return { fault: 'TOO_LARGE', most: largestImportBytes };
  const text = decoded(bytes);
  if (text === undefined) return { fault: 'NOT_UTF8' };
  const [first = ''] = text.split(/\r?\n/, 1);
  const delimiter = first.split(';').length >= first.split(',').length ? ';' : ',';
  const records = recordsIn(text, delimiter);
  if ('fault' in records) return records;
  const [heading, ...rows] = records.records;
  if (heading === undefined) return { fault: 'EMPTY' };
  const columns = columnsIn(heading.cells);
  if ('fault' in columns) return columns;
  if (rows.length === 0) return { fault: 'NO_LINES' };
  if (rows.length > mostImportLines) return { fault: 'TOO_MANY_LINES', most: mostImportLines };
  const wrong = rows.find(({ cells }) => cells.length !== heading.cells.length);
  if (wrong !== undefined) return { fault: 'MALFORMED', line: wrong.line };
  return {
    lines: rows.map(({ line, cells }) => ({ line, typed: typedIn(columns.fields, cells, creditor) })),
  };
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Row = { line: number; cells: string[] };

function recordsIn(text: string, delimiter: string): { records: Row[] } | FileFault {
  try {
    const found = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      max_record_size: 8192,
      // One more than is taken tells that there are too many.
      to: mostImportLines + 2,
      info: true,
    });
    return { records: found.map(rowOf) };
  } catch (error) {
    if (error instanceof CsvError) return { fault: 'MALFORMED', line: lineOf(error) };
    throw error;
  }
}

function rowOf(found: unknown): Row {
  if (typeof found !== 'object' || found === null || !('record' in found) || !('info' in found))
    throw new Error('a CSV record has its info');
  const { record, info } = found;
  const line = typeof info === 'object' && info !== null && 'lines' in info ? Number(info.lines) : 1;
  return { line, cells: Array.isArray(record) ? record.map(String) : [] };
}

const lineOf = (error: CsvError): number => {
  const { lines } = { lines: 1, ...error };
  return Number(lines);
};

function columnsIn(heading: readonly string[]): { fields: readonly RequestField[] } | FileFault {
  const fields: RequestField[] = [];
  for (const column of heading) {
    const field = requestFields.find((name) => importColumns[name] === column.toLowerCase());
    if (field === undefined) return { fault: 'UNKNOWN_COLUMN', column: column.slice(0, 40) };
    if (fields.includes(field)) return { fault: 'COLUMN_TWICE', column: importColumns[field] };
    fields.push(field);
  }
  const missing = requiredColumns.find((field) => !fields.includes(field));
  return missing === undefined ? { fields } : { fault: 'MISSING_COLUMN', column: importColumns[missing] };
}

function typedIn(fields: readonly RequestField[], cells: readonly string[], creditor: string): TypedRequest {
  const typed = Object.fromEntries(
    fields.map((field, at) => [field, spreadsheetText(cells[at] ?? '')]).filter(([, value]) => value !== ''),
  );
  return { creditor, ...typed };
}

/** A spreadsheet marks digits that are text with an apostrophe. */
const spreadsheetText = (cell: string): string => cell.replace(/^'(?=[\d+])/, '');
