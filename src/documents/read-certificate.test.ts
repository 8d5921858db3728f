import { deflateSync } from 'node:zlib';
import { PDFDocument } from '@cantoo/pdf-lib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ordinaryCertificate, tokenOfLength } from '../../test/document-content.ts';
import { renderCertificate } from './certificate.ts';
import { readAttachedToken } from './read-certificate.ts';
import { openTypesetter } from './typesetter.ts';

const token = tokenOfLength(900);
const attached = (content: Uint8Array | string, dictionary = '') =>
  Buffer.concat([
    Buffer.from(`%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile ${dictionary} /Length ${content.length} >>\nstream\n`),
    Buffer.from(content),
    Buffer.from('\nendstream\nendobj\n'),
  ]);
const packed = (content: Uint8Array | string) => attached(deflateSync(content), '/Filter /FlateDecode');

test('the token is found plain and packed, whichever way the filter is written', async () => {
  expect(await readAttachedToken(attached(token))).toBe(token);
  expect(await readAttachedToken(packed(token))).toBe(token);
  expect(await readAttachedToken(attached(deflateSync(token), '/Filter[/FlateDecode]'))).toBe(token);
  expect(await readAttachedToken(packed(`${token}\r\n`))).toBe(token);
});

test('a certificate that another program has saved again still carries its token', async () => {
  await using typesetter = openTypesetter();
  const pdf = await renderCertificate(typesetter.typeset, ordinaryCertificate);
  const opened = await PDFDocument.load(pdf);
  opened.addPage();
  for (const useObjectStreams of [true, false]) {
    expect(await readAttachedToken(await opened.save({ useObjectStreams }))).toBe(ordinaryCertificate.token);
  }
});

test('a token that another program attached beside other files is found', async () => {
  const made = await PDFDocument.create();
  made.addPage();
  await made.attach(Buffer.from('a picture'), 'picture.png', { mimeType: 'image/png' });
  await made.attach(Buffer.from(token), 'anything.txt', { mimeType: 'text/plain' });
  expect(await readAttachedToken(await made.save())).toBe(token);
});

test('the same token twice is one, two that differ are none', async () => {
  expect(await readAttachedToken(Buffer.concat([packed(token), attached(token)]))).toBe(token);
  expect(await readAttachedToken(Buffer.concat([packed(token), packed(tokenOfLength(901))]))).toBeUndefined();
});

test.each<[string, Uint8Array]>([
  ['nothing', Buffer.alloc(0)],
  ['a text', Buffer.from('not a PDF')],
  ['a PDF without attached files', Buffer.from('%PDF-1.7\n<< /EmbeddedFiles 1 0 R >>\n%%EOF')],
  ['an attached file that is no token', packed('a picture')],
  ['a stream that is not packed as it says', attached('garbage', '/Filter /FlateDecode')],
  ['a filter that we do not read', attached(token, '/Filter /LZWDecode')],
  ['a token longer than any', packed(tokenOfLength(2000).repeat(5).replaceAll('.', ''))],
  ['a dictionary without its stream', Buffer.from('1 0 obj << /Type /EmbeddedFile >>')],
  ['a file larger than is read', Buffer.concat([attached(token), Buffer.alloc(4 * 1024 * 1024)])],
])('%s is no token', async (_, pdf) => {
  expect(await readAttachedToken(pdf)).toBeUndefined();
});

test('a bomb is not unpacked beyond the longest token', async () => {
  const bomb = deflateSync(Buffer.alloc(100_000_000, 'A'));
  const before = process.memoryUsage().arrayBuffers;
  expect(await readAttachedToken(attached(bomb, '/Filter /FlateDecode'))).toBeUndefined();
  expect(await readAttachedToken(attached(deflateSync(bomb), '/Filter [/FlateDecode /FlateDecode]'))).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

test('whatever is done to a certificate, reading ends, with its token or none', async () => {
  await using typesetter = openTypesetter();
  const pdf = await renderCertificate(typesetter.typeset, ordinaryCertificate);
  const positions = fc.nat(pdf.length - 1);
  await fc.assert(
    fc.asyncProperty(positions, positions, fc.uint8Array({ maxLength: 40 }), async (from, to, noise) => {
      const spoilt = Buffer.concat([pdf.subarray(0, from), noise, pdf.subarray(to)]);
      expect([ordinaryCertificate.token, undefined]).toContain(await readAttachedToken(spoilt));
    }),
  );
});
