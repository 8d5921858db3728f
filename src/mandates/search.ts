import type { Queryable } from '../database/queryable.ts';
import { algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { selectDebtors } from './debtors.sql.ts';
import { type Debtor, type Mandate, type MandateState, stateOn } from './mandate.ts';
import { type MandatePage, type MandateSearch, searchMandateRows } from './search.sql.ts';

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

function debtorIn(debtors: ReadonlyMap<MandateId, Debtor>, mandateId: MandateId): Debtor {
  const debtor = debtors.get(mandateId);
  if (debtor === undefined) throw new Error('a mandate has no debtor');
  return debtor;
}
