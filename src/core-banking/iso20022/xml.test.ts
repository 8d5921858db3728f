import { expect, test } from 'vitest';
import { childrenOf, only, readDocument, textAt, writeDocument } from './xml.ts';

const read = (text: string, maximumBytes = 100_000) => readDocument(Buffer.from(text), maximumBytes);

test('what is written is read again, namespaces, attributes and repeated elements included', () => {
  const bytes = writeDocument('urn:a', {
    Sum: { '@Ccy': 'DZD', '#': '125000.00' },
    Line: [{ Id: 'one & <two>' }, { Id: 'Société, «ا»' }],
    Foreign: { NotAfter: { '@xmlns': 'urn:b', '#': '2026-01-31' } },
  });
  const document = readDocument(bytes, 10_000);
  expect(document?.namespace).toBe('urn:a');
  const root = document?.root;
  expect(root?.name).toBe('Document');
  expect(textAt(root, 'Sum')).toBe('125000.00');
  expect(only(root, 'Sum')?.attributes.get('Ccy')).toBe('DZD');
  expect(childrenOf(root, 'Line').map((line) => textAt(line, 'Id'))).toEqual(['one & <two>', 'Société, «ا»']);
  expect(textAt(root, 'Foreign', '{urn:b}NotAfter')).toBe('2026-01-31');
});

test('prefixes, comments and CDATA are read as what they mean', () => {
  const document = read('<x:Document xmlns:x="urn:a"><x:A> 1<!-- no -->2<![CDATA[.00]]> </x:A></x:Document>');
  expect(textAt(document?.root, 'A')).toBe('12.00');
});

test('what is missing, empty, or stands there twice says nothing', () => {
  const root = read('<Document xmlns="urn:a"><A>1</A><A>2</A><B> </B></Document>')?.root;
  expect(textAt(root, 'A')).toBeUndefined();
  expect(textAt(root, 'B')).toBeUndefined();
  expect(textAt(root, 'C', 'D')).toBeUndefined();
});

test('a document with a DTD is refused, an entity bomb and an external entity among them', () => {
  const bomb = [...'bcdefghij'].map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`).join('');
  expect(read(`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${bomb}]><a>&j;</a>`)).toBeUndefined();
  expect(read('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')).toBeUndefined();
  expect(read('<!DOCTYPE a SYSTEM "https://127.0.0.1:1/a.dtd"><a/>')).toBeUndefined();
  expect(read('<!DOCTYPE a><a/>')).toBeUndefined();
});

test('what is not well-formed, not UTF-8, too large or has processing instructions is refused', () => {
  for (const text of [
    '',
    'no',
    '<a/><b/>',
    '<a><b></a></b>',
    '<a>&undefined;</a>',
    '<a><?php 1 ?></a>',
    '<a>\u0000</a>',
  ])
    expect(read(text)).toBeUndefined();
  expect(readDocument(Buffer.from('<a>é</a>', 'latin1'), 100)).toBeUndefined();
  expect(readDocument(Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>', 'utf16le'), 1000)).toBeUndefined();
  expect(read('<a>12345</a>', 11)).toBeUndefined();
  expect(read(`<a>${'<b/>'.repeat(150_000)}</a>`, 1_000_000)).toBeUndefined();
  expect(read(`${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`)).toBeUndefined();
});
