import { type Contest, selectOpenContests } from '../../debits/contest.sql.ts';
import { type Contradiction, selectWaitingContradictions } from '../../debits/contradiction.sql.ts';
import { type DoubtfulDebit, selectDoubtful } from '../../debits/waiting.sql.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type DebitPageParts, readers } from './parts.ts';
import { type Queue, queuePath, queues } from './queue-tabs.ts';
import { answerWords, contradictionWords } from './said.ts';

const rowsExported = 500;

export const queueExportPath = (queue: Queue): string => `${queuePath(queue)}/export`;

/** Each queue, all of it, as a file for a spreadsheet. */
export const queueExportPages = (parts: DebitPageParts): BackOfficePage[] =>
  queues.map((queue) => ({
    method: 'GET',
    path: queueExportPath(queue),
    section: 'debits',
    roles: readers,
    run: async (visit) => ({ ...fileOf(parts, queue, visit), read: [{ kind: 'debits.read' }] }),
  }));

function fileOf(
  { db }: DebitPageParts,
  queue: Queue,
  { words, staff, now }: Visit,
): Extract<PageAnswer, { answer: 'FILE' }> {
  const { agencies } = staff;
  const name = `${words.say('debits.file-name')}-${queue}-${algiersDay(now)}.csv`;
  const limit = rowsExported;
  switch (queue) {
    case 'in-doubt':
    case 'for-people': {
      const forPeople = queue === 'for-people';
      const rows = pageByPage<DoubtfulDebit>((last) =>
        selectDoubtful(db, agencies, { forPeople, after: last?.debitId, limit }),
      );
      return csvFile(words, name, doubtColumns(words), rows);
    }
    case 'contradictions': {
      const rows = pageByPage<Contradiction>((after) => selectWaitingContradictions(db, agencies, { after, limit }));
      return csvFile(words, name, contradictionColumns(words), rows);
    }
    case 'contests': {
      const rows = pageByPage<Contest>((after) => selectOpenContests(db, agencies, { after, limit }));
      return csvFile(words, name, contestColumns(words), rows);
    }
  }
}

const instant = (at: Date | undefined): string => (at === undefined ? '' : formatInstant(at));

const nameIn = ({ language }: Words, employer: { nameFr: string; nameAr: string } | undefined): string =>
  (language === 'ar' ? employer?.nameAr : employer?.nameFr) ?? '';

const doubtColumns = (words: Words): CsvColumn<DoubtfulDebit>[] => [
  { title: words.say('debits.end-to-end-id'), kind: 'CODE', of: (debit) => debit.endToEndId },
  { title: words.say('debits.reversal-attempt'), kind: 'TEXT', of: ({ attempt }) => String(attempt ?? '') },
  { title: words.say('debits.creditor'), kind: 'TEXT', of: (debit) => debit.creditor },
  { title: words.say('debits.employer-number'), kind: 'CODE', of: (debit) => debit.employerNumber ?? '' },
  { title: words.say('debits.employer'), kind: 'TEXT', of: (debit) => nameIn(words, debit.employer) },
  { title: words.say('debits.amount'), kind: 'AMOUNT', of: (debit) => debit.amount },
  { title: words.say('debits.received-at'), kind: 'TEXT', of: (debit) => instant(debit.receivedAt) },
  { title: words.say('debits.resolve-by'), kind: 'TEXT', of: (debit) => instant(debit.resolveBy) },
  {
    title: words.say('debits.last-answer'),
    kind: 'TEXT',
    of: ({ lastAnswer }) => (lastAnswer === undefined ? '' : words.say(answerWords[lastAnswer.answer])),
  },
  { title: words.say('debits.asked-at'), kind: 'TEXT', of: ({ lastAnswer }) => instant(lastAnswer?.askedAt) },
];

const contradictionColumns = (words: Words): CsvColumn<Contradiction>[] => [
  { title: words.say('debits.end-to-end-id'), kind: 'CODE', of: (met) => met.endToEndId },
  { title: words.say('debits.reversal-attempt'), kind: 'TEXT', of: ({ about }) => String(about.attempt ?? '') },
  { title: words.say('debits.creditor'), kind: 'TEXT', of: (met) => met.creditor },
  { title: words.say('debits.what'), kind: 'TEXT', of: (met) => words.say(contradictionWords[met.kind]) },
  { title: words.say('debits.stands'), kind: 'TEXT', of: (met) => words.say(`common.debit.${met.state}`) },
  { title: words.say('debits.debit-amount'), kind: 'AMOUNT', of: (met) => met.amount },
  { title: words.say('debits.booking-reference'), kind: 'CODE', of: ({ said }) => said?.bookingReference ?? '' },
  { title: words.say('debits.amount'), kind: 'AMOUNT', of: ({ said }) => said?.amount },
  { title: words.say('debits.found-at'), kind: 'TEXT', of: (met) => instant(met.foundAt) },
];

const contestColumns = (words: Words): CsvColumn<Contest>[] => [
  { title: words.say('debits.end-to-end-id'), kind: 'CODE', of: (contest) => contest.endToEndId },
  { title: words.say('debits.creditor'), kind: 'TEXT', of: (contest) => contest.creditor },
  { title: words.say('debits.employer-number'), kind: 'CODE', of: (contest) => contest.employerNumber },
  { title: words.say('debits.employer'), kind: 'TEXT', of: (contest) => nameIn(words, contest.employer) },
  { title: words.say('debits.amount'), kind: 'AMOUNT', of: (contest) => contest.amount },
  { title: words.say('debits.opened-at'), kind: 'TEXT', of: (contest) => instant(contest.openedAt) },
  { title: words.say('debits.due-on'), kind: 'TEXT', of: (contest) => contest.dueOn },
];
