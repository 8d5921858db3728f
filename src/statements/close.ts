import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import { type Beat, heartbeat } from '../jobs/heartbeat.ts';
import type { Work, WorkFailure } from '../jobs/work.ts';
import type { Sign } from '../signing/signer.ts';
import { type Centimes, noCentimes, sumOf } from '../values/centimes.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { newTokenId } from '../values/ids.ts';
import {
  claimStatement,
  countNext,
  fixCut,
  insertDueStatements,
  lockCounting,
  lookForCut,
  releaseStatement,
  renewStatementLease,
  type StatementClaim,
  selectDueStatements,
} from './cut.sql.ts';
import { writersOf, written } from './download.ts';
import type { FileWriter, FileWriters } from './file-writer.ts';
import { selectOpenSince } from './lines.sql.ts';
import {
  type CutStatement,
  type Figure,
  type FigureName,
  type Figures,
  figureNames,
  type OpenFigures,
  type OpenState,
  openStates,
  type Place,
  presentFormat,
  type StatementFile,
  type StatementFormat,
} from './statement.ts';
import { closeStatement, readCutStatement, selectCumulative } from './statements.sql.ts';
import { statementClaims } from './token.ts';
import { linesOf, openLinesOf } from './walk.ts';

export type StatementParts = Clock & {
  db: pg.Pool;
  sign: Sign;
  /** How long one who stopped without a word keeps the others waiting. Renewed while the work goes on. */
  leaseSeconds?: number;
  /** Sealed rows in one statement of the database. */
  most?: number;
};

/** The closing of statements: one row of `statements` for each creditor and each day that is over. */
export const statementWork = (parts: StatementParts): Work => ({
  name: 'statements',
  async due(most) {
    await insertDueStatements(parts.db, addDays(algiersDay(parts.now()), -1));
    return selectDueStatements(parts.db, most);
  },
  async run(ids) {
    const failed: WorkFailure[] = [];
    for (const id of ids) await closeOne(parts, id).catch((fault: unknown) => void failed.push({ id, fault }));
    return failed;
  },
});

/**
 * Closes one statement: its range first, which stands from then on; then its figures, counted row by row; then its
 * files, written once through for their digests; then the token, with which it is closed. Whatever stops this, the next
 * one goes on from what stands; and of two at once, the one that has the lease closes it.
 */
async function closeOne(parts: StatementParts, statementId: string): Promise<void> {
  const { db, leaseSeconds = 60, most = 5_000 } = parts;
  const lease = { statementId, holder: randomUUID(), leaseSeconds };
  const claim = await claimStatement(db, lease);
  if (claim === undefined) return;
  const beat = heartbeat(async () => {
    if (!(await renewStatementLease(db, lease))) throw new LeaseLost();
  }, leaseSeconds);
  try {
    if (claim.state === 'DUE') await fixCut(db, statementId, claim.after, await findCut(db, claim, most, beat));
    while (await countSome(db, lease, most)) await beat();
    await signAndClose(parts, statementId, beat);
  } catch (fault) {
    if (fault instanceof LeaseLost) return;
    await releaseStatement(db, statementId, lease.holder).catch(() => undefined);
    throw fault;
  }
}

/** Another works on it, and ends it. */
class LeaseLost extends Error {}

const countSome = (db: pg.Pool, { statementId, holder }: { statementId: string; holder: string }, most: number) =>
  inTransaction(db, async (client) => {
    if (!(await lockCounting(client, statementId, holder))) throw new LeaseLost();
    return countNext(client, statementId, most);
  });

async function findCut(db: pg.Pool, { after, end }: StatementClaim, most: number, beat: Beat): Promise<Place> {
  let through = after;
  let next: Place | undefined = after;
  while (next !== undefined) {
    const look = await lookForCut(db, next, end, most);
    through = look.through ?? through;
    next = look.next;
    await beat();
  }
  return through;
}

async function signAndClose({ db, sign, now }: StatementParts, statementId: string, beat: Beat): Promise<void> {
  const cut = await readCutStatement(db, statementId);
  const openSince = await selectOpenSince(db, cut);
  const format = formatFor(cut);
  const statement: CutStatement = { ...cut, openSince, format };
  const { files, lines, open, openLines } = await writeThrough(db, statement, beat);
  const cumulative = added(await selectCumulative(db, cut.creditor, cut.sequence - 1), cut.figures);
  const closedAt = now();
  const signed = await sign({
    type: 'statement+jwt',
    jti: newTokenId(closedAt),
    audience: cut.creditor,
    issuedAt: closedAt,
    claims: statementClaims({
      ...statement,
      ...{ previous: cut.previous, cumulative, open, lines, openLines, files, closedAt },
    }),
  });
  await closeStatement(db, {
    statementId,
    format,
    openSince,
    cumulative,
    open,
    lines,
    openLines,
    files,
    signed,
  });
}

type Written = Pick<Parameters<typeof closeStatement>[1], 'files' | 'lines' | 'open' | 'openLines'>;

