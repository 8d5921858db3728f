import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html } from 'hono/html';
import { expect, test } from 'vitest';
import type { BackOfficePage, Html } from '../page.ts';
import type { Staff } from '../staff.ts';
import { wordsOf } from '../words/load.ts';
import { assetPath, assets } from './assets.ts';
import { differing } from './blocks.ts';
import { textField } from './fields.ts';
import { faultSummary } from './form.ts';
import { layout } from './layout.ts';
import { sectionsOf } from './navigation.ts';
import { addressWith, csvLink, pager, table } from './table.ts';
import { ltr, ribText } from './text.ts';

const words = wordsOf('fr');
const written = async (page: Html | string) => String(await page);
const script = '<script>alert("x")</script>';

test('whatever a name holds is shown as text, in content and in attributes', async () => {
  const shown = await written(
    html`${table({ caption: script, columns: [{ heading: script, cell: () => script }], rows: [1], empty: '' })}
    ${textField({ name: 'name', label: script, value: `"><b onfocus=x ${script}`, fault: script, hint: script })}
    ${ltr(script)}${differing(script, 'x')}${faultSummary(words, { name: script })}`,
  );
  expect(shown).not.toContain('<script>');
  expect(shown).not.toContain('"><b');
  expect(shown).toContain('&lt;script&gt;');
});

test('a field says its fault and its hint to a screen reader, and the summary leads to it', async () => {
  const field = await written(textField({ name: 'rib', label: 'RIB', hint: 'hint', fault: 'fault', required: true }));
  expect(field).toContain('aria-describedby="field-rib-fault field-rib-hint"');
  expect(field).toContain('aria-invalid="true"');
  expect(field).toContain('for="field-rib"');
  expect(await written(faultSummary(words, { rib: 'fault' }))).toContain('<a href="#field-rib">fault</a>');
  expect(await written(faultSummary(words, {}))).toBe('');
});

test('the next page and the export keep the filters, and only the next page has the cursor', async () => {
  const listing = { path: '/debits', query: new URLSearchParams({ state: 'SETTLED', empty: '', after: 'a' }) };
  expect(await written(pager(words, listing, 'b'))).toContain('href="/debits?state=SETTLED&amp;after=b"');
  expect(await written(pager(words, listing, 'b'))).toContain('href="/debits?state=SETTLED"');
  expect(await written(csvLink(words, { ...listing, path: '/debits.csv' }))).toContain(
    'href="/debits.csv?state=SETTLED"',
  );
  expect(await written(pager(words, { path: '/debits', query: new URLSearchParams() }, undefined))).toBe('');
  expect(addressWith('/x', new URLSearchParams('a=1&a=2'), { a: undefined })).toBe('/x');
});

test('the spaces of a RIB are the style’s: what is copied is the RIB', async () => {
  expect((await written(ribText('00700012000001234566'))).replace(/<[^>]*>/g, '')).toBe('00700012000001234566');
});

test('an asset’s address changes with its content, and the stylesheet names the fonts by theirs', () => {
  const look = assets.get(assetPath('look.css'));
  expect(assetPath('look.css')).toMatch(/^\/assets\/look\.[A-Za-z0-9_-]{16}\.css$/);
  expect(look?.cache).toBe('public, max-age=31536000, immutable');
  const named = [...(look?.bytes.toString() ?? '').matchAll(/url\(([^)]*)\)/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((path) => !assets.has(path))).toEqual([]);
});

test('nothing that a page loads comes from elsewhere', () => {
  for (const { bytes, type } of assets.values())
    if (type.startsWith('text/css')) expect(bytes.toString()).not.toMatch(/url\(["']?(https?:|\/\/)|@import/);
});

test('a page has no script and no style inside it, and names whose it is', async () => {
  const page = await written(
    layout({
      title: 'T',
      words: wordsOf('ar'),
      address: '/mandates?state=ACTIVE&x="',
      bank: { nameFr: 'Banque', nameAr: 'بنك' },
      environment: 'development',
      content: html`<p>x</p>`,
      visitor: { staff: staff('officer'), csrf: 'token', section: 'mandates', sections: ['overview', 'mandates'] },
    }),
  );
  expect(page).toContain('<html lang="ar" dir="rtl">');
  expect(page).toContain('href="/mandates?state=ACTIVE&amp;x=%22&amp;language=fr"');
  expect(page).not.toMatch(/\sstyle=|<style|<script(?! type="module" src=")|\son[a-z]+=/);
  expect(page).toContain('بيئة تطوير');
});

test('the navigation has what the roles may open, and there is', () => {
  const page = (path: string, roles: BackOfficePage['roles']): BackOfficePage => ({
    method: 'GET',
    path,
    section: 'overview',
    roles,
    run: async () => ({ answer: 'GO', to: '/' }),
  });
  const pages = [page('/', ['officer', 'auditor']), page('/audit', ['auditor']), page('/mandates/:id', ['officer'])];
  expect(sectionsOf(pages, staff('officer'))).toEqual(['overview']);
  expect(sectionsOf(pages, staff('auditor'))).toEqual(['overview', 'audit']);
});

test('the stylesheet knows start and end, never left and right', () => {
  const css = readFileSync(join(import.meta.dirname, 'look.css'), 'utf8');
  expect(css.match(/(margin|padding|border)-(left|right)|(^|[\s;{])(left|right):|float: (left|right)/g)).toBeNull();
});

const staff = (role: Staff['roles'][number]): Staff => ({
  subject: 's',
  name: 'S. Benali',
  roles: [role],
  agencies: ['00012'],
  signedInAt: new Date(0),
});
