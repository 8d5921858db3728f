import type { Queryable } from '../database/queryable.ts';
import type { MandateId } from '../values/ids.ts';
import { insertReissue } from './reissue.sql.ts';

/** What the journal calls it. */
export const reissueKind = 'mandate.certificate-reissued';

/**
 * Hands the certificate out again: the same token on the same paper, since a certified mandate never changes; who did
 * it and when is in the journal. NO_CERTIFICATE: it was never certified.
 */
export const reissueCertificate = async (
  db: Queryable,
  reissued: { mandateId: MandateId; by: string; from: string },
): Promise<'REISSUED' | 'NO_CERTIFICATE'> => ((await insertReissue(db, reissued)) ? 'REISSUED' : 'NO_CERTIFICATE');
