import { expect, test } from 'vitest';
import { hidhab, openMandateBank } from '../../test/mandates.ts';
import { nameQuery, searchWords } from './search-words.ts';

test('the database makes the same words of a stored name as are made of what is typed', async () => {
  await using bank = await openMandateBank();
  const names: [string, string][] = [
    ['Éts. El-Hidhab & Fils «Bâtiment» N°7', 'مُؤَسَّسَة الهضاب للبناء'],
    ['SARL L’Étoile d’Azur/Oran', 'ش.ذ.م.م نجمة، إلى الأزرق'],
    ['Société A_B [C] {D} ~ E', 'شركة ـالأمل – مصطفى'],
  ];
  for (const [nameFr, nameAr] of names) {
    const mandateId = await bank.enter({ nameFr, nameAr });
    const { rows } = await bank.db.owner.query<{ words: string[] }>(
      'select tsvector_to_array(name_words) as words from mandate_debtors where mandate_id = $1',
      [mandateId],
    );
    expect(rows[0]?.words.toSorted()).toEqual([...new Set(searchWords(`${nameFr} ${nameAr}`))].toSorted());
  }
});

test('a name is found by how its words begin, in either script, with or without accents and hamza', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter({ nameFr: 'SARL Éclair d’El Hidhab', nameAr: 'مؤسسة الأمل' });
  const found = async (typed: string) =>
    (await bank.db.gateway.query('select from mandate_debtors where name_words @@ $1::tsquery', [nameQuery(typed)]))
      .rowCount;
  expect(await Promise.all(['eclair', 'HIDH sarl', 'الامل', 'موسسه', 'Éclair d’el'].map(found))).toEqual([
    1, 1, 1, 1, 1,
  ]);
  expect(await Promise.all(['clair', 'hidhab oran', "'); drop table mandates; --"].map(found))).toEqual([0, 0, 0]);
  expect(mandateId).toBeDefined();
  expect([nameQuery('  '), nameQuery('. -')]).toEqual([undefined, undefined]);
  expect(nameQuery(hidhab.nameFr)).toBe("'sarl':* & 'el':* & 'hidhab':* & 'construction':*");
});
