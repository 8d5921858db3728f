import { html } from 'hono/html';
import type { BookComparison } from '../../statements/books.ts';
import {
  compareBooksAgain,
  listComparisons,
  readComparison,
  type ShownDifference,
  selectDifferences,
} from '../../statements/look-up.ts';
import { type Day, formatInstant, parseDay } from '../../values/dates.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { debitPath, readers as debitReaders } from '../debits/parts.ts';
import { PageFault } from '../fault.ts';
import { badge } from '../look/badge.ts';
import { descriptions, lead, section } from '../look/blocks.ts';
import { actions, postButton } from '../look/form.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { isWordKey } from '../words/messages.ts';
import type { WordKey, Words } from '../words/words.ts';
import { askers, booksPath, type StatementPageParts, sectionTabs } from './tabs.ts';

const rowsShown = 50;
const rowsExported = 1_000;

const comparisonPath = ({ comparisonId }: Pick<BookComparison, 'comparisonId'>): string =>
  `${booksPath}/${comparisonId}`;

/** Each booking day of ours against the core's, the latest first. */
export async function booksPage({ db, cursors }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const last = placeIn(cursors.open(staff.subject, 'books', query.get(cursorName) ?? '') ?? '');
  const found = await listComparisons(db, { before: last, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined
      ? cursors.seal(staff.subject, 'books', `${end.day}/${end.attempt}`)
      : undefined;
  const content = html`${sectionTabs(words, booksPath)}
${lead(words.say('statements.books-about'))}
${rows.length === 0 ? '' : toolbar(csvLink(words, { path: `${booksPath}/export`, query }))}
${table<BookComparison>({
  caption: words.say('statements.books'),
  captionHidden: true,
  rows,
  columns: comparisonColumns(words),
  mark: ({ compared }) => ((compared?.differences ?? 0) > 0 ? 'danger' : undefined),
  empty: emptyState({ title: words.say('statements.no-books'), advice: words.say('statements.no-books-advice') }),
})}${pager(words, { path: booksPath, query }, next)}`;
  return { answer: 'PAGE', title: words.say('statements.books'), content };
}

const verdict = (words: Words, { compared }: BookComparison): Content => {
  if (compared === undefined) return badge('going', words.say('statements.books-waiting'));
  return compared.differences === 0
    ? badge('good', words.say('statements.books-agree'))
    : badge('bad', words.say('statements.books-differ', { count: compared.differences }));
};

function comparisonColumns(words: Words): Column<BookComparison>[] {
  const figure = (heading: WordKey, of: (compared: NonNullable<BookComparison['compared']>) => Content) => ({
    ...{ heading: words.say(heading), numeric: true },
    cell: ({ compared }: BookComparison) => (compared === undefined ? '' : of(compared)),
  });
  return [
    {
      heading: words.say('statements.booking-day'),
      names: true,
      cell: (comparison) => link(comparisonPath(comparison), dayText(words, comparison.day)),
    },
    { heading: words.say('statements.attempt'), numeric: true, cell: ({ attempt }) => words.number(attempt) },
    { heading: words.say('statements.outcome'), cell: (comparison) => verdict(words, comparison) },
    figure('statements.booked', ({ booked }) => words.number(booked)),
    figure('statements.agreed', ({ agreed }) => words.number(agreed)),
    figure('statements.agreed-amount', ({ agreedAmount }) => amountText(words, agreedAmount)),
    {
      heading: words.say('statements.compared-at'),
      cell: ({ compared }) => (compared === undefined ? '' : instantText(words, compared.comparedAt)),
    },
  ];
}

/** Every comparison there was, as a file. */
export async function exportBooks({ db }: StatementPageParts, { words }: Visit): Promise<PageAnswer> {
  const rows = pageByPage<BookComparison>((last) => listComparisons(db, { before: last, limit: rowsExported }));
  type Compared = NonNullable<BookComparison['compared']>;
  const text = (title: WordKey, of: (comparison: BookComparison) => string): CsvColumn<BookComparison> => ({
    ...{ title: words.say(title), kind: 'TEXT', of },
  });
  const figure = (title: WordKey, of: (compared: Compared) => number): CsvColumn<BookComparison> =>
    text(title, ({ compared }) => (compared === undefined ? '' : String(of(compared))));
  const columns: CsvColumn<BookComparison>[] = [
    text('statements.booking-day', ({ day }) => day),
    text('statements.attempt', ({ attempt }) => String(attempt)),
    text('statements.asked-by', ({ askedBy }) => askedBy ?? words.say('statements.asked-by-day')),
    text('statements.compared-at', ({ compared }) =>
      compared === undefined ? '' : formatInstant(compared.comparedAt),
    ),
    figure('statements.differences', ({ differences }) => differences),
    figure('statements.booked', ({ booked }) => booked),
    { title: words.say('statements.booked-amount'), kind: 'AMOUNT', of: ({ compared }) => compared?.bookedAmount },
    figure('statements.foreign', ({ foreign }) => foreign),
    figure('statements.agreed', ({ agreed }) => agreed),
    { title: words.say('statements.agreed-amount'), kind: 'AMOUNT', of: ({ compared }) => compared?.agreedAmount },
  ];
  return csvFile(words, 'books.csv', columns, rows);
}

async function comparisonOf({ db }: StatementPageParts, { params }: Visit): Promise<BookComparison> {
  const id = params.comparisonId ?? '';
  const comparison = /^[0-9a-f-]{36}$/.test(id) ? await readComparison(db, id) : undefined;
  if (comparison === undefined) throw new PageFault('not-found');
  return comparison;
}

/** One comparison with what differs; and the button that has the day compared again. */
export async function comparisonPage(parts: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff } = visit;
  const comparison = await comparisonOf(parts, visit);
  const { compared, askedBy } = comparison;
  const content = html`${section(
    words.say('statements.comparison'),
    html`${descriptions([
      [words.say('statements.booking-day'), dayText(words, comparison.day)],
      [words.say('statements.attempt'), words.number(comparison.attempt)],
      [words.say('statements.outcome'), verdict(words, comparison)],
      [words.say('statements.asked-by'), askedBy === undefined ? words.say('statements.asked-by-day') : ltr(askedBy)],
      ...(compared === undefined ? [] : comparedFacts(words, compared)),
    ])}${compared !== undefined && hasRole(staff, askers) ? againButton(visit, comparison.day) : ''}`,
  )}
${compared === undefined ? '' : await differencesSection(parts, visit, comparison)}`;
  return { answer: 'PAGE', title: words.say('statements.books-of', { day: words.day(comparison.day) }), content };
}

const comparedFacts = (
  words: Words,
  { comparedAt, booked, bookedAmount, foreign, agreed, agreedAmount }: NonNullable<BookComparison['compared']>,
): [string, Content][] => [
  [words.say('statements.compared-at'), instantText(words, comparedAt)],
  [words.say('statements.booked'), words.number(booked)],
  [words.say('statements.booked-amount'), amountText(words, bookedAmount)],
  [words.say('statements.foreign'), words.number(foreign)],
  [words.say('statements.agreed'), words.number(agreed)],
  [words.say('statements.agreed-amount'), amountText(words, agreedAmount)],
];

const againButton = (visit: Visit, day: Day): Html =>
  html`<p>${visit.words.say('statements.again-about')}</p>${actions(
    postButton({ visit, action: `${booksPath}/${day}/again`, label: visit.words.say('statements.again') }),
  )}`;

async function differencesSection(
  { db, cursors }: StatementPageParts,
  { words, staff, query }: Visit,
  comparison: BookComparison,
): Promise<Html> {
  const path = comparisonPath(comparison);
  const { comparisonId } = comparison;
  const after = cursors.open(staff.subject, path, query.get(cursorName) ?? '');
  const found = await selectDifferences(db, { comparisonId, after, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, path, end.differenceId) : undefined;
  const opens = hasRole(staff, debitReaders);
  return section(
    words.say('statements.differences'),
    html`${rows.length > 0 ? toolbar(csvLink(words, { path: `${path}/export`, query })) : ''}
${table<ShownDifference>({
  caption: words.say('statements.differences'),
  captionHidden: true,
  rows,
  empty: emptyState({
    title: words.say('statements.no-differences'),
    advice: words.say('statements.no-differences-advice'),
  }),
  columns: [
    { heading: words.say('statements.difference'), cell: ({ kind }) => words.say(`statements.difference.${kind}`) },
    {
      heading: words.say('statements.core-reference'),
      names: true,
      cell: ({ reference, kept }) =>
        kept !== undefined && opens ? link(debitPath(kept.debitId), ltr(reference)) : ltr(reference),
    },
    { heading: words.say('statements.creditor'), cell: ({ kept }) => (kept === undefined ? '' : ltr(kept.creditor)) },
    { heading: words.say('statements.of-what'), cell: (difference) => words.say(subjectOf(difference)) },
    { heading: words.say('statements.state'), cell: ({ kept }) => stateText(words, kept) },
    {
      ...{ heading: words.say('statements.amount-here'), numeric: true },
      cell: ({ kept }) => (kept?.amount === undefined ? '' : amountText(words, kept.amount)),
    },
    {
      ...{ heading: words.say('statements.amount-booked'), numeric: true },
      cell: ({ booked }) => (booked === undefined ? '' : amountText(words, booked.amount)),
    },
    { heading: words.say('statements.booking-here'), cell: ({ kept }) => ltr(kept?.bookingReference ?? '') },
    { heading: words.say('statements.booking-there'), cell: ({ booked }) => ltr(booked?.bookingReference ?? '') },
  ],
})}${pager(words, { path, query }, next)}`,
  );
}

/** Its state here, in words: of a reversal where it is one. */
function stateText(words: Words, kept: ShownDifference['kept']): string {
  if (kept === undefined) return '';
  const key = `${kept.reversalId === undefined ? 'common.debit' : 'debits.reversal'}.${kept.state}`;
  return isWordKey(key) ? words.say(key) : kept.state;
}

const subjectOf = ({ kept }: ShownDifference): WordKey =>
  kept === undefined
    ? 'statements.of-unknown'
    : kept.reversalId === undefined
      ? 'statements.of-debit'
      : 'statements.of-reversal';

export async function differencesExport(parts: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words } = visit;
  const comparison = await comparisonOf(parts, visit);
  const { comparisonId } = comparison;
  const rows = pageByPage<ShownDifference>((last) =>
    selectDifferences(parts.db, { comparisonId, after: last?.differenceId, limit: rowsExported }),
  );
  const text = (
    title: WordKey,
    of: (difference: ShownDifference) => string | undefined,
  ): CsvColumn<ShownDifference> => ({
    ...{ title: words.say(title), kind: 'CODE' },
    of: (difference) => of(difference) ?? '',
  });
  const columns: CsvColumn<ShownDifference>[] = [
    text('statements.difference', ({ kind }) => words.say(`statements.difference.${kind}`)),
    text('statements.core-reference', ({ reference }) => reference),
    text('statements.creditor', ({ kept }) => kept?.creditor),
    text('statements.of-what', (difference) => words.say(subjectOf(difference))),
    text('statements.state', ({ kept }) => stateText(words, kept)),
    { title: words.say('statements.amount-here'), kind: 'AMOUNT', of: ({ kept }) => kept?.amount },
    { title: words.say('statements.amount-booked'), kind: 'AMOUNT', of: ({ booked }) => booked?.amount },
    text('statements.booking-here', ({ kept }) => kept?.bookingReference),
    text('statements.booking-there', ({ booked }) => booked?.bookingReference),
    text('statements.compared-at', () => comparison.compared && formatInstant(comparison.compared.comparedAt)),
  ];
  return csvFile(words, `books-${comparison.day}-${comparison.attempt}.csv`, columns, rows);
}

/** Has a day compared again. What was found before stays beside what is found then. */
export async function postAgain({ db }: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, params, from } = visit;
  const day = parseDay(params.day ?? '');
  if (day === undefined) throw new PageFault('not-found');
  const asked = await compareBooksAgain(db, { day, by: staff.subject, from });
  const notice = words.say(asked ? 'statements.again-asked' : 'statements.again-waiting');
  return { answer: 'GO', to: booksPath, notice };
}

function placeIn(text: string): { day: Day; attempt: number } | undefined {
  const [dayText = '', attempt = ''] = text.split('/');
  const day = parseDay(dayText);
  return day === undefined || !/^\d{1,9}$/.test(attempt) ? undefined : { day, attempt: Number(attempt) };
}
