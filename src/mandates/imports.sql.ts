import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { ImportId, NamedLine, ReadLine } from './import-rules.ts';
import type { Mandate } from './mandate.ts';
import { type MandateRow, mandateColumns, mandateOf } from './mandate-row.ts';
import type { RequestFault } from './request-faults.ts';

export type Import = {
  importId: ImportId;
  madeAt: Date;
  endsAt: Date;
  lines: number;
  faulty: number;
  confirmedAt: Date | undefined;
  entered: number | undefined;
};

export type StoredLine = NamedLine & { faults: readonly RequestFault[] };

type NewImport = {
  importId: ImportId;
  by: string;
  madeAt: Date;
  endsAt: Date;
  fileDigest: string;
  lines: readonly ReadLine[];
};

/** Takes a person's preview away that was not confirmed: there is one at a time. */
export async function deleteOpenImport(db: Queryable, by: string): Promise<void> {
  await db.query({
    name: 'delete-open-import',
    text: 'delete from request_imports where made_by = $1 and confirmed_at is null',
    values: [by],
  });
}

/** Keeps a preview with all its lines. It is no act yet: only its confirmation is in the journal. */
export async function insertImport(db: Queryable, made: NewImport): Promise<void> {
  await db.query({
    name: 'insert-import',
    text: `
      with made as (
        insert into request_imports (import_id, made_by, made_at, ends_at, file_digest, line_count)
        values ($1, $2, $3, $4, $5, jsonb_array_length($6::jsonb))
      )
      insert into request_import_lines (import_id, line, mandate_id, typed, faults)
      select $1, line, mandate_id, typed, faults
        from jsonb_to_recordset($6::jsonb) as item (line integer, mandate_id uuid, typed jsonb, faults jsonb)`,
    values: [
      made.importId,
      made.by,
      made.madeAt,
      made.endsAt,
      made.fileDigest,
      JSON.stringify(
        made.lines.map((line) => ({
          line: line.line,
          mandate_id: line.mandateId,
          typed: line.typed,
          faults: 'faults' in line ? line.faults : [],
        })),
      ),
    ],
  });
}

type ImportRow = {
  import_id: ImportId;
  made_at: Date;
  ends_at: Date;
  line_count: number;
  faulty: number;
  confirmed_at: Date | null;
  entered: number | null;
};

/** A person's own import, while it has not ended. */
export async function selectImport(
  db: Queryable,
  { importId, by, now }: { importId: ImportId; by: string; now: Date },
): Promise<Import | undefined> {
  const { rows } = await db.query<ImportRow>({
    name: 'select-import',
    text: `select import_id, made_at, ends_at, line_count, confirmed_at, entered,
                  (select count(*)::integer from request_import_lines as item
                    where item.import_id = $1 and faults <> '[]') as faulty
             from request_imports where import_id = $1 and made_by = $2 and ends_at >= $3`,
    values: [importId, by, now],
  });
  const [row] = rows;
  return (
    row && {
      importId: row.import_id,
      madeAt: row.made_at,
      endsAt: row.ends_at,
      lines: row.line_count,
      faulty: row.faulty,
      confirmedAt: row.confirmed_at ?? undefined,
      entered: row.entered ?? undefined,
    }
  );
}

type LineRow = { line: number; mandate_id: MandateId; typed: NamedLine['typed']; faults: RequestFault[] };

/** Its lines in their order. `faulty`: those with faults only. */
export async function selectImportLines(
  db: Queryable,
  asked: { importId: ImportId; after: number; limit: number; faulty: boolean },
): Promise<StoredLine[]> {
  const { rows } = await db.query<LineRow>({
    name: 'select-import-lines',
    text: `select line, mandate_id, typed, faults from request_import_lines
            where import_id = $1 and line > $2 and (not $3 or faults <> '[]') order by line limit $4`,
    values: [asked.importId, asked.after, asked.faulty, asked.limit],
  });
  return rows.map(({ mandate_id: mandateId, ...row }) => ({ ...row, mandateId }));
}

export type GoodLine = Extract<ReadLine, { request: unknown }>;

export type Entering = {
  importId: ImportId;
  by: string;
  from: string;
  now: Date;
  lines: readonly GoodLine[];
  /** Lays them before the supervisors at once. */
  submit: boolean;
};

/**
 * Enters every line as a mandate with its debtor, what the file said, and its journal rows, and marks the import as
 * confirmed: one statement, so all or nothing. Answers how many; undefined where it was confirmed before or has ended.
 */
