import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { memberNames, type RawPiece, requiredMembers } from './expected-form.ts';

const faultOf = (message: string, pointer = ''): RawPiece => ({ kind: 'FAULT', fault: { pointer, message } });

/** A record with the line of the file that it ends on. */
type Numbered = { record: string[]; info: { lines: number } };

/** The days, a header, and a record a line. An empty cell is an absent member; nothing is trimmed. */
export async function* readCsv(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawPiece> {
  const parser = parse({ info: true, bom: true, relax_column_count: true, max_record_size: 4096 });
  // What ends it is met where its records are read.
  void pipeline(Readable.from(chunks), parser).catch(() => undefined);
  const records: AsyncIterable<Numbered> = parser;
  let header: readonly string[] | undefined;
  let first = true;
  let lines = 0;
  try {
    for await (const { record, info } of records) {
      if (first) {
        first = false;
        yield daysIn(record);
      } else if (header === undefined) {
        const fault = headerFault(record);
        if (fault !== undefined) return yield faultOf(`line ${info.lines}: ${fault}`);
        header = record;
      } else {
        const names = header;
        lines += 1;
        if (record.length !== names.length)
          yield faultOf(`line ${info.lines}: has ${record.length} cells, not ${names.length}`, `/lines/${lines - 1}`);
        else {
          const cells = names.flatMap((name, at) => (record[at] === '' ? [] : [[name, record[at]]]));
          yield { kind: 'LINE', value: Object.fromEntries(cells), fileLine: info.lines };
        }
      }
    }
  } catch (fault) {
    if (!(fault instanceof CsvError)) throw fault;
    // Its own words quote what was sent.
    const line = 'lines' in fault && typeof fault.lines === 'number' ? fault.lines : lines;
    return yield faultOf(`line ${line}: is no CSV record (${fault.code})`);
  }
  if (header === undefined) yield faultOf('the header is missing');
}

/** `date,2026-01-31`, or `from,2026-01-01,to,2026-01-31`. */
function daysIn(record: readonly string[]): RawPiece {
  const pairs = Array.from({ length: Math.ceil(record.length / 2) }, (_, at) => [record[2 * at], record[2 * at + 1]]);
  if (record.length > 4 || record.length % 2 !== 0)
    return faultOf('line 1: is not date and a day, or from, a day, to and a day', '/date');
  return { kind: 'DAYS', value: Object.fromEntries(pairs) };
}

function headerFault(names: readonly string[]): string | undefined {
  const unknown = names.some((name) => !memberNames.some((known) => known === name));
  if (unknown) return `the header has a name that is none of ${memberNames.join(', ')}`;
  if (new Set(names).size !== names.length) return 'the header has a name twice';
  const missing = requiredMembers.find((name) => !names.includes(name));
  return missing === undefined ? undefined : `the header lacks ${missing}`;
}
