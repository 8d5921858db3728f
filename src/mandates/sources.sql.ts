import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { TypedRequest } from './authorisation-request.ts';
import type { AuthorisationRequest } from './mandate.ts';

/** Who said what the mandate began from, where staff did not type it; `asked` is as it was said. */
export type RequestSource =
  | { source: 'IMPORT'; asked: TypedRequest; line: number }
  | { source: 'CREDITOR'; asked: TypedRequest };

export type OpenedDraft = {
  mandateId: MandateId;
  chainId: MandateId;
  reference: string;
  request: AuthorisationRequest;
  asked: TypedRequest;
  contentHash: string;
  signed: SignedRequest;
  at: Date;
};

/**
 * Opens a draft under the creditor's own name for it, with what it asked and the journal row. False where the name is
 * taken, also by a transaction that was open when this one began: the index waits for it.
 */
export async function insertCreditorDraft(db: Queryable, draft: OpenedDraft): Promise<boolean> {
  const { mandateId, chainId, reference, request, asked, contentHash, signed, at } = draft;
  const { debtor } = request;
  const { rows } = await db.query<{ opened: boolean }>({
    name: 'insert-creditor-draft',
    text: `
      with opened as (
        insert into mandates (mandate_id, chain_id, replaces, creditor_code, origin, request_reference, employer_number,
          per_debit_ceiling, period_ceiling, period, valid_from, valid_to, state, state_since, content_hash, entered_by,
          entered_at, last_changed_by)
        values ($1, $2, $3, $4, 'CREDITOR', $5, $6, $7, $8, $9, $10, $11, 'DRAFT', $12, $13, 'creditor:' || $4, $12,
          'creditor:' || $4)
        on conflict (creditor_code, request_reference) do nothing
        returning mandate_id, creditor_code
      ), debtor as (
        insert into mandate_debtors (mandate_id, rib, name_fr, name_ar, representative_fr, representative_ar, phone)
        select mandate_id, $14, $15, $16, $17, $18, $19 from opened
      ), said as (
        insert into request_sources (mandate_id, source, asked) select mandate_id, 'CREDITOR', $20::jsonb from opened
      ), told as (
        insert into journal (creditor_code, kind, subject_id, to_state, side, actor, request_jti)
        select creditor_code, 'mandate.opened', mandate_id, 'DRAFT', 'creditor', $21, $22 from opened
      )
      select exists (select from opened) as opened`,
    values: [
      mandateId,
      chainId,
      request.replaces ?? null,
      request.creditor,
      reference,
      request.employerNumber,
      request.perDebitCeiling,
      request.periodCeiling,
      request.period,
      request.validFrom,
      request.validTo,
      at,
      contentHash,
      debtor.rib,
      debtor.nameFr,
      debtor.nameAr,
      debtor.representativeFr ?? null,
      debtor.representativeAr ?? null,
      debtor.phone ?? null,
      JSON.stringify(asked),
      signed.keyThumbprint,
      signed.jti,
    ],
  });
  return rows[0]?.opened === true;
}

/** The mandate that the creditor opened under this name, and whether it asked the same then. */
export async function selectOpened(
  db: Queryable,
  { creditor, reference, asked }: { creditor: CreditorCode; reference: string; asked: TypedRequest },
): Promise<{ mandateId: MandateId; same: boolean } | undefined> {
  const { rows } = await db.query<{ mandate_id: MandateId; same: boolean }>({
    name: 'select-opened-draft',
    text: `select mandate_id, asked = $3::jsonb as same from mandates join request_sources using (mandate_id)
            where creditor_code = $1 and request_reference = $2`,
    values: [creditor, reference, JSON.stringify(asked)],
  });
  const [row] = rows;
  return row && { mandateId: row.mandate_id, same: row.same };
}

/** What was said where staff did not type it; undefined where they did. */
export async function selectSource(db: Queryable, mandateId: MandateId): Promise<RequestSource | undefined> {
  const { rows } = await db.query<{ source: RequestSource['source']; asked: TypedRequest; line: number | null }>({
    name: 'select-request-source',
    text: 'select source, asked, line from request_sources where mandate_id = $1',
    values: [mandateId],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return row.source === 'CREDITOR'
    ? { source: 'CREDITOR', asked: row.asked }
    : { source: 'IMPORT', asked: row.asked, line: row.line ?? 1 };
}

/** Those that creditors opened under this name, where staff of these agencies see the employer: one a creditor at most. */
export async function selectByReference(
  db: Queryable,
  { reference, agencies }: { reference: string; agencies: 'ALL' | readonly string[] },
): Promise<{ mandateId: MandateId; creditor: CreditorCode }[]> {
  const { rows } = await db.query<{ mandate_id: MandateId; creditor_code: CreditorCode }>({
    name: 'select-by-reference',
    text: `select mandate_id, creditor_code from mandates join mandate_debtors using (mandate_id)
            where request_reference = $1 and ($2::text[] is null or agency_code = any ($2)) order by creditor_code`,
    values: [reference, agencies === 'ALL' ? null : agencies],
  });
  return rows.map((row) => ({ mandateId: row.mandate_id, creditor: row.creditor_code }));
}
