import type { Queryable } from '../database/queryable.ts';
import { type Transition, transitionsOf } from '../journal/history.ts';
import { algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { type StoredCertificate, selectCertificate } from './certification.sql.ts';
import { selectDebtor } from './debtors.sql.ts';
import { type Remark, selectRemarks } from './drafts.sql.ts';
import {
  type Debtor,
  debitable,
  type Mandate,
  type MandateState,
  type NotDebitableReason,
  stateOn,
} from './mandate.ts';
import { selectMandate, selectReplacements } from './mandates.sql.ts';

/** Everything that the bank knows of a mandate: for its staff, never for a creditor. */
export type MandateFile = {
  mandate: Mandate;
  /** As it holds today. */
  state: MandateState;
  debitable: true | NotDebitableReason;
  debtor: Debtor;
  replacedBy: MandateId | undefined;
  certificate: StoredCertificate | undefined;
  remarks: readonly Remark[];
  history: readonly Transition[];
};

export async function showMandate(db: Queryable, mandateId: MandateId, now: Date): Promise<MandateFile | undefined> {
  const mandate = await selectMandate(db, mandateId);
  if (mandate === undefined) return undefined;
  const [debtor, replacements, certificate, remarks, history] = await Promise.all([
    selectDebtor(db, mandateId),
    selectReplacements(db, [mandateId]),
    selectCertificate(db, mandateId),
    selectRemarks(db, mandateId),
    transitionsOf(db, mandateId),
  ]);
  const today = algiersDay(now);
  return {
    mandate,
    state: stateOn(mandate, today),
    debitable: debitable(mandate, today),
    debtor,
    replacedBy: replacements.get(mandateId),
    certificate,
    remarks,
    history,
  };
}
