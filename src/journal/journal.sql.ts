import type { Queryable } from '../database/queryable.ts';

/** One step in a subject's life, as the journal has it. */
export type Transition = {
  kind: string;
  at: Date;
  from: string | undefined;
  to: string;
  reason: string | undefined;
  side: 'creditor' | 'bank' | 'gateway';
  /** The staff member's subject, or the thumbprint of the creditor's key: never shown to the other side. */
  actor: string | undefined;
};

type Row = {
  kind: string;
  recorded_at: Date;
  from_state: string | null;
  to_state: string;
  reason: string | null;
  side: Transition['side'];
  actor: string | null;
};

/** Every change of state of one mandate or debit, oldest first. */
export async function transitionsOf(db: Queryable, subjectId: string): Promise<Transition[]> {
  const { rows } = await db.query<Row>({
    name: 'transitions-of',
    text: `select kind, recorded_at, from_state, to_state, reason, side, actor from journal
            where subject_id = $1 and to_state is not null order by entry_id`,
    values: [subjectId],
  });
  return rows.map((row) => ({
    kind: row.kind,
    at: row.recorded_at,
    from: row.from_state ?? undefined,
    to: row.to_state,
    reason: row.reason ?? undefined,
    side: row.side,
    actor: row.actor ?? undefined,
  }));
}

/** Whether the journal tells of anything that this signed request did to the subject, beside the kind named. */
export async function wasApplied(
  db: Queryable,
  { subjectId, requestJti, beside }: { subjectId: string; requestJti: string; beside: string },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'was-applied',
    text: 'select from journal where subject_id = $1 and request_jti = $2 and kind <> $3 limit 1',
    values: [subjectId, requestJti, beside],
  });
  return rowCount === 1;
}

/** Something that was done about a subject and changed no state of it. */
export type Deed = { kind: string; at: Date; actor: string | undefined };

/** What was done of these kinds, oldest first. */
export async function deedsOf(db: Queryable, subjectId: string, kinds: readonly string[]): Promise<Deed[]> {
  const { rows } = await db.query<{ kind: string; recorded_at: Date; actor: string | null }>({
    name: 'deeds-of',
    text: `select kind, recorded_at, actor from journal where subject_id = $1 and kind = any ($2::text[]) order by entry_id`,
    values: [subjectId, kinds],
  });
  return rows.map((row) => ({ kind: row.kind, at: row.recorded_at, actor: row.actor ?? undefined }));
}
