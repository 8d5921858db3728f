import { expect, test } from 'vitest';
import { booked, type EntryWish, entryOf, statementPage } from '../../../test/bus-answers.ts';
import { ribOf } from '../../../test/ledger-bank.ts';
import { algiersDay } from '../../values/dates.ts';
import { instructionOf } from '../contract-bank.ts';
import { isWhole, readStatementPage } from './read-statement.ts';
import type { XmlContent } from './xml.ts';
import { readDocument } from './xml.ts';

const day = algiersDay(booked.executedAt);
const one = instructionOf(ribOf(1), ribOf(2), '125000.00');
const two = instructionOf(ribOf(3), ribOf(2), '40.00');
const both = [entryOf(one), entryOf(two)];

function read(bytes: Buffer, page = 1) {
  const root = readDocument(bytes, 1_000_000)?.root;
  if (root === undefined) throw new Error('the test wrote no document');
  return readStatementPage(root, day, page);
}

const movementOf = ({ reference, debtor, creditor, amount }: typeof one) => ({
  ...{ reference, debtor, creditor },
  booking: { ...booked, amount },
});

test('a page is read with its movements in their order, whether it is the last, and the totals of all', () => {
  const totals = { count: '2', sum: '125040.00' };
  expect(read(statementPage(1, both, { totals }))).toEqual({
    movements: [movementOf(one), movementOf(two)],
    ...{ last: true, totals: { count: 2, sum: 12504000n } },
  });
  expect(read(statementPage(7, [entryOf(two)], { last: false }), 7)).toEqual({
    ...{ movements: [movementOf(two)], last: false, totals: undefined },
  });
});

test.for(['2', '0', 'x', '1.5', ''])('a page that says that it is page "%s" is not the first', (numbered) => {
  expect(read(statementPage(1, both, { numbered }))).toBeUndefined();
});

const entries: readonly [string, EntryWish][] = [
  ['that is not booked yet', { status: 'PDNG' }],
  ['that is for information', { status: 'INFO' }],
  ['of the day before', { day: '2026-01-30' }],
  ['of no day', { day: '2026-02-30' }],
  ['in another currency', { currency: 'EUR' }],
  ['of parts of a centime', { amount: '40.001' }],
  ['of a negative amount', { amount: '-40.00' }],
  ...['Amt', 'Sts', 'BookgDt', 'ValDt', 'AcctSvcrRef', 'NtryDtls', 'Refs', 'RltdPties', 'RltdDts'].map(
    (name): [string, EntryWish] => [`without ${name}`, { without: [name] }],
  ),
];

test.for(entries)('one entry %s, and the whole page is no answer', ([, wish]) => {
  expect(read(statementPage(1, [entryOf(one), entryOf(two, wish)]))).toBeUndefined();
});

test('an entry that names two references, or an account that is none, makes the whole page no answer', () => {
  const details = (other: XmlContent): XmlContent => {
    const { NtryDtls, ...entry } = entryOf(two);
    if (typeof NtryDtls !== 'object' || !('TxDtls' in NtryDtls) || typeof NtryDtls.TxDtls !== 'object')
      throw new Error('an entry without details');
    return { ...entry, NtryDtls: { TxDtls: { ...NtryDtls.TxDtls, ...other } } };
  };
  const noRib = { Id: { Othr: { Id: '00500102444771278215' } } };
  for (const other of [
    { Refs: { EndToEndId: one.reference, TxId: two.reference } },
    { Refs: { EndToEndId: 'SHORT', TxId: 'SHORT' } },
    { RltdPties: { DbtrAcct: noRib, CdtrAcct: { Id: { Othr: { Id: ribOf(2) } } } } },
    { RltdDts: { AccptncDtTm: '2026-01-31' } },
  ])
    expect(read(statementPage(1, [entryOf(one), details(other)]))).toBeUndefined();
});

test('a day is whole by the number and the sum that its last page tells, and by no other', () => {
  const wholeBy = (totals: { count: string; sum: string } | undefined) => {
    const page = read(statementPage(1, both, totals && { totals }));
    return page !== undefined && isWhole(page.movements, page.totals);
  };
  expect(wholeBy({ count: '2', sum: '125040.00' })).toBe(true);
  for (const totals of [
    undefined,
    { count: '1', sum: '125040.00' },
    { count: '3', sum: '125040.00' },
    { count: '-2', sum: '125040.00' },
    { count: 'two', sum: '125040.00' },
    { count: '2', sum: '125040.01' },
    { count: '2', sum: '125039.999' },
    { count: '2', sum: '' },
  ])
    expect([totals, wholeBy(totals)]).toEqual([totals, false]);
});
