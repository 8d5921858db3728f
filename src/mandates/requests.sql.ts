import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import type { MandateId } from '../values/ids.ts';

/** NEW: kept now. SAME: seen before, with this name and body. REUSED: seen before, with another. */
export type RequestOutcome = 'NEW' | 'SAME' | 'REUSED';

/** Keeps what the creditor signed. Where its `jti` is known, or another transaction is just writing it, says so. */
export async function keepRequest(
  db: Queryable,
  mandateId: MandateId,
  request: SignedRequest,
): Promise<RequestOutcome> {
  const { rowCount } = await db.query({
    name: 'keep-mandate-request',
    text: `insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token,
             body, subject_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (creditor_code, jti) do nothing`,
    values: [
      request.creditorCode,
      request.jti,
      request.keyThumbprint,
      request.method,
      request.target,
      request.signedAt,
      request.receivedAt,
      request.digest,
      request.token,
      request.body,
      mandateId,
    ],
  });
  if (rowCount === 1) return 'NEW';
  // A statement of its own: the one above could not see a row that was committed after it began.
  const { rows } = await db.query<{ same: boolean }>({
    name: 'compare-mandate-request',
    text: `select method = $3 and target = $4 and digest = $5 as same from requests
            where creditor_code = $1 and jti = $2`,
    values: [request.creditorCode, request.jti, request.method, request.target, request.digest],
  });
  return rows[0]?.same === true ? 'SAME' : 'REUSED';
}
