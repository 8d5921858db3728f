import { html } from 'hono/html';
import { type CreditorLine, creditorsOf } from '../../clients/look-up.ts';
import { listStatements } from '../../statements/look-up.ts';
import { type ClosedStatement, type FileFormat, fileFormats } from '../../statements/statement.ts';
import { parseDay } from '../../values/dates.ts';
import type { CreditorCode } from '../../values/ids.ts';
import { lead, tabs } from '../look/blocks.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type StatementPageParts, sectionTabs, statementsPath } from './tabs.ts';

const rowsShown = 31;

/** Whose statements the address asks for: where it names none of ours, the first creditor's. */
export const creditorIn = (
  query: URLSearchParams,
  creditors: readonly Pick<CreditorLine, 'creditorCode'>[],
): CreditorCode | undefined =>
  (creditors.find(({ creditorCode }) => creditorCode === query.get('creditor')) ?? creditors[0])?.creditorCode;

/** The statements of one creditor, the latest day first; another's are a tab away. */
export async function statementsPage({ db, cursors }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const creditors = await creditorsOf(db);
  const creditor = creditorIn(query, creditors);
  const title = words.say('statements.title');
  if (creditor === undefined) {
    const nobody = { title: words.say('statements.no-creditor'), advice: words.say('statements.no-creditor-advice') };
    return { answer: 'PAGE', title, content: html`${emptyState(nobody)}` };
  }
  const list = `statements-${creditor}`;
  const before = parseDay(cursors.open(staff.subject, list, query.get(cursorName) ?? '') ?? '');
  const found = await listStatements(db, { creditor, before, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next = found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, list, end.day) : undefined;
  const content = html`${sectionTabs(words, statementsPath)}
${tabs(
  words.say('statements.creditors'),
  creditors.map(({ creditorCode: code }) => ({
    ...{ href: `${statementsPath}?creditor=${code}`, label: code, current: code === creditor },
  })),
)}
${lead(words.say('statements.about'))}
${staff.agencies === 'ALL' ? '' : lead(words.say('statements.all-agencies'))}
${rows.length === 0 ? '' : toolbar(csvLink(words, { path: `${statementsPath}/export`, query }))}
${table<ClosedStatement>({
  caption: words.say('statements.of', { creditor }),
  captionHidden: true,
  rows,
  columns: columnsOf(visit),
  empty: emptyState({ title: words.say('statements.none'), advice: words.say('statements.none-advice') }),
})}${pager(words, { path: statementsPath, query }, next)}`;
  return { answer: 'PAGE', title, content };
}

function columnsOf({ words, staff }: Visit): Column<ClosedStatement>[] {
  const count = (heading: Content, of: (statement: ClosedStatement) => number): Column<ClosedStatement> => ({
    ...{ heading, numeric: true },
    cell: (statement) => words.number(of(statement)),
  });
  return [
    { heading: words.say('statements.day'), names: true, cell: ({ day }) => dayText(words, day) },
    count(words.say('statements.sequence'), ({ sequence }) => sequence),
    count(words.say('statements.settled'), ({ figures }) => figures.SETTLED.debits),
    {
      ...{ heading: words.say('statements.settled-amount'), numeric: true },
      cell: ({ figures }) => amountText(words, figures.SETTLED.amount),
    },
    count(words.say('statements.rejected'), ({ figures }) => figures.REJECTED.debits),
    count(words.say('statements.cancelled'), ({ figures }) => figures.CANCELLED.debits),
    count(words.say('statements.reversed'), ({ figures }) => figures.REVERSED.debits),
    count(words.say('statements.open'), ({ openLines }) => openLines),
    {
      ...{ heading: words.say('statements.since'), numeric: true },
      cell: ({ cumulative }) => amountText(words, cumulative.SETTLED.amount),
    },
    { heading: words.say('statements.closed-at'), cell: ({ closedAt }) => instantText(words, closedAt) },
    ...(staff.agencies === 'ALL'
      ? [{ heading: words.say('statements.files'), cell: (statement: ClosedStatement) => files(words, statement) }]
      : []),
  ];
}

const fileNames: Readonly<Record<FileFormat, string>> = { csv: 'CSV', camt054: 'camt.054', jsonLines: 'JSON' };

/** Called by what it is in every language; a screen reader hears of which day. */
const files = (words: Words, { creditor, day }: ClosedStatement): Content =>
  html`${fileFormats.map(
    (format) =>
      html`<a href="${statementsPath}/${creditor}/${day}/${format}" download aria-label="${fileNames[format]} – ${words.day(day)}">${ltr(fileNames[format])}</a> `,
  )}`;
