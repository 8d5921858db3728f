import type { Queryable } from '../database/queryable.ts';
import { type LinesOf, type OpenPosition, selectLines, selectOpenLines } from './lines.sql.ts';
import type { CutStatement, OpenLine, Place, StatementLine } from './statement.ts';

/** Sealed rows that are looked through at once: a few megabytes of tokens, and a fraction of a second. */
const stretch = 5_000;

/** A statement's lines in the journal's order, some at a time: the same for ever, since nothing that they show changes. */
export async function* linesOf(db: Queryable, statement: LinesOf): AsyncGenerator<StatementLine[]> {
  let after: Place | undefined = statement.after;
  while (after !== undefined) {
    const { lines, next } = await selectLines(db, statement, after, stretch);
    yield lines;
    after = next;
  }
}

/** What was open at its close, some at a time. */
export async function* openLinesOf(
  db: Queryable,
  statement: Pick<CutStatement, 'creditor' | 'sequence' | 'openSince'>,
): AsyncGenerator<OpenLine[]> {
  let after: OpenPosition | undefined;
  do {
    const { lines, last } = await selectOpenLines(db, statement, after, stretch);
    yield lines;
    after = last;
  } while (after !== undefined);
}
