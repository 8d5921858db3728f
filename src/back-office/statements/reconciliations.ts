import { html } from 'hono/html';
import { listReconciliations } from '../../statements/look-up.ts';
import type { Reconciliation } from '../../statements/reconciliation.ts';
import { badge } from '../look/badge.ts';
import { lead } from '../look/blocks.ts';
import { type Column, cursorName, emptyState, pager, table } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';
import { reconciliationsPath, type StatementPageParts, sectionTabs } from './tabs.ts';

const rowsShown = 50;

/** What the creditors expected, the latest list first, with what came of it. */
export async function reconciliationsPage({ db, cursors }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const list = 'reconciliations';
  const before = cursors.open(staff.subject, list, query.get(cursorName) ?? '');
  const found = await listReconciliations(db, { creditor: undefined, before, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, list, end.reconciliationId) : undefined;
  const content = html`${sectionTabs(words, reconciliationsPath)}
${lead(words.say('statements.reconciliations-about'))}
${table<Reconciliation>({
  caption: words.say('statements.reconciliations'),
  captionHidden: true,
  rows,
  columns: columnsOf(words),
  csv: 'reconciliations',
  empty: emptyState({
    title: words.say('statements.no-reconciliations'),
    advice: words.say('statements.no-reconciliations-advice'),
  }),
})}${pager(words, { path: reconciliationsPath, query }, next)}`;
  return { answer: 'PAGE', title: words.say('statements.reconciliations'), content };
}

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