export async function enterImport(db: Queryable, entering: Entering): Promise<number | undefined> {
  const { rows } = await db.query<{ entered: number | null }>({
    name: 'enter-import',
    text: `
      with item as (
        select * from jsonb_to_recordset($5::jsonb) as item (line integer, mandate_id uuid, chain_id uuid, replaces uuid,
          creditor text, employer_number text, per_debit bigint, per_period bigint, period text, valid_from date,
          valid_to date, hand_over boolean, replace_reason text, replace_remark text, content_hash text, rib text, name_fr text, name_ar text,
          representative_fr text, representative_ar text, phone text, asked jsonb)
      ), confirmed as (
        update request_imports set confirmed_at = $3, entered = (select count(*) from item)
         where import_id = $1 and made_by = $2 and confirmed_at is null and ends_at >= $3
        returning import_id, entered
      ), made as (
        insert into mandates (mandate_id, chain_id, replaces, creditor_code, origin, employer_number, per_debit_ceiling,
          period_ceiling, period, valid_from, valid_to, hand_over, replace_reason, replace_remark, state, state_since, submitted_at, content_hash,
          entered_by, entered_at, last_changed_by, makers)
        select mandate_id, chain_id, replaces, creditor, 'BANK', employer_number, per_debit, per_period, period,
               valid_from, valid_to, hand_over, replace_reason, replace_remark, case when $6 then 'PENDING_CERTIFICATION' else 'DRAFT' end, $3,
               case when $6 then $3 end, content_hash, $2, $3, $2, array[$2]
          from item cross join confirmed
        returning mandate_id, creditor_code
      ), debtor as (
        insert into mandate_debtors (mandate_id, rib, name_fr, name_ar, representative_fr, representative_ar, phone)
        select mandate_id, rib, name_fr, name_ar, representative_fr, representative_ar, phone
          from item join made using (mandate_id)
      ), said as (
        insert into request_sources (mandate_id, source, asked, import_id, line)
        select mandate_id, 'IMPORT', asked, $1, line from item join made using (mandate_id)
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, detail)
        select creditor_code, kind, mandate_id, from_state, to_state, 'bank', $2,
               jsonb_build_object('from', $4::text, 'import', $1)
          from item join made using (mandate_id)
         cross join (values (1, 'mandate.entered', null, 'DRAFT'),
                            (2, 'mandate.submitted', 'DRAFT', 'PENDING_CERTIFICATION'))
                 as step (number, kind, from_state, to_state)
         where number = 1 or $6
         order by line, number
      )
      select (select entered from confirmed) as entered`,
    values: [
      entering.importId,
      entering.by,
      entering.now,
      entering.from,
      JSON.stringify(entering.lines.map(itemOf)),
      entering.submit,
    ],
  });
  return rows[0]?.entered ?? undefined;
}

const itemOf = ({ line, mandateId, chainId, contentHash, typed, request }: GoodLine) => ({
  line,
  mandate_id: mandateId,
  chain_id: chainId,
  replaces: request.replaces,
  creditor: request.creditor,
  employer_number: request.employerNumber,
  per_debit: request.perDebitCeiling.toString(),
  per_period: request.periodCeiling.toString(),
  period: request.period,
  valid_from: request.validFrom,
  valid_to: request.validTo,
  hand_over: request.handOver,
  replace_reason: request.replaceReason,
  replace_remark: request.replaceRemark,
  content_hash: contentHash,
  rib: request.debtor.rib,
  name_fr: request.debtor.nameFr,
  name_ar: request.debtor.nameAr,
  representative_fr: request.debtor.representativeFr,
  representative_ar: request.debtor.representativeAr,
  phone: request.debtor.phone,
  asked: typed,
});

/** Mandates by their ids, each with its agency. */
export async function selectReplaced(
  db: Queryable,
  mandateIds: readonly MandateId[],
): Promise<Map<string, { mandate: Mandate; agency: string }>> {
  const { rows } = await db.query<MandateRow & { agency_code: string }>({
    name: 'select-replaced',
    text: `select ${mandateColumns}, agency_code from mandates join mandate_debtors using (mandate_id)
            where mandate_id = any ($1::uuid[])`,
    values: [mandateIds],
  });
  return new Map(rows.map((row) => [row.mandate_id, { mandate: mandateOf(row), agency: row.agency_code }]));
}

export async function selectCreditorCodes(db: Queryable): Promise<Set<CreditorCode>> {
  const { rows } = await db.query<{ creditor_code: CreditorCode }>({
    name: 'select-creditors-for-import',
    text: 'select creditor_code from creditors',
    values: [],
  });
  return new Set(rows.map((row) => row.creditor_code));
}

/** Forgets previews whose day is over, and the lines of what was confirmed: they hold personal data and are no record. */
export async function deleteEndedImports(db: Queryable, now: Date): Promise<number> {
  const { rows } = await db.query<{ forgotten: number }>({
    name: 'delete-ended-imports',
    text: `
      with lines as (
        delete from request_import_lines where import_id in
          (select import_id from request_imports where ends_at < $1 and confirmed_at is not null)
      ), previews as (
        delete from request_imports where ends_at < $1 and confirmed_at is null returning import_id
      )
      select count(*)::integer as forgotten from previews`,
    values: [now],
  });
  return rows[0]?.forgotten ?? 0;
}
