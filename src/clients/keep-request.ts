import type { Queryable } from '../database/queryable.ts';
import type { SignedRequest } from './client.ts';
import { insertRequest, isRequestKept } from './requests.sql.ts';

/** NEW: kept now. SAME: seen before, with this name and body. REUSED: seen before, with another. */
export type RequestOutcome = 'NEW' | 'SAME' | 'REUSED';

/** Keeps what the creditor signed, and what it is about; where its `jti` is known, says how it was used. */
export async function keepRequest(db: Queryable, request: SignedRequest, subjectId?: string): Promise<RequestOutcome> {
  if (await insertRequest(db, request, subjectId)) return 'NEW';
  // A statement of its own: the one above could not see a row that was committed after it began.
  return (await isRequestKept(db, request)) ? 'SAME' : 'REUSED';
}
