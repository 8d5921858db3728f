import { type ActOutcome, actOn, type Desk, type StaffAct } from './desk.ts';
import { leadsTo } from './mandate.ts';
import { changeMandate } from './mandates.sql.ts';

/** Lays a draft before the supervisors. Whoever submits it can't certify it. */
export async function submitMandate(
  desk: Pick<Desk, 'pool' | 'now'>,
  { mandateId, agencies, by, from }: StaffAct,
): Promise<ActOutcome> {
  return actOn<ActOutcome>(desk, { mandateId, agencies }, async ({ db, mandate, state, at }) => {
    if (!leadsTo(state, 'PENDING_CERTIFICATION')) return { outcome: 'WRONG_STATE', state };
    const submitted = await changeMandate(db, mandate, {
      event: 'submitted',
      to: 'PENDING_CERTIFICATION',
      at,
      actor: { side: 'bank', by, from },
      submittedAt: at,
      maker: by,
    });
    return { outcome: 'DONE', mandate: submitted };
  });
}
