export type StrictJson = { outcome: 'READ'; value: unknown } | { outcome: 'FAULT'; pointer: string; message: string };

const depthLimit = 16;
const nodeLimit = 1000;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON (RFC 8259) with one meaning only: well-formed UTF-8 without a byte order mark, no name twice in an object,
 * no `__proto__`, at most 16 levels and 1,000 values, no number beyond what a double holds, no lone surrogate and no
 * U+0000 (no column holds either). Every fault has the JSON pointer of its place; no message quotes a value.
 */
export function readStrictJson(bytes: Uint8Array): StrictJson {
  const reader: Reader = { text: '', at: 0, nodes: 0, path: [] };
  try {
    reader.text = decode(bytes);
    const value = readValue(reader);
    skipBlanks(reader);
    if (reader.at < reader.text.length) throw new JsonFault('something follows the value');
    return { outcome: 'READ', value };
  } catch (error) {
    // Thrown below and met here only: it spares each step of the recursion a second kind of answer.
    if (!(error instanceof JsonFault)) throw error;
    return { outcome: 'FAULT', pointer: pointerOf(reader.path), message: error.message };
  }
}

type Reader = { text: string; at: number; nodes: number; path: (string | number)[] };

class JsonFault extends Error {}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new JsonFault('a byte order mark is not allowed');
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new JsonFault('not well-formed UTF-8');
    throw error;
  }
}

function readValue(reader: Reader): unknown {
  skipBlanks(reader);
  reader.nodes += 1;
  if (reader.nodes > nodeLimit) throw new JsonFault(`more than ${nodeLimit} values`);
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader);
    case '[':
      return readArray(reader);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

function readObject(reader: Reader): Record<string, unknown> {
  enter(reader);
  const object: Record<string, unknown> = {};
  if (take(reader, '}')) return object;
  do {
    skipBlanks(reader);
    if (reader.text[reader.at] !== '"') throw expected(reader, 'a member name');
    const name = readString(reader);
    reader.path.push(name);
    if (name === '__proto__') throw new JsonFault('this name is not allowed');
    if (Object.hasOwn(object, name)) throw new JsonFault('this name stands twice');
    if (!take(reader, ':')) throw expected(reader, 'a colon');
    object[name] = readValue(reader);
    reader.path.pop();
  } while (take(reader, ','));
  if (!take(reader, '}')) throw expected(reader, 'a comma or the end of the object');
  return object;
}

function readArray(reader: Reader): unknown[] {
  enter(reader);
  const array: unknown[] = [];
  if (take(reader, ']')) return array;
  do {
    reader.path.push(array.length);
    array.push(readValue(reader));
    reader.path.pop();
  } while (take(reader, ','));
  if (!take(reader, ']')) throw expected(reader, 'a comma or the end of the array');
  return array;
}

/** Each level has pushed its step on the path but the one being entered. */
function enter(reader: Reader): void {
  if (reader.path.length >= depthLimit) throw new JsonFault(`more than ${depthLimit} levels`);
  reader.at += 1;
}

// What may stand in a string as it is: anything from the blank up but quote and backslash. Unrolled, so that a string
// that never ends is given up in one pass.
const stringToken = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readString(reader: Reader): string {
  const token = match(reader, stringToken);
  if (token === undefined) throw expected(reader, 'a well-formed string');
  if (!token.includes('\\')) return checked(token.slice(1, -1));
  return checked(String(JSON.parse(token)));
}

function checked(text: string): string {
  if (!text.isWellFormed()) throw new JsonFault('a lone surrogate is not allowed');
  if (text.includes('\0')) throw new JsonFault('U+0000 is not allowed');
  return text;
}

function readNumber(reader: Reader): number {
  const token = match(reader, numberToken);
  if (token === undefined) throw expected(reader, 'a value');
  const value = Number(token);
  if (!Number.isFinite(value)) throw new JsonFault('this number is too large');
  return value;
}

function readWord<Value>(reader: Reader, word: string, value: Value): Value {
  if (!reader.text.startsWith(word, reader.at)) throw expected(reader, 'a value');
  reader.at += word.length;
  return value;
}

function match(reader: Reader, token: RegExp): string | undefined {
  token.lastIndex = reader.at;
  const found = token.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function take(reader: Reader, character: string): boolean {
  skipBlanks(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

/** JSON's own four blanks, no others. */
function skipBlanks(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reader.at += 1;
  }
}

const expected = (reader: Reader, what: string): JsonFault =>
  new JsonFault(
    reader.at >= reader.text.length ? `ends where ${what} is expected` : `expected ${what} at character ${reader.at}`,
  );

/** RFC 6901. A name is the caller's and may be of any length: what goes back into an answer is bounded. */
function pointerOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => `/${String(step).slice(0, 64).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
