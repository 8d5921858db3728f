import { expect, test } from 'vitest';
import { describeWithSchemas, schemaFaults, xmllint } from '../../../test/iso-schemas.ts';
import { ribOf } from '../../../test/ledger-bank.ts';
import { describeIf } from '../../../test/programs.ts';
import { instructionOf, newReference } from '../contract-bank.ts';
import { parseVersions, standardVersions } from './versions.ts';
import {
  type Heading,
  ownNamespace,
  writeAccountLookUp,
  writeDebits,
  writeInquiry,
  writeReversals,
  writeVoids,
} from './write-messages.ts';
import { childrenOf, only, readDocument, textAt } from './xml.ts';

const versions = parseVersions(standardVersions.written, standardVersions.read);
if (typeof versions === 'string') throw new Error(versions);

const heading = (version: string): Heading => ({
  messageId: '019bd7f0c5a17c3e8a52e6b1f0d94c11',
  createdAt: new Date('2026-01-31T10:15:00.120Z'),
  version,
});
const debits = [instructionOf(ribOf(1), ribOf(2), '125000.00'), instructionOf(ribOf(3), ribOf(2), '0.01')];
const references = debits.map(({ reference }) => reference);
const reversals = debits.map((debit) => ({ ...debit, reference: newReference(), original: debit.reference }));

const { written } = versions;
const messages: readonly [string, Buffer][] = [
  [written['pacs.003'], writeDebits(heading(written['pacs.003']), debits)],
  [written['pacs.028'], writeInquiry(heading(written['pacs.028']), references)],
  [written['camt.056'], writeVoids(heading(written['camt.056']), references, '005')],
  [written['pacs.007'], writeReversals(heading(written['pacs.007']), reversals)],
  [written['acmt.023'], writeAccountLookUp(heading(written['acmt.023']), ribOf(1))],
];

describeWithSchemas('every message that is sent', () => {
  test.for(messages)('is valid by the published schema of %s', ([version, bytes]) => {
    expect(schemaFaults(version, bytes)).toEqual([]);
  });

  test('the schema would find a fault', () => {
    const [version, bytes] = messages[0] ?? ['', Buffer.from('')];
    expect(schemaFaults(version, Buffer.from(bytes.toString().replace('<ChrgBr>SLEV', '<ChrgBr>NONE')))).not.toEqual(
      [],
    );
  });

  describeIf('xmllint', 'libxml2-utils')('and for a program that is not ours', () => {
    test.for(messages)('so is %s', ([version, bytes]) => {
      xmllint(version, bytes);
    });
  });
});

test('a debit carries its reference twice, its accounts, its amount with its currency, and until when it may move', () => {
  const root = readDocument(writeDebits(heading(written['pacs.003']), debits), 100_000)?.root;
  const message = only(root, 'FIToFICstmrDrctDbt');
  expect(textAt(message, 'GrpHdr', 'MsgId')).toBe('019bd7f0c5a17c3e8a52e6b1f0d94c11');
  expect(textAt(message, 'GrpHdr', 'NbOfTxs')).toBe('2');
  expect(textAt(message, 'GrpHdr', 'BtchBookg')).toBe('false');
  const [first] = childrenOf(message, 'DrctDbtTxInf');
  expect(textAt(first, 'PmtId', 'TxId')).toBe(references[0]);
  expect(textAt(first, 'PmtId', 'EndToEndId')).toBe(references[0]);
  expect(textAt(first, 'IntrBkSttlmAmt')).toBe('125000.00');
  expect(only(first, 'IntrBkSttlmAmt')?.attributes.get('Ccy')).toBe('DZD');
  expect(textAt(first, 'DbtrAcct', 'Id', 'Othr', 'Id')).toBe(ribOf(1));
  expect(textAt(first, 'CdtrAcct', 'Id', 'Othr', 'Id')).toBe(ribOf(2));
  expect(textAt(first, 'SplmtryData', 'Envlp', `{${ownNamespace}}NotAfter`)).toBe(debits[0]?.notAfter.toISOString());
});

test('a reversal has a reference of its own and names the debit that it gives back', () => {
  const root = readDocument(writeReversals(heading(written['pacs.007']), reversals), 100_000)?.root;
  const [first] = childrenOf(only(root, 'FIToFIPmtRvsl'), 'TxInf');
  expect(textAt(first, 'RvslId')).toBe(reversals[0]?.reference);
  expect(textAt(first, 'OrgnlTxId')).toBe(references[0]);
  expect(textAt(first, 'OrgnlTxRef', 'DbtrAcct', 'Id', 'Othr', 'Id')).toBe(ribOf(1));
});

test('versions are said by settings: each message is written in one, and read in one at least', () => {
  const newer = standardVersions.written.replace('pacs.003.001.08', 'pacs.003.001.11');
  const parsed = parseVersions(newer, `${standardVersions.read},pacs.002.001.12`);
  expect(parsed).toMatchObject({
    written: { 'pacs.003': 'pacs.003.001.11' },
    read: { 'pacs.002': ['pacs.002.001.10', 'pacs.002.001.12'] },
  });
  expect(parseVersions('pacs.003.001.08', standardVersions.read)).toMatch(/needs pacs.028 once/);
  expect(parseVersions(`${standardVersions.written},pacs.003.001.11`, standardVersions.read)).toMatch(/pacs.003 once/);
  expect(parseVersions(standardVersions.written, 'pacs.002.001.10')).toMatch(/camt.053 among those read/);
});
