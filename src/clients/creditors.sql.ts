import type { Queryable } from '../database/queryable.ts';
import type { SignatureAlgorithm } from '../signing/public-key.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { Scope } from './client.ts';
import type { Creditor } from './clients.sql.ts';

/** A creditor in the list: what it has in use, and when the last of each ends. */
export type CreditorLine = Creditor & {
  certificates: number;
  signingKeys: number;
  certificateUntil: Date | undefined;
  signingKeyUntil: Date | undefined;
};

export async function listCreditors(db: Queryable): Promise<CreditorLine[]> {
  const { rows } = await db.query<CreditorRow & LineRow>({
    name: 'list-creditors',
    text: `
      select creditor_code, name_fr, name_ar, collection_account, registered_at,
             coalesce(c.certificates, 0) as certificates, c.certificate_until,
             coalesce(k.signing_keys, 0) as signing_keys, k.signing_key_until
        from creditors
        left join lateral (
          select count(*)::integer as certificates, max(not_after) as certificate_until
            from client_certificates left join revoked_certificates using (issuer, serial_number)
           where creditor_code = creditors.creditor_code and withdrawn_at is null and revoked_at is null
             and not_after > clock_timestamp()) c on true
        left join lateral (
          select count(*)::integer as signing_keys, max(valid_until) as signing_key_until
            from signing_keys where creditor_code = creditors.creditor_code and withdrawn_at is null
             and valid_until > clock_timestamp()) k on true
       order by creditor_code`,
  });
  return rows.map((row) => ({
    ...creditorOf(row),
    certificates: row.certificates,
    signingKeys: row.signing_keys,
    certificateUntil: row.certificate_until ?? undefined,
    signingKeyUntil: row.signing_key_until ?? undefined,
  }));
}

export async function selectCreditor(
  db: Queryable,
  creditorCode: CreditorCode,
): Promise<(Creditor & { registeredAt: Date }) | undefined> {
  const { rows } = await db.query<CreditorRow>({
    name: 'select-creditor',
    text: 'select creditor_code, name_fr, name_ar, collection_account, registered_at from creditors where creditor_code = $1',
    values: [creditorCode],
  });
  const [row] = rows;
  return row && { ...creditorOf(row), registeredAt: row.registered_at };
}

export type CertificateLine = {
  thumbprint: string;
  subject: string;
  issuer: string;
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
  registeredAt: Date;
  withdrawnAt: Date | undefined;
  revokedAt: Date | undefined;
};

/** Every certificate that was ever registered to the creditor, the newest first. */
export async function listCertificates(db: Queryable, creditorCode: CreditorCode): Promise<CertificateLine[]> {
  const { rows } = await db.query<{
    thumbprint: string;
    subject: string;
    issuer: string;
    serial_number: string;
    not_before: Date;
    not_after: Date;
    registered_at: Date;
    withdrawn_at: Date | null;
    revoked_at: Date | null;
  }>({
    name: 'list-certificates',
    text: `
      select thumbprint, subject, issuer, serial_number, not_before, not_after, registered_at, withdrawn_at, revoked_at
        from client_certificates left join revoked_certificates using (issuer, serial_number)
       where creditor_code = $1 order by registered_at desc, thumbprint limit 200`,
    values: [creditorCode],
  });
  return rows.map((row) => ({
    ...{ thumbprint: row.thumbprint, subject: row.subject, issuer: row.issuer, serialNumber: row.serial_number },
    ...{ notBefore: row.not_before, notAfter: row.not_after, registeredAt: row.registered_at },
    ...{ withdrawnAt: row.withdrawn_at ?? undefined, revokedAt: row.revoked_at ?? undefined },
  }));
}

export type SigningKeyLine = {
  thumbprint: string;
  algorithm: SignatureAlgorithm;
  scopes: readonly Scope[];
  validFrom: Date;
  validUntil: Date;
  registeredAt: Date;
  withdrawnAt: Date | undefined;
  /** What the creditor signed to have it registered, byte for byte. */
  registration: string;
};

/** Every signing key that the creditor ever registered, the newest first. */
export async function listSigningKeys(db: Queryable, creditorCode: CreditorCode): Promise<SigningKeyLine[]> {
  const { rows } = await db.query<{
    thumbprint: string;
    algorithm: SignatureAlgorithm;
    scopes: Scope[];
    valid_from: Date;
    valid_until: Date;
    registered_at: Date;
    withdrawn_at: Date | null;
    registration: string;
  }>({
    name: 'list-signing-keys',
    text: `
      select thumbprint, algorithm, scopes, valid_from, valid_until, registered_at, withdrawn_at, registration
        from signing_keys where creditor_code = $1 order by registered_at desc, thumbprint limit 200`,
    values: [creditorCode],
  });
  return rows.map((row) => ({
    ...{ thumbprint: row.thumbprint, algorithm: row.algorithm, scopes: row.scopes, registration: row.registration },
    ...{ validFrom: row.valid_from, validUntil: row.valid_until, registeredAt: row.registered_at },
    withdrawnAt: row.withdrawn_at ?? undefined,
  }));
}

type CreditorRow = {
  creditor_code: CreditorCode;
  name_fr: string;
  name_ar: string;
  collection_account: Rib;
  registered_at: Date;
};
type LineRow = {
  certificates: number;
  signing_keys: number;
  certificate_until: Date | null;
  signing_key_until: Date | null;
};

const creditorOf = (row: CreditorRow): Creditor => ({
  creditorCode: row.creditor_code,
  nameFr: row.name_fr,
  nameAr: row.name_ar,
  collectionAccount: row.collection_account,
});
