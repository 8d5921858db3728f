import type pg from 'pg';
import type { SignedRequest } from '../clients/client.ts';
import { keepRequest } from '../clients/keep-request.ts';
import type { Fault } from '../contract/problem.ts';
import type { Upload } from '../contract/upload.ts';
import { inTransaction } from '../database/pool.ts';
import { type Centimes, noCentimes, sumOf } from '../values/centimes.ts';
import { algiersDay, type Day } from '../values/dates.ts';
import { uuidV7 } from '../values/ids.ts';
import { readExpected } from './expected-lines.ts';
import type { Days, ListMediaType, Reconciliation } from './reconciliation.ts';
import { findReconciliation, insertReconciliation, keepListPart } from './reconciliations.sql.ts';

/** The most faults that are told of at once. */
const mostFaults = 100;

/** Centimes: what every column and reader of an amount holds. */
const mostAmount = 10n ** 17n - 1n;

/** How much of a list one row holds. */
const partBytes = 1024 * 1024;

export type ReceiveOutcome =
  | { outcome: 'TAKEN'; reconciliation: Reconciliation; replayed: boolean }
  | { outcome: 'FAULTS'; faults: Fault[] }
  | { outcome: 'CONFLICT' | 'JTI_REUSED' };

export type SentList = { reference: string; mediaType: ListMediaType; upload: Upload; request: SignedRequest };

/**
 * Takes a creditor's list in: read through once for its faults, then kept as it was signed, with its request, in one
 * transaction. The same bytes under the same name are the same list, whatever the signature; it is matched later.
 */
export async function receiveList(
  db: pg.Pool,
  { reference, mediaType, upload, request }: SentList,
): Promise<ReceiveOutcome> {
  const creditor = request.creditorCode;
  const known = await findReconciliation(db, creditor, reference);
  if (known !== undefined) return asBefore(known, request);
  const checked = await readThrough(mediaType, upload, algiersDay(request.receivedAt));
  if ('faults' in checked) return { outcome: 'FAULTS', faults: checked.faults };
  const list = {
    ...{ creditor, reference, mediaType, ...checked },
    reconciliationId: uuidV7(request.receivedAt),
    request: { jti: request.jti, keyThumbprint: request.keyThumbprint, digest: request.digest },
    receivedAt: request.receivedAt,
  };
  const kept = await inTransaction(db, async (client) => {
    const seen = await keepRequest(client, request, list.reconciliationId);
    if (seen !== 'NEW') return seen;
    if (!(await insertReconciliation(client, list))) throw new NameTaken();
    let part = 0;
    for await (const bytes of partsOf(upload)) {
      part += 1;
      await keepListPart(client, request, part, bytes);
    }
    return seen;
  }).catch((fault: unknown) => {
    // Rolled back, its request with it: another of the same name came first, and is compared now.
    if (fault instanceof NameTaken) return 'SAME' as const;
    throw fault;
  });
  if (kept === 'REUSED') return { outcome: 'JTI_REUSED' };
  const taken = await findReconciliation(db, creditor, reference);
  if (taken === undefined) throw new Error('a list that was taken in is not there');
  return kept === 'NEW' ? { outcome: 'TAKEN', reconciliation: taken, replayed: false } : asBefore(taken, request);
}

class NameTaken extends Error {}

const asBefore = (reconciliation: Reconciliation, { digest }: SignedRequest): ReceiveOutcome =>
  reconciliation.request.digest.equals(digest)
    ? { outcome: 'TAKEN', reconciliation, replayed: true }
    : { outcome: 'CONFLICT' };

type Checked = { days: Days; expected: { lines: number; amount: Centimes } } | { faults: Fault[] };

async function readThrough(mediaType: ListMediaType, upload: Upload, today: Day): Promise<Checked> {
  const faults: Fault[] = [];
  let days: Days | undefined;
  let lines = 0;
  let amount = noCentimes;
  for await (const piece of readExpected(mediaType, upload.read())) {
    switch (piece.kind) {
      case 'DAYS':
        days = piece.days;
        if (days.last > today) faults.push({ pointer: '/to', message: 'is after today' });
        break;
      case 'LINE':
        lines += 1;
        amount = sumOf([amount, piece.line.amount]);
        if (amount > mostAmount)
          return { faults: [{ pointer: '/lines', message: 'come to more than can be counted' }] };
        break;
      case 'FAULT':
        faults.push(piece.fault);
        if (faults.length === mostFaults) return { faults };
        break;
    }
  }
  return days === undefined || faults.length > 0 ? { faults } : { days, expected: { lines, amount } };
}

async function* partsOf(upload: Upload): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of upload.read()) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < partBytes) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}
