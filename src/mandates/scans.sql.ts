import type { Queryable } from '../database/queryable.ts';
import type { MandateId } from '../values/ids.ts';

export const scanTypes = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export type ScanType = (typeof scanTypes)[number];

/** What is known of a scan without its bytes. */
export type Scan = { mediaType: ScanType; digest: string; bytes: number; attachedBy: string; attachedAt: Date };

export type NewScan = {
  mandateId: MandateId;
  mediaType: ScanType;
  digest: string;
  content: Buffer;
  /** What the mandate's content is with it. */
  contentHash: string;
  by: string;
  from: string;
  at: Date;
};

/** Keeps a scan of a draft's form, which changes what is to be certified: with the journal row; who does it is a maker. */
export async function insertScan(db: Queryable, scan: NewScan): Promise<void> {
  await db.query({
    name: 'insert-scan',
    text: `
      with changed as (
        update mandates
           set scan_digest = $3, content_hash = $5, state_since = $8, last_changed_by = $6,
               makers = case when $6 = any (makers) then makers else array_append(makers, $6) end
         where mandate_id = $1 and state = 'DRAFT'
        returning mandate_id, creditor_code
      ), kept as (
        insert into request_scans (mandate_id, media_type, digest, content, attached_by, attached_at)
        select mandate_id, $2, $3, $4, $6, $8 from changed
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, detail)
      select creditor_code, 'mandate.changed', mandate_id, 'DRAFT', 'DRAFT', 'scan-attached', 'bank', $6,
             jsonb_build_object('from', $7::text, 'scan', $3::text)
        from changed`,
    values: [scan.mandateId, scan.mediaType, scan.digest, scan.content, scan.contentHash, scan.by, scan.from, scan.at],
  });
}

type Row = { media_type: ScanType; digest: string; bytes: number; attached_by: string; attached_at: Date };

/** Every scan of the form, the newest first: the one that counts. */
export async function selectScans(db: Queryable, mandateId: MandateId): Promise<Scan[]> {
  const { rows } = await db.query<Row>({
    name: 'select-scans',
    text: `select media_type, digest, octet_length(content) as bytes, attached_by, attached_at
             from request_scans where mandate_id = $1 order by scan_id desc limit 20`,
    values: [mandateId],
  });
  return rows.map((row) => ({
    mediaType: row.media_type,
    digest: row.digest,
    bytes: row.bytes,
    attachedBy: row.attached_by,
    attachedAt: row.attached_at,
  }));
}

/** The bytes of one scan of the mandate, by its digest. */
export async function selectScanContent(
  db: Queryable,
  mandateId: MandateId,
  digest: string,
): Promise<{ mediaType: ScanType; content: Buffer } | undefined> {
  const { rows } = await db.query<{ media_type: ScanType; content: Buffer }>({
    name: 'select-scan-content',
    text: 'select media_type, content from request_scans where mandate_id = $1 and digest = $2 limit 1',
    values: [mandateId, digest],
  });
  const [row] = rows;
  return row && { mediaType: row.media_type, content: row.content };
}
