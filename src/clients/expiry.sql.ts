import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';

/** What a creditor proves itself with: the last moment of the certificate, and of the signing key, that last longest. */
export type ClientExpiry = { creditor: CreditorCode; certificate?: Date; signingKey?: Date };

export async function selectClientExpiries(db: Queryable): Promise<ClientExpiry[]> {
  const { rows } = await db.query<{ creditor_code: CreditorCode; certificate: Date | null; signing_key: Date | null }>({
    name: 'select-client-expiries',
    text: `
      select creditor_code,
             (select max(not_after) from client_certificates c left join revoked_certificates using (issuer, serial_number)
               where c.creditor_code = creditors.creditor_code and withdrawn_at is null and revoked_at is null) as certificate,
             (select max(valid_until) from signing_keys k
               where k.creditor_code = creditors.creditor_code and withdrawn_at is null) as signing_key
        from creditors order by creditor_code`,
  });
  return rows.map(({ creditor_code: creditor, certificate, signing_key: signingKey }) => ({
    creditor,
    ...(certificate !== null && { certificate }),
    ...(signingKey !== null && { signingKey }),
  }));
}
