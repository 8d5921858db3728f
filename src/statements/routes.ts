import type { Cursors } from '../contract/cursor.ts';
import type { Answer, Call, Handlers } from '../contract/handler.ts';
import { malformed, optional, Problem } from '../contract/problem.ts';
import type { Queryable } from '../database/queryable.ts';
import { parseDay } from '../values/dates.ts';
import type { CreditorCode } from '../values/ids.ts';
import { documentOf, fileOf } from './download.ts';
import { statementSummary } from './representation.ts';
import { type ClosedStatement, type FileFormat, fileFormats } from './statement.ts';
import { findStatement, listStatements } from './statements.sql.ts';
import { mediaTypes } from './token.ts';

export type StatementRouteParts = { db: Queryable; cursors: Cursors };

/** Of a creditor, in one replica: each holds some thousand lines at a time. */
const mostDownloads = 4;

export function statementRoutes({ db, cursors }: StatementRouteParts): Handlers<'getStatement' | 'listStatements'> {
  const underWay = new Map<CreditorCode, number>();
  return {
    async getStatement({ client, path, accepts }) {
      const day = parseDay(path.date) ?? malformed('date', 'not a day');
      const statement = await findStatement(db, client.creditorCode, day);
      if (statement === undefined) throw new Problem('statement-not-found', 'No statement of this day is closed');
      if (accepts === 'application/jose') return { status: 200, contentType: accepts, body: statement.token };
      if ((underWay.get(client.creditorCode) ?? 0) >= mostDownloads)
        throw new Problem('too-many-requests', 'Other statements are being fetched', {}, { 'Retry-After': '5' });
      return counting(underWay, client.creditorCode, download(db, statement, accepts));
    },

    async listStatements({ client, query }) {
      const { before, limit } = filterOf(cursors, client.creditorCode, query);
      // One more than asked for tells whether there is another page.
      const statements = await listStatements(db, { creditor: client.creditorCode, before, limit: limit + 1 });
      const page = statements.slice(0, limit);
      const last = page.at(-1);
      return {
        status: 200,
        body: {
          statements: page.map(statementSummary),
          ...(statements.length > page.length &&
            last && { nextCursor: cursors.seal(client.creditorCode, 'statements', last.day) }),
        },
      };
    },
  };
}

type Download = Answer & Required<Pick<Answer, 'stream'>>;

function download(db: Queryable, statement: ClosedStatement, accepts: string): Download {
  const format = fileFormats.find((name) => mediaTypes[name] === accepts);
  if (format === undefined) return { status: 200, stream: { pieces: documentOf(db, statement) } };
  const { bytes, digest } = statement.files[format];
  return {
    status: 200,
    contentType: accepts,
    headers: {
      'Content-Digest': `sha-256=:${digest.toString('base64')}:`,
      'Content-Disposition': `attachment; filename="${fileName(statement, format)}"`,
    },
    stream: { pieces: fileOf(db, statement, format), bytes },
  };
}

const extensions = { jsonLines: 'jsonl', csv: 'csv', camt054: 'camt054.xml' } as const;

/** "CNAS-2026-01-31.csv". */
export const fileName = ({ creditor, day }: ClosedStatement, format: FileFormat): string =>
  `${creditor}-${day}.${extensions[format]}`;

/** The same answer, counted while it goes out. */
function counting(underWay: Map<CreditorCode, number>, creditor: CreditorCode, answer: Download): Answer {
  const add = (one: 1 | -1) => underWay.set(creditor, (underWay.get(creditor) ?? 0) + one);
  async function* counted(): AsyncGenerator<string> {
    add(1);
    try {
      yield* answer.stream.pieces;
    } finally {
      add(-1);
    }
  }
  return { ...answer, stream: { ...answer.stream, pieces: counted() } };
}

function filterOf(cursors: Cursors, creditor: CreditorCode, query: Call<'listStatements'>['query']) {
  const openCursor = (cursor: string) => parseDay(cursors.open(creditor, 'statements', cursor) ?? '');
  return {
    before: optional(query.cursor, openCursor, 'cursor', 'not a cursor of this list'),
    limit: query.limit ?? 50,
  };
}
