import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import type { MandateId } from '../values/ids.ts';
import { contentHashOf } from './authorisation-request.ts';
import { selectDebtor } from './debtors.sql.ts';
import { type ActOutcome, actOn, type Desk, requestOf, type StaffAct, seesMandate } from './desk.ts';
import { selectMandate } from './mandates.sql.ts';
import { insertScan, type ScanType, scanTypes, selectScanContent } from './scans.sql.ts';

export const largestScanBytes = 5 * 1024 * 1024;

export type AttachOutcome =
  | Exclude<ActOutcome, { outcome: 'SAME_PERSON' }>
  | { outcome: 'EMPTY' | 'TOO_LARGE' | 'WRONG_TYPE' };

/**
 * Attaches the signed form to a draft, as it was scanned. What it is is found by its content, whatever its name claims.
 * It is part of what a supervisor sees, so the content hash changes with it.
 */
export async function attachScan(
  desk: Pick<Desk, 'pool' | 'now'>,
  { content, ...act }: StaffAct & { content: Buffer },
): Promise<AttachOutcome> {
  if (content.length === 0) return { outcome: 'EMPTY' };
  if (content.length > largestScanBytes) return { outcome: 'TOO_LARGE' };
  const mediaType = await scanTypeOf(content);
  if (mediaType === undefined) return { outcome: 'WRONG_TYPE' };
  return actOn<AttachOutcome>(desk, act, async ({ db, mandate, state, at }) => {
    if (state !== 'DRAFT') return { outcome: 'WRONG_STATE', state };
    const { mandateId, by, from } = act;
    const digest = createHash('sha256').update(content).digest('hex');
    if (digest === mandate.scanDigest) return { outcome: 'DONE', mandate };
    const contentHash = contentHashOf(mandateId, requestOf(mandate, await selectDebtor(db, mandateId)), digest);
    await insertScan(db, { mandateId, mediaType, digest, content, contentHash, by, from, at });
    return { outcome: 'DONE', mandate: (await selectMandate(db, mandateId)) ?? mandate };
  });
}

async function scanTypeOf(content: Buffer): Promise<ScanType | undefined> {
  const found = await fileTypeFromBuffer(content).catch(() => undefined);
  return scanTypes.find((type) => type === found?.mime);
}

/** One scan of a request's form, where staff of these agencies see the employer. */
export async function readScan(
  { pool }: Pick<Desk, 'pool'>,
  { mandateId, digest, agencies }: { mandateId: MandateId; digest: string; agencies: 'ALL' | readonly string[] },
): Promise<{ mediaType: ScanType; content: Buffer } | undefined> {
  const scan = await selectScanContent(pool, mandateId, digest);
  return scan !== undefined && (await seesMandate(pool, agencies, mandateId)) ? scan : undefined;
}
