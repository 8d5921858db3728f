import { expect, test } from 'vitest';
import { longestCertificate, longNames, ordinaryCertificate, tokenOfLength } from '../../test/document-content.ts';
import { attachmentListOf, firstAttachmentOf, qrTextOf, textOf } from '../../test/pdf-programs.ts';
import { describeIf } from '../../test/programs.ts';
import { renderCertificate } from './certificate.ts';
import { readAttachedToken } from './read-certificate.ts';
import { openTypesetter } from './typesetter.ts';

const kinds = [
  ['an ordinary certificate', ordinaryCertificate],
  ['one with the longest name and the greatest amounts', longestCertificate],
] as const;

const pagesOf = (pdf: Uint8Array) => /\/Type\s*\/Pages.*?\/Count (\d+)/s.exec(Buffer.from(pdf).toString('latin1'))?.[1];

test.each(kinds)('%s carries its token, stands on one page and is PDF/A-3a', async (_, content) => {
  await using typesetter = openTypesetter();
  const pdf = await renderCertificate(typesetter.typeset, content);
  expect(await readAttachedToken(pdf)).toBe(content.token);
  expect(pagesOf(pdf)).toBe('1');
  const file = Buffer.from(pdf).toString('latin1');
  expect(file).toContain('<pdfaid:part>3</pdfaid:part>');
  // Typst 0.13, on some platforms, makes the level without tags.
  expect(file).toMatch(/<pdfaid:conformance>[AB]</);
  expect(file).toContain('/application#2Fjose');
});

test('the same content gives the same bytes, in another thread too', async () => {
  await using first = openTypesetter();
  await using second = openTypesetter();
  const once = await renderCertificate(first.typeset, ordinaryCertificate);
  await renderCertificate(second.typeset, longestCertificate);
  const again = await renderCertificate(second.typeset, ordinaryCertificate);
  expect(Buffer.compare(once, again)).toBe(0);
});

test('names as long as the contract takes, without a blank, with marks of markup, stay on one page', async () => {
  await using typesetter = openTypesetter();
  const nameFr = '#eval("1")*_$`<@\\\\//[]{}'.padEnd(140, 'ABCDEFGHIJ');
  const nameAr = 'ب'.repeat(140);
  const content = { ...longestCertificate, employer: { ...longestCertificate.employer, nameFr, nameAr } };
  expect(pagesOf(await renderCertificate(typesetter.typeset, content))).toBe('1');
});

test('a representative may be named in one script only, or not at all', async () => {
  await using typesetter = openTypesetter();
  for (const representative of [undefined, { nameFr: 'Amina Bensalem' }, { nameAr: 'أمينة بن سالم' }]) {
    await expect(
      renderCertificate(typesetter.typeset, { ...ordinaryCertificate, representative }),
    ).resolves.toBeDefined();
  }
});

test('a token that is too long for a QR code makes no certificate', async () => {
  await using typesetter = openTypesetter();
  const content = { ...ordinaryCertificate, token: tokenOfLength(1900) };
  await expect(renderCertificate(typesetter.typeset, content)).rejects.toThrow(RangeError);
});

describeIf('pdftotext', 'poppler-utils')('what a PDF reader shows of a certificate', () => {
  test.each(kinds)('%s has one attached file, which is the token', async (_, content) => {
    await using typesetter = openTypesetter();
    const pdf = await renderCertificate(typesetter.typeset, content);
    expect(attachmentListOf(pdf)).toMatch(/^1 embedded files\n1: mandate-certificate\.jws$/m);
    expect(firstAttachmentOf(pdf)).toBe(content.token);
  });

  test('every fact of the mandate is printed, times in Algiers', async () => {
    await using typesetter = openTypesetter();
    const text = textOf(await renderCertificate(typesetter.typeset, longestCertificate)).replace(/\s+/g, ' ');
    const facts = [
      'SPÉCIMEN',
      'Banque de Démonstration d’Alger',
      '0198f3a2-7c1e-7abc-8def-0123456789ac',
      '0198f3a2-7c1e-7abc-8def-0123456789aa',
      'CNAS',
      '0262992312',
      'Amina Bensalem',
      'par',
      'année civile',
      '01/02/2026',
      '31/12/2026',
      'Certifié par la banque le 01/02/2026 à 00:30:00 (heure d’Alger)',
      'sept mille sept cent',
      'neuf mille neuf cent',
      'Elle ne lui communique',
      'https://gateway.bank.example/.well-known/jwks.json',
      `kid ${longestCertificate.keyThumbprint}`,
      `jti ${longestCertificate.jti}`,
    ];
    for (const fact of facts) expect(text).toContain(fact);
    expect(text.replace(/\s/g, '')).toContain('00500102444771278214');
    expect(text).toContain(longNames.nameFr.slice(0, 60));
  });

  test('only production makes papers that are not marked as specimens', async () => {
    await using typesetter = openTypesetter();
    const text = textOf(await renderCertificate(typesetter.typeset, ordinaryCertificate));
    expect(text).not.toContain('SPÉCIMEN');
  });

  describeIf('zbarimg', 'zbar-tools')('and a QR reader', () => {
    test.each(kinds)('%s has its token in the QR code, read at 150 dpi', async (_, content) => {
      await using typesetter = openTypesetter();
      expect(qrTextOf(await renderCertificate(typesetter.typeset, content))).toBe(content.token);
    });
  });
});
