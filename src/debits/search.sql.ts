import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import { addDays, type Day, startOfAlgiersDay } from '../values/dates.ts';
import {
  type CreditorCode,
  type DebitId,
  type DeclarationReference,
  type EmployerNumber,
  type EndToEndId,
  type MandateId,
  uuidV7,
} from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import type { Agencies } from './agencies.ts';
import type { DebitState } from './debit.ts';

export type DebitSearch = {
  agencies: Agencies;
  creditor?: CreditorCode | undefined;
  employerNumber?: EmployerNumber | undefined;
  endToEndId?: EndToEndId | undefined;
  declaration?: DeclarationReference | undefined;
  mandateId?: MandateId | undefined;
  /** Every mandate on that one's account: so that no RIB stands in an address. */
  accountOf?: MandateId | undefined;
  /** Days of receipt in Algiers, both included. */
  from?: Day | undefined;
  to?: Day | undefined;
  state?: DebitState | undefined;
  reason?: ReasonCode | undefined;
};

/** A debit as a list shows it to staff. What was burnt has a name and times, and no terms. */
export type FoundDebit = {
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  state: DebitState;
  /** As the bank knows it, which the creditor may be told otherwise. */
  reason: ReasonCode | undefined;
  mandateId: MandateId | undefined;
  employerNumber: EmployerNumber | undefined;
  employer: { nameFr: string; nameAr: string } | undefined;
  declaration: DeclarationReference | undefined;
  amount: Centimes | undefined;
  receivedAt: Date;
  endedAt: Date | undefined;
};

export type FoundRow = {
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  state: DebitState;
  reason: ReasonCode | null;
  mandate_id: MandateId | null;
  employer_number: EmployerNumber | null;
  name_fr: string | null;
  name_ar: string | null;
  declaration: DeclarationReference | null;
  amount: string | null;
  received_at: Date;
  ended_at: Date | null;
};

export const foundColumns = `debits.debit_id, debits.creditor_code, debits.end_to_end_id, debits.state,
  coalesce(debits.reason, debits.refusal) as reason, debits.mandate_id, debits.employer_number, mandate_debtors.name_fr,
  mandate_debtors.name_ar, debits.declaration, debits.amount, debits.received_at, debits.ended_at`;

/** The debits that fit, newest first; `after` is the last one of the page before. */
export async function searchDebits(
  db: Queryable,
  search: DebitSearch,
  page: { after?: DebitId | undefined; limit: number },
): Promise<FoundDebit[]> {
  const values: unknown[] = [];
  const conditions: string[] = [];
  // Only conditions that are asked for, so that each shape of question finds its own index.
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (search.agencies !== 'ALL')
    where((parameter) => `mandate_debtors.agency_code = any (${parameter}::text[])`, search.agencies);
  // The creditors are few: each is one step into the index that begins with it.
  if (search.creditor === undefined && search.endToEndId !== undefined)
    conditions.push('debits.creditor_code = any (array(select creditor_code from creditors))');
  where((parameter) => `debits.creditor_code = ${parameter}`, search.creditor);
  where((parameter) => `debits.end_to_end_id = ${parameter}`, search.endToEndId);
  where((parameter) => `debits.mandate_id in (${mandatesOfTheEmployer(parameter)})`, search.employerNumber);
  where((parameter) => `debits.declaration = ${parameter}`, search.declaration);
  where((parameter) => `debits.mandate_id = ${parameter}`, search.mandateId);
  where((parameter) => `debits.mandate_id in (${mandatesOnTheAccount(parameter)})`, search.accountOf);
  where((parameter) => `debits.state = ${parameter}`, search.state);
  where((parameter) => `debits.reason = ${parameter}`, search.reason);
  if (search.from !== undefined) receivedFrom(where, '>=', startOfAlgiersDay(search.from));
  if (search.to !== undefined) receivedFrom(where, '<', startOfAlgiersDay(addDays(search.to, 1)));
  where((parameter) => `debits.debit_id < ${parameter}::uuid`, page.after);
  values.push(page.limit);
  const { rows } = await db.query<FoundRow>({
    text: `
      select ${foundColumns}
        from debits ${search.agencies === 'ALL' ? 'left join' : 'join'} mandate_debtors using (mandate_id)
       ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
       order by debits.debit_id desc limit $${values.length}`,
    values,
  });
  return rows.map(foundDebit);
}

/** A mandate on that account, which stands for it in an address. The newest that staff of these agencies may see. */
export async function findMandateOnAccount(
  db: Queryable,
  rib: Rib,
  agencies: Agencies,
): Promise<MandateId | undefined> {
  // The agency stands in the RIB, and has an index.
  const agency = rib.slice(3, 8);
  if (agencies !== 'ALL' && !agencies.includes(agency)) return undefined;
  const { rows } = await db.query<{ mandate_id: MandateId }>({
    name: 'find-mandate-on-account',
    text: `select mandate_id from mandate_debtors where agency_code = $1 and rib = $2 order by mandate_id desc limit 1`,
    values: [agency, rib],
  });
  return rows[0]?.mandate_id;
}

/** A debit is of its mandate's employer, and so is every mandate that replaces that one. */
const mandatesOfTheEmployer = (employer: string) => `
  select mandates.mandate_id from mandates where mandates.employer_number = ${employer}`;

const mandatesOnTheAccount = (mandate: string) => `
  select other.mandate_id from mandate_debtors named
    join mandate_debtors other on other.agency_code = named.agency_code and other.rib = named.rib
   where named.mandate_id = ${mandate}::uuid`;

/** A debit's id begins with the time of its receipt, to the millisecond, as the primary key is ordered. */
function receivedFrom(
  where: (condition: (parameter: string) => string, value: unknown) => void,
  comparison: '>=' | '<',
  instant: Date,
): void {
  where((parameter) => `debits.debit_id ${comparison} ${parameter}::uuid`, uuidV7(instant, new Uint8Array(10)));
}

export const foundDebit = (row: FoundRow): FoundDebit => ({
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  state: row.state,
  reason: row.reason ?? undefined,
  mandateId: row.mandate_id ?? undefined,
  employerNumber: row.employer_number ?? undefined,
  employer: row.name_fr === null || row.name_ar === null ? undefined : { nameFr: row.name_fr, nameAr: row.name_ar },
  declaration: row.declaration ?? undefined,
  amount: row.amount === null ? undefined : centimesFromDatabase(row.amount),
  receivedAt: row.received_at,
  endedAt: row.ended_at ?? undefined,
});

/** The creditors' codes, for a choice among them. */
export async function selectCreditorCodes(db: Queryable): Promise<CreditorCode[]> {
  const { rows } = await db.query<{ creditor_code: CreditorCode }>({
    name: 'select-creditor-codes',
    text: 'select creditor_code from creditors order by creditor_code',
  });
  return rows.map((row) => row.creditor_code);
}
