import { html } from 'hono/html';
import { type Contest, selectOpenContests } from '../../debits/contest.sql.ts';
import { parseContestId } from '../../debits/contest.ts';
import { type Contradiction, selectWaitingContradictions } from '../../debits/contradiction.sql.ts';
import { parseContradictionId } from '../../debits/evidence.ts';
import { countDebitsWaiting, type DoubtfulDebit, selectDoubtful } from '../../debits/waiting.sql.ts';
import { algiersDay, parseDay, parseInstant } from '../../values/dates.ts';
import { parseDebitId } from '../../values/ids.ts';
import { badge, debitBadge } from '../look/badge.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr } from '../look/text.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type DebitPageParts, debitPath, readers } from './parts.ts';
import { queueExportPath } from './queue-export.ts';
import { type Queue, queuePath, queues, queueTabs, queueTitles } from './queue-tabs.ts';
import { contradictionWords, coreSaid, durationText, employerName } from './said.ts';

const rowsShown = 50;

/** What waits for people: debits in doubt, contradictions, contests, each the oldest or most urgent first. */
export const queuePages = (parts: DebitPageParts): BackOfficePage[] =>
  queues.map((queue) => ({
    method: 'GET',
    path: queuePath(queue),
    section: 'debits',
    roles: readers,
    run: (visit) => queuePage(parts, queue, visit),
  }));

async function queuePage({ db, cursors }: DebitPageParts, queue: Queue, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now } = visit;
  const [waiting, list] = await Promise.all([
    countDebitsWaiting(db, staff.agencies, algiersDay(now)),
    listOf(db, queue, visit, cursorIn(cursors, queue, visit)),
  ]);
  const { shown, rows } = list;
  const next = list.next && cursors.seal(staff.subject, queue, list.next);
  return {
    answer: 'PAGE',
    title: words.say(queueTitles[queue]),
    content: html`${queueTabs(words, queue, waiting)}<p>${words.say(`debits.queue.${queue}-about`)}</p>${rows > 0 ? toolbar(csvLink(words, { path: queueExportPath(queue), query: new URLSearchParams() })) : ''}${shown}${pager(words, { path: queuePath(queue), query: visit.query }, next)}`,
    read: rows > 0 ? [{ kind: 'debits.read' }] : [],
  };
}

/** Where the page before ended; empty for the first, and where the cursor is not this reader's. */
function cursorIn(cursors: DebitPageParts['cursors'], queue: Queue, { query, staff }: Visit): string {
  const cursor = query.get(cursorName);
  return (cursor === null ? undefined : cursors.open(staff.subject, queue, cursor)) ?? '';
}

type Shown = { shown: Content; rows: number; next: string | undefined };

async function listOf(db: DebitPageParts['db'], queue: Queue, visit: Visit, cursor: string): Promise<Shown> {
  const { words, staff, now } = visit;
  const limit = rowsShown + 1;
  const [at = '', id = ''] = cursor.split('_', 2);
  switch (queue) {
    case 'in-doubt':
    case 'for-people': {
      const page = { forPeople: queue === 'for-people', after: parseDebitId(cursor), limit };
      const found = await selectDoubtful(db, staff.agencies, page);
      return shownAs(words, found, doubtColumns(words, now), ({ debitId }) => debitId);
    }
    case 'contradictions': {
      const foundAt = parseInstant(at);
      const contradictionId = parseContradictionId(id);
      const after = foundAt && contradictionId && { foundAt, contradictionId };
      const found = await selectWaitingContradictions(db, staff.agencies, { after, limit });
      const cursorOf = (last: Contradiction) => `${last.foundAt.toISOString()}_${last.contradictionId}`;
      return shownAs(words, found, contradictionColumns(words), cursorOf);
    }
    case 'contests': {
      const dueOn = parseDay(at);
      const contestId = parseContestId(id);
      const after = dueOn && contestId && { dueOn, contestId };
      const found = await selectOpenContests(db, staff.agencies, { after, limit });
      return shownAs(words, found, contestColumns(words, now), (last) => `${last.dueOn}_${last.contestId}`);
    }
  }
}

