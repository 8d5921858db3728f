import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase, noCentimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode, Jws, TokenId } from '../values/ids.ts';
import {
  type ListMediaType,
  linesCompared,
  type Reconciliation,
  type ReconciliationFigure,
  type ReconciliationFigureName,
  type ReconciliationFigures,
} from './reconciliation.ts';

/** One piece of the list's bytes, as the creditor signed them. */
export async function keepListPart(db: Queryable, request: SignedRequest, part: number, bytes: Buffer): Promise<void> {
  await db.query({
    name: 'keep-list-part',
    text: 'insert into request_parts (creditor_code, jti, part, bytes) values ($1, $2, $3, $4)',
    values: [request.creditorCode, request.jti, part, bytes],
  });
}

/** That piece; undefined after the last one. */
export async function selectListPart(
  db: Queryable,
  { creditor, request }: Pick<Reconciliation, 'creditor' | 'request'>,
  part: number,
): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ bytes: Buffer }>({
    name: 'select-list-part',
    text: 'select bytes from request_parts where creditor_code = $1 and jti = $2 and part = $3',
    values: [creditor, request.jti, part],
  });
  return rows[0]?.bytes;
}

/** Takes the list in, with the journal row that tells of it. False: its name is taken. */
export async function insertReconciliation(
  db: Queryable,
  list: Omit<Reconciliation, 'compared' | 'matched'>,
): Promise<boolean> {
  const { creditor, days, expected, request } = list;
  const { rowCount } = await db.query({
    name: 'insert-reconciliation',
    text: `
      with taken as (
        insert into reconciliations (reconciliation_id, creditor_code, reference, first_day, last_day, media_type,
          request_jti, received_at, expected_lines, expected_amount)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (creditor_code, reference) do nothing returning *
      )
      insert into journal (creditor_code, kind, subject_id, to_state, side, actor, request_jti, detail)
      select creditor_code, 'reconciliation.received', reconciliation_id, state, 'creditor', $11, request_jti,
             jsonb_build_object('from', first_day, 'to', last_day, 'lines', expected_lines)
        from taken`,
    values: [
      ...[list.reconciliationId, creditor, list.reference, days.first, days.last, list.mediaType, request.jti],
      ...[list.receivedAt, expected.lines, expected.amount, request.keyThumbprint],
    ],
  });
  return rowCount === 1;
}

type FigureRow = { figure: ReconciliationFigureName; lines: number; expected: string; settled: string };

type Row = {
  reconciliation_id: string;
  creditor_code: CreditorCode;
  reference: string;
  first_day: Day;
  last_day: Day;
  media_type: ListMediaType;
  request_jti: string;
  key_thumbprint: string;
  digest: Buffer;
  received_at: Date;
  expected_lines: string;
  expected_amount: string;
  matched_at: Date | null;
  after_epoch: number;
  after_number: string;
  through_epoch: number;
  through_number: string;
  token_jti: TokenId;
  token: Jws;
  figures: FigureRow[] | null;
};

const selectRows = `
  select r.*, requests.key_thumbprint, requests.digest, tokens.token,
         (select json_agg(json_build_object('figure', figure, 'lines', lines, 'expected', expected::text, 'settled', settled::text))
            from reconciliation_figures f where f.reconciliation_id = r.reconciliation_id) as figures
    from reconciliations r
    join requests on requests.creditor_code = r.creditor_code and requests.jti = r.request_jti
    left join tokens on tokens.jti = r.token_jti`;

/** By the creditor's name for it. */
export async function findReconciliation(
  db: Queryable,
  creditor: CreditorCode,
  reference: string,
): Promise<Reconciliation | undefined> {
  const { rows } = await db.query<Row>({
    name: 'find-reconciliation',
    text: `${selectRows} where r.creditor_code = $1 and r.reference = $2`,
    values: [creditor, reference],
  });
  return rows.map(reconciliationOf)[0];
}

export async function readReconciliation(db: Queryable, reconciliationId: string): Promise<Reconciliation | undefined> {
  const { rows } = await db.query<Row>({
    name: 'read-reconciliation',
    text: `${selectRows} where r.reconciliation_id = $1`,
    values: [reconciliationId],
  });
  return rows.map(reconciliationOf)[0];
}

/** The latest first; `before` is the last of the page before. */
export async function listReconciliations(
  db: Queryable,
  filter: { creditor: CreditorCode | undefined; before: string | undefined; limit: number },
): Promise<Reconciliation[]> {
  const { rows } = await db.query<Row>({
    name: 'list-reconciliations',
    text: `${selectRows}
      where ($1::text is null or r.creditor_code = $1) and ($2::uuid is null or r.reconciliation_id < $2)
      order by r.reconciliation_id desc limit $3`,
    values: [filter.creditor ?? null, filter.before ?? null, filter.limit],
  });
  return rows.map(reconciliationOf);
}

/** Its figures as far as they are counted. */
export async function selectFigures(db: Queryable, reconciliationId: string): Promise<ReconciliationFigures> {
  const { rows } = await db.query<FigureRow>({
    name: 'select-reconciliation-figures',
    text: `select figure, lines::float8 as lines, expected, settled from reconciliation_figures where reconciliation_id = $1`,
    values: [reconciliationId],
  });
  return figuresOf(rows);
}

function reconciliationOf(row: Row): Reconciliation {
  const figures = figuresOf(row.figures ?? []);
  return {
    reconciliationId: row.reconciliation_id,
    creditor: row.creditor_code,
    reference: row.reference,
    days: { first: row.first_day, last: row.last_day },
    mediaType: row.media_type,
    request: { jti: row.request_jti, keyThumbprint: row.key_thumbprint, digest: row.digest },
    receivedAt: row.received_at,
    expected: { lines: Number(row.expected_lines), amount: centimesFromDatabase(row.expected_amount) },
    compared: linesCompared(figures),
    matched:
      row.matched_at === null
        ? undefined
        : {
            matchedAt: row.matched_at,
            range: {
              after: { epoch: row.after_epoch, number: Number(row.after_number) },
              through: { epoch: row.through_epoch, number: Number(row.through_number) },
            },
            figures,
            jti: row.token_jti,
            token: row.token,
          },
  };
}

function figuresOf(rows: readonly FigureRow[]): ReconciliationFigures {
  const of = (name: ReconciliationFigureName): ReconciliationFigure => {
    const row = rows.find(({ figure }) => figure === name);
    if (row === undefined) return { lines: 0, expected: noCentimes, settled: noCentimes };
    const { lines, expected, settled } = row;
    return { lines, expected: centimesFromDatabase(expected), settled: centimesFromDatabase(settled) };
  };
  return {
    MATCHED: of('MATCHED'),
    DIFFERING: of('DIFFERING'),
    MISSING: of('MISSING'),
    REPEATED: of('REPEATED'),
    UNEXPECTED: of('UNEXPECTED'),
    REVERSED: of('REVERSED'),
  };
}
