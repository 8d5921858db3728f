import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { type Beat, heartbeat } from '../jobs/heartbeat.ts';
import type { Work, WorkFailure } from '../jobs/work.ts';
import type { Sign } from '../signing/signer.ts';
import { sumOf } from '../values/centimes.ts';
import { newTokenId } from '../values/ids.ts';
import { readExpected } from './expected-lines.ts';
import { nextPlace } from './lines.sql.ts';
import {
  claimList,
  closeList,
  matchLines,
  releaseList,
  renewListLease,
  type SettledRange,
  selectDueLists,
  storeUnexpected,
} from './match.sql.ts';
import type {
  ExpectedLine,
  Reconciliation,
  ReconciliationFigureName,
  ReconciliationFigures,
} from './reconciliation.ts';
import { reconciliationClaims } from './reconciliation-token.ts';
import { readReconciliation, selectFigures, selectListPart } from './reconciliations.sql.ts';
import type { Place } from './statement.ts';

export type MatchParts = Clock & {
  db: pg.Pool;
  sign: Sign;
  /** How long one who stopped without a word keeps the others waiting. Renewed while the work goes on. */
  leaseSeconds?: number;
  /** Lines in one statement of the database. */
  most?: number;
};

/** The matching of lists, each once the statement of its last day is closed. */
export const reconciliationWork = (parts: MatchParts): Work => ({
  name: 'reconciliations',
  due: (most) => selectDueLists(parts.db, most),
  async run(ids) {
    const failed: WorkFailure[] = [];
    for (const id of ids) await matchOne(parts, id).catch((fault: unknown) => void failed.push({ id, fault }));
    return failed;
  },
});

/** Sealed rows that are looked through at once for what nobody expected. */
const stretch = 5_000;

/**
 * Matches one list: each of its lines by itself, then what settled in its days and is on none, then the token, with which
 * it is closed. Every line is stored once, whatever stops this; whoever goes on begins behind the lines that are stored,
 * so that a list that is stopped again and again ends all the same. Of two at once, one closes it.
 */
async function matchOne(parts: MatchParts, id: string): Promise<void> {
  const { db, leaseSeconds = 60 } = parts;
  const lease = { id, holder: randomUUID(), leaseSeconds };
  const range = await claimList(db, lease);
  if (range === undefined) return;
  const beat = heartbeat(() => renewListLease(db, lease), leaseSeconds);
  try {
    const list = await readReconciliation(db, id);
    if (list === undefined) throw new Error('a claimed list is not there');
    await storeAll(parts, list, range, beat);
    await signAndClose(parts, list, range);
  } catch (fault) {
    await releaseList(db, id, lease.holder).catch(() => undefined);
    throw fault;
  }
}

async function storeAll(
  { db, most = 2_000 }: MatchParts,
  list: Reconciliation,
  range: SettledRange,
  beat: Beat,
): Promise<void> {
  const matching = { id: list.reconciliationId, creditor: list.creditor, range };
  let gathered: ExpectedLine[] = [];
  const store = async () => {
    if (gathered.length > 0) await matchLines(db, matching, gathered);
    gathered = [];
    await beat();
  };
  for await (const piece of readExpected(list.mediaType, bytesOf(db, list))) {
    if (piece.kind === 'FAULT') throw new Error('a list that was taken in without a fault has one');
    if (piece.kind !== 'LINE') continue;
    if (piece.line.line > list.compared) gathered.push(piece.line);
    if (piece.line.line % most === 0) await store();
  }
  await store();
  let place: Place | undefined = range.after;
  while (place !== undefined) {
    const { through } = range;
    const last: number =
      place.epoch === through.epoch ? Math.min(through.number, place.number + stretch) : place.number + stretch;
    const { looked, nextEpoch } = await storeUnexpected(db, matching, place, last);
    place = nextPlace({ after: place, through, last, ended: looked < stretch, nextEpoch });
    await beat();
  }
}

async function* bytesOf(db: pg.Pool, list: Reconciliation): AsyncGenerator<Buffer> {
  for (let part = 1; ; part += 1) {
    const bytes = await selectListPart(db, list, part);
    if (bytes === undefined) return;
    // A piece at a time: each is of a megabyte, and read in one go nothing else would run.
    for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
  }
}

async function signAndClose({ db, sign, now }: MatchParts, list: Reconciliation, range: SettledRange): Promise<void> {
  const figures = await selectFigures(db, list.reconciliationId);
  requireWhole(list, range, figures);
  const matchedAt = now();
  const signed = await sign({
    type: 'reconciliation+jwt',
    jti: newTokenId(matchedAt),
    audience: list.creditor,
    issuedAt: matchedAt,
    claims: reconciliationClaims(list, { matchedAt, range, figures }),
  });
  await closeList(db, { id: list.reconciliationId, creditor: list.creditor, range }, list.expected, signed);
}

/** Nothing is signed that does not come to what was sent on one side, and to what the statements tell on the other. */
function requireWhole({ expected }: Reconciliation, { settled }: SettledRange, figures: ReconciliationFigures): void {
  const sum = (names: readonly ReconciliationFigureName[], side: 'expected' | 'settled') => ({
    lines: names.reduce((lines, name) => lines + figures[name].lines, 0),
    amount: sumOf(names.map((name) => figures[name][side])),
  });
  const sent = sum(['MATCHED', 'DIFFERING', 'MISSING', 'REPEATED'], 'expected');
  if (sent.lines !== expected.lines || sent.amount !== expected.amount)
    throw new Error('the lines do not come to what was sent');
  const told = sum(['MATCHED', 'DIFFERING', 'UNEXPECTED'], 'settled');
  if (told.lines !== settled.lines || told.amount !== settled.amount)
    throw new Error('the lines do not come to what the statements tell');
}
