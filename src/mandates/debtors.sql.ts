import type { Queryable } from '../database/queryable.ts';
import type { MandateId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { Debtor } from './mandate.ts';

/** Writes the personal data of a mandate that was just entered. */
export async function insertDebtor(db: Queryable, mandateId: MandateId, debtor: Debtor): Promise<void> {
  await db.query({
    name: 'insert-debtor',
    text: `insert into mandate_debtors (mandate_id, rib, name_fr, name_ar, representative_fr, representative_ar, phone)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [mandateId, ...valuesOf(debtor)],
  });
}

/** Corrects them in a draft; the database refuses it once the mandate is certified. */
export async function updateDebtor(db: Queryable, mandateId: MandateId, debtor: Debtor): Promise<void> {
  await db.query({
    name: 'update-debtor',
    text: `update mandate_debtors set rib = $2, name_fr = $3, name_ar = $4, representative_fr = $5,
             representative_ar = $6, phone = $7
            where mandate_id = $1`,
    values: [mandateId, ...valuesOf(debtor)],
  });
}

/** The personal data of each mandate that has some. */
export async function selectDebtors(
  db: Queryable,
  mandateIds: readonly MandateId[],
): Promise<ReadonlyMap<MandateId, Debtor>> {
  const { rows } = await db.query<Row>({
    name: 'select-debtors',
    text: `select mandate_id, rib, name_fr, name_ar, representative_fr, representative_ar, phone
             from mandate_debtors where mandate_id = any ($1::uuid[])`,
    values: [mandateIds],
  });
  return new Map(rows.map((row) => [row.mandate_id, debtorOf(row)]));
}

export async function selectDebtor(db: Queryable, mandateId: MandateId): Promise<Debtor> {
  const debtor = (await selectDebtors(db, [mandateId])).get(mandateId);
  if (debtor === undefined) throw new Error('a mandate has no debtor');
  return debtor;
}

type Row = {
  mandate_id: MandateId;
  rib: Rib;
  name_fr: string;
  name_ar: string;
  representative_fr: string | null;
  representative_ar: string | null;
  phone: string | null;
};

const debtorOf = (row: Row): Debtor => ({
  rib: row.rib,
  nameFr: row.name_fr,
  nameAr: row.name_ar,
  representativeFr: row.representative_fr ?? undefined,
  representativeAr: row.representative_ar ?? undefined,
  phone: row.phone ?? undefined,
});

const valuesOf = (debtor: Debtor): (string | null)[] => [
  debtor.rib,
  debtor.nameFr,
  debtor.nameAr,
  debtor.representativeFr ?? null,
  debtor.representativeAr ?? null,
  debtor.phone ?? null,
];