function shownAs<Row>(
  words: Words,
  found: readonly Row[],
  columns: readonly Column<Row>[],
  cursorOf: (last: Row) => string,
): Shown {
  const rows = found.slice(0, rowsShown);
  const last = rows.at(-1);
  return {
    shown: table<Row>({
      caption: words.say('debits.waiting'),
      captionHidden: true,
      rows,
      columns,
      empty: emptyState({ title: words.say('debits.nothing-waits'), advice: words.say('debits.nothing-waits-advice') }),
    }),
    rows: rows.length,
    next: found.length > rows.length && last !== undefined ? cursorOf(last) : undefined,
  };
}

const doubtColumns = (words: Words, now: Date): Column<DoubtfulDebit>[] => [
  {
    heading: words.say('debits.end-to-end-id'),
    names: true,
    cell: ({ debitId, endToEndId, attempt }) =>
      html`${link(debitPath(debitId), ltr(endToEndId))}${attempt === undefined ? '' : html`<br>${words.say('debits.reversal-of', { attempt })}`}`,
  },
  {
    heading: words.say('debits.employer'),
    cell: (debit) => html`${employerName(words, debit.employer)}<br>${ltr(debit.employerNumber ?? '')}`,
  },
  {
    heading: words.say('debits.amount'),
    numeric: true,
    cell: (debit) => (debit.amount === undefined ? '–' : amountText(words, debit.amount)),
  },
  {
    heading: words.say('debits.in-doubt-for'),
    cell: (debit) =>
      html`${durationText(words, debit.receivedAt, now)}${debit.forPeopleSince === undefined ? '' : html`<br>${badge('attention', words.say('debits.for-people'))}`}`,
  },
  { heading: words.say('debits.resolve-by'), cell: (debit) => instantText(words, debit.resolveBy) },
  {
    heading: words.say('debits.last-answer'),
    cell: ({ lastAnswer }) =>
      lastAnswer === undefined
        ? words.say('debits.no-answer-yet')
        : html`${coreSaid(words, lastAnswer)}<br>${instantText(words, lastAnswer.askedAt)}`,
  },
  { heading: words.say('debits.next-question'), cell: (debit) => instantText(words, debit.nextQuestionAt) },
];

const contradictionColumns = (words: Words): Column<Contradiction>[] => [
  {
    heading: words.say('debits.end-to-end-id'),
    names: true,
    cell: ({ debitId, endToEndId, about: { attempt } }) =>
      html`${link(debitPath(debitId), ltr(endToEndId))}${attempt === undefined ? '' : html`<br>${words.say('debits.reversal-of', { attempt })}`}`,
  },
  { heading: words.say('debits.what'), cell: (row) => words.say(contradictionWords[row.kind]) },
  { heading: words.say('debits.stands'), cell: (row) => debitBadge(words, row.state) },
  {
    heading: words.say('debits.amount'),
    numeric: true,
    cell: (row) => (row.amount === undefined ? '–' : amountText(words, row.amount)),
  },
  {
    heading: words.say('debits.core-said'),
    cell: ({ said }) =>
      said === undefined
        ? '–'
        : html`${ltr(said.bookingReference)}${said.amount === undefined ? '' : html`<br>${amountText(words, said.amount)}`}${said.executedAt === undefined ? '' : html`<br>${instantText(words, said.executedAt)}`}`,
  },
  { heading: words.say('debits.found-at'), cell: (row) => instantText(words, row.foundAt) },
];

const contestColumns = (words: Words, now: Date): Column<Contest>[] => [
  {
    heading: words.say('debits.end-to-end-id'),
    names: true,
    cell: (contest) => link(debitPath(contest.debitId), ltr(contest.endToEndId)),
  },
  {
    heading: words.say('debits.employer'),
    cell: (contest) => html`${employerName(words, contest.employer)}<br>${ltr(contest.employerNumber)}`,
  },
  { heading: words.say('debits.amount'), numeric: true, cell: (contest) => amountText(words, contest.amount) },
  { heading: words.say('debits.creditor'), cell: (contest) => ltr(contest.creditor) },
  { heading: words.say('debits.opened-at'), cell: (contest) => instantText(words, contest.openedAt) },
  {
    heading: words.say('debits.due-on'),
    cell: (contest) =>
      html`${dayText(words, contest.dueOn)}${contest.dueOn < algiersDay(now) ? html`<br>${badge('bad', words.say('debits.overdue'))}` : ''}`,
  },
];
