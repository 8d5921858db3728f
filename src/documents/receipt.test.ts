import { expect, test } from 'vitest';
import { longNames, ordinaryReceipt, tokenOfLength } from '../../test/document-content.ts';
import { firstAttachmentOf, qrTextOf, textOf } from '../../test/pdf-programs.ts';
import { describeIf } from '../../test/programs.ts';
import { readAttachedToken } from './read-certificate.ts';
import { renderReceipt } from './receipt.ts';
import { openTypesetter } from './typesetter.ts';

const longest = {
  ...ordinaryReceipt,
  token: tokenOfLength(1790),
  employer: { ...ordinaryReceipt.employer, ...longNames },
};
const withoutQr = { ...ordinaryReceipt, token: tokenOfLength(2500) };

const reversed = { executedAt: new Date('2026-02-03T09:15:00Z'), bookingReference: 'B-0000777777' };

test.each([
  ['an ordinary receipt', ordinaryReceipt],
  ['one with the longest name', longest],
  ['one too long for a QR code', withoutQr],
  ['one that was given back, with the longest name', { ...longest, reversed }],
])('%s carries its token', async (_, content) => {
  await using typesetter = openTypesetter();
  expect(await readAttachedToken(await renderReceipt(typesetter.typeset, content))).toBe(content.token);
});

describeIf('pdftotext', 'poppler-utils')('what a PDF reader shows of a receipt', () => {
  test('both accounts are masked, and times are those of Algiers', async () => {
    await using typesetter = openTypesetter();
    const pdf = await renderReceipt(typesetter.typeset, ordinaryReceipt);
    const text = textOf(pdf);
    for (const fact of [
      '123 456,50 DA',
      'cent vingt-trois mille quatre cent cinquante-six dinars',
      'DAC-2026-01-0262992312',
      'CNAS-2026-01-0262992312-000001',
      '31/01/2026 à 23:59:58',
      '01/02/2026 à 00:00:01',
      'B-0000123456',
    ])
      expect(text.replaceAll('\u00a0', ' ')).toContain(fact);
    expect(text).not.toMatch(/00102|44477127/);
    expect(firstAttachmentOf(pdf)).toBe(ordinaryReceipt.token);
  });

  test('one that was given back says so, and one that was not says nothing of it', async () => {
    await using typesetter = openTypesetter();
    const given = textOf(await renderReceipt(typesetter.typeset, { ...ordinaryReceipt, reversed }));
    for (const fact of ['RESTITUÉ', '03/02/2026', '10:15:00', 'B-0000777777']) expect(given).toContain(fact);
    expect(textOf(await renderReceipt(typesetter.typeset, ordinaryReceipt))).not.toContain('RESTITUÉ');
  });

  describeIf('zbarimg', 'zbar-tools')('and a QR reader', () => {
    test.each([ordinaryReceipt, longest])('the QR code of a token is read at 150 dpi', async (content) => {
      await using typesetter = openTypesetter();
      expect(qrTextOf(await renderReceipt(typesetter.typeset, content))).toBe(content.token);
    });
  });
});
