import { html } from 'hono/html';
import { creditorsOf } from '../../clients/look-up.ts';
import { listReconciliations } from '../../statements/look-up.ts';
import { type Reconciliation, reconciliationFigures } from '../../statements/reconciliation.ts';
import { formatInstant } from '../../values/dates.ts';
import type { CreditorCode } from '../../values/ids.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { lead, tabs } from '../look/blocks.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';
import { reconciliationsPath, type StatementPageParts, sectionTabs } from './tabs.ts';

const rowsShown = 50;
const rowsExported = 500;

/** Whose lists the address asks for; where it names none of ours, everyone's. */
const creditorIn = async (db: StatementPageParts['db'], { query }: Visit) => {
  const creditors = (await creditorsOf(db)).map(({ creditorCode }) => creditorCode);
  return { creditors, creditor: creditors.find((code) => code === query.get('creditor')) };
};

/** What the creditors expected, the latest list first, with what came of it; one creditor's are a tab away. */
export async function reconciliationsPage({ db, cursors }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const { creditors, creditor } = await creditorIn(db, visit);
  const list = `reconciliations ${creditor ?? ''}`;
  const before = cursors.open(staff.subject, list, query.get(cursorName) ?? '');
  const found = await listReconciliations(db, { creditor, before, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, list, end.reconciliationId) : undefined;
  const content = html`${sectionTabs(words, reconciliationsPath)}
${creditorTabs(words, creditors, creditor)}
${lead(words.say('statements.reconciliations-about'))}
${rows.length === 0 ? '' : toolbar(csvLink(words, { path: `${reconciliationsPath}/export`, query }))}
${table<Reconciliation>({
  caption: words.say('statements.reconciliations'),
  captionHidden: true,
  rows,
  columns: columnsOf(words),
  empty: emptyState({
    title:
      creditor === undefined
        ? words.say('statements.no-reconciliations')
        : words.say('statements.no-reconciliations-of', { creditor }),
    advice: words.say('statements.no-reconciliations-advice'),
  }),
})}${pager(words, { path: reconciliationsPath, query }, next)}`;
  return { answer: 'PAGE', title: words.say('statements.reconciliations'), content };
}

const creditorTabs = (words: Words, creditors: readonly CreditorCode[], current: CreditorCode | undefined): Content =>
  tabs(words.say('statements.creditors'), [
    { href: reconciliationsPath, label: words.say('statements.all-creditors'), current: current === undefined },
    ...creditors.map((code) => ({
      ...{ href: `${reconciliationsPath}?creditor=${code}`, label: code, current: code === current },
    })),
  ]);

export const reconciliationPath = ({ reconciliationId }: Pick<Reconciliation, 'reconciliationId'>): string =>
  `${reconciliationsPath}/${reconciliationId}`;

export const daysText = (words: Words, { days: { first, last } }: Pick<Reconciliation, 'days'>): Content =>
  first === last ? dayText(words, first) : html`${dayText(words, first)} – ${dayText(words, last)}`;

export const stateBadge = (words: Words, { matched }: Reconciliation): Content =>
  matched === undefined
    ? badge('going', words.say('statements.reconciliation-received'))
    : badge('good', words.say('statements.reconciliation-matched'));

function columnsOf(words: Words): Column<Reconciliation>[] {
  const count = (heading: WordKey, name: 'DIFFERING' | 'MISSING' | 'UNEXPECTED'): Column<Reconciliation> => ({
    ...{ heading: words.say(heading), numeric: true },
    cell: ({ matched }) => (matched === undefined ? '' : words.number(matched.figures[name].lines)),
  });
  return [
    {
      heading: words.say('statements.reference'),
      names: true,
      cell: (list) => link(reconciliationPath(list), ltr(list.reference)),
    },
    { heading: words.say('statements.creditor'), cell: ({ creditor }) => ltr(creditor) },
    { heading: words.say('statements.days'), cell: (list) => daysText(words, list) },
    { heading: words.say('statements.received-at'), cell: ({ receivedAt }) => instantText(words, receivedAt) },
    { heading: words.say('statements.state'), cell: (list) => stateBadge(words, list) },
    {
      ...{ heading: words.say('statements.expected'), numeric: true },
      cell: ({ expected }) => words.number(expected.lines),
    },
    {
      ...{ heading: words.say('statements.expected-amount'), numeric: true },
      cell: ({ expected }) => amountText(words, expected.amount),
    },
    count('statements.outcome.DIFFERING', 'DIFFERING'),
    count('statements.outcome.MISSING', 'MISSING'),
    count('statements.outcome.UNEXPECTED', 'UNEXPECTED'),
  ];
}

/** Every list, or those of one creditor, as a file: days by themselves, figures as numbers. */
export async function exportReconciliations({ db }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words } = visit;
  const { creditor } = await creditorIn(db, visit);
  const rows = pageByPage<Reconciliation>((last) =>
    listReconciliations(db, { creditor, before: last?.reconciliationId, limit: rowsExported }),
  );
  const text = (title: WordKey, of: (list: Reconciliation) => string): CsvColumn<Reconciliation> => ({
    ...{ title: words.say(title), kind: 'TEXT', of },
  });
  const instant = (at: Date | undefined): string => (at === undefined ? '' : formatInstant(at));
  const columns: CsvColumn<Reconciliation>[] = [
    { title: words.say('statements.reference'), kind: 'CODE', of: ({ reference }) => reference },
    text('statements.creditor', (list) => list.creditor),
    text('statements.first-day', ({ days }) => days.first),
    text('statements.last-day', ({ days }) => days.last),
    text('statements.received-at', ({ receivedAt }) => instant(receivedAt)),
    text('statements.matched-at', ({ matched }) => instant(matched?.matchedAt)),
    text('statements.expected', ({ expected }) => String(expected.lines)),
    { title: words.say('statements.expected-amount'), kind: 'AMOUNT', of: ({ expected }) => expected.amount },
    ...reconciliationFigures.map((name) =>
      text(`statements.outcome.${name}`, ({ matched }) =>
        matched === undefined ? '' : String(matched.figures[name].lines),
      ),
    ),
    text('statements.proof', ({ matched }) => matched?.jti ?? ''),
  ];
  const name = creditor === undefined ? 'reconciliations.csv' : `reconciliations-${creditor}.csv`;
  return csvFile(words, name, columns, rows);
}
