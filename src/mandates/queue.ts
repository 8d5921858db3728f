import type { Queryable } from '../database/queryable.ts';
import { type CreditorCode, type MandateId, parseMandateId } from '../values/ids.ts';
import { seesMandate } from './desk.ts';
import { selectMandate } from './mandates.sql.ts';
import { selectByReference } from './sources.sql.ts';

export {
  countQueue,
  listQueue,
  type Queue,
  type QueueCounts,
  type Queued,
  type QueueFilter,
  queues,
} from './queue.sql.ts';

type Agencies = 'ALL' | readonly string[];

/** What a paper form names: the text of its QR code, the creditor's reference alone, or a mandate's id. */
export async function findRequests(
  db: Queryable,
  typed: string,
  agencies: Agencies,
): Promise<{ mandateId: MandateId; creditor: CreditorCode }[]> {
  const mandateId = parseMandateId(typed.toLowerCase());
  if (mandateId !== undefined) {
    const mandate = await selectMandate(db, mandateId);
    const seen = mandate !== undefined && (await seesMandate(db, agencies, mandateId));
    return seen ? [{ mandateId, creditor: mandate.creditor }] : [];
  }
  const [, creditor, reference] = /^(?:([A-Za-z0-9]{2,20})\s*[:/;]\s*)?([A-Za-z0-9-]{1,35})$/.exec(typed) ?? [];
  if (reference === undefined) return [];
  const named = await selectByReference(db, { reference, agencies });
  return named.filter((one) => creditor === undefined || one.creditor === creditor.toUpperCase());
}
