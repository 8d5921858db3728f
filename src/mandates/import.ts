import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { algiersDay } from '../values/dates.ts';
import { newMandateId, parseMandateId } from '../values/ids.ts';
import type { Desk, StaffMember } from './desk.ts';
import { type FileFault, mostImportLines, readImportFile } from './import-file.ts';
import { type ImportContext, type ImportId, type NamedLine, newImportId, readLines } from './import-rules.ts';
import {
  deleteEndedImports,
  deleteOpenImport,
  enterImport,
  type GoodLine,
  type Import,
  insertImport,
  type StoredLine,
  selectCreditorCodes,
  selectImport,
  selectImportLines,
  selectReplaced,
} from './imports.sql.ts';

export { type ImportId, parseImportId } from './import-rules.ts';
export type { Import, StoredLine };

/** How long a preview is kept: what is entered is what was just looked at. */
const previewHours = 24;

type ImportDesk = Pick<Desk, 'pool' | 'now' | 'bankCodes' | 'issuer'>;

export type PreviewOutcome = { outcome: 'PREVIEW'; importId: ImportId } | { outcome: 'FILE_FAULT'; fault: FileFault };

/** Reads a file of requests and keeps what it would become, for its reader alone. No mandate is made of it yet. */
export async function previewImport(
  desk: ImportDesk,
  { bytes, creditor, by, agencies }: StaffMember & { bytes: Buffer; creditor: string },
): Promise<PreviewOutcome> {
  const file = readImportFile(bytes, creditor);
  if ('fault' in file) return { outcome: 'FILE_FAULT', fault: file };
  const now = desk.now();
  const named = file.lines.map((line) => ({ ...line, mandateId: newMandateId(now) }));
  const lines = readLines(named, await contextOf(desk, named, agencies));
  const importId = newImportId(now);
  const endsAt = new Date(now.getTime() + previewHours * 3_600_000);
  const fileDigest = createHash('sha256').update(bytes).digest('hex');
  await inTransaction(desk.pool, async (db) => {
    await deleteOpenImport(db, by);
    await insertImport(db, { importId, by, madeAt: now, endsAt, fileDigest, lines });
  });
  return { outcome: 'PREVIEW', importId };
}

/** A person's own import; undefined where it has ended, is unknown, or is another's. */
export const readImport = (
  db: Queryable,
  asked: { importId: ImportId; by: string; now: Date },
): Promise<Import | undefined> => selectImport(db, asked);

export const importLines = selectImportLines;

/** CHANGED: a line that was good is so no more, since the preview was made. CONFIRMED_BEFORE: nothing is entered twice. */
export type ConfirmOutcome =
  | { outcome: 'ENTERED'; entered: number }
  | { outcome: 'NOT_FOUND' | 'CONFIRMED_BEFORE' | 'NOTHING_GOOD' }
  | { outcome: 'CHANGED'; lines: readonly number[] };

/** Enters the good lines of a preview, all of them or none. They are read again, since a day may lie between. */
export async function confirmImport(
  desk: ImportDesk,
  { importId, submit, ...member }: StaffMember & { importId: ImportId; submit: boolean },
): Promise<ConfirmOutcome> {
  const { by, from, agencies } = member;
  const now = desk.now();
  const found = await selectImport(desk.pool, { importId, by, now });
  if (found === undefined) return { outcome: 'NOT_FOUND' };
  if (found.confirmedAt !== undefined) return { outcome: 'CONFIRMED_BEFORE' };
  const stored = await selectImportLines(desk.pool, { importId, after: 0, limit: mostImportLines, faulty: false });
  const named = stored
    .filter(({ faults }) => faults.length === 0)
    .map(({ line, mandateId, typed }) => ({ line, mandateId, typed }));
  if (named.length === 0) return { outcome: 'NOTHING_GOOD' };
  const read = readLines(named, await contextOf(desk, named, agencies));
  const lines = read.filter((line): line is GoodLine => 'request' in line);
  if (lines.length < read.length)
    return { outcome: 'CHANGED', lines: read.filter((line) => 'faults' in line).map(({ line }) => line) };
  const entered = await enterImport(desk.pool, { importId, by, from, now, lines, submit });
  return entered === undefined ? { outcome: 'CONFIRMED_BEFORE' } : { outcome: 'ENTERED', entered };
}

/** Forgets what has ended: for the sweep. Answers how many previews went. */
export const forgetImports = ({ db, now }: Clock & { db: pg.Pool }): Promise<number> => deleteEndedImports(db, now());

async function contextOf(
  desk: ImportDesk,
  lines: readonly NamedLine[],
  agencies: StaffMember['agencies'],
): Promise<ImportContext> {
  const ids = lines.flatMap(({ typed }) => parseMandateId(typed.replaces?.trim() ?? '') ?? []);
  const [creditors, replaced] = await Promise.all([
    selectCreditorCodes(desk.pool),
    selectReplaced(desk.pool, [...new Set(ids)]),
  ]);
  return { rules: { ...desk, today: algiersDay(desk.now()), agencies, asksWhy: true }, creditors, replaced };
}
