import type { Queryable } from '../database/queryable.ts';
import type { EntryText, EpochText } from './canonical.ts';

/** A row's columns as canonical.ts wants them, of `journal` or of what stands for it under that name. */
const entryText = `
  j.entry_id::text, j.transaction_id::text,
  to_char(j.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at, j.kind,
  j.subject_id::text, j.creditor_code, j.from_state, j.to_state, j.reason, j.side, j.actor, j.token_jti::text,
  j.request_jti, j.detail::text`;

export type SealRow = { epoch: number; number: number; sealedEntry: string; salt: Buffer; leaf: Buffer; hash: Buffer };
/** The row as it stands now: all null where it is not there. */
export type SealWithEntry = SealRow & { entry: EntryText | undefined };

type Row = EntryText & {
  epoch: number;
  number: string;
  sealed_entry: string;
  salt: Buffer;
  leaf: Buffer;
  hash: Buffer;
};

const sealOf = ({ epoch, number, sealed_entry: sealedEntry, salt, leaf, hash, ...entry }: Row): SealWithEntry => ({
  epoch,
  number: Number(number),
  sealedEntry,
  salt,
  leaf,
  hash,
  entry: entry.entry_id === null ? undefined : entry,
});

/** The next seals in their order, each with its row. */
export async function selectSealsAfter(
  db: Queryable,
  { epoch, number }: { epoch: number; number: number },
  limit: number,
): Promise<SealWithEntry[]> {
  const { rows } = await db.query<Row>({
    name: 'select-seals-after',
    text: `
      select s.epoch, s.number, s.entry_id as sealed_entry, s.salt, s.leaf, s.hash, ${entryText}
        from journal_seals s left join journal j using (entry_id)
       where (s.epoch, s.number) > ($1::int, $2::bigint) order by s.epoch, s.number limit $3`,
    values: [epoch, number, limit],
  });
  return rows.map(sealOf);
}

/** One row's seal, with the hash that it follows: the seal's before it, or its epoch's. */
export async function selectSealOf(
  db: Queryable,
  entryId: string,
): Promise<(SealWithEntry & { before: Buffer | undefined }) | undefined> {
  const { rows } = await db.query<Row & { before: Buffer | null }>({
    name: 'select-seal-of',
    text: `
      select s.epoch, s.number, s.entry_id as sealed_entry, s.salt, s.leaf, s.hash, ${entryText},
             case when s.number = 1 then (select hash from journal_epochs e where e.epoch = s.epoch)
                  else (select hash from journal_seals b where b.epoch = s.epoch and b.number = s.number - 1) end as before
        from journal_seals s left join journal j using (entry_id) where s.entry_id = $1::bigint`,
    values: [entryId],
  });
  return rows.map(({ before, ...row }) => ({ ...sealOf(row), before: before ?? undefined }))[0];
}

export type EpochRow = EpochText & { hash: Buffer };

export async function selectEpochs(db: Queryable): Promise<EpochRow[]> {
  const { rows } = await db.query<EpochRow>({
    name: 'select-journal-epochs',
    text: `
      select epoch::text, to_char(began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as began_at, began_by,
             cause, database_id, existing_through::text, hash
        from journal_epochs order by journal_epochs.epoch`,
  });
  return rows;
}

/** How far the sealer says that it has come. */
export async function selectSealedSoFar(db: Queryable): Promise<{ epoch: number; number: number } | undefined> {
  const { rows } = await db.query<{ epoch: number; number: string }>({
    name: 'select-sealed-so-far',
    text: 'select epoch, number from journal_sealer',
  });
  return rows.map(({ epoch, number }) => ({ epoch, number: Number(number) }))[0];
}

export type UnsealedRow = {
  entryId: string;
  kind: string;
  subjectId: string | undefined;
  ageSeconds: number;
  /** The sealer has passed it: it would never be sealed. */
  passed: boolean;
};
export type JournalStretch = { last: string | undefined; rows: number; unsealed: UnsealedRow[] };

/** The next `limit` rows of the journal by their ids: how many, and those among them that have no seal. */
export async function selectStretch(db: Queryable, after: string | undefined, limit: number): Promise<JournalStretch> {
  const { rows } = await db.query<{ last: string | null; rows: string; unsealed: UnsealedRow[] | null }>({
    name: 'select-journal-stretch',
    text: `
      with stretch as materialized (
        select entry_id, kind, subject_id, recorded_at, transaction_id from journal
         where $1::bigint is null or entry_id > $1::bigint order by entry_id limit $2
      ), unsealed as (
        select j.entry_id, json_build_object('entryId', j.entry_id::text, 'kind', kind, 'subjectId', subject_id,
                 'ageSeconds', extract(epoch from clock_timestamp() - recorded_at)::float8,
                 'passed', coalesce(j.entry_id <= (select sealed_through from journal_sealer)
                             and transaction_id < (select open_from from journal_sealer), false)) as row
          from stretch j left join journal_seals s using (entry_id) where s.entry_id is null
         order by j.entry_id limit 1000
      )
      select (select max(entry_id) from stretch) as last, (select count(*) from stretch) as rows,
             (select json_agg(row order by entry_id) from unsealed) as unsealed`,
    values: [after ?? null, limit],
  });
  const [row] = rows;
  return { last: row?.last ?? undefined, rows: Number(row?.rows ?? 0), unsealed: row?.unsealed ?? [] };
}
