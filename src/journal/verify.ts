import type { Queryable } from '../database/queryable.ts';
import { epochHash, leafOf, linkOf, type Place, placeText } from './canonical.ts';
import {
  type EpochRow,
  type SealWithEntry,
  selectEpochs,
  selectSealedSoFar,
  selectSealOf,
  selectSealsAfter,
  selectStretch,
} from './verify.sql.ts';

/** A number and its hash, as they were told once: kept elsewhere, they tell of a journal that was written anew whole. */
export type Head = Place & { hash: string };

/**
 * ALTERED: the row says something else than what was sealed. REMOVED: its seal stands, the row is gone. MISSING: a
 * number is left out, its seal is gone. RESEALED: a seal does not follow from the one before it: it was altered, put
 * in, or changed places. PUT_IN: a row without a seal where the sealer has passed. UNSEALED: it waits for too long.
 * EPOCH: an epoch's own row was altered, or is gone. OTHER_HEAD: not the hash that was kept. SHORTER: it ends before
 * the head that was kept, or that the sealer had reached.
 */
export type JournalFault =
  | { fault: 'ALTERED'; place: Place; entryId: string; kind: string; subjectId: string | undefined }
  | { fault: 'REMOVED' | 'RESEALED'; place: Place; entryId: string }
  | { fault: 'MISSING' | 'OTHER_HEAD' | 'SHORTER'; place: Place }
  | { fault: 'PUT_IN' | 'UNSEALED'; entryId: string; kind: string; subjectId: string | undefined }
  | { fault: 'EPOCH'; epoch: number };

export type Verification = {
  /** The first of what is wrong with the seals and their rows, and the first row without a seal that should have one. */
  faults: JournalFault[];
  sealed: number;
  waiting: number;
  head: Head | undefined;
};

export type VerifyOptions = {
  /** A row may wait so long for its seal. */
  unsealedSeconds: number;
  /** The last head that was kept elsewhere. */
  kept?: Head | undefined;
  page?: number;
};

/**
 * Verifies the whole journal, page by page. Everything is computed here, from the rows' text: nothing that the database
 * says of itself is believed. What it can't tell alone is a journal that was written anew whole, or cut at its end:
 * that takes a head that was kept elsewhere.
 */
export async function verifyJournal(db: Queryable, options: VerifyOptions): Promise<Verification> {
  const { page = 5_000 } = options;
  const seals = await verifySeals(db, options, page);
  const rest = await verifyUnsealed(db, options.unsealedSeconds, page);
  const faults = [seals.fault, rest.fault].filter((fault) => fault !== undefined);
  return { faults, sealed: seals.sealed, waiting: rest.waiting, head: seals.head };
}

/** One row on the spot: as it was sealed, and the seal follows from the one before it. Undefined: not sealed yet. */
export async function verifyEntry(
  db: Queryable,
  entryId: string,
): Promise<{ place: Place; leaf: Buffer; hash: Buffer; sound: boolean } | undefined> {
  const seal = await selectSealOf(db, entryId);
  if (seal === undefined) return undefined;
  const sound = seal.before !== undefined && faultOf(seal, seal.before) === undefined;
  return { place: { epoch: seal.epoch, number: seal.number }, leaf: seal.leaf, hash: seal.hash, sound };
}

type SealsVerified = { sealed: number; head: Head | undefined; fault?: JournalFault };

async function verifySeals(db: Queryable, { kept }: VerifyOptions, page: number): Promise<SealsVerified> {
  // Before the seals: what is sealed meanwhile is more, never less.
  const reached = await selectSealedSoFar(db);
  const epochs = await selectEpochs(db);
  let at: Place = { epoch: 0, number: 0 };
  let hash: Buffer = Buffer.alloc(0);
  let sealed = 0;
  let keptSeen = kept === undefined;
  const told = (fault?: JournalFault): SealsVerified => ({
    sealed,
    head: at.epoch === 0 ? undefined : { ...at, hash: hash.toString('hex') },
    ...(fault && { fault }),
  });
  // Their numbers have gaps. One that is gone is missed by the chain of the next, or of the seal that names it.
  let entered = 0;
  const enter = (epoch: number): JournalFault | undefined => {
    while (at.epoch < epoch) {
      const row = epochs[entered];
      const next = Math.min(Number(row?.epoch ?? epoch), epoch);
      const begun = hashOfEpoch(row, next, hash);
      if (begun === undefined) return { fault: 'EPOCH', epoch: next };
      at = { epoch: next, number: 0 };
      hash = begun;
      entered += 1;
    }
    return undefined;
  };
  for (let seals = await selectSealsAfter(db, at, page); seals.length > 0; seals = await selectSealsAfter(db, at, page))
    for (const seal of seals) {
      const fault = enter(seal.epoch) ?? missing(at, seal) ?? faultOf(seal, hash);
      if (fault !== undefined) return told(fault);
      at = { epoch: seal.epoch, number: seal.number };
      hash = seal.hash;
      sealed += 1;
      if (kept !== undefined && placeText(kept) === placeText(at)) {
        if (kept.hash !== hash.toString('hex')) return told({ fault: 'OTHER_HEAD', place: at });
        keptSeen = true;
      }
    }
  const fault = enter(Number(epochs.at(-1)?.epoch ?? 0));
  if (fault !== undefined) return told(fault);
  if (kept !== undefined && !keptSeen) return told({ fault: 'SHORTER', place: kept });
  if (reached !== undefined && (reached.epoch > at.epoch || (reached.epoch === at.epoch && reached.number > at.number)))
    return told({ fault: 'SHORTER', place: reached });
  return told();
}

function hashOfEpoch(row: EpochRow | undefined, epoch: number, before: Buffer): Buffer | undefined {
  if (row === undefined || row.epoch !== String(epoch)) return undefined;
  const hash = epochHash(before, row);
  return hash.equals(row.hash) ? hash : undefined;
}

const missing = (at: Place, seal: SealWithEntry): JournalFault | undefined =>
  seal.number === at.number + 1 ? undefined : { fault: 'MISSING', place: { epoch: seal.epoch, number: at.number + 1 } };

function faultOf(seal: SealWithEntry, before: Buffer): JournalFault | undefined {
  const place = { epoch: seal.epoch, number: seal.number };
  const { entry, sealedEntry: entryId } = seal;
  // First, since a seal that was altered says nothing of its row.
  if (!linkOf(before, seal.leaf, place).equals(seal.hash)) return { fault: 'RESEALED', place, entryId };
  if (entry === undefined) return { fault: 'REMOVED', place, entryId };
  if (leafOf(seal.salt, entry).equals(seal.leaf)) return undefined;
  return { fault: 'ALTERED', place, entryId, kind: entry.kind ?? '', subjectId: entry.subject_id ?? undefined };
}

async function verifyUnsealed(
  db: Queryable,
  unsealedSeconds: number,
  page: number,
): Promise<{ waiting: number; fault?: JournalFault }> {
  let waiting = 0;
  let after: string | undefined;
  for (;;) {
    const stretch = await selectStretch(db, after, page);
    for (const { entryId, kind, subjectId, passed, ageSeconds } of stretch.unsealed) {
      const row = { entryId, kind, subjectId: subjectId ?? undefined };
      if (passed) return { waiting, fault: { fault: 'PUT_IN', ...row } };
      if (ageSeconds > unsealedSeconds) return { waiting, fault: { fault: 'UNSEALED', ...row } };
      waiting += 1;
    }
    if (stretch.last === undefined) return { waiting };
    after = stretch.last;
  }
}
