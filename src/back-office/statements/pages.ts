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
import type { Role } from '../staff.ts';
import { type StatementPageParts, statementsPage, statementsPath } from './list.ts';

const lookers: readonly Role[] = ['supervisor', 'auditor', 'administrator'];

/** The daily statements as their creditors get them, day by day, with their files. */
export const statementPages = (parts: StatementPageParts): BackOfficePage[] => [
  {
    ...{ method: 'GET', path: statementsPath, section: 'statements', roles: lookers },
    run: (visit) => statementsPage(parts, visit),
  },
  {
    ...{ method: 'GET', path: `${statementsPath}/:creditor/:date/:format`, section: 'statements', roles: lookers },
    run: (visit) => file(parts, visit),
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
