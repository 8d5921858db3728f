import { html } from 'hono/html';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';
import { buttonLink, type Content } from './text.ts';

export type Column<Row> = {
  heading: Content;
  cell: (row: Row) => Content;
  /** Figures, aligned by their last digit. */
  numeric?: boolean | undefined;
  /** What names the row: read before its cells by a screen reader. Mostly the first, with the link to the row's page. */
  names?: boolean | undefined;
  /** Its heading is for a screen reader only: a column of buttons. */
  quiet?: boolean | undefined;
};

export type Table<Row> = {
  /** Says what the rows are. Shown unless `captionHidden`, where a heading just above says the same. */
  caption: string;
  captionHidden?: boolean | undefined;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Shown instead of a table without rows: `emptyState(…)`. */
  empty: Content;
  /** A small table's name on its page, in `a-z` and `-`: it can be taken out as a file. A list has an export of its own. */
  csv?: string | undefined;
  /** Rows that ask to be looked at. Said in words in a cell too: colour alone tells nobody. */
  mark?: ((row: Row) => 'warning' | 'danger' | undefined) | undefined;
};

export function table<Row>({ caption, captionHidden, columns, rows, empty, csv, mark }: Table<Row>): Html {
  if (rows.length === 0) return html`${empty}`;
  return html`<div class="table-responsive" role="region" aria-label="${caption}" tabindex="0"><table class="table table-hover"${csvName(csv)}>
<caption class="${captionHidden ? 'visually-hidden' : ''}">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${column.numeric ? 'text-end' : ''}">${column.quiet ? html`<span class="visually-hidden">${column.heading}</span>` : column.heading}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr class="${rowClass(mark?.(row))}">${columns.map((column) => cell(column, row))}</tr>`)}</tbody>
</table></div>${tableFileLink(csv, caption)}`;
}

/** What asks a page for one of its tables as a file (table-file.ts). */
export const tableFileName = 'csv';

export const csvName = (name: string | undefined): Content => (name === undefined ? '' : html` data-csv="${name}"`);

/** Called by what it is in every language; a screen reader hears of which table. */
export const tableFileLink = (name: string | undefined, caption: string): Content =>
  name === undefined
    ? ''
    : html`<p class="table-file"><a class="btn btn-outline-secondary btn-sm" href="?${tableFileName}=${name}" download aria-label="CSV – ${caption}">CSV</a></p>`;

const rowClass = (tone: 'warning' | 'danger' | undefined): string => (tone === undefined ? '' : `row-${tone}`);

const cell = <Row>(column: Column<Row>, row: Row): Html =>
  column.names
    ? html`<th scope="row">${column.cell(row)}</th>`
    : html`<td class="${column.numeric ? 'text-end amount' : ''}">${column.cell(row)}</td>`;

/** Where a list has nothing: why, and what to do next. */
export const emptyState = (state: {
  title: string;
  advice: Content;
  action?: { href: string; label: string } | undefined;
}): Html =>
  html`<div class="empty-state"><p class="empty-title">${state.title}</p><p>${state.advice}</p>${state.action === undefined ? '' : buttonLink(state.action.href, state.action.label, 'primary')}</div>`;

/** A list's own address: its path, and the filters that the reader chose. */
export type Listing = { path: string; query: URLSearchParams };

/** The cursor's name in a list's address. */
export const cursorName = 'after';

/** To the next rows, or back to the first, with the same filters. `next`: the cursor after the last row, if more follow. */
export function pager(words: Words, { path, query }: Listing, next: string | undefined): Content {
  const first = query.has(cursorName) ? addressWith(path, query, { [cursorName]: undefined }) : undefined;
  const following = next === undefined ? undefined : addressWith(path, query, { [cursorName]: next });
  if (first === undefined && following === undefined) return '';
  return html`<nav class="pager" aria-label="${words.say('common.pages')}">
${first === undefined ? '' : html`<a class="btn btn-outline-secondary" href="${first}">${words.say('common.first-page')}</a>`}
${following === undefined ? html`<span class="text-body-secondary">${words.say('common.no-more')}</span>` : html`<a class="btn btn-outline-secondary" rel="next" href="${following}">${words.say('common.next-page')}</a>`}
</nav>`;
}

/** The same list, all of it, as a file for a spreadsheet. `path` is the export's own, the filters are the list's. */
export const csvLink = (words: Words, { path, query }: Listing): Html =>
  html`<a class="btn btn-outline-secondary btn-sm" href="${addressWith(path, query, { [cursorName]: undefined })}" download>${words.say('common.export-csv')}</a>`;

/** A GET form above a list. Every filter is in the address, so that it can be kept and sent. */
export const filterForm = (words: Words, { path, query }: Listing, ...fields: readonly Content[]): Html =>
  html`<form method="get" action="${path}" class="filter-form" role="search" aria-label="${words.say('common.filter')}">
<div class="field-row">${fields}</div>
<div class="actions"><button type="submit" class="btn btn-primary">${words.say('common.search')}</button>${[...query.values()].some((value) => value !== '') ? html`<a class="btn btn-outline-secondary" href="${path}">${words.say('common.clear-filters')}</a>` : ''}</div>
</form>`;

/** What stands above a list's table: how many, the export, a button. */
export const toolbar = (...parts: readonly Content[]): Html => html`<div class="toolbar">${parts}</div>`;

/** `path` with `query`, changed: undefined takes a parameter out. Empty ones are left out too. */
export function addressWith(
  path: string,
  query: URLSearchParams,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const changed = new URLSearchParams(
    [...query].filter(([name, value]) => value !== '' && !Object.hasOwn(changes, name)),
  );
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) changed.set(name, value);
  return changed.size === 0 ? path : `${path}?${changed}`;
}
