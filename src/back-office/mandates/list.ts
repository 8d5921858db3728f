import { html } from 'hono/html';
import {
  type FoundMandate,
  type MandateSearch,
  searchMandates,
  selectCreditors,
  selectMandateOnAccount,
} from '../../mandates/search.ts';
import { algiersDay } from '../../values/dates.ts';
import { parseMandateId } from '../../values/ids.ts';
import { maskRib } from '../../values/rib.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { PageFault } from '../fault.ts';
import { mandateBadge } from '../look/badge.ts';
import { callout } from '../look/blocks.ts';
import { csrfField, type Faults, hiddenField, submitButton } from '../look/form.ts';
import { cursorName, emptyState, table, toolbar } from '../look/table.ts';
import { amountText, buttonLink, type Content, dayText, link, ltr, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import type { Words } from '../words/words.ts';
import { queryOf, readSearch, searchForm, type Typed, typedIn } from './search-form.ts';
import { employerName, enterers, type MandateParts } from './shared.ts';

const pageRows = 25;

/** The list by an address: everything, or what a search without a name came to. */
export async function listPage(parts: MandateParts, visit: Visit): Promise<PageAnswer> {
  const typed = typedInAddress(visit);
  const read = readSearch(visit.words, typed);
  return read.faults === undefined
    ? resultPage(parts, visit, typed, { ...read.search, agencies: visit.staff.agencies })
    : faultyPage(parts, visit, typed, read.faults);
}

/** The form was sent. What names nobody goes on to its own address, a mandate's id to its page; a name is answered here. */
export async function searchPage(parts: MandateParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, form } = visit;
  const typed = typedIn(form);
  const read = readSearch(words, typed);
  if (read.faults !== undefined) return faultyPage(parts, visit, typed, read.faults);
  if (read.mandateId !== undefined) return { answer: 'GO', to: `/mandates/${read.mandateId}` };
  const account = read.rib && (await selectMandateOnAccount(parts.db, read.rib, staff.agencies));
  if (read.rib !== undefined && account === undefined)
    return faultyPage(parts, visit, typed, { rib: words.say('mandates.no-account') });
  const search: MandateSearch = {
    ...read.search,
    accountOf: account ?? read.search.accountOf,
    agencies: staff.agencies,
  };
  if (search.name !== undefined) return resultPage(parts, visit, typed, search);
  const query = queryOf(typed, account);
  return { answer: 'GO', to: query.size === 0 ? '/mandates' : `/mandates?${query}` };
}

/** The same list as a file, all of it. */
export async function exportList(parts: MandateParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now } = visit;
  const typed = visit.form.size > 0 ? typedIn(visit.form) : typedInAddress(visit);
  const read = readSearch(words, typed);
  if (read.faults !== undefined) return faultyPage(parts, visit, typed, read.faults);
  const search = { ...read.search, agencies: staff.agencies };
  const rows = pageByPage((after: FoundMandate | undefined) =>
    searchMandates(parts.db, search, { before: after?.mandate.mandateId, limit: 500, now }),
  );
  const file = csvFile(words, `mandates-${algiersDay(now)}.csv`, exportColumns(words), rows);
  return { ...file, read: [{ kind: 'mandates.read' }] };
}

/** A name and a RIB don't belong into an address: whoever wrote one there is not answered as if they did. */
function typedInAddress({ query }: Visit): Typed {
  const typed = typedIn(query);
  if (typed.name !== '' || typed.rib !== '' || typed.mandate !== '') throw new PageFault('not-found');
  return typed;
}

async function faultyPage({ db }: MandateParts, visit: Visit, typed: Typed, faults: Faults): Promise<PageAnswer> {
  return {
    answer: 'PAGE',
    status: 422,
    title: visit.words.say('mandates.title'),
    content: searchForm(visit, typed, await selectCreditors(db), faults),
  };
}

async function resultPage(
  { db, cursors }: MandateParts,
  visit: Visit,
  typed: Typed,
  search: MandateSearch,
): Promise<PageAnswer> {
  const { words, staff, now } = visit;
  // A cursor holds for this reader and these filters alone.
  const listName = `mandates ${JSON.stringify([typed.employer, typed.name, typed.state, typed.creditor, search.accountOf])}`;
  const sent = visit.form.get(cursorName) ?? visit.query.get(cursorName);
  const cursor = sent === null ? undefined : cursors.open(staff.subject, listName, sent);
  const before = cursor === undefined ? undefined : parseMandateId(cursor);
  const [found, creditors] = await Promise.all([
    searchMandates(db, search, { before, limit: pageRows + 1, now }),
    selectCreditors(db),
  ]);
  const rows = found.slice(0, pageRows);
  const last = rows.at(-1)?.mandate.mandateId;
  const next = found.length > pageRows && last !== undefined ? cursors.seal(staff.subject, listName, last) : undefined;
  const kept = { ...typed, account: search.accountOf ?? '', rib: '', mandate: '' };
  const title = words.say('mandates.title');
  const content = html`${searchForm(visit, kept, creditors, {})}
${search.accountOf === undefined ? '' : callout('info', words.say('mandates.of-account'))}
${toolbar(
  hasRole(staff, enterers) ? buttonLink('/requests/new', words.say('mandates.new-request'), 'primary') : '',
  rows.length === 0 ? '' : exportButton(visit, kept),
)}
${resultTable(
  words,
  rows,
  Object.values(kept).some((text) => text !== ''),
)}
${pagerOf(visit, kept, before !== undefined, next)}`;
  return { answer: 'PAGE', title, content, read: rows.length === 0 ? [] : [{ kind: 'mandates.read' }] };
}

