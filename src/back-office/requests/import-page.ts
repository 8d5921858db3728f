import { html } from 'hono/html';
import {
  confirmImport,
  type Import,
  type ImportId,
  importLines,
  parseImportId,
  readImport,
  type StoredLine,
} from '../../mandates/import.ts';
import { parseTypedAmount } from '../../values/centimes.ts';
import { maskRib, parseTypedRib } from '../../values/rib.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { callout, section, tabs } from '../look/blocks.ts';
import { actions, form, submitButton } from '../look/form.ts';
import { csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, buttonLink, type Content, instantText, link, ltr, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { memberOf, notFound, type RequestParts } from './shared.ts';

const pageRows = 50;

/** Each line, its faults, and what it would become. */
export async function importPage(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { db, cursors } = parts;
  const { words, staff, query } = visit;
  const found = await importOf(parts, visit);
  const { importId } = found;
  const faulty = query.get('lines') === 'faulty';
  const path = importPath(importId);
  const listName = `import ${importId} ${faulty}`;
  const after = Number(cursors.open(staff.subject, listName, query.get(cursorName) ?? '') ?? 0);
  const lines = await importLines(db, { importId, after, limit: pageRows + 1, faulty });
  const rows = lines.slice(0, pageRows);
  const last = lines.length > pageRows ? rows.at(-1) : undefined;
  const next = last && cursors.seal(staff.subject, listName, String(last.line));
  const shown = (which: 'all' | 'faulty', count: number) => ({
    href: which === 'all' ? path : `${path}?lines=faulty`,
    label: words.say(`requests.import-lines.${which}`, { count }),
    current: faulty === (which === 'faulty'),
  });
  const content = html`${summary(visit, found)}
${tabs(words.say('requests.import-lines'), [shown('all', found.lines), shown('faulty', found.faulty)])}
${found.faulty === 0 ? '' : toolbar(csvLink(words, { path: `${path}/faults`, query: new URLSearchParams() }))}
${lineTable(words, rows)}
${pager(words, { path, query: new URLSearchParams(faulty ? { lines: 'faulty', ...afterIn(query) } : afterIn(query)) }, next)}`;
  return { answer: 'PAGE', title: words.say('requests.import-preview'), content, read: [{ kind: 'mandates.read' }] };
}

const afterIn = (query: URLSearchParams): Record<string, string> => {
  const after = query.get(cursorName);
  return after === null ? {} : { [cursorName]: after };
};

/** Enters the good lines. The same button twice enters them once. */
export async function confirmImported(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: sent } = visit;
  const importId = importIdIn(visit);
  const submit = sent.get('act') === 'submit';
  const confirmed = await confirmImport(parts.desk, { importId, submit, ...memberOf(visit) });
  switch (confirmed.outcome) {
    case 'ENTERED':
      return {
        answer: 'GO',
        to: `/requests?queue=${submit ? 'waiting' : 'drafts'}`,
        notice: words.say('requests.import-entered', { count: confirmed.entered }),
      };
    case 'CONFIRMED_BEFORE':
      return { answer: 'GO', to: importPath(importId), notice: words.say('requests.import-confirmed-before') };
    case 'NOTHING_GOOD':
      return { answer: 'GO', to: importPath(importId), notice: words.say('requests.import-nothing-good') };
    case 'CHANGED':
      return {
        answer: 'PAGE',
        status: 409,
        title: words.say('requests.import'),
        content: html`${callout('warning', words.say('requests.import-changed'), words.say('requests.import-changed-advice', { lines: confirmed.lines.slice(0, 50).join(', ') }))}
${actions(buttonLink('/requests/import', words.say('requests.import'), 'primary'))}`,
      };
    case 'NOT_FOUND':
      return notFound();
  }
}

/** The faults as a file, a line each, to be mended where the lines came from. */
export async function importFaults(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words } = visit;
  const { importId } = await importOf(parts, visit);
  const lines = pageByPage((last: StoredLine | undefined) =>
    importLines(parts.db, { importId, after: last?.line ?? 0, limit: 500, faulty: true }),
  );
  const columns: CsvColumn<StoredLine>[] = [
    { title: words.say('requests.line'), kind: 'TEXT', of: ({ line }) => String(line) },
    { title: words.say('requests.field.employerNumber'), kind: 'CODE', of: ({ typed }) => typed.employerNumber ?? '' },
    { title: words.say('requests.field.nameFr'), kind: 'TEXT', of: ({ typed }) => typed.nameFr ?? '' },
    { title: words.say('requests.faults'), kind: 'TEXT', of: (row) => faultLines(words, row).join(' · ') },
  ];
  return { ...csvFile(words, `import-${importId}.csv`, columns, lines), read: [{ kind: 'mandates.read' }] };
}

