import type { Queryable } from '../database/queryable.ts';
import type { SignedToken } from '../signing/signer.ts';
import { centimesFromDatabase, noCentimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode, Jws, TokenId } from '../values/ids.ts';
import { parseRib, type Rib } from '../values/rib.ts';
import {
  type ClosedStatement,
  type CutStatement,
  type Figure,
  type Figures,
  type FileFormat,
  figureNames,
  type OpenFigures,
  openStates,
  type StatementFile,
  type StatementFormat,
} from './statement.ts';

type FigureRow = {
  figure: string;
  debits: number;
  amount: string;
  all_debits: number | null;
  all_amount: string | null;
};

type AccountRow = { account: string; credits: number; credited: string; debits: number; debited: string };

type Row = {
  statement_id: string;
  creditor_code: CreditorCode;
  day: Day;
  sequence: number;
  collection_account: string;
  cut_at: Date;
  after_epoch: number;
  after_number: string;
  through_epoch: number;
  through_number: string;
  through_hash: Buffer | null;
  open_since: number | null;
  format: number;
  figures: FigureRow[] | null;
  accounts: AccountRow[] | null;
  previous_day: Day | null;
  previous_jti: TokenId | null;
};

type ClosedRow = Row & {
  closed_at: Date;
  lines: string;
  open_lines: string;
  json_lines_digest: Buffer;
  json_lines_bytes: string;
  csv_digest: Buffer;
  csv_bytes: string;
  camt054_digest: Buffer;
  camt054_bytes: string;
  token_jti: TokenId;
  token: Jws;
};

const selectStatements = `
  select statements.*, tokens.token, previous.day as previous_day, previous.token_jti as previous_jti,
         (select json_agg(json_build_object('figure', figure, 'debits', debits, 'amount', amount::text,
                   'all_debits', all_debits, 'all_amount', all_amount::text))
            from statement_figures f where f.statement_id = statements.statement_id) as figures,
         (select json_agg(json_build_object('account', account, 'credits', credits, 'credited', credited::text,
                   'debits', debits, 'debited', debited::text) order by account)
            from statement_accounts a where a.statement_id = statements.statement_id) as accounts
    from statements
    left join tokens on tokens.jti = statements.token_jti
    left join statements previous on previous.statement_id = statements.previous_id`;

