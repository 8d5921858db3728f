import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import { selectMandateForStop } from './stops.sql.ts';

/** The mandate that is to be stopped, where staff of these agencies see it. */
export async function mandateForStop(
  db: Queryable,
  mandateId: MandateId,
  agencies: 'ALL' | readonly string[],
): Promise<{ mandateId: MandateId; creditor: CreditorCode } | undefined> {
  const found = await selectMandateForStop(db, mandateId);
  if (found === undefined || (agencies !== 'ALL' && !agencies.includes(found.agency))) return undefined;
  return { mandateId, creditor: found.creditor };
}
