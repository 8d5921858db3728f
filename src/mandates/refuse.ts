import { type ActOutcome, actOn, type Desk, type StaffAct } from './desk.ts';
import { insertRemark } from './drafts.sql.ts';
import { changeMandate } from './mandates.sql.ts';

/** Ends a request that the bank will not certify, with the reason, which is the bank's own. */
export async function refuseMandate(
  desk: Pick<Desk, 'pool' | 'now'>,
  { mandateId, agencies, by, from, remark }: StaffAct & { remark: string },
): Promise<ActOutcome> {
  return actOn<ActOutcome>(desk, { mandateId, agencies }, async ({ db, mandate, state, at }) => {
    if (state !== 'PENDING_CERTIFICATION') return { outcome: 'WRONG_STATE', state };
    if (mandate.makers.includes(by)) return { outcome: 'SAME_PERSON' };
    const actor = { side: 'bank' as const, by, from };
    const refused = await changeMandate(db, mandate, { event: 'refused', to: 'REFUSED', at, actor });
    await insertRemark(db, mandateId, { writtenBy: by, about: 'refusal', remark });
    return { outcome: 'DONE', mandate: refused };
  });
}
