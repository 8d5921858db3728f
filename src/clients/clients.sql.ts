import type { JsonWebKey } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import type { SignatureAlgorithm } from '../signing/public-key.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { Scope } from './client.ts';

/** What became of a registration. Who registered first keeps it: a key or certificate belongs to one creditor. */
export type RegistrationOutcome = 'REGISTERED' | 'ALREADY_REGISTERED' | 'UNKNOWN_CREDITOR';
export type WithdrawalOutcome = 'WITHDRAWN' | 'NOT_REGISTERED';

export type Creditor = { creditorCode: CreditorCode; nameFr: string; nameAr: string; collectionAccount: Rib };

export type CertificateRow = {
  creditor_code: CreditorCode;
  subject: string;
  not_before: Date;
  not_after: Date;
  withdrawn_at: Date | null;
  revoked_at: Date | null;
};

/** The certificate with that thumbprint, and whether its authority has revoked it. One indexed read. */
export async function selectCertificate(db: Queryable, thumbprint: string): Promise<CertificateRow | undefined> {
  const { rows } = await db.query<CertificateRow>({
    name: 'select-client-certificate',
    text: `
      select creditor_code, subject, not_before, not_after, withdrawn_at, revoked_at
        from client_certificates left join revoked_certificates using (issuer, serial_number)
       where thumbprint = $1`,
    values: [thumbprint],
  });
  return rows[0];
}

export type SigningKeyRow = {
  creditor_code: CreditorCode;
  public_jwk: JsonWebKey;
  algorithm: SignatureAlgorithm;
  scopes: Scope[];
  valid_from: Date;
  valid_until: Date;
  withdrawn_at: Date | null;
};

/** Every key that the creditor has ever registered: a withdrawn one is told so, not that it is unknown. */
export async function selectSigningKeys(db: Queryable, creditorCode: CreditorCode): Promise<SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>({
    name: 'select-signing-keys',
    text: `
      select creditor_code, public_jwk, algorithm, scopes, valid_from, valid_until, withdrawn_at
        from signing_keys where creditor_code = $1 order by registered_at, thumbprint`,
    values: [creditorCode],
  });
  return rows;
}

/** Who has it done: the staff member's subject, from where, and by which approved proposal. */
export type RegistryAct = { by: string; from?: string | undefined; proposalId?: string | undefined };

/** Registers a creditor, once. */
export async function insertCreditor(
  db: Queryable,
  creditor: Creditor,
  { by, from, proposalId }: RegistryAct,
): Promise<Exclude<RegistrationOutcome, 'UNKNOWN_CREDITOR'>> {
  const { rowCount } = await db.query({
    name: 'insert-creditor',
    text: `
      with added as (
        insert into creditors (creditor_code, name_fr, name_ar, collection_account, registered_as)
        values ($1, $2, $3, $4, $7) on conflict (creditor_code) do nothing returning creditor_code
      )
      insert into journal (kind, creditor_code, side, actor, detail)
      select 'creditor.registered', creditor_code, 'bank', $5, jsonb_strip_nulls(jsonb_build_object(${actDetail(6, 7)}))
        from added`,
    values: [
      ...[creditor.creditorCode, creditor.nameFr, creditor.nameAr, creditor.collectionAccount],
      ...[by, from ?? null, proposalId ?? null],
    ],
  });
  return rowCount === 1 ? 'REGISTERED' : 'ALREADY_REGISTERED';
}

export type CertificateToInsert = {
  thumbprint: string;
  creditorCode: CreditorCode;
  subject: string;
  issuer: string;
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
};

export async function insertCertificate(
  db: Queryable,
  certificate: CertificateToInsert,
  { by, from, proposalId }: RegistryAct,
): Promise<RegistrationOutcome> {
  const { thumbprint, creditorCode, subject, issuer, serialNumber, notBefore, notAfter } = certificate;
  return registrationOutcome(db, {
    name: 'insert-certificate',
    text: `
      with creditor as (
        select creditor_code from creditors where creditor_code = $2
      ), added as (
        insert into client_certificates
          (thumbprint, creditor_code, subject, issuer, serial_number, not_before, not_after, registered_as)
        select $1, creditor_code, $3, $4, $5, $6, $7, $10 from creditor
        on conflict (thumbprint) do nothing returning thumbprint, creditor_code
      ), told as (
        insert into journal (kind, creditor_code, side, actor, detail)
        select 'client.registered', creditor_code, 'bank', $8,
               jsonb_strip_nulls(jsonb_build_object('thumbprint', thumbprint, ${actDetail(9, 10)})) from added
      )
      select ${outcomeOfRegistration} as outcome`,
    values: [
      ...[thumbprint, creditorCode, subject, issuer, serialNumber, notBefore, notAfter],
      ...[by, from ?? null, proposalId ?? null],
    ],
  });
}

export type SigningKeyToInsert = {
  thumbprint: string;
  creditorCode: CreditorCode;
  jwk: JsonWebKey;
  algorithm: SignatureAlgorithm;
  scopes: readonly Scope[];
  /** What the creditor signed itself to register the key, byte for byte. */
  registration: string;
  validFrom: Date;
  validUntil: Date;
};

