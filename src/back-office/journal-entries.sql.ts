import type { Queryable } from '../database/queryable.ts';
import type { Reading } from './page.ts';

/** Who did it: the identity provider's subject, and the network address that the socket has. */
export type By = { subject: string; from: string };

/** Tells the journal what is about to be shown: all of it in one statement, before the answer goes out. */
export async function insertReadings(db: Queryable, readings: readonly Reading[], by: By): Promise<void> {
  await db.query({
    name: 'insert-readings',
    text: `insert into journal (kind, subject_id, side, actor, detail)
           select kind, subject_id, 'bank', $3, jsonb_build_object('from', $4::text)
             from unnest($1::text[], $2::uuid[]) with ordinality as reading (kind, subject_id, position)
            order by position`,
    values: [readings.map(({ kind }) => kind), readings.map(({ subjectId }) => subjectId ?? null), by.subject, by.from],
  });
}

export type StaffEvent = 'staff.signed-in' | 'staff.signed-in-again' | 'staff.turned-away' | 'staff.signed-out';

/** Tells the journal of a member of staff's coming and going. */
export async function insertStaffEvent(
  db: Queryable,
  { kind, subject, from, roles }: By & { kind: StaffEvent; roles: readonly string[] },
): Promise<void> {
  await db.query({
    name: 'insert-staff-event',
    text: `insert into journal (kind, side, actor, detail)
           values ($1, 'bank', $2, jsonb_build_object('from', $3::text, 'roles', $4::text[]))`,
    values: [kind, subject, from, roles],
  });
}