/** How many are good, until when, and the buttons that enter them. */
function summary(visit: Visit, found: Import): Html {
  const { words } = visit;
  const good = found.lines - found.faulty;
  if (found.confirmedAt !== undefined)
    return callout(
      'good',
      words.say('requests.import-entered', { count: found.entered ?? 0 }),
      html`${instantText(words, found.confirmedAt)} · ${link('/requests', words.say('requests.back-to-queue'))}`,
    );
  const said = words.say('requests.import-summary', { good, faulty: found.faulty });
  const until = html`${words.say('requests.import-until')} ${instantText(words, found.endsAt)}`;
  const again = buttonLink('/requests/import', words.say('requests.import-other'));
  if (good === 0) return html`${callout('warning', said, words.say('requests.import-nothing-good'))}${actions(again)}`;
  return html`${callout(found.faulty === 0 ? 'good' : 'warning', said, until)}
${section(
  words.say('requests.import-confirm'),
  form({
    ...{ visit, action: `${importPath(found.importId)}/confirm` },
    content: html`<p>${words.say('requests.import-confirm-meaning')}</p>
${actions(
  submitButton({ label: words.say('requests.import-as-drafts', { count: good }), name: 'act', value: 'save' }),
  submitButton({
    label: words.say('requests.import-and-submit', { count: good }),
    name: 'act',
    value: 'submit',
    tone: 'plain',
  }),
  again,
)}`,
  }),
)}`;
}

function lineTable(words: Words, rows: readonly StoredLine[]): Html {
  return table<StoredLine>({
    caption: words.say('requests.import-lines'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say('requests.import-no-lines'),
      advice: words.say('requests.import-no-lines-advice'),
    }),
    mark: ({ faults }) => (faults.length > 0 ? 'danger' : undefined),
    columns: [
      { heading: words.say('requests.line'), numeric: true, cell: ({ line }) => words.number(line) },
      {
        heading: words.say('requests.employer'),
        names: true,
        cell: ({ typed }) => html`${nameText(typed.nameFr ?? '')}<br>${nameText(typed.nameAr ?? '')}`,
      },
      { heading: words.say('requests.field.employerNumber'), cell: ({ typed }) => ltr(typed.employerNumber ?? '') },
      { heading: words.say('requests.field.rib'), cell: ({ typed }) => ribCell(typed.rib ?? '') },
      { heading: words.say('requests.field.creditor'), cell: ({ typed }) => ltr(typed.creditor ?? '') },
      {
        heading: words.say('requests.field.periodCeiling'),
        numeric: true,
        cell: ({ typed }) => amountCell(words, typed.periodCeiling ?? ''),
      },
      { heading: words.say('requests.becomes'), cell: (row) => outcomeCell(words, row) },
    ],
  });
}

function ribCell(text: string): Content {
  const rib = parseTypedRib(text);
  return ltr(rib === undefined ? text : maskRib(rib));
}

function amountCell(words: Words, text: string): Content {
  const amount = parseTypedAmount(text);
  return amount === undefined ? ltr(text) : amountText(words, amount);
}

function outcomeCell(words: Words, row: StoredLine): Content {
  if (row.faults.length > 0)
    return html`${badge('bad', words.say('requests.not-entered'))}<ul class="mb-0">${faultLines(words, row).map((fault) => html`<li>${fault}</li>`)}</ul>`;
  return row.typed.replaces === undefined
    ? words.say('requests.becomes-new')
    : html`${words.say('requests.becomes-replacement')} ${ltr(row.typed.replaces)}`;
}

const faultLines = (words: Words, { faults }: StoredLine): string[] =>
  faults.map(({ field, code, values }) =>
    words.say('requests.fault-of', {
      field: words.say(`requests.field.${field}`),
      fault: words.say(`requests.fault.${code}`, values),
    }),
  );

export const importPath = (importId: ImportId): string => `/requests/import/${importId}`;

const importIdIn = ({ params }: Visit): ImportId => parseImportId(params.importId ?? '') ?? notFound();

async function importOf({ db }: RequestParts, visit: Visit): Promise<Import> {
  const found = await readImport(db, { importId: importIdIn(visit), by: visit.staff.subject, now: visit.now });
  return found ?? notFound();
}
