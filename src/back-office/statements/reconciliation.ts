import { html } from 'hono/html';
import { type DebitState, debitStates } from '../../debits/debit.ts';
import { readReconciliation, selectReconciliationLines } from '../../statements/look-up.ts';
import {
  type LineOutcome,
  lineOutcomes,
  linePositionText,
  type MatchedReconciliation,
  parseLineOutcome,
  parseLinePosition,
  type Reconciliation,
  type ReconciliationFigureName,
  type ReconciliationLine,
  reconciliationFigures,
} from '../../statements/reconciliation.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { debitPath, readers as debitReaders } from '../debits/parts.ts';
import { PageFault } from '../fault.ts';
import { badge, debitBadge, type Tone } from '../look/badge.ts';
import { descriptions, lead, section, tabs } from '../look/blocks.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, instantText, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import type { WordKey, Words } from '../words/words.ts';
import { daysText, reconciliationPath, stateBadge } from './reconciliations.ts';
import type { StatementPageParts } from './tabs.ts';

const rowsShown = 50;
const rowsExported = 1_000;

type Asked = { list: Reconciliation; outcome: LineOutcome | undefined };

async function askedOf({ db }: StatementPageParts, { params, query }: Visit): Promise<Asked> {
  const id = params.reconciliationId ?? '';
  const list = /^[0-9a-f-]{36}$/.test(id) ? await readReconciliation(db, id) : undefined;
  if (list === undefined) throw new PageFault('not-found');
  return { list, outcome: parseLineOutcome(query.get('outcome') ?? '') };
}

/** One list with its figures; its lines, which are of every agency, for whoever sees them all. */
export async function reconciliationPage(parts: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff } = visit;
  const asked = await askedOf(parts, visit);
  const { list } = asked;
  const { matched } = list;
  const seesLines = matched !== undefined && staff.agencies === 'ALL';
  const content = html`${section(
    words.say('statements.reconciliation'),
    descriptions([
      [words.say('statements.reference'), ltr(list.reference)],
      [words.say('statements.creditor'), ltr(list.creditor)],
      [words.say('statements.days'), daysText(words, list)],
      [words.say('statements.state'), stateBadge(words, list)],
      [words.say('statements.received-at'), instantText(words, list.receivedAt)],
      [words.say('statements.expected'), words.number(list.expected.lines)],
      [words.say('statements.expected-amount'), amountText(words, list.expected.amount)],
      ...(matched === undefined
        ? ([[words.say('statements.compared'), words.number(list.compared)]] as const)
        : matchedFacts(words, matched)),
    ]),
  )}
${matched === undefined ? lead(words.say('statements.reconciliation-waits')) : figuresTable(words, matched)}
${seesLines ? await linesSection(parts, visit, asked) : ''}
${matched !== undefined && !seesLines ? lead(words.say('statements.all-agencies')) : ''}`;
  return {
    answer: 'PAGE',
    title: words.say('statements.reconciliation-of', { creditor: list.creditor, reference: list.reference }),
    content,
    ...(seesLines && { read: [{ kind: 'debits.read' as const }] }),
  };
}

const matchedFacts = (words: Words, { matchedAt, jti }: MatchedReconciliation): [string, Content][] => [
  [words.say('statements.matched-at'), instantText(words, matchedAt)],
  [words.say('statements.proof'), ltr(jti)],
];

function figuresTable(words: Words, { figures }: MatchedReconciliation): Html {
  const columns: Column<ReconciliationFigureName>[] = [
    { heading: words.say('statements.outcome'), names: true, cell: (name) => words.say(`statements.outcome.${name}`) },
    { heading: words.say('statements.lines'), numeric: true, cell: (name) => words.number(figures[name].lines) },
    {
      ...{ heading: words.say('statements.expected-amount'), numeric: true },
      cell: (name) => amountText(words, figures[name].expected),
    },
    {
      ...{ heading: words.say('statements.settled-amount'), numeric: true },
      cell: (name) => amountText(words, figures[name].settled),
    },
  ];
  return table({
    ...{ caption: words.say('statements.figures'), rows: [...reconciliationFigures], columns },
    ...{ csv: 'reconciliation-figures', empty: '' },
  });
}