/** A statement whose range stands, as far as it has been counted. */
export async function readCutStatement(
  db: Queryable,
  statementId: string,
): Promise<CutStatement & Pick<ClosedStatement, 'previous'>> {
  const { rows } = await db.query<Row>({
    name: 'read-cut-statement',
    text: `${selectStatements} where statements.statement_id = $1 and statements.state <> 'DUE'`,
    values: [statementId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a statement that was cut has no range');
  return cutOf(row);
}

/** Figures since the creditor's first statement, as that one tells them; nothing before the first. */
export async function selectCumulative(db: Queryable, creditor: CreditorCode, sequence: number): Promise<Figures> {
  const { rows } = await db.query<FigureRow>({
    name: 'select-cumulative-figures',
    text: `select figure, debits::float8 as debits, amount, all_debits::float8 as all_debits, all_amount
             from statement_figures join statements using (statement_id)
            where creditor_code = $1 and sequence = $2`,
    values: [creditor, sequence],
  });
  return figuresOf(rows, cumulativeOf);
}

/** A creditor's closed statement of a day; undefined where it has none. */
export async function findStatement(
  db: Queryable,
  creditor: CreditorCode,
  day: Day,
): Promise<ClosedStatement | undefined> {
  const { rows } = await db.query<ClosedRow>({
    name: 'find-statement',
    text: `${selectStatements} where statements.creditor_code = $1 and statements.day = $2 and statements.state = 'CLOSED'`,
    values: [creditor, day],
  });
  return rows.map(closedOf)[0];
}

/** A creditor's closed statements, the latest day first. */
export async function listStatements(
  db: Queryable,
  filter: { creditor: CreditorCode; before: Day | undefined; limit: number },
): Promise<ClosedStatement[]> {
  const { rows } = await db.query<ClosedRow>({
    name: 'list-statements',
    text: `${selectStatements}
       where statements.state = 'CLOSED' and statements.creditor_code = $1
         and ($2::date is null or statements.day < $2)
       order by statements.day desc limit $3`,
    values: [filter.creditor, filter.before ?? null, filter.limit],
  });
  return rows.map(closedOf);
}

export type StatementClosing = {
  statementId: string;
  format: StatementFormat;
  openSince: number;
  cumulative: Figures;
  open: OpenFigures;
  lines: number;
  openLines: number;
  files: Readonly<Record<FileFormat, StatementFile>>;
  signed: SignedToken;
};

/** Closes a statement with its token, its figures and the journal row that tells of it. False: it was closed before. */
export async function closeStatement(db: Queryable, closing: StatementClosing): Promise<boolean> {
  const { files, signed, cumulative, open } = closing;
  const { rows } = await db.query<{ closed: boolean }>({
    name: 'close-statement',
    text: `
      with held as materialized (
        select * from statements where statement_id = $1 and state = 'CUT' for no key update
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $2::uuid, creditor_code, $3, statement_id, $4, $5::timestamptz, $6 from held
      ), closed as (
        update statements
           set state = 'CLOSED', token_jti = $2::uuid, closed_at = $5::timestamptz, holder = null, lease_until = null,
               open_since = $7, lines = $8, open_lines = $9, json_lines_digest = $10, json_lines_bytes = $11,
               csv_digest = $12, csv_bytes = $13, camt054_digest = $14, camt054_bytes = $15, format = $21
          from held where statements.statement_id = held.statement_id
      ), figures as (
        insert into statement_figures (statement_id, figure, debits, amount, all_debits, all_amount)
        select statement_id, figure, debits, amount, all_debits, all_amount
          from held, unnest($16::text[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[])
                       as told (figure, debits, amount, all_debits, all_amount)
        on conflict (statement_id, figure) do update
           set all_debits = excluded.all_debits, all_amount = excluded.all_amount
      ), told as (
        insert into journal (creditor_code, kind, subject_id, to_state, side, token_jti, detail)
        select creditor_code, 'statement.closed', statement_id, 'CLOSED', 'gateway', $2::uuid,
               jsonb_build_object('day', day, 'sequence', sequence)
          from held
      )
      select exists (select from held) as closed`,
    values: [
      closing.statementId,
      ...[signed.jti, signed.type, signed.keyThumbprint, signed.issuedAt, signed.token],
      ...[closing.openSince, closing.lines, closing.openLines],
      ...[files.jsonLines, files.csv, files.camt054].flatMap(({ digest, bytes }) => [digest, bytes]),
      [...figureNames, ...openStates],
      [...figureNames.map(() => 0), ...openStates.map((state) => open[state].debits)],
      [...figureNames.map(() => 0n), ...openStates.map((state) => open[state].amount)],
      [...figureNames.map((name) => cumulative[name].debits), ...openStates.map(() => null)],
      [...figureNames.map((name) => cumulative[name].amount), ...openStates.map(() => null)],
      closing.format,
    ],
  });
  return rows[0]?.closed ?? false;
}

function cutOf(row: Row): CutStatement & Pick<ClosedStatement, 'previous'> {
  return {
    statementId: row.statement_id,
    creditor: row.creditor_code,
    day: row.day,
    sequence: row.sequence,
    collectionAccount: accountOf(row.collection_account),
    cutAt: row.cut_at,
    after: { epoch: row.after_epoch, number: Number(row.after_number) },
    through: { epoch: row.through_epoch, number: Number(row.through_number) },
    throughHash: row.through_hash ?? undefined,
    figures: figuresOf(row.figures ?? [], ownOf),
    accounts: (row.accounts ?? []).map(({ account, credits, credited, debits, debited }) => ({
      account: accountOf(account),
      settled: { debits: credits, amount: centimesFromDatabase(credited) },
      reversed: { debits, amount: centimesFromDatabase(debited) },
    })),
    format: row.format,
    openSince: row.open_since ?? row.sequence,
    previous:
      row.previous_day === null || row.previous_jti === null
        ? undefined
        : { day: row.previous_day, jti: row.previous_jti },
  };
}

function accountOf(text: string): Rib {
  const account = parseRib(text);
  if (account === undefined) throw new Error('a statement names no account');
  return account;
}

function closedOf(row: ClosedRow): ClosedStatement {
  const figures = row.figures ?? [];
  const own = (state: string): Figure => {
    const found = figures.find(({ figure }) => figure === state);
    return found === undefined ? nothing : ownOf(found);
  };
  const file = (bytes: string, digest: Buffer): StatementFile => ({ bytes: Number(bytes), digest });
  return {
    ...cutOf(row),
    closedAt: row.closed_at,
    cumulative: figuresOf(figures, cumulativeOf),
    open: {
      SCHEDULED: own('SCHEDULED'),
      ACCEPTED: own('ACCEPTED'),
      EXECUTING: own('EXECUTING'),
      IN_DOUBT: own('IN_DOUBT'),
      REVERSING: own('REVERSING'),
    },
    lines: Number(row.lines),
    openLines: Number(row.open_lines),
    files: {
      jsonLines: file(row.json_lines_bytes, row.json_lines_digest),
      csv: file(row.csv_bytes, row.csv_digest),
      camt054: file(row.camt054_bytes, row.camt054_digest),
    },
    jti: row.token_jti,
    token: row.token,
  };
}

const nothing: Figure = { debits: 0, amount: noCentimes };
const ownOf = ({ debits, amount }: FigureRow): Figure => ({ debits, amount: centimesFromDatabase(amount) });
const cumulativeOf = (row: FigureRow): Figure => ({
  debits: row.all_debits ?? 0,
  amount: row.all_amount === null ? noCentimes : centimesFromDatabase(row.all_amount),
});

function figuresOf(rows: readonly FigureRow[], read: (row: FigureRow) => Figure): Figures {
  const of = (name: string): Figure => {
    const row = rows.find(({ figure }) => figure === name);
    return row === undefined ? nothing : read(row);
  };
  return {
    SETTLED: of('SETTLED'),
    REJECTED: of('REJECTED'),
    CANCELLED: of('CANCELLED'),
    REVERSED: of('REVERSED'),
    CORRECTED: of('CORRECTED'),
  };
}
