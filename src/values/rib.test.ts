import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRib, ribOf } from './rib.ts';

const digits = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((read) => read.join(''));

test('the RIB that is made of bank, branch and account is one that is read, whatever the bank', () => {
  fc.assert(
    fc.property(digits(3), digits(5), digits(10), (bank, branch, account) => {
      const rib = ribOf(bank, branch, account);
      expect(rib).toMatch(new RegExp(`^${bank}${branch}${account}\\d{2}$`));
      expect(parseRib(rib ?? '')).toBe(rib);
    }),
  );
});

test('the key of a published RIB comes out as it was published', () => {
  expect(ribOf('007', '99999', '0000000200')).toBe('00799999000000020091');
  expect(ribOf('021', '00001', '1130000005')).toBe('02100001113000000570');
});

test('a bank, branch or account of another length, or with anything but digits, makes no RIB', () => {
  for (const [bank, branch, account] of [
    ['05', '00102', '4447712782'],
    ['005', '0102', '4447712782'],
    ['005', '00102', '444771278'],
    ['005', '00102', '4447712 82'],
    ['005 00102', '', '4447712782'],
  ] as const)
    expect(ribOf(bank, branch, account)).toBeUndefined();
});
