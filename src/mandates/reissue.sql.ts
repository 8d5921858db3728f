import type { Queryable } from '../database/queryable.ts';
import type { MandateId } from '../values/ids.ts';

/** Tells the journal that the certificate was handed out again. False where the mandate has none. */
export async function insertReissue(
  db: Queryable,
  { mandateId, by, from }: { mandateId: MandateId; by: string; from: string },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'insert-reissue',
    text: `insert into journal (kind, subject_id, side, actor, token_jti, detail)
           select 'mandate.certificate-reissued', mandate_id, 'bank', $2, certificate_jti, jsonb_build_object('from', $3::text)
             from mandates where mandate_id = $1 and certificate_jti is not null`,
    values: [mandateId, by, from],
  });
  return rowCount === 1;
}
