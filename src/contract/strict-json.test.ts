import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStrictJson } from './strict-json.ts';

const read = (text: string) => readStrictJson(Buffer.from(text, 'utf8'));
const faultOf = (text: string) => {
  const result = read(text);
  return result.outcome === 'FAULT' ? result : { outcome: 'READ', pointer: undefined, message: JSON.stringify(result) };
};
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test('a name that stands twice is refused with its pointer, though JSON.parse keeps the last one', () => {
  const text = '{"debit":{"amount":"1.00","amount":"9.00"}}';
  expect(JSON.parse(text)).toEqual({ debit: { amount: '9.00' } });
  expect(faultOf(text)).toMatchObject({ pointer: '/debit/amount', message: 'this name stands twice' });
  expect(faultOf('[0,{"a":1,"\\u0061":2}]')).toMatchObject({ pointer: '/1/a', message: 'this name stands twice' });
});

test('thirty thousand nested arrays are a fault, not a broken stack', () => {
  expect(faultOf(nested(30_000)).message).toBe('more than 16 levels');
  expect(faultOf('['.repeat(60_000)).message).toBe('more than 16 levels');
});

test('sixteen levels are read, seventeen refused; an array and an object count alike', () => {
  expect(read(nested(16)).outcome).toBe('READ');
  expect(faultOf(nested(17)).message).toBe('more than 16 levels');
  expect(read(`${'{"a":'.repeat(16)}1${'}'.repeat(16)}`).outcome).toBe('READ');
  expect(faultOf(`${'{"a":'.repeat(16)}{}${'}'.repeat(16)}`).message).toBe('more than 16 levels');
});

test('a thousand values are read, one more refused', () => {
  expect(read(`[${Array.from({ length: 999 }, () => '0').join(',')}]`).outcome).toBe('READ');
  expect(faultOf(`[${Array.from({ length: 1000 }, () => '0').join(',')}]`)).toMatchObject({ pointer: '/999' });
});

test.for(['{"__proto__":{"admin":true}}', '{"a":[{"\\u005f_proto__":1}]}'])('__proto__ is refused: %s', (text) => {
  expect(faultOf(text).message).toBe('this name is not allowed');
});

test('names that every object inherits are read as the caller wrote them', () => {
  const result = read('{"constructor":1,"toString":2,"hasOwnProperty":3}');
  expect(result).toEqual({ outcome: 'READ', value: { constructor: 1, toString: 2, hasOwnProperty: 3 } });
});

test.for([
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d], 'a byte order mark is not allowed'],
  ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22], 'not well-formed UTF-8'],
  ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22], 'not well-formed UTF-8'],
  ['a cut character', [0x22, 0xd8, 0x22], 'not well-formed UTF-8'],
  ['UTF-16', [0x7b, 0x00, 0x7d, 0x00], 'expected a member name at character 1'],
] as const)('%s is refused', ([, bytes, message]) => {
  expect(readStrictJson(Uint8Array.from(bytes))).toEqual({ outcome: 'FAULT', pointer: '', message });
});

test.for([
  ['', 'ends where a value is expected'],
  ['{"a":1}x', 'something follows the value'],
  ['{"a":1,}', 'expected a member name at character 7'],
  ['[1,]', 'expected a value at character 3'],
  ['{"a" 1}', 'expected a colon at character 5'],
  ["{'a':1}", 'expected a member name at character 1'],
  ['01', 'something follows the value'],
  ['+1', 'expected a value at character 0'],
  ['.5', 'expected a value at character 0'],
  ['1.', 'something follows the value'],
  ['NaN', 'expected a value at character 0'],
  ['1e999', 'this number is too large'],
  ['"\t"', 'expected a well-formed string at character 0'],
  ['"\\x41"', 'expected a well-formed string at character 0'],
  ['"abc', 'expected a well-formed string at character 0'],
  ['"\\ud800"', 'a lone surrogate is not allowed'],
  ['"\\u0000"', 'U+0000 is not allowed'],
  ['\u00a0{}', 'expected a value at character 0'],
  ['/* */{}', 'expected a value at character 0'],
] as const)('%j is refused', ([text, message]) => {
  expect(faultOf(text)).toMatchObject({ outcome: 'FAULT', message });
});

test('the pointer is escaped as RFC 6901 says, and a long name in it is cut', () => {
  expect(faultOf('{"a/b~c":[1,tru]}').pointer).toBe('/a~1b~0c/1');
  expect(faultOf(`{"${'n'.repeat(60_000)}":!}`).pointer).toBe(`/${'n'.repeat(64)}`);
});

test('a string that never ends is given up quickly, however long', () => {
  expect(faultOf(`"${'\\n'.repeat(30_000)}`).outcome).toBe('FAULT');
  expect(faultOf(`"${'a'.repeat(60_000)}`).outcome).toBe('FAULT');
});

test('what is read is always what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const result = read(text);
      if (result.outcome === 'READ') expect(result.value).toEqual(JSON.parse(text));
      else expect(result.message).toMatch(/not allowed|more than/);
    }),
  );
});

test('no text is ever read that JSON.parse refuses, and nothing is thrown', () => {
  const pieces = fc.constantFrom(...'{}[]":,\\ \n0123-.eE+', 'true', 'null', '"a"', '\\u00e9', 'ب');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 24 }), (parts) => {
      const text = parts.join('');
      const result = read(text);
      if (result.outcome === 'READ') expect(result.value).toEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});