function resultTable(words: Words, rows: readonly FoundMandate[], narrowed: boolean): Html {
  return table<FoundMandate>({
    caption: words.say('mandates.list'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say(narrowed ? 'mandates.none-found' : 'mandates.none'),
      advice: words.say(narrowed ? 'mandates.none-found-advice' : 'mandates.none-advice'),
    }),
    columns: [
      {
        heading: words.say('mandates.employer'),
        names: true,
        cell: ({ mandate, debtor }) => link(`/mandates/${mandate.mandateId}`, nameText(employerName(words, debtor))),
      },
      { heading: words.say('mandates.employer-number'), cell: ({ mandate }) => ltr(mandate.employerNumber) },
      { heading: words.say('mandates.rib'), cell: ({ debtor }) => ltr(maskRib(debtor.rib)) },
      { heading: words.say('mandates.creditor'), cell: ({ mandate }) => ltr(mandate.creditor) },
      { heading: words.say('mandates.state'), cell: ({ state }) => mandateBadge(words, state) },
      {
        heading: words.say('mandates.period-ceiling'),
        numeric: true,
        cell: ({ mandate }) =>
          html`${amountText(words, mandate.periodCeiling)} ${words.say(`mandates.per.${mandate.period}`)}`,
      },
      { heading: words.say('mandates.valid-to'), cell: ({ mandate }) => dayText(words, mandate.validTo) },
    ],
  });
}

/** By POST where the search names somebody, by a link where it does not. */
function pagerOf(visit: Visit, kept: Typed, isLater: boolean, next: string | undefined): Content {
  const { words } = visit;
  if (!isLater && next === undefined) return '';
  const to = (label: string, cursor: string | undefined): Html => {
    if (kept.name !== '') return searchButton(visit, '/mandates/search', kept, label, cursor);
    const query = queryOf(kept, undefined);
    if (cursor !== undefined) query.set(cursorName, cursor);
    return buttonLink(query.size === 0 ? '/mandates' : `/mandates?${query}`, label);
  };
  return html`<nav class="pager" aria-label="${words.say('common.pages')}">
${isLater ? to(words.say('common.first-page'), undefined) : ''}
${next === undefined ? html`<span class="text-body-secondary">${words.say('common.no-more')}</span>` : to(words.say('common.next-page'), next)}
</nav>`;
}

function exportButton(visit: Visit, kept: Typed): Html {
  const label = visit.words.say('common.export-csv');
  if (kept.name !== '') return searchButton(visit, '/mandates/export', kept, label, undefined);
  const query = queryOf(kept, undefined);
  return buttonLink(query.size === 0 ? '/mandates/export' : `/mandates/export?${query}`, label);
}

const searchButton = ({ csrf }: Visit, action: string, kept: Typed, label: string, cursor: string | undefined): Html =>
  html`<form method="post" action="${action}" class="d-inline">${csrfField({ csrf })}${Object.entries(kept).map(([name, value]) => (value === '' ? '' : hiddenField(name, value)))}${cursor === undefined ? '' : hiddenField(cursorName, cursor)}${submitButton({ label, tone: 'plain' })}</form>`;

function exportColumns(words: Words): CsvColumn<FoundMandate>[] {
  const text = (title: string, of: (row: FoundMandate) => string) => ({ title, kind: 'TEXT' as const, of });
  return [
    text(words.say('mandates.mandate'), ({ mandate }) => mandate.mandateId),
    text(words.say('mandates.state'), ({ state }) => words.say(`common.mandate.${state}`)),
    text(words.say('mandates.creditor'), ({ mandate }) => mandate.creditor),
    { title: words.say('mandates.employer-number'), kind: 'CODE', of: ({ mandate }) => mandate.employerNumber },
    text(words.say('mandates.name-fr'), ({ debtor }) => debtor.nameFr),
    text(words.say('mandates.name-ar'), ({ debtor }) => debtor.nameAr),
    text(words.say('mandates.rib'), ({ debtor }) => maskRib(debtor.rib)),
    { title: words.say('mandates.per-debit-ceiling'), kind: 'AMOUNT', of: ({ mandate }) => mandate.perDebitCeiling },
    { title: words.say('mandates.period-ceiling'), kind: 'AMOUNT', of: ({ mandate }) => mandate.periodCeiling },
    text(words.say('mandates.period'), ({ mandate }) => words.say(`mandates.period.${mandate.period}`)),
    text(words.say('mandates.valid-from'), ({ mandate }) => mandate.validFrom),
    text(words.say('mandates.valid-to'), ({ mandate }) => mandate.validTo),
    text(words.say('mandates.replaces'), ({ mandate }) => mandate.replaces ?? ''),
  ];
}
