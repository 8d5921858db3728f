import type pg from 'pg';
import type { CoreBanking } from '../core-banking/port.ts';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Sign } from '../signing/signer.ts';
import { algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { agencyOf } from '../values/rib.ts';
import { type RequestRules, sees } from './authorisation-request.ts';
import { selectDebtor } from './debtors.sql.ts';
import { type AuthorisationRequest, type Debtor, type Mandate, type MandateState, stateOn } from './mandate.ts';
import { lockMandate } from './mandates.sql.ts';

/** What the staff's use cases work with. */
export type Desk = Clock & {
  pool: pg.Pool;
  coreBanking: Pick<CoreBanking, 'lookUpAccount'>;
  sign: Sign;
  bankCodes: RequestRules['bankCodes'];
  issuer: RequestRules['issuer'];
  /** How long after its submission a mandate may be certified: an approval is of what was just looked at. */
  submissionHours: number;
};

/** Who does it: the identity provider's subject, and the network address that it is done from. */
export type StaffMember = {
  by: string;
  from: string;
  /** Whose employers they see: another's mandate is not found. Without it everyone's: the command's. */
  agencies?: 'ALL' | readonly string[] | undefined;
};

/** What a member of staff does to a mandate. */
export type StaffAct = StaffMember & { mandateId: MandateId };

/** SAME_PERSON: who entered, changed or submitted it can't be the one who checks it. */
export type ActOutcome =
  | { outcome: 'DONE'; mandate: Mandate }
  | { outcome: 'NOT_FOUND' }
  | { outcome: 'WRONG_STATE'; state: MandateState }
  | { outcome: 'SAME_PERSON' };

/** What an act does once the mandate is locked: `state` is the one that holds today. */
type Locked = { db: pg.PoolClient; mandate: Mandate; state: MandateState; at: Date };

/** Locks the mandate, lets `act` decide and write, and commits both as one. */
export async function actOn<Outcome>(
  { pool, now }: Pick<Desk, 'pool' | 'now'>,
  { mandateId, agencies }: Pick<StaffAct, 'mandateId' | 'agencies'>,
  act: (locked: Locked) => Promise<Outcome>,
): Promise<Outcome | { outcome: 'NOT_FOUND' }> {
  return inTransaction(pool, async (db) => {
    const mandate = await lockMandate(db, mandateId);
    if (mandate === undefined) return { outcome: 'NOT_FOUND' };
    if (!(await seesMandate(db, agencies, mandateId))) return { outcome: 'NOT_FOUND' };
    const at = now();
    return act({ db, mandate, state: stateOn(mandate, algiersDay(at)), at });
  });
}

/** Whether staff of these agencies see the mandate's employer. */
export const seesMandate = async (
  db: Queryable,
  agencies: StaffMember['agencies'],
  mandateId: MandateId,
): Promise<boolean> =>
  agencies === undefined || agencies === 'ALL' || sees(agencies, agencyOf((await selectDebtor(db, mandateId)).rib));

/** What the employer asked for, as mandate and debtor hold it. */
export const requestOf = (mandate: Mandate, debtor: Debtor): AuthorisationRequest => ({
  creditor: mandate.creditor,
  employerNumber: mandate.employerNumber,
  debtor,
  perDebitCeiling: mandate.perDebitCeiling,
  periodCeiling: mandate.periodCeiling,
  period: mandate.period,
  validFrom: mandate.validFrom,
  validTo: mandate.validTo,
  replaces: mandate.replaces,
  replaceReason: mandate.replaceReason,
  replaceRemark: mandate.replaceRemark,
  handOver: mandate.handOver,
});
