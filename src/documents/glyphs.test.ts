import { expect, test } from 'vitest';
import { ordinaryCertificate } from '../../test/document-content.ts';
import { renderCertificate } from './certificate.ts';
import { missingGlyphs } from './glyphs.ts';
import { openTypesetter } from './typesetter.ts';

const plane = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));

test('every character that is not missing can be printed, in regular and in bold', async () => {
  await using typesetter = openTypesetter();
  const shown = plane.filter((character) => missingGlyphs(character).length === 0);
  expect(shown.length).toBeGreaterThan(1000);
  for (let from = 0; from < shown.length; from += 100) {
    const name = shown.slice(from, from + 100).join(' ');
    const content = {
      ...ordinaryCertificate,
      employer: { ...ordinaryCertificate.employer, nameFr: name },
      representative: { nameFr: name },
    };
    await expect(renderCertificate(typesetter.typeset, content), name).resolves.toBeDefined();
  }
});

test.each(['漢', 'ɣ', 'ⵣ', '№', '😀', 'я'])('%s is missing, and could not be printed', async (character) => {
  await using typesetter = openTypesetter();
  expect(missingGlyphs(`Étoile ${character} ${character} النجمة`)).toEqual([character]);
  const employer = { ...ordinaryCertificate.employer, nameFr: `a${character}b` };
  await expect(renderCertificate(typesetter.typeset, { ...ordinaryCertificate, employer })).rejects.toThrow();
});

test('characters that turn or hide others are missing: a name reads as it is written', () => {
  for (const character of ['\u202e', '\u200f', '\u2067', '\u200b', '\u00ad', '\ufeff', '\u0000', '\n', '\ue000']) {
    expect(missingGlyphs(`a${character}b`)).toEqual([character]);
  }
});

test('names of Algerian employers lack nothing, composed or decomposed', () => {
  const names =
    "Coopérative Aït-Ḥamou & Frères, l'Été «Œuvre» d’Aïn الهضاب العليا للبناء ش.ذ.م.م، إنجاز منشآت ڤالمة ثلاثاً";
  expect(missingGlyphs(names)).toEqual([]);
  expect(missingGlyphs(names.normalize('NFD'))).toEqual([]);
});