/** An older gateway, beside this one while replicas are replaced, counts no accounts: closed in the form of then. */
function formatFor({ accounts, figures }: CutStatement): StatementFormat {
  const settled = accounts.map((of) => of.settled).reduce(plus, none);
  const reversed = accounts.map((of) => of.reversed).reduce(plus, none);
  return same(settled, figures.SETTLED) && same(reversed, figures.REVERSED) ? presentFormat : 3;
}

/**
 * Writes all files in one pass, but for the further accounts of the camt.054, keeping only their digests; the lines must
 * come to what was counted from the journal.
 */
async function writeThrough(db: pg.Pool, statement: CutStatement, beat: Beat): Promise<Written> {
  const files = {
    jsonLines: hashed(writersOf(statement, 'jsonLines')),
    csv: hashed(writersOf(statement, 'csv')),
    camt054: hashed(writersOf(statement, 'camt054')),
  };
  const all = Object.values(files);
  const figures = tally<FigureName>();
  const onAccounts = tally<string>();
  const open = tally<OpenState>();
  for (const file of all) file.head();
  for await (const lines of linesOf(db, statement)) {
    for (const file of all) file.lines(lines);
    for (const { outcome, terms, corrects, account } of lines) {
      figures.add(outcome, terms?.amount);
      if (account !== undefined) onAccounts.add(`${outcome} ${account}`, terms?.amount);
      if (corrects !== undefined) figures.add('CORRECTED', terms?.amount);
    }
    await beat();
  }
  for await (const lines of openLinesOf(db, statement)) {
    for (const file of all) file.open(lines);
    for (const { state, terms } of lines) open.add(state, terms?.amount);
    await beat();
  }
  for (const file of all) file.tail();
  const differing = figureNames.find((name) => !same(figures.of(name), statement.figures[name]));
  if (differing !== undefined) throw new Error(`the lines that are ${differing} do not come to what was counted`);
  if (!onEachAccount(statement, onAccounts.of)) throw new Error('an account has other lines than were counted');
  for (const { take, further } of all)
    for (const writer of further)
      for await (const piece of written(db, statement, writer)) {
        take(piece);
        await beat();
      }
  return {
    files: { jsonLines: files.jsonLines.end(), csv: files.csv.end(), camt054: files.camt054.end() },
    lines: figureNames.reduce((sum, name) => sum + (name === 'CORRECTED' ? 0 : figures.of(name).debits), 0),
    open: openFiguresOf(open.of),
    openLines: openStates.reduce((sum, state) => sum + open.of(state).debits, 0),
  };
}

/** Lines say their account where the statement has several. */
const onEachAccount = ({ accounts, format }: CutStatement, of: (name: string) => Figure): boolean =>
  format !== presentFormat ||
  accounts.length < 2 ||
  accounts.every(
    ({ account, settled, reversed }) =>
      same(of(`SETTLED ${account}`), settled) && same(of(`REVERSED ${account}`), reversed),
  );

const none: Figure = { debits: 0, amount: noCentimes };
const same = (one: Figure, other: Figure): boolean => one.debits === other.debits && one.amount === other.amount;

function hashed([writer, ...further]: FileWriters) {
  const hash = createHash('sha256');
  let bytes = 0;
  const take = (text: string) => {
    hash.update(text);
    bytes += Buffer.byteLength(text);
  };
  return {
    head: () => take(writer.head()),
    lines: (lines: Parameters<FileWriter['lines']>[0]) => take(writer.lines(lines)),
    open: (lines: Parameters<FileWriter['open']>[0]) => take(writer.open(lines)),
    tail: () => take(writer.tail()),
    take,
    further,
    end: (): StatementFile => ({ bytes, digest: hash.digest() }),
  };
}

/** Adds up debits by name. An amount is missing where a name was burnt before its debit came. */
function tally<Name extends string>() {
  const figures = new Map<Name, Figure>();
  const of = (name: Name): Figure => figures.get(name) ?? none;
  return {
    of,
    add(name: Name, amount: Centimes = noCentimes) {
      figures.set(name, plus(of(name), { debits: 1, amount }));
    },
  };
}

const openFiguresOf = (of: (state: OpenState) => Figure): OpenFigures => ({
  SCHEDULED: of('SCHEDULED'),
  ACCEPTED: of('ACCEPTED'),
  EXECUTING: of('EXECUTING'),
  IN_DOUBT: of('IN_DOUBT'),
  REVERSING: of('REVERSING'),
});

const plus = (one: Figure, other: Figure): Figure => ({
  debits: one.debits + other.debits,
  amount: sumOf([one.amount, other.amount]),
});

function added(one: Figures, other: Figures): Figures {
  const of = (name: FigureName): Figure => plus(one[name], other[name]);
  return {
    SETTLED: of('SETTLED'),
    REJECTED: of('REJECTED'),
    CANCELLED: of('CANCELLED'),
    REVERSED: of('REVERSED'),
    CORRECTED: of('CORRECTED'),
  };
}
