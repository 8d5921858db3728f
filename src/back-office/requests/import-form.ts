import { html } from 'hono/html';
import { requestFields } from '../../mandates/authorisation-request.ts';
import { previewImport } from '../../mandates/import.ts';
import { type FileFault, importColumns, largestImportBytes, mostImportLines } from '../../mandates/import-file.ts';
import { selectCreditors } from '../../mandates/search.ts';
import { details } from '../look/blocks.ts';
import { fileField, selectField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { buttonLink, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { importPath } from './import-page.ts';
import { memberOf, type RequestParts } from './shared.ts';

/** Where a file is chosen, and what it must hold. */
export async function importForm(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  return formPage(parts, visit, {});
}

/** Reads the file; what it would become is on a page of its own, and nothing of it is entered yet. */
export async function sendImport(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, uploads, form: sent } = visit;
  const bytes = uploads.get('file')?.bytes;
  if (bytes === undefined) return formPage(parts, visit, { file: words.say('requests.import-fault.EMPTY') });
  const creditor = sent.get('creditor') ?? '';
  const read = await previewImport(parts.desk, { bytes, creditor, ...memberOf(visit) });
  return read.outcome === 'PREVIEW'
    ? { answer: 'GO', to: importPath(read.importId) }
    : formPage(parts, visit, { file: fileFault(words, read.fault) });
}

/** An example that can be imported as it is, but for its employers, which are invented. */
export async function sampleFile({ now }: Visit): Promise<PageAnswer> {
  const year = now.getUTCFullYear();
  const row = [
    ...['CNAS', '0262992312', '00500102444771278214', 'SARL El Hidhab Construction', 'ش.ذ.م.م الهضاب للبناء'],
    ...['Amina Bensalem', 'أمينة بن سالم', '+213716480894', '150000.00', '300000.00', 'MONTH'],
    ...[`${year}-01-01`, `${year + 2}-12-31`, '', '', '', ''],
  ];
  const content = Buffer.from(`\ufeff${Object.values(importColumns).join(';')}\r\n${row.join(';')}\r\n`);
  return { answer: 'FILE', type: 'text/csv; charset=utf-8; header=present', name: 'requests-sample.csv', content };
}

async function formPage({ db }: RequestParts, visit: Visit, faults: Faults): Promise<PageAnswer> {
  const { words, form: sent } = visit;
  const creditors = await selectCreditors(db);
  const content = html`${faultSummary(words, faults)}
<p>${words.say('requests.import-what', { lines: mostImportLines, megabytes: largestImportBytes / 1_048_576 })}</p>
<p>${link('/requests/import/sample', words.say('requests.import-sample'))}</p>
${details(words.say('requests.import-columns'), columnList(words))}
${form({
  ...{ visit, action: '/requests/import', files: true },
  content: html`${selectField({
    ...{ name: 'creditor', value: sent.get('creditor') ?? '' },
    label: words.say('requests.field.creditor'),
    hint: words.say('requests.import-creditor-hint'),
    none: words.say('requests.choose'),
    choices: creditors.map((one) => ({
      value: one.creditor,
      label: `${one.creditor} – ${words.language === 'ar' ? one.nameAr : one.nameFr}`,
    })),
  })}
${fileField({
  ...{ name: 'file', required: true, accept: '.csv,text/csv', fault: faults.file },
  label: words.say('requests.import-file'),
})}
${actions(submitButton({ label: words.say('requests.import-read') }), buttonLink('/requests', words.say('common.cancel')))}`,
})}`;
  return {
    answer: 'PAGE',
    status: Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('requests.import'),
    content,
  };
}

const columnList = (words: Words): Html =>
  html`<ul>${requestFields.map((field) => html`<li>${ltr(importColumns[field])} – ${words.say(`requests.field.${field}`)}</li>`)}</ul>`;

function fileFault(words: Words, fault: FileFault): string {
  switch (fault.fault) {
    case 'EMPTY':
    case 'NOT_UTF8':
    case 'NO_LINES':
      return words.say(`requests.import-fault.${fault.fault}`);
    case 'TOO_LARGE':
      return words.say('requests.import-fault.TOO_LARGE', { megabytes: fault.most / 1_048_576 });
    case 'TOO_MANY_LINES':
      return words.say('requests.import-fault.TOO_MANY_LINES', { most: fault.most });
    case 'MALFORMED':
      return words.say('requests.import-fault.MALFORMED', { line: fault.line });
    case 'UNKNOWN_COLUMN':
    case 'COLUMN_TWICE':
    case 'MISSING_COLUMN':
      return words.say(`requests.import-fault.${fault.fault}`, { column: fault.column });
  }
}
