import { Readable } from 'node:stream';
import { fileOf } from '../../statements/download.ts';
import { findStatement } from '../../statements/look-up.ts';
import { fileName } from '../../statements/routes.ts';
import { fileFormats } from '../../statements/statement.ts';
import { mediaTypes } from '../../statements/token.ts';
import { parseDay } from '../../values/dates.ts';
import { parseCreditorCode } from '../../values/ids.ts';
import { PageFault } from '../fault.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { booksPage, comparisonPage, differencesExport, exportBooks, postAgain } from './books.ts';
import { exportStatements } from './export.ts';
import { statementsPage } from './list.ts';
import { reconciliationExport, reconciliationPage } from './reconciliation.ts';
import { exportReconciliations, reconciliationsPage } from './reconciliations.ts';
import { askers, booksPath, lookers, reconciliationsPath, type StatementPageParts, statementsPath } from './tabs.ts';

/** The daily statements as their creditors get them, what these expected, and our books against the core's. */
export const statementPages = (parts: StatementPageParts): BackOfficePage[] => [
  {
    ...{ method: 'GET', path: statementsPath, section: 'statements', roles: lookers },
    run: (visit) => statementsPage(parts, visit),
  },
  {
    ...{ method: 'GET', path: `${statementsPath}/export`, section: 'statements', roles: lookers },
    run: (visit) => exportStatements(parts, visit),
  },
  {
    ...{ method: 'GET', path: `${statementsPath}/:creditor/:date/:format`, section: 'statements', roles: lookers },
    run: (visit) => file(parts, visit),
  },
  ...[
    [reconciliationsPath, reconciliationsPage] as const,
    [`${reconciliationsPath}/export`, exportReconciliations] as const,
    [`${reconciliationsPath}/:reconciliationId`, reconciliationPage] as const,
    [`${reconciliationsPath}/:reconciliationId/export`, reconciliationExport] as const,
    [booksPath, booksPage] as const,
    [`${booksPath}/export`, exportBooks] as const,
    [`${booksPath}/:comparisonId`, comparisonPage] as const,
    [`${booksPath}/:comparisonId/export`, differencesExport] as const,
  ].map(
    ([path, answer]): BackOfficePage => ({
      ...{ method: 'GET', path, section: 'statements', roles: lookers },
      run: (visit) => answer(parts, visit),
    }),
  ),
  {
    ...{ method: 'POST', path: `${booksPath}/:day/again`, section: 'statements', roles: askers },
    run: (visit) => postAgain(parts, visit),
  },
];

/** A whole day is of every agency: who sees some of them only finds no file. */
async function file({ db }: StatementPageParts, { params, staff }: Visit): Promise<PageAnswer> {
  const creditor = parseCreditorCode(params.creditor ?? '');
  const day = parseDay(params.date ?? '');
  const format = fileFormats.find((name) => name === params.format);
  if (staff.agencies !== 'ALL' || creditor === undefined || day === undefined || format === undefined)
    throw new PageFault('not-found');
  const statement = await findStatement(db, creditor, day);
  if (statement === undefined) throw new PageFault('not-found');
  return {
    answer: 'FILE',
    type: mediaTypes[format],
    name: fileName(statement, format),
    content: Readable.from(fileOf(db, statement, format), { highWaterMark: 1 }),
    read: [{ kind: 'debits.read' }],
  };
}
