import type { Queryable } from '../database/queryable.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import type { CreditorCode, EmployerNumber, MandateId } from '../values/ids.ts';
import { agencyOf, type Rib } from '../values/rib.ts';
import { draftDays, type Mandate, type MandateState } from './mandate.ts';
import { type MandateRow, mandateColumns, mandateOf } from './mandate-row.ts';
import { nameQuery } from './search-words.ts';

/** What staff look for. Undefined: everything. */
export type MandateSearch = {
  agencies: 'ALL' | readonly string[];
  creditor?: CreditorCode | undefined;
  employerNumber?: EmployerNumber | undefined;
  /** As it is typed: how the words of the employer's name begin, in either script. */
  name?: string | undefined;
  /** Every mandate on that one's account: so that no RIB stands in an address. */
  accountOf?: MandateId | undefined;
  /** As it holds today, whatever is stored. */
  state?: MandateState | undefined;
};

export type MandatePage = { before: MandateId | undefined; limit: number; now: Date };

/** The mandates that fit, newest first; `before` is the last one of the page before. */
export async function searchMandateRows(
  db: Queryable,
  search: MandateSearch,
  { before, limit, now }: MandatePage,
): Promise<Mandate[]> {
  const values: unknown[] = [limit];
  const given = (value: unknown): string => `$${values.push(value)}`;
  // Only conditions that are asked for, so that each shape of question finds its own index.
  const conditions = [
    ...(search.creditor === undefined ? [] : [`creditor_code = ${given(search.creditor)}`]),
    ...(search.employerNumber === undefined ? [] : [`employer_number = ${given(search.employerNumber)}`]),
    ...(search.accountOf === undefined ? [] : [onTheAccount(given(search.accountOf))]),
    ...(before === undefined ? [] : [`mandate_id < ${given(before)}::uuid`]),
  ];
  const words = search.name === undefined ? undefined : nameQuery(search.name);
  const rare = words !== undefined && !(await isCommon(db, words));
  const named = words === undefined ? undefined : `name_words @@ ${given(words)}::tsquery`;
  const agencies = search.agencies === 'ALL' ? undefined : given(search.agencies);
  if (agencies !== undefined && rare) conditions.push(`agency_code = any (${agencies}::text[])`);
  let source = agencies !== undefined || search.accountOf !== undefined ? bothTables : 'mandates';
  if (rare) source = 'named join mandates using (mandate_id)';
  else if (named !== undefined && source === bothTables) conditions.push(named);
  else if (named !== undefined) source = lookedUpOneByOne(named);
  const states = search.state === undefined ? [[]] : statesHolding(search.state, algiersDay(now), given);
  const found = states
    .map((state) => newest(source, [...conditions, ...state], rare ? undefined : agencies))
    .join(' union all ');
  const { rows } = await db.query<MandateRow>({
    text: `${rare ? `with named as materialized (select mandate_id, agency_code, rib from mandate_debtors where ${named})` : ''}
      select ${mandateColumns} from mandates where mandate_id in (${found}) order by mandate_id desc limit $1`,
    values,
  });
  return rows.map(mandateOf);
}

const bothTables = 'mandates join mandate_debtors using (mandate_id)';

/** From each mandate to its names: joined otherwise, all names from the newest on would be read. */
const lookedUpOneByOne = (named: string): string =>
  `mandates cross join lateral (select from mandate_debtors one
     where one.mandate_id = mandates.mandate_id and one.${named} offset 0) named`;

/** Agency by agency, so that each is read from its index's end: all at once they would have to be sorted first. */
function newest(source: string, conditions: readonly string[], agencies: string | undefined): string {
  const select = (where: readonly string[]) => `
    select mandate_id from ${source}
     ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by mandate_id desc limit $1`;
  if (agencies === undefined) return `(${select(conditions)})`;
  return `(select mandate_id from unnest(${agencies}::text[]) agency (code)
     cross join lateral (${select(['agency_code = agency.code', ...conditions])}) newest order by mandate_id desc limit $1)`;
}

/**
 * Whether names with these words are found soon among the newest mandates, as with a legal form. The planner can't tell how
 * often a word begins so: those that are rare must be read from the index of names, the others from the newest back.
 */
async function isCommon(db: Queryable, words: string): Promise<boolean> {
  const { rows } = await db.query<{ common: boolean }>({
    name: 'is-common-name',
    text: `select count(*) >= 50 as common
             from (select name_words from mandate_debtors order by mandate_id desc limit 2000) newest
            where name_words @@ $1::tsquery`,
    values: [words],
  });
  return rows[0]?.common === true;
}

const onTheAccount = (mandate: string): string =>
  `rib = (select named.rib from mandate_debtors named where named.mandate_id = ${mandate}::uuid)`;

/** Each alternative is its own list of conditions, with an index of its own: what the dates have ended is not written down yet. */
function statesHolding(state: MandateState, today: Day, given: (value: unknown) => string): string[][] {
  const draftsSince = () => given(startOfAlgiersDay(addDays(today, -draftDays)));
  switch (state) {
    case 'DRAFT':
    case 'PENDING_CERTIFICATION':
      return [[`state = ${given(state)}`, `state_since >= ${draftsSince()}`]];
    case 'CERTIFIED':
    case 'ACTIVE':
    case 'SUSPENDED':
      return [[`state = ${given(state)}`, `valid_to >= ${given(today)}::date`]];
    case 'EXPIRED':
      return [
        [`state = 'EXPIRED'`],
        [`state in ('CERTIFIED', 'ACTIVE', 'SUSPENDED')`, `valid_to < ${given(today)}::date`],
        [`state in ('DRAFT', 'PENDING_CERTIFICATION')`, `state_since < ${draftsSince()}`],
      ];
    case 'REVOKED':
    case 'REPLACED':
    case 'REFUSED':
      return [[`state = ${given(state)}`]];
  }
}

/** A mandate on that account, which stands for it in an address; undefined where these agencies have none. */
export async function selectMandateOnAccount(
  db: Queryable,
  rib: Rib,
  agencies: 'ALL' | readonly string[],
): Promise<MandateId | undefined> {
  if (agencies !== 'ALL' && !agencies.includes(agencyOf(rib))) return undefined;
  const { rows } = await db.query<{ mandate_id: MandateId }>({
    name: 'select-mandate-on-account',
    text: 'select mandate_id from mandate_debtors where rib = $1 order by mandate_id desc limit 1',
    values: [rib],
  });
  return rows[0]?.mandate_id;
}

export type CreditorName = { creditor: CreditorCode; nameFr: string; nameAr: string };

export async function selectCreditors(db: Queryable): Promise<CreditorName[]> {
  const { rows } = await db.query<{ creditor_code: CreditorCode; name_fr: string; name_ar: string }>({
    name: 'select-creditors',
    text: 'select creditor_code, name_fr, name_ar from creditors order by creditor_code',
    values: [],
  });
  return rows.map((row) => ({ creditor: row.creditor_code, nameFr: row.name_fr, nameAr: row.name_ar }));
}

/** What replaced it or asks to, and what it replaced: its whole chain but itself. */
export async function selectOthersOfChain(
  db: Queryable,
  { chainId, mandateId }: Pick<Mandate, 'chainId' | 'mandateId'>,
): Promise<Mandate[]> {
  const { rows } = await db.query<MandateRow>({
    name: 'select-others-of-chain',
    text: `select ${mandateColumns} from mandates where chain_id = $1 and mandate_id <> $2 order by mandate_id`,
    values: [chainId, mandateId],
  });
  return rows.map(mandateOf);
}
