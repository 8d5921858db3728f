import { isRecord } from '../contract/contract-document.ts';
import { readStrictJson } from '../contract/strict-json.ts';
import type { RawPiece } from './expected-form.ts';

/** Longest line, and longest document without its lines: far beyond what either may hold. */
const mostBytes = 4096;

const [quote, backslash, comma, lineFeed] = [0x22, 0x5c, 0x2c, 0x0a];
const opens = new Set([0x5b, 0x7b]);
const closes = new Set([0x5d, 0x7d]);
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

const faultOf = (message: string, pointer = ''): RawPiece => ({ kind: 'FAULT', fault: { pointer, message } });

/** One JSON object a line: the days first. */
export async function* readJsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawPiece> {
  let rest: Buffer = Buffer.alloc(0);
  let fileLine = 0;
  const read = (bytes: Buffer): RawPiece => {
    const json = readStrictJson(bytes);
    const pointer = fileLine === 1 ? '' : `/lines/${fileLine - 2}`;
    if (json.outcome === 'FAULT') return faultOf(`line ${fileLine}: ${json.message}`, `${pointer}${json.pointer}`);
    return fileLine === 1 ? { kind: 'DAYS', value: json.value } : { kind: 'LINE', value: json.value, fileLine };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      const line = chunk.subarray(from, end);
      fileLine += 1;
      yield read(rest.length === 0 ? line : Buffer.concat([rest, line]));
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > mostBytes) return yield faultOf(`line ${fileLine + 1}: is longer than ${mostBytes} bytes`);
  }
  if (rest.length === 0) return;
  fileLine += 1;
  yield read(rest);
}

/**
 * One document. Its members are at its first level; the elements of the array there are the lines, each cut out and read
 * by the strict reader. What is left, with that array empty, is read by it in the end: so nothing has two meanings. Two
 * such arrays can't be: their names are the same, or one of them is not known.
 */
export async function* readJsonDocument(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawPiece> {
  const shell = new Bytes();
  const element = new Bytes();
  let [depth, inText, escaped, elements, fileLine, beganOn] = [0, false, false, 0, 1, 1];
  let inArray = false;
  const cut = (): RawPiece => {
    const json = readStrictJson(element.take());
    elements += 1;
    if (json.outcome === 'FAULT')
      return faultOf(`line ${beganOn}: ${json.message}`, `/lines/${elements - 1}${json.pointer}`);
    return { kind: 'LINE', value: json.value, fileLine: beganOn };
  };
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      const structural = !inText;
      if (byte === lineFeed) fileLine += 1;
      if (inText) {
        inText = escaped || byte !== quote;
        escaped = !escaped && byte === backslash;
      } else if (byte === quote) inText = true;
      else if (closes.has(byte)) depth -= 1;
      const ends = structural && inArray && ((depth === 1 && closes.has(byte)) || (depth === 2 && byte === comma));
      if (ends) {
        // Nothing between the brackets is no line; nothing beside a comma is a fault that the reader tells of.
        if (elements > 0 || byte === comma || !element.isBlank) yield cut();
        else element.take();
        if (byte !== comma) inArray = false;
      }
      if (!inArray) shell.add(byte);
      else if (!ends) {
        if (element.isBlank && !blanks.has(byte)) beganOn = fileLine;
        element.add(byte);
      }
      if (structural && opens.has(byte)) {
        depth += 1;
        if (depth === 2 && byte === 0x5b) inArray = true;
      }
      if (element.length > mostBytes) return yield faultOf(`line ${beganOn}: is longer than ${mostBytes} bytes`);
      if (shell.length > mostBytes) return yield faultOf('the document without its lines is too long');
    }
  }
  const json = readStrictJson(shell.take());
  if (json.outcome === 'FAULT') return yield faultOf(json.message, json.pointer);
  if (!isRecord(json.value)) return yield faultOf('is not an object');
  const { lines, ...days } = json.value;
  if (!Array.isArray(lines)) return yield faultOf(lines === undefined ? 'is required' : 'is not an array', '/lines');
  yield { kind: 'DAYS', value: days };
}

/** Bytes that are gathered one by one, in a piece of memory that is used again and again. */
class Bytes {
  readonly #bytes = Buffer.alloc(mostBytes + 1);
  length = 0;
  isBlank = true;
  add(byte: number): void {
    this.#bytes[this.length] = byte;
    this.length += 1;
    if (!blanks.has(byte)) this.isBlank = false;
  }
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.length));
    this.length = 0;
    this.isBlank = true;
    return taken;
  }
}
