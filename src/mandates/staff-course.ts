import type { Course } from './course.ts';
import { type ActOutcome, actOn, type Desk, type StaffAct } from './desk.ts';
import { insertRemark, type RemarkAbout } from './drafts.sql.ts';
import type { Mandate, MandateState } from './mandate.ts';
import { changeMandate, type MandateEvent } from './mandates.sql.ts';

/** The bank's side of a certified mandate's life: locked, decided by the pure rule, written with what staff said of it. */
export async function staffCourse(
  desk: Pick<Desk, 'pool' | 'now'>,
  { mandateId, agencies, by, from, remark }: StaffAct & { remark: string },
  { event, about }: { event: MandateEvent; about: RemarkAbout },
  rule: (mandate: Mandate, state: MandateState) => Course,
): Promise<ActOutcome> {
  return actOn<ActOutcome>(desk, { mandateId, agencies }, async ({ db, mandate, state, at }) => {
    const course = rule(mandate, state);
    if (course.course === 'IMPOSSIBLE') return { outcome: 'WRONG_STATE', state };
    if (course.course === 'UNCHANGED') return { outcome: 'DONE', mandate };
    const actor = { side: 'bank' as const, by, from };
    const changed = await changeMandate(db, mandate, { event, to: course.to, at, actor, ...course.flags });
    await insertRemark(db, mandateId, { writtenBy: by, about, remark });
    return { outcome: 'DONE', mandate: changed };
  });
}
