import type { Queryable } from '../database/queryable.ts';
import type { SignedToken } from '../signing/signer.ts';
import type { CreditorCode, Jws, MandateId } from '../values/ids.ts';
import type { StatusPlace } from './certificate.ts';
import { statesBefore } from './mandate.ts';

/** The status list that is being filled. */
export async function selectStatusList(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ list: number }>({
    name: 'select-status-list',
    text: 'select coalesce(max(status_list), 0) as list from mandates',
  });
  return rows[0]?.list ?? 0;
}

export type Certification = {
  mandateId: MandateId;
  contentHash: string;
  by: string;
  from: string;
  at: Date;
  place: StatusPlace;
  certificate: SignedToken;
  /** A code for the journal where the holder's name differs; why stands in a remark. */
  reason: string | undefined;
  /** `seen`: no scan is attached, and the supervisor said to have had the form itself. */
  paper: 'seen' | undefined;
};

/**
 * Certifies: state, certificate, the chain's counter and the journal row in one statement. False where the mandate does
 * not wait for it with this content; two on one place of the status list is a unique violation.
 */
export async function storeCertification(db: Queryable, certification: Certification): Promise<boolean> {
  const { mandateId, contentHash, by, from, at, place, certificate, reason, paper } = certification;
  const { rows } = await db.query<{ certified: boolean }>({
    name: 'store-certification',
    text: `
      with certified as (
        update mandates
           set state = 'CERTIFIED', state_since = $3, certified_by = $4, certified_at = $3, certificate_jti = $5,
               status_list = $6, status_index = $7
         where mandate_id = $1 and content_hash = $2 and state = any ($8::text[])
        returning mandate_id, chain_id, creditor_code
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $5, creditor_code, $9, mandate_id, $10, $3, $11 from certified
      ), counted as (
        -- A chain keeps one counter, whichever mandate runs.
        insert into mandate_usage (chain_id) select chain_id from certified on conflict do nothing
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, token_jti, detail)
        select creditor_code, 'mandate.certified', mandate_id, 'PENDING_CERTIFICATION', 'CERTIFIED', $12, 'bank', $4, $5,
               jsonb_strip_nulls(jsonb_build_object('from', $13::text, 'paper', $14::text))
          from certified
      )
      select exists (select from certified) as certified`,
    values: [
      mandateId,
      contentHash,
      at,
      by,
      certificate.jti,
      place.list,
      place.index,
      statesBefore('CERTIFIED'),
      certificate.type,
      certificate.keyThumbprint,
      certificate.token,
      reason ?? null,
      from,
      paper ?? null,
    ],
  });
  return rows[0]?.certified === true;
}

export type StoredCertificate = { token: Jws; keyThumbprint: string };

/** The certificate as it was signed, byte for byte; undefined before certification. */
export async function selectCertificate(db: Queryable, mandateId: MandateId): Promise<StoredCertificate | undefined> {
  const { rows } = await db.query<{ token: Jws; key_thumbprint: string }>({
    name: 'select-certificate',
    text: `select token, tokens.key_thumbprint from mandates join tokens on jti = certificate_jti where mandate_id = $1`,
    values: [mandateId],
  });
  const [row] = rows;
  return row === undefined ? undefined : { token: row.token, keyThumbprint: row.key_thumbprint };
}

/** The creditor's name in both languages, as the certificate prints it. */
export async function selectCreditorName(
  db: Queryable,
  creditor: CreditorCode,
): Promise<{ nameFr: string; nameAr: string }> {
  const { rows } = await db.query<{ name_fr: string; name_ar: string }>({
    name: 'select-creditor-name',
    text: 'select name_fr, name_ar from creditors where creditor_code = $1',
    values: [creditor],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a mandate has no creditor');
  return { nameFr: row.name_fr, nameAr: row.name_ar };
}
