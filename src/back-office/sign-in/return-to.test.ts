import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localPath } from './return-to.ts';

test('a path of ours stays as it is, with its query', () => {
  for (const path of ['/', '/mandates/m-1?tab=debits&q=%D8%B4', '/a//b', '/signs', '/mandates/m-1#debits'])
    expect(localPath(path)).toBe(path);
});

test('letters of any script are kept, written as an address has them', () => {
  expect(localPath('/mandates?q=شركة')).toBe(`/mandates?q=${encodeURIComponent('شركة')}`);
});

test('whatever is asked, a browser that follows it stays on our origin', () => {
  const origin = 'https://gateway.bank.example';
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    ':',
    '@',
    '?',
    '#',
    '%2f',
    '%5c',
    '\t',
    '\n',
    ' ',
    'https:',
    'evil.example',
  );
  const tricky = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 3, unit: 'binary' })), { maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(tricky, (asked) => {
      const to = localPath(asked);
      expect(to.startsWith('/')).toBe(true);
      expect(new URL(to, origin).origin).toBe(origin);
    }),
    { numRuns: 2_000 },
  );
});

test('the sign-in does not lead to itself, nor to anything that is no text', () => {
  for (const asked of [
    '/sign-in',
    '/sign-in/return?code=x',
    '/sign-out',
    '/signed-out',
    '/x/../sign-in',
    undefined,
    1,
    ['/a'],
    { a: 1 },
  ])
    expect(localPath(asked)).toBe('/');
  expect(localPath(`/${'x'.repeat(2_000)}`)).toBe('/');
});