export async function insertSigningKey(
  db: Queryable,
  key: SigningKeyToInsert,
  { by, from, proposalId }: RegistryAct,
): Promise<RegistrationOutcome> {
  const { thumbprint, creditorCode, jwk, algorithm, scopes, registration, validFrom, validUntil } = key;
  return registrationOutcome(db, {
    name: 'insert-signing-key',
    text: `
      with creditor as (
        select creditor_code from creditors where creditor_code = $2
      ), added as (
        insert into signing_keys
          (thumbprint, creditor_code, public_jwk, algorithm, scopes, registration, valid_from, valid_until, registered_as)
        select $1, creditor_code, $3::jsonb, $4, $5::text[], $6, $7, $8, $11 from creditor
        on conflict (thumbprint) do nothing returning thumbprint, creditor_code, scopes
      ), told as (
        insert into journal (kind, creditor_code, side, actor, detail)
        select 'signing-key.registered', creditor_code, 'bank', $9,
               jsonb_strip_nulls(jsonb_build_object('thumbprint', thumbprint, 'scopes', scopes, ${actDetail(10, 11)})) from added
      )
      select ${outcomeOfRegistration} as outcome`,
    values: [
      ...[thumbprint, creditorCode, JSON.stringify(jwk), algorithm, [...scopes]],
      ...[registration, validFrom, validUntil, by, from ?? null, proposalId ?? null],
    ],
  });
}

/** Withdraws a certificate for ever; a second withdrawal changes nothing. */
export const withdrawCertificate = (db: Queryable, thumbprint: string, act: RegistryAct): Promise<WithdrawalOutcome> =>
  withdrawalOutcome(db, {
    name: 'withdraw-certificate',
    text: withdrawalFrom('client_certificates', 'client.withdrawn'),
    values: [thumbprint, act.by, act.from ?? null, act.proposalId ?? null],
  });

/** Withdraws a signing key for ever; what it signed before stays proof. */
export const withdrawSigningKey = (db: Queryable, thumbprint: string, act: RegistryAct): Promise<WithdrawalOutcome> =>
  withdrawalOutcome(db, {
    name: 'withdraw-signing-key',
    text: withdrawalFrom('signing_keys', 'signing-key.withdrawn'),
    values: [thumbprint, act.by, act.from ?? null, act.proposalId ?? null],
  });

export type Revocation = { serialNumber: string; revokedAt: Date };

/** Keeps what a list says beyond what is known. Answers how many revocations were new. */
export async function insertRevocations(
  db: Queryable,
  issuer: string,
  revocations: readonly Revocation[],
): Promise<number> {
  const { rows } = await db.query<{ added: number }>({
    name: 'insert-revocations',
    text: `
      with added as (
        insert into revoked_certificates (issuer, serial_number, revoked_at)
        select $1, serial_number, revoked_at
          from unnest($2::text[], $3::timestamptz[]) as listed (serial_number, revoked_at)
        on conflict (issuer, serial_number) do nothing returning issuer, serial_number
      ), told as (
        insert into journal (kind, creditor_code, side, detail)
        select 'client.revoked', creditor_code, 'gateway', jsonb_build_object('thumbprint', thumbprint)
          from client_certificates join added using (issuer, serial_number)
      )
      select count(*)::integer as added from added`,
    values: [
      issuer,
      revocations.map(({ serialNumber }) => serialNumber),
      revocations.map(({ revokedAt }) => revokedAt),
    ],
  });
  return rows[0]?.added ?? 0;
}

/** The address and the proposal, by the places of their parameters. */
const actDetail = (from: number, proposal: number) => `'from', $${from}::text, 'proposal', $${proposal}::uuid`;

const withdrawalFrom = (table: 'client_certificates' | 'signing_keys', kind: string) => `
  with withdrawn as (
    update ${table} set withdrawn_at = clock_timestamp(), withdrawn_as = $4
     where thumbprint = $1 and withdrawn_at is null returning thumbprint, creditor_code
  ), told as (
    insert into journal (kind, creditor_code, side, actor, detail)
    select '${kind}', creditor_code, 'bank', $2,
           jsonb_strip_nulls(jsonb_build_object('thumbprint', thumbprint, ${actDetail(3, 4)})) from withdrawn
  )
  select case when exists (select from ${table} where thumbprint = $1)
              then 'WITHDRAWN' else 'NOT_REGISTERED' end as outcome`;

async function withdrawalOutcome(
  db: Queryable,
  statement: { name: string; text: string; values: unknown[] },
): Promise<WithdrawalOutcome> {
  const { rows } = await db.query<{ outcome: WithdrawalOutcome }>(statement);
  return rows[0]?.outcome ?? 'NOT_REGISTERED';
}

const outcomeOfRegistration = `
  case when exists (select from added) then 'REGISTERED'
       when exists (select from creditor) then 'ALREADY_REGISTERED'
       else 'UNKNOWN_CREDITOR' end`;

async function registrationOutcome(
  db: Queryable,
  statement: { name: string; text: string; values: unknown[] },
): Promise<RegistrationOutcome> {
  const { rows } = await db.query<{ outcome: RegistrationOutcome }>(statement);
  return rows[0]?.outcome ?? 'UNKNOWN_CREDITOR';
}
