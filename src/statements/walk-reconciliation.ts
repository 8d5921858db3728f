import type { Queryable } from '../database/queryable.ts';
import type { LineOutcome, LinePosition, ReconciliationLine } from './reconciliation.ts';
import { selectReconciliationLines } from './reconciliation-lines.sql.ts';

/** Lines that are read at once. */
const stretch = 2_000;

/** A matched list's lines, some at a time. */
export async function* walkReconciliationLines(
  db: Queryable,
  reconciliationId: string,
  outcome: LineOutcome | undefined,
): AsyncGenerator<ReconciliationLine[]> {
  let after: LinePosition | undefined;
  do {
    const lines: ReconciliationLine[] = await selectReconciliationLines(db, {
      reconciliationId,
      outcome,
      after,
      limit: stretch,
    });
    yield lines;
    after = lines.length < stretch ? undefined : lines.at(-1);
  } while (after !== undefined);
}
