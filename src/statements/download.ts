import type { Queryable } from '../database/queryable.ts';
import { camt054Writers } from './camt054.ts';
import { csvWriter } from './csv.ts';
import type { FileWriter, FileWriters } from './file-writer.ts';
import { jsonDocumentWriter, jsonLinesWriter } from './json-lines.ts';
import { statementSummary } from './representation.ts';
import { type ClosedStatement, type CutStatement, type FileFormat, statementFormat } from './statement.ts';
import { linesOf, openLinesOf } from './walk.ts';

/** One of the signed files, made from the stored rows again, piece by piece: the bytes whose digest was signed. */
export async function* fileOf(db: Queryable, statement: ClosedStatement, format: FileFormat): AsyncGenerator<string> {
  for (const writer of writersOf(statement, format)) yield* written(db, statement, writer);
}

/** The statement with its lines as one JSON document (schema Statement). */
export const documentOf = (db: Queryable, statement: ClosedStatement): AsyncGenerator<string> =>
  written(db, statement, jsonDocumentWriter(statementSummary(statement)));

export function writersOf(statement: CutStatement, format: FileFormat): FileWriters {
  switch (format) {
    case 'jsonLines':
      return [jsonLinesWriter()];
    case 'csv':
      return [csvWriter(statementFormat(statement))];
    case 'camt054':
      return camt054Writers(statement);
  }
}

/** One pass over everything that a statement tells. */
export async function* written(db: Queryable, statement: CutStatement, writer: FileWriter): AsyncGenerator<string> {
  yield writer.head();
  for await (const lines of linesOf(db, statement)) yield writer.lines(lines);
  for await (const lines of openLinesOf(db, statement)) yield writer.open(lines);
  yield writer.tail();
}
