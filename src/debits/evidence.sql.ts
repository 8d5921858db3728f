import { createHash } from 'node:crypto';
import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import { type DebitId, uuidV7 } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import type {
  ContradictionId,
  Document,
  DocumentType,
  Evidence,
  EvidenceId,
  EvidenceKind,
  RightAnswer,
  Said,
} from './evidence.ts';
import type { ReversalId } from './reversal.ts';

export const newEvidenceId = (now: Date): EvidenceId => uuidV7(now) as EvidenceId;

type New = Pick<Evidence, 'evidenceId' | 'debitId' | 'said' | 'attachedBy' | 'attachedAt'> & {
  document: Document;
  reversalId: ReversalId | undefined;
};

/** Keeps what was attached, with the journal row that names its digest. */
export async function insertEvidence(db: Queryable, evidence: New): Promise<void> {
  const { said, document } = evidence;
  const booking = 'booking' in said ? said.booking : undefined;
  await db.query({
    name: 'insert-evidence',
    text: `
      with kept as (
        insert into debit_evidence (evidence_id, debit_id, contradiction_id, kind, reason, booking_reference, executed_at,
          booking_date, value_date, amount, media_type, digest, document, attached_by, attached_at, right_answer, reversal_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        returning debit_id, kind, evidence_id, digest, attached_by
      )
      insert into journal (kind, subject_id, reason, side, actor, detail)
      select 'debit.evidence-attached', debit_id, kind, 'bank', attached_by,
             jsonb_build_object('evidence', evidence_id, 'digest', encode(digest, 'hex'))
        from kept`,
    values: [
      evidence.evidenceId,
      evidence.debitId,
      'contradictionId' in said ? said.contradictionId : null,
      said.kind,
      said.kind === 'REFUSAL' ? said.reason : null,
      booking?.bookingReference ?? ('bookingReference' in said ? said.bookingReference : undefined) ?? null,
      booking?.executedAt ?? null,
      booking?.bookingDate ?? null,
      booking?.valueDate ?? null,
      booking?.amount ?? null,
      document.mediaType,
      createHash('sha256').update(document.bytes).digest(),
      document.bytes,
      evidence.attachedBy,
      evidence.attachedAt,
      said.kind === 'EXPLANATION' ? said.right : null,
      evidence.reversalId ?? null,
    ],
  });
}

/**
 * Tells who approved a debit's end, or its reversal's, and by which paper: its change of state is told by itself, just
 * before. `state` is the debit's.
 */
export async function insertEndedByHand(
  db: Queryable,
  ended: {
    debitId: DebitId;
    state: 'SETTLED' | 'REJECTED' | 'REVERSED';
    attempt?: number;
    evidenceId: EvidenceId;
    by: string;
    from: string;
  },
): Promise<void> {
  await db.query({
    name: 'insert-ended-by-hand',
    text: `insert into journal (kind, subject_id, from_state, to_state, side, actor, detail)
           values (case when $6::integer is null then 'debit.ended-by-hand' else 'debit.reversal-ended-by-hand' end, $1, $2, $2,
                   'bank', $3, jsonb_strip_nulls(jsonb_build_object('evidence', $4::text, 'from', $5::text, 'attempt', $6::integer)))`,
    values: [ended.debitId, ended.state, ended.by, ended.evidenceId, ended.from, ended.attempt ?? null],
  });
}

type Row = {
  evidence_id: EvidenceId;
  debit_id: DebitId;
  contradiction_id: ContradictionId | null;
  kind: EvidenceKind;
  reason: ReasonCode | null;
  booking_reference: string | null;
  executed_at: Date | null;
  booking_date: Day | null;
  value_date: Day | null;
  amount: string | null;
  media_type: DocumentType;
  digest: Buffer;
  attached_by: string;
  attached_at: Date;
  right_answer: RightAnswer | null;
  reversal_id: ReversalId | null;
  attempt: number | null;
};

const columns = `evidence_id, debit_id, contradiction_id, kind, reason, booking_reference, executed_at, booking_date,
  value_date, amount, media_type, digest, attached_by, attached_at, right_answer, reversal_id,
  (select attempt from reversals where reversals.reversal_id = debit_evidence.reversal_id) as attempt`;

export async function selectEvidence(db: Queryable, evidenceId: EvidenceId): Promise<Evidence> {
  const { rows } = await db.query<Row>({
    name: 'select-evidence',
    text: `select ${columns} from debit_evidence where evidence_id = $1`,
    values: [evidenceId],
  });
  const [evidence] = rows.map(evidenceOf);
  if (evidence === undefined) throw new Error('evidence that was named is not stored');
  return evidence;
}

/** All that was ever attached to a debit, the last first. */
export async function selectEvidenceOf(db: Queryable, debitId: DebitId): Promise<Evidence[]> {
  const { rows } = await db.query<Row>({
    name: 'select-evidence-of',
    text: `select ${columns} from debit_evidence where debit_id = $1 order by evidence_id desc limit 50`,
    values: [debitId],
  });
  return rows.map(evidenceOf);
}

/** The attached document, for staff who may see its debit. */
export async function selectDocument(
  db: Queryable,
  { debitId, evidenceId, agencies }: { debitId: DebitId; evidenceId: EvidenceId; agencies: Agencies },
): Promise<Document | undefined> {
  const { rows } = await db.query<{ media_type: DocumentType; document: Buffer }>({
    name: 'select-evidence-document',
    text: `
      select media_type, document from debit_evidence join debits using (debit_id)
        left join mandate_debtors using (mandate_id)
       where evidence_id = $1 and debit_id = $2 and ${ofAgencies('$3')}`,
    values: [evidenceId, debitId, agencyParameter(agencies)],
  });
  return rows.map((row) => ({ mediaType: row.media_type, bytes: row.document }))[0];
}

const evidenceOf = (row: Row): Evidence => ({
  evidenceId: row.evidence_id,
  debitId: row.debit_id,
  reversal:
    row.reversal_id === null || row.attempt === null
      ? undefined
      : { reversalId: row.reversal_id, attempt: row.attempt },
  said: saidIn(row),
  mediaType: row.media_type,
  digest: row.digest,
  attachedBy: row.attached_by,
  attachedAt: row.attached_at,
});

function saidIn(row: Row): Said {
  switch (row.kind) {
    case 'VOID':
      return { kind: 'VOID' };
    case 'REFUSAL':
      return { kind: 'REFUSAL', reason: stored(row.reason) };
    case 'BOOKING':
      return { kind: 'BOOKING', booking: bookingIn(row) };
    case 'RETURN':
    case 'CORRECTION':
      return { kind: row.kind, contradictionId: stored(row.contradiction_id), booking: bookingIn(row) };
    case 'EXPLANATION':
      return {
        kind: 'EXPLANATION',
        contradictionId: stored(row.contradiction_id),
        right: stored(row.right_answer),
        bookingReference: row.booking_reference ?? undefined,
      };
  }
}

const bookingIn = (row: Row): Booking => ({
  bookingReference: stored(row.booking_reference),
  executedAt: stored(row.executed_at),
  bookingDate: stored(row.booking_date),
  valueDate: stored(row.value_date),
  amount: centimesFromDatabase(stored(row.amount)),
});

/** The table's own constraints hold what each kind has. */
function stored<Value>(value: Value | null): Value {
  if (value === null) throw new Error('evidence lacks what its kind has');
  return value;
}
