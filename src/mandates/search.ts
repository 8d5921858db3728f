import type { Queryable } from '../database/queryable.ts';
import { algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { agencyOf } from '../values/rib.ts';
import { selectDebtor, selectDebtors } from './debtors.sql.ts';
import { type Debtor, type Mandate, type MandateState, stateOn } from './mandate.ts';
import { selectMandate } from './mandates.sql.ts';
import { type MandatePage, type MandateSearch, searchMandateRows } from './search.sql.ts';

/** The employers of mandates that the reader was found to see. */
export { selectDebtors as debtorsOf } from './debtors.sql.ts';
export { type CreditorName, type MandateSearch, selectCreditors, selectMandateOnAccount } from './search.sql.ts';

/** A line of a list for staff. */
export type FoundMandate = { mandate: Mandate; state: MandateState; debtor: Debtor };

/** The mandates that staff look for, newest first. */
export async function searchMandates(db: Queryable, search: MandateSearch, page: MandatePage): Promise<FoundMandate[]> {
  const today = algiersDay(page.now);
  const mandates = await searchMandateRows(db, search, page);
  const debtors = await selectDebtors(
    db,
    mandates.map(({ mandateId }) => mandateId),
  );
  return mandates.map((mandate) => ({
    mandate,
    state: stateOn(mandate, today),
    debtor: debtorIn(debtors, mandate.mandateId),
  }));
}

/** The one mandate that an address names; undefined where these agencies have no such. */
export async function lookUpForStaff(
  db: Queryable,
  mandateId: MandateId,
  { agencies, now }: { agencies: 'ALL' | readonly string[]; now: Date },
): Promise<FoundMandate | undefined> {
  const mandate = await selectMandate(db, mandateId);
  if (mandate === undefined) return undefined;
  const debtor = await selectDebtor(db, mandateId);
  const sees = agencies === 'ALL' || agencies.includes(agencyOf(debtor.rib));
  return sees ? { mandate, state: stateOn(mandate, algiersDay(now)), debtor } : undefined;
}

function debtorIn(debtors: ReadonlyMap<MandateId, Debtor>, mandateId: MandateId): Debtor {
  const debtor = debtors.get(mandateId);
  if (debtor === undefined) throw new Error('a mandate has no debtor');
  return debtor;
}
