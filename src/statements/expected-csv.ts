import { CsvError, parse } from 'csv-parse/sync';
import { dayNames, memberNames, type RawPiece, requiredMembers } from './expected-form.ts';

/** Longest line: far beyond what one may hold. */
const mostBytes = 4096;

const faultOf = (message: string, pointer = ''): RawPiece => ({ kind: 'FAULT', fault: { pointer, message } });

/**
 * The days, a header, and a record a line. An empty cell is an absent member; nothing is trimmed. Read in pieces of whole
 * lines, which costs a tenth of the parser's own stream; no cell that may be holds the end of a line.
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawPiece> {
  const read = reader();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(end);
    for (const piece of read.lines(bytes.subarray(0, end))) {
      yield piece;
      if (piece.kind === 'FAULT' && read.isOver()) return;
    }
    if (rest.length > mostBytes) return yield faultOf(`line ${read.line() + 1}: is longer than ${mostBytes} bytes`);
  }
  yield* read.lines(rest);
  if (!read.isOver() && !read.hasHeader()) yield faultOf('the header is missing');
}

function reader() {
  let header: readonly string[] | undefined;
  let fileLine = 0;
  let over = false;
  function* lines(bytes: Buffer): Generator<RawPiece> {
    if (over || bytes.length === 0) return;
    const before = fileLine;
    const records = recordsIn(bytes, fileLine === 0);
    if (!Array.isArray(records)) {
      over = true;
      return yield faultOf(`line ${before + records.line}: is no CSV record (${records.code})`);
    }
    for (const record of records) {
      fileLine += 1;
      if (fileLine === 1) yield daysIn(record);
      else if (header !== undefined) yield lineIn(header, record, fileLine);
      else {
        const fault = headerFault(record);
        header = record;
        over = fault !== undefined;
        if (fault !== undefined) return yield faultOf(`line ${fileLine}: ${fault}`);
      }
    }
  }
  return { lines, isOver: () => over, hasHeader: () => header !== undefined, line: () => fileLine };
}

/**
 * Any of them ends a record: found out anew in each piece, as the parser does by itself, one would be held to be part of a
 * cell where a file has more than one.
 */
const lineEnds = ['\r\n', '\n', '\r'];

/** The records; or where they end, and why: the parser's own words quote what was sent. */
function recordsIn(bytes: Buffer, bom: boolean): string[][] | { line: number; code: string } {
  try {
    return parse(bytes, { bom, record_delimiter: lineEnds, relax_column_count: true, max_record_size: mostBytes });
  } catch (fault) {
    if (!(fault instanceof CsvError)) throw fault;
    return { line: 'lines' in fault && typeof fault.lines === 'number' ? fault.lines : 1, code: fault.code };
  }
}

function lineIn(names: readonly string[], record: readonly string[], fileLine: number): RawPiece {
  if (record.length !== names.length)
    return faultOf(`line ${fileLine}: has ${record.length} cells, not ${names.length}`, `/lines/${fileLine - 3}`);
  const cells = names.flatMap((name, at) => (record[at] === '' ? [] : [[name, record[at]]]));
  return { kind: 'LINE', value: Object.fromEntries(cells), fileLine };
}

/** `date,2026-01-31`, or `from,2026-01-01,to,2026-01-31`. */
function daysIn(record: readonly string[]): RawPiece {
  if (record.length > 4 || record.length % 2 !== 0)
    return faultOf('line 1: is not date and a day, or from, a day, to and a day', '/date');
  const pairs = Array.from({ length: record.length / 2 }, (_, at) => [record[2 * at], record[2 * at + 1]]);
  const twice = dayNames.find((name) => pairs.filter(([named]) => named === name).length > 1);
  if (twice !== undefined) return faultOf('line 1: this name stands twice', `/${twice}`);
  return { kind: 'DAYS', value: Object.fromEntries(pairs) };
}

function headerFault(names: readonly string[]): string | undefined {
  const unknown = names.some((name) => !memberNames.some((known) => known === name));
  if (unknown) return `the header has a name that is none of ${memberNames.join(', ')}`;
  if (new Set(names).size !== names.length) return 'the header has a name twice';
  const missing = requiredMembers.find((name) => !names.includes(name));
  return missing === undefined ? undefined : `the header lacks ${missing}`;
}
