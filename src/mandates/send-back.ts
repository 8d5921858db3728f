import { type ActOutcome, actOn, type Desk, type StaffAct } from './desk.ts';
import { insertRemark } from './drafts.sql.ts';
import { changeMandate } from './mandates.sql.ts';

/** Gives what was submitted back to the officers, with what is to be corrected. */
export async function sendMandateBack(
  desk: Pick<Desk, 'pool' | 'now'>,
  { mandateId, agencies, by, from, remark }: StaffAct & { remark: string },
): Promise<ActOutcome> {
  return actOn<ActOutcome>(desk, { mandateId, agencies }, async ({ db, mandate, state, at }) => {
    if (state !== 'PENDING_CERTIFICATION') return { outcome: 'WRONG_STATE', state };
    if (mandate.makers.includes(by)) return { outcome: 'SAME_PERSON' };
    const actor = { side: 'bank' as const, by, from };
    const draft = await changeMandate(db, mandate, { event: 'sent-back', to: 'DRAFT', at, actor });
    await insertRemark(db, mandateId, { writtenBy: by, about: 'send-back', remark });
    return { outcome: 'DONE', mandate: draft };
  });
}
