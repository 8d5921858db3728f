import { creditorsOf } from '../../clients/look-up.ts';
import { listStatements } from '../../statements/look-up.ts';
import type { ClosedStatement } from '../../statements/statement.ts';
import { formatInstant } from '../../values/dates.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { PageFault } from '../fault.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { creditorIn } from './list.ts';
import type { StatementPageParts } from './tabs.ts';

const rowsExported = 500;

/** The figures of every statement of one creditor, for a spreadsheet. */
export async function exportStatements({ db }: StatementPageParts, { words, query }: Visit): Promise<PageAnswer> {
  const creditor = creditorIn(query, await creditorsOf(db));
  if (creditor === undefined) throw new PageFault('not-found');
  const rows = pageByPage<ClosedStatement>((last) =>
    listStatements(db, { creditor, before: last?.day, limit: rowsExported }),
  );
  const count = (title: string, of: (statement: ClosedStatement) => number): CsvColumn<ClosedStatement> => ({
    ...{ title, kind: 'TEXT' },
    of: (statement) => String(of(statement)),
  });
  return csvFile(
    words,
    `statements-${creditor}.csv`,
    [
      { title: words.say('statements.day'), kind: 'TEXT', of: ({ day }) => day },
      count(words.say('statements.sequence'), ({ sequence }) => sequence),
      count(words.say('statements.settled'), ({ figures }) => figures.SETTLED.debits),
      { title: words.say('statements.settled-amount'), kind: 'AMOUNT', of: ({ figures }) => figures.SETTLED.amount },
      count(words.say('statements.rejected'), ({ figures }) => figures.REJECTED.debits),
      count(words.say('statements.cancelled'), ({ figures }) => figures.CANCELLED.debits),
      count(words.say('statements.reversed'), ({ figures }) => figures.REVERSED.debits),
      count(words.say('statements.open'), ({ openLines }) => openLines),
      { title: words.say('statements.since'), kind: 'AMOUNT', of: ({ cumulative }) => cumulative.SETTLED.amount },
      { title: words.say('statements.closed-at'), kind: 'TEXT', of: ({ closedAt }) => formatInstant(closedAt) },
    ],
    rows,
  );
}
