import type { Queryable } from '../database/queryable.ts';
import { addDays, type Day, startOfAlgiersDay } from '../values/dates.ts';
import type { Place } from './canonical.ts';
import { frequentKinds, type JournalKind } from './kinds.ts';

/** What the reader looks for; what is undefined narrows nothing. */
export type TrailFilter = {
  /** A member of staff's subject: rows of creditors and of the gateway are left out then. */
  person?: string | undefined;
  kind?: JournalKind | undefined;
  subjectId?: string | undefined;
  /** Days in Algiers, both included. */
  from?: Day | undefined;
  to?: Day | undefined;
};

/** One row of the journal: who, when, what, from where, why. */
export type TrailEntry = {
  entryId: string;
  at: Date;
  kind: string;
  subjectId: string | undefined;
  creditor: string | undefined;
  fromState: string | undefined;
  toState: string | undefined;
  reason: string | undefined;
  side: 'creditor' | 'bank' | 'gateway';
  actor: string | undefined;
  /** The network address of whoever did it, where it was a person. */
  from: string | undefined;
  /** Undefined in the moment before it is sealed. */
  place: Place | undefined;
};

type Row = {
  entry_id: string;
  recorded_at: Date;
  kind: string;
  subject_id: string | null;
  creditor_code: string | null;
  from_state: string | null;
  to_state: string | null;
  reason: string | null;
  side: TrailEntry['side'];
  actor: string | null;
  from_where: string | null;
  epoch: number | null;
  number: string | null;
};

const columns = `j.entry_id, j.recorded_at, j.kind, j.subject_id, j.creditor_code, j.from_state, j.to_state, j.reason,
  j.side, j.actor, j.detail ->> 'from' as from_where, s.epoch, s.number`;

const entryOf = (row: Row): TrailEntry => ({
  entryId: row.entry_id,
  at: row.recorded_at,
  kind: row.kind,
  subjectId: row.subject_id ?? undefined,
  creditor: row.creditor_code ?? undefined,
  fromState: row.from_state ?? undefined,
  toState: row.to_state ?? undefined,
  reason: row.reason ?? undefined,
  side: row.side,
  actor: row.actor ?? undefined,
  from: row.from_where ?? undefined,
  place: row.epoch === null || row.number === null ? undefined : { epoch: row.epoch, number: Number(row.number) },
});

/** Newest first, by insertion. Each filter has its index, so that a page costs what it shows. */
export async function selectTrail(
  db: Queryable,
  filter: TrailFilter,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<TrailEntry[]> {
  const { shape, conditions, values } = narrowed(filter, before);
  const { rows } = await db.query<Row>({
    // Each shape is a statement of its own, planned for the index that it has.
    name: `select-trail-${shape}`,
    text: `select ${columns} from journal j left join journal_seals s using (entry_id)
            where ${conditions.join(' and ')} order by j.entry_id desc limit $1`,
    values: [limit, ...values],
  });
  return rows.map(entryOf);
}

function narrowed({ person, kind, subjectId, from, to }: TrailFilter, before: string | undefined) {
  const values: unknown[] = [];
  const conditions: string[] = ['true'];
  const marks: string[] = [];
  const add = (mark: string, value: unknown, condition: (parameter: string) => string) => {
    marks.push(mark);
    values.push(value);
    conditions.push(condition(`$${values.length + 1}`));
  };
  if (before !== undefined) add('b', before, (place) => `j.entry_id < ${place}::bigint`);
  if (person !== undefined) add('p', person, (subject) => `j.side = 'bank' and j.actor = ${subject}`);
  if (subjectId !== undefined) add('s', subjectId, (id) => `j.subject_id = ${id}::uuid`);
  if (kind !== undefined && frequentKinds.includes(kind)) add('f', kind, (name) => `j.kind = ${name}`);
  // Said as the index says it: that a parameter is none of them the planner can't know.
  else if (kind !== undefined)
    add('k', kind, (name) => `j.kind = ${name} and j.kind not in (${listOf(frequentKinds)})`);
  if (from !== undefined) {
    add(
      'd',
      from,
      (day) => `j.entry_id >= coalesce((select min(first_entry) from journal_days where day >= ${day}::date),
                               (select sealed_through from journal_sealer), 0)`,
    );
    add('', startOfAlgiersDay(from), (instant) => `j.recorded_at >= ${instant}`);
  }
  if (to !== undefined) {
    add(
      'u',
      to,
      (day) => `j.entry_id <= case when exists (select from journal_days where day > ${day}::date)
                               then coalesce((select max(last_entry) from journal_days where day <= ${day}::date), 0)
                               else 9223372036854775807 end`,
    );
    add('', startOfAlgiersDay(addDays(to, 1)), (instant) => `j.recorded_at < ${instant}`);
  }
  return { shape: `of-${marks.join('')}`, conditions, values };
}

const listOf = (kinds: readonly JournalKind[]): string => kinds.map((kind) => `'${kind}'`).join(', ');

/** A row with all that it holds: ids, codes and digests, nothing personal. */
export type WholeEntry = TrailEntry & {
  transactionId: string;
  tokenJti: string | undefined;
  requestJti: string | undefined;
  detail: Readonly<Record<string, unknown>>;
};

export async function selectEntry(db: Queryable, entryId: string): Promise<WholeEntry | undefined> {
  const { rows } = await db.query<
    Row & {
      transaction_id: string;
      token_jti: string | null;
      request_jti: string | null;
      detail: Record<string, unknown>;
    }
  >({
    name: 'select-journal-entry',
    text: `select ${columns}, j.transaction_id::text, j.token_jti, j.request_jti, j.detail
             from journal j left join journal_seals s using (entry_id) where j.entry_id = $1::bigint`,
    values: [entryId],
  });
  return rows.map((row) => ({
    ...entryOf(row),
    transactionId: row.transaction_id,
    tokenJti: row.token_jti ?? undefined,
    requestJti: row.request_jti ?? undefined,
    detail: row.detail,
  }))[0];
}

/** Tells that the trail was taken out as a file, by whom and what of it. */
export async function insertTrailExport(
  db: Queryable,
  { by, from, filter }: { by: string; from: string; filter: TrailFilter },
): Promise<void> {
  await db.query({
    name: 'insert-trail-export',
    text: `insert into journal (kind, side, actor, detail) values ('audit.exported', 'bank', $1, $2::jsonb)`,
    values: [by, JSON.stringify({ from, of: filter })],
  });
}
