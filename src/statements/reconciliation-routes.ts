import type pg from 'pg';
import type { Cursors } from '../contract/cursor.ts';
import type { Answer, Handlers } from '../contract/handler.ts';
import { malformedBy, optional, Problem, problem } from '../contract/problem.ts';
import type { CreditorCode } from '../values/ids.ts';
import { receiveList } from './receive-list.ts';
import {
  type LineOutcome,
  linePositionText,
  listMediaTypes,
  parseLinePosition,
  type Reconciliation,
} from './reconciliation.ts';
import { selectReconciliationLines } from './reconciliation-lines.sql.ts';
import {
  csvHeader,
  csvLines,
  reconciliationLineResource,
  reconciliationResource,
} from './reconciliation-representation.ts';
import { findReconciliation } from './reconciliations.sql.ts';
import { walkReconciliationLines } from './walk-reconciliation.ts';

export type ReconciliationRouteParts = { db: pg.Pool; cursors: Cursors };

type Routes = Handlers<'putReconciliation' | 'getReconciliation' | 'listReconciliationLines'>;

export function reconciliationRoutes({ db, cursors }: ReconciliationRouteParts): Routes {
  const find = async (creditor: CreditorCode, reference: string): Promise<Reconciliation> => {
    const found = await findReconciliation(db, creditor, reference);
    if (found === undefined) throw new Problem('reconciliation-not-found', 'No reconciliation of yours has this name');
    return found;
  };
  return {
    async putReconciliation({ path: { reference }, request, upload, contentType }) {
      const mediaType = listMediaTypes.find((type) => type === contentType);
      if (upload === undefined || mediaType === undefined) throw new Error('a list comes spooled, in one of its forms');
      const received = await receiveList(db, { reference, mediaType, upload, request });
      switch (received.outcome) {
        case 'FAULTS':
          throw malformedBy(received.faults);
        case 'JTI_REUSED':
          return problem('jti-reused', 'The jti of this signature was seen with another list');
        case 'CONFLICT':
          return problem('reconciliation-conflict', 'A list of other bytes was sent under this name');
        case 'TAKEN':
          return taken(received.reconciliation, received.replayed);
      }
    },

    async getReconciliation({ client, path }) {
      return { status: 200, body: reconciliationResource(await find(client.creditorCode, path.reference)) };
    },

    async listReconciliationLines({ client, path, query, accepts }) {
      const list = await find(client.creditorCode, path.reference);
      if (list.matched === undefined)
        return problem(
          'reconciliation-not-matched',
          'It is matched soon after the statement of its last day is closed',
          {},
          { 'Retry-After': '60' },
        );
      if (accepts !== 'application/json') return streamed(db, list, query.outcome, accepts);
      const name = `reconciliation ${list.reconciliationId} ${query.outcome ?? ''}`;
      const openCursor = (cursor: string) => parseLinePosition(cursors.open(client.creditorCode, name, cursor) ?? '');
      const after = optional(query.cursor, openCursor, 'cursor', 'not a cursor of this list');
      const limit = query.limit ?? 50;
      const { reconciliationId } = list;
      // One more than asked for tells whether there is another page.
      const lines = await selectReconciliationLines(db, {
        reconciliationId,
        outcome: query.outcome,
        after,
        limit: limit + 1,
      });
      const page = lines.slice(0, limit);
      const last = page.at(-1);
      return {
        status: 200,
        body: {
          lines: page.map(reconciliationLineResource),
          ...(lines.length > page.length &&
            last && { nextCursor: cursors.seal(client.creditorCode, name, linePositionText(last)) }),
        },
      };
    },
  };
}

function taken(list: Reconciliation, replayed: boolean): Answer {
  const headers = replayed ? { 'Idempotent-Replayed': 'true' } : {};
  const body = reconciliationResource(list);
  if (list.matched !== undefined) return { status: 200, headers, body };
  return { status: 202, headers: { ...headers, Location: body.links.self, 'Retry-After': '60' }, body };
}

function streamed(db: pg.Pool, list: Reconciliation, outcome: LineOutcome | undefined, accepts: string): Answer {
  const isCsv = accepts === 'text/csv';
  async function* pieces(): AsyncGenerator<string> {
    if (isCsv) yield csvHeader();
    for await (const lines of walkReconciliationLines(db, list.reconciliationId, outcome))
      yield isCsv
        ? csvLines(lines)
        : lines.map((line) => `${JSON.stringify(reconciliationLineResource(line))}\n`).join('');
  }
  return { status: 200, contentType: accepts, stream: { pieces: pieces() } };
}
