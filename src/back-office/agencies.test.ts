import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../commands/sample-employers.ts';
import { agencyOf } from '../values/rib.ts';
import { agencyText, noAgencyNames, readAgencyNames } from './agencies.ts';

const list = 'code,name_fr,name_ar\r\n00102,Chlef,الشلف\r\n"00116","Alger, Centre",الجزائر\r\n';

test('an agency is named in the reader’s language beside its digits, and by its digits alone where the bank named none', () => {
  const names = readAgencyNames(`\ufeff${list}`);
  const said = (language: 'fr' | 'ar' | 'en', code: string) => agencyText({ language }, names, code);
  expect([said('fr', '00116'), said('en', '00102'), said('ar', '00102'), said('fr', '00999')]).toEqual([
    '00116 (\u2068Alger, Centre\u2069)',
    '00102 (\u2068Chlef\u2069)',
    '00102 (\u2068الشلف\u2069)',
    '00999',
  ]);
  expect(agencyText({ language: 'fr' }, noAgencyNames, '00102')).toBe('00102');
});

test('a list that is not whole is refused as a whole, and every fault is told', () => {
  expect(() => readAgencyNames(`${list}102,Alger,الجزائر\r\n00102,Batna,باتنة\r\n00105,Batna`)).toThrow(
    /line 4 begins with no agency[\s\S]*line 5 names 00102 again[\s\S]*line 6 has not two names/,
  );
  for (const text of ['', '00102;Chlef;الشلف', 'code,name_fr,name_ar\n"00102'])
    expect(() => readAgencyNames(text), text).toThrow('first line');
});

test('the list for trying things out names the agency of each sample employer', async () => {
  const names = readAgencyNames(await readFile(new URL('../commands/sample-agencies.csv', import.meta.url), 'utf8'));
  for (const { rib } of await readSampleEmployers()) expect(names.has(agencyOf(rib)), rib).toBe(true);
});
