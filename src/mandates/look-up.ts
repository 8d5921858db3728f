import type { Queryable } from '../database/queryable.ts';
import { transitionsOf } from '../journal/history.ts';
import { algiersDay } from '../values/dates.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import { selectDebtor, selectDebtors } from './debtors.sql.ts';
import { isVisible, type Mandate } from './mandate.ts';
import { type MandateFilter, selectMandate, selectMandates, selectReplacements } from './mandates.sql.ts';
import type { MandateView } from './representation.ts';

/** The mandate, where this creditor may see it. */
export async function lookUpMandate(
  db: Queryable,
  creditor: CreditorCode,
  mandateId: MandateId,
): Promise<Mandate | undefined> {
  const mandate = await selectMandate(db, mandateId);
  return mandate?.creditor === creditor && isVisible(mandate) ? mandate : undefined;
}

/** One mandate with all that its creditor is shown of it. */
export async function viewMandate(db: Queryable, mandate: Mandate, now: Date): Promise<MandateView> {
  const { mandateId } = mandate;
  const [{ rib }, replacements, history] = await Promise.all([
    selectDebtor(db, mandateId),
    selectReplacements(db, [mandateId]),
    transitionsOf(db, mandateId),
  ]);
  return { mandate, rib, replacedBy: replacements.get(mandateId), history, today: algiersDay(now) };
}

/** A page of them, without their histories. */
export async function viewMandates(db: Queryable, filter: MandateFilter): Promise<MandateView[]> {
  const mandates = await selectMandates(db, filter);
  const ids = mandates.map(({ mandateId }) => mandateId);
  const [debtors, replacements] = await Promise.all([selectDebtors(db, ids), selectReplacements(db, ids)]);
  return mandates.map((mandate) => {
    const debtor = debtors.get(mandate.mandateId);
    if (debtor === undefined) throw new Error('a mandate has no debtor');
    const replacedBy = replacements.get(mandate.mandateId);
    return { mandate, rib: debtor.rib, replacedBy, history: undefined, today: filter.today };
  });
}
