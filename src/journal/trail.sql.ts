import type { Queryable } from '../database/queryable.ts';
import { addDays, type Day, startOfAlgiersDay } from '../values/dates.ts';
import type { Place } from './canonical.ts';
import type { JournalKind } from './kinds.ts';

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
  const bounds = await selectDayBounds(db, filter);
  const { conditions, order, values } = narrowed(filter, bounds, before);
  const { rows } = await db.query<Row>({
    // Without a name, and so planned for what is asked: a person of ten rows or of a million, a day or a year.
    text: `
      select ${columns}
        from (select * from journal j where ${conditions.join(' and ')} order by ${order} limit $1) j
        left join journal_seals s using (entry_id)
       order by j.entry_id desc`,
    values: [limit, ...values],
  });
  return rows.map(entryOf);
}

/** Between these the rows of the days stand, among others of the days beside them. */
type Bounds = { first: string; last: string };

const everything: Bounds = { first: '0', last: '9223372036854775807' };

/** Rows that are not sealed yet come after all others, and count to whatever day. */
async function selectDayBounds(db: Queryable, { from, to }: TrailFilter): Promise<Bounds> {
  if (from === undefined && to === undefined) return everything;
  const { rows } = await db.query<Bounds>({
    name: 'select-day-bounds',
    text: `
      select coalesce((select min(first_entry) from journal_days where day >= $1::date),
                      (select sealed_through from journal_sealer), 0) as first,
             case when $2::date < (select max(day) from journal_days)
                  then coalesce((select max(last_entry) from journal_days where day <= $2::date), 0)
                  else 9223372036854775807 end as last`,
    values: [from ?? '-infinity', to ?? 'infinity'],
  });
  return rows[0] ?? everything;
}

/**
 * Only parts the days at their edges, since the bounds have done the rest. Written so that the planner has no figures
 * for it: it would take time and id for independent, expect a few rows of a day, and sort the whole day for them.
 */
const atTheEdge = (condition: string): string => `case when ${condition} then true else false end`;

/** These two have no index of their own: of any stretch of the journal most rows are of them. */
const frequentKinds: readonly JournalKind[] = ['debit.received', 'debit.settled'];

/**
 * The column by whose index the page is read. Its value stands as a range in the conditions and first in the order: were
 * it said to be equal, the planner would take the whole journal's own order to be as good, and go through everything
 * that has happened since, where what is looked for is old.
 */
function columnOf({ person, kind, subjectId }: TrailFilter): { name: 'actor' | 'kind'; value: string } | undefined {
  if (subjectId !== undefined) return undefined;
  if (person !== undefined) return { name: 'actor', value: person };
  return kind === undefined || frequentKinds.includes(kind) ? undefined : { name: 'kind', value: kind };
}

function narrowed(filter: TrailFilter, bounds: Bounds, before: string | undefined) {
  const { person, kind, subjectId, from, to } = filter;
  const values: unknown[] = [];
  const conditions: string[] = ['true'];
  const parameter = (value: unknown): string => {
    values.push(value);
    return `$${values.length + 1}`;
  };
  const column = columnOf(filter);
  const ofColumn = column && parameter(column.value);
  const entry = (compared: '<' | '<=' | '>=', place: string) =>
    conditions.push(
      column === undefined
        ? `j.entry_id ${compared} ${parameter(place)}::bigint`
        : `(j.${column.name}, j.entry_id) ${compared} (${ofColumn}::text, ${parameter(place)}::bigint)`,
    );
  if (column !== undefined) conditions.push(`j.${column.name} between ${ofColumn}::text and ${ofColumn}::text`);
  if (column?.name === 'kind') conditions.push(`j.kind not in ('${frequentKinds.join("', '")}')`);
  if (before !== undefined) entry('<', before);
  if (person !== undefined) conditions.push("j.side = 'bank'");
  if (person !== undefined && column?.name !== 'actor') conditions.push(`j.actor = ${parameter(person)}`);
  if (subjectId !== undefined) conditions.push(`j.subject_id = ${parameter(subjectId)}::uuid`);
  if (kind !== undefined && column?.name !== 'kind') conditions.push(`j.kind = ${parameter(kind)}`);
  if (from !== undefined) {
    entry('>=', bounds.first);
    conditions.push(atTheEdge(`j.recorded_at >= ${parameter(startOfAlgiersDay(from))}`));
  }
  if (to !== undefined) {
    entry('<=', bounds.last);
    conditions.push(atTheEdge(`j.recorded_at < ${parameter(startOfAlgiersDay(addDays(to, 1)))}`));
  }
  const order = column === undefined ? 'j.entry_id desc' : `j.${column.name} desc, j.entry_id desc`;
  return { conditions, order, values };
}

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

/**
 * Tells that the trail was taken out as a file, by whom and what of it. A person whom no row names is what somebody typed,
 * perhaps a name: told as unknown. Looked up as the next one in their order, which has an index.
 */
export async function insertTrailExport(
  db: Queryable,
  { by, from, filter }: { by: string; from: string; filter: TrailFilter },
): Promise<void> {
  await db.query({
    name: 'insert-trail-export',
    text: `insert into journal (kind, side, actor, detail)
           select 'audit.exported', 'bank', $1,
                  case when $3::text is null
                         or (select actor from journal where side = 'bank' and actor >= $3 order by actor, entry_id limit 1) = $3
                       then $2::jsonb else jsonb_set($2::jsonb, '{of,person}', '"unknown"') end`,
    values: [by, JSON.stringify({ from, of: filter }), filter.person ?? null],
  });
}
