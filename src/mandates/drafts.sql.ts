import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { AuthorisationRequest } from './mandate.ts';

export type Draft = {
  mandateId: MandateId;
  chainId: MandateId;
  request: AuthorisationRequest;
  contentHash: string;
  by: string;
  from: string;
  at: Date;
};

/** Opens a mandate as a draft of the bank's, with the journal row that tells of it. */
export async function insertDraft(db: Queryable, draft: Draft): Promise<void> {
  await db.query({
    name: 'insert-draft',
    text: `
      with entered as (
        insert into mandates (mandate_id, chain_id, replaces, creditor_code, origin, employer_number, per_debit_ceiling,
          period_ceiling, period, valid_from, valid_to, state, state_since, content_hash, entered_by, entered_at,
          last_changed_by, makers, hand_over, replace_reason, replace_remark)
        values ($1, $2, $3, $4, 'BANK', $5, $6, $7, $8, $9, $10, 'DRAFT', $15, $11, $12, $15, $12, array[$12], $14,
          $16, $17)
        returning mandate_id, creditor_code
      )
      insert into journal (creditor_code, kind, subject_id, to_state, side, actor, detail)
      select creditor_code, 'mandate.entered', mandate_id, 'DRAFT', 'bank', $12, jsonb_build_object('from', $13::text)
        from entered`,
    values: valuesOf(draft),
  });
}

/** Writes a draft anew, with the journal row; whoever does it becomes one of its makers, and it waits from now on. */
export async function updateDraft(db: Queryable, draft: Draft): Promise<void> {
  await db.query({
    name: 'update-draft',
    text: `
      with changed as (
        update mandates
           set chain_id = $2, replaces = $3, creditor_code = $4, employer_number = $5, per_debit_ceiling = $6,
               period_ceiling = $7, period = $8, valid_from = $9, valid_to = $10, content_hash = $11, hand_over = $14, state_since = $15,
               replace_reason = $16, replace_remark = $17,
               last_changed_by = $12, makers = case when $12 = any (makers) then makers else array_append(makers, $12) end
         where mandate_id = $1 and state = 'DRAFT'
        returning mandate_id, creditor_code
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, detail)
      select creditor_code, 'mandate.changed', mandate_id, 'DRAFT', 'DRAFT', 'bank', $12, jsonb_build_object('from', $13::text)
        from changed`,
    values: valuesOf(draft),
  });
}

function valuesOf({ mandateId, chainId, request, contentHash, by, from, at }: Draft): unknown[] {
  return [
    mandateId,
    chainId,
    request.replaces ?? null,
    request.creditor,
    request.employerNumber,
    request.perDebitCeiling,
    request.periodCeiling,
    request.period,
    request.validFrom,
    request.validTo,
    contentHash,
    by,
    from,
    request.handOver,
    at,
    request.replaceReason ?? null,
    request.replaceRemark ?? null,
  ];
}

export type RemarkAbout = 'send-back' | 'refusal' | 'name-difference' | 'suspension' | 'resumption' | 'revocation';
export type Remark = { writtenAt: Date; writtenBy: string; about: RemarkAbout; remark: string };

/** Keeps what a member of staff wrote: beside the mandate, never in the journal, since a text may hold a name. */
export async function insertRemark(
  db: Queryable,
  mandateId: MandateId,
  { writtenBy, about, remark }: Omit<Remark, 'writtenAt'>,
): Promise<void> {
  await db.query({
    name: 'insert-remark',
    text: 'insert into mandate_remarks (mandate_id, written_by, about, remark) values ($1, $2, $3, $4)',
    values: [mandateId, writtenBy, about, remark],
  });
}

export async function selectRemarks(db: Queryable, mandateId: MandateId): Promise<Remark[]> {
  const { rows } = await db.query<{ written_at: Date; written_by: string; about: RemarkAbout; remark: string }>({
    name: 'select-remarks',
    text: `select written_at, written_by, about, remark from mandate_remarks where mandate_id = $1 order by remark_id`,
    values: [mandateId],
  });
  return rows.map((row) => ({
    writtenAt: row.written_at,
    writtenBy: row.written_by,
    about: row.about,
    remark: row.remark,
  }));
}

export async function selectCreditorKnown(db: Queryable, creditor: CreditorCode): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'select-creditor-known',
    text: 'select from creditors where creditor_code = $1',
    values: [creditor],
  });
  return rowCount === 1;
}