async function linesSection(
  { db, cursors }: StatementPageParts,
  visit: Visit,
  { list, outcome }: Asked,
): Promise<Html> {
  const { words, staff, query } = visit;
  const path = reconciliationPath(list);
  const name = `${path} ${outcome ?? ''}`;
  const last = cursors.open(staff.subject, name, query.get(cursorName) ?? '');
  const found = await selectReconciliationLines(db, {
    ...{ reconciliationId: list.reconciliationId, outcome, limit: rowsShown + 1 },
    after: last === undefined ? undefined : parseLinePosition(last),
  });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined
      ? cursors.seal(staff.subject, name, linePositionText(end))
      : undefined;
  return section(
    words.say('statements.lines'),
    html`${tabs(words.say('statements.lines'), [
      { href: path, label: words.say('statements.outcome.ALL'), current: outcome === undefined },
      ...lineOutcomes.map((one) => ({
        href: `${path}?outcome=${one}`,
        label: words.say(`statements.outcome.${one}`),
        current: one === outcome,
      })),
    ])}
${rows.length > 0 ? toolbar(csvLink(words, { path: `${path}/export`, query })) : ''}
${table<ReconciliationLine>({
  caption: words.say('statements.lines'),
  captionHidden: true,
  rows,
  columns: lineColumns(visit),
  empty: emptyState({ title: words.say('statements.no-lines'), advice: words.say('statements.no-lines-advice') }),
})}${pager(words, { path, query }, next)}`,
  );
}

const tones: Readonly<Record<LineOutcome, Tone>> = {
  MATCHED: 'good',
  DIFFERING: 'bad',
  MISSING: 'attention',
  REPEATED: 'over',
  UNEXPECTED: 'attention',
};

const stateOf = ({ state }: ReconciliationLine): DebitState | undefined => debitStates.find((known) => known === state);

function lineColumns({ words, staff }: Visit): Column<ReconciliationLine>[] {
  const opens = hasRole(staff, debitReaders);
  return [
    {
      heading: words.say('statements.end-to-end-id'),
      names: true,
      cell: ({ endToEndId, debit }) =>
        debit !== undefined && opens ? link(debitPath(debit.debitId), ltr(endToEndId)) : ltr(endToEndId),
    },
    {
      ...{ heading: words.say('statements.line'), numeric: true },
      cell: ({ line }) => (line === 0 ? '' : words.number(line)),
    },
    {
      heading: words.say('statements.outcome'),
      cell: ({ outcome }) => badge(tones[outcome], words.say(`statements.line-outcome.${outcome}`)),
    },
    {
      ...{ heading: words.say('statements.expected-amount'), numeric: true },
      cell: ({ expected }) => (expected === undefined ? '' : amountText(words, expected.amount)),
    },
    {
      ...{ heading: words.say('statements.settled-amount'), numeric: true },
      cell: ({ settled }) => (settled === undefined ? '' : amountText(words, settled)),
    },
    {
      heading: words.say('statements.state'),
      cell(line) {
        const state = stateOf(line);
        return state === undefined ? '' : debitBadge(words, state);
      },
    },
    {
      heading: words.say('statements.final-at'),
      cell: ({ finalAt }) => (finalAt === undefined ? '' : instantText(words, finalAt)),
    },
  ];
}

/** Every line, or those of one outcome, as a file. */
export async function reconciliationExport(parts: StatementPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff } = visit;
  const { list, outcome } = await askedOf(parts, visit);
  if (list.matched === undefined || staff.agencies !== 'ALL') throw new PageFault('not-found');
  const { reconciliationId } = list;
  const rows = pageByPage<ReconciliationLine>((after) =>
    selectReconciliationLines(parts.db, { reconciliationId, outcome, after, limit: rowsExported }),
  );
  const text = (
    title: WordKey,
    of: (line: ReconciliationLine) => string | undefined,
  ): CsvColumn<ReconciliationLine> => ({
    ...{ title: words.say(title), kind: 'CODE' },
    of: (line) => of(line) ?? '',
  });
  const columns: CsvColumn<ReconciliationLine>[] = [
    text('statements.end-to-end-id', ({ endToEndId }) => endToEndId),
    text('statements.line', ({ line }) => (line === 0 ? '' : String(line))),
    text('statements.outcome', (line) => words.say(`statements.line-outcome.${line.outcome}`)),
    { title: words.say('statements.expected-amount'), kind: 'AMOUNT', of: ({ expected }) => expected?.amount },
    { title: words.say('statements.settled-amount'), kind: 'AMOUNT', of: ({ settled }) => settled },
    text('statements.state', ({ state }) => state),
    text('statements.declaration', ({ debit, expected }) => debit?.terms?.declaration ?? expected?.declaration),
    text(
      'statements.employer-number',
      ({ debit, expected }) => debit?.terms?.employerNumber ?? expected?.employerNumber,
    ),
    text('statements.final-at', ({ finalAt }) => finalAt?.toISOString()),
    text('statements.proof', ({ confirmation }) => confirmation),
  ];
  const file = csvFile(words, `${list.creditor}-${list.reference}.csv`, columns, rows);
  return { ...file, read: [{ kind: 'debits.read' }] };
}
