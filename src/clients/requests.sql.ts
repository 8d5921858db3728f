import type { Queryable } from '../database/queryable.ts';
import type { SignedRequest } from './client.ts';

/** False where its `jti` is known. Where another transaction is just writing that one, it is waited for. */
export async function insertRequest(
  db: Queryable,
  request: SignedRequest,
  subjectId: string | undefined,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'keep-request',
    text: `insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token,
             body, subject_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (creditor_code, jti) do nothing`,
    values: [
      ...[request.creditorCode, request.jti, request.keyThumbprint, request.method, request.target],
      ...[request.signedAt, request.receivedAt, request.digest, request.token, request.body, subjectId ?? null],
    ],
  });
  return rowCount === 1;
}

/** Whether what is kept under its `jti` asked for the same. */
export async function isRequestKept(db: Queryable, request: SignedRequest): Promise<boolean> {
  const { rows } = await db.query<{ same: boolean }>({
    name: 'compare-request',
    text: `select method = $3 and target = $4 and digest = $5 as same from requests
            where creditor_code = $1 and jti = $2`,
    values: [request.creditorCode, request.jti, request.method, request.target, request.digest],
  });
  return rows[0]?.same === true;
}
