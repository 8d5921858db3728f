import type { Queryable } from '../database/queryable.ts';

/** Keeps how the identity provider names a subject: the journal has subjects alone, and people read names. */
export async function noteStaffMember(
  db: Queryable,
  { subject, name, at }: { subject: string; name: string; at: Date },
): Promise<void> {
  await db.query({
    name: 'note-staff-member',
    text: `insert into staff_members (subject, name, last_seen_at) values ($1, $2, $3)
           on conflict (subject) do update set name = excluded.name, last_seen_at = excluded.last_seen_at`,
    values: [subject, name, at],
  });
}

/** The names of these subjects, of those who have ever signed in. */
export async function selectStaffNames(
  db: Queryable,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ subject: string; name: string }>({
    name: 'select-staff-names',
    text: 'select subject, name from staff_members where subject = any ($1::text[])',
    values: [subjects],
  });
  return new Map(rows.map(({ subject, name }) => [subject, name]));
}

export type StaffMember = { subject: string; name: string };

/** Who is meant by a subject, or by a part of a name: the subject itself first. The table is as small as the staff. */
export async function findStaffMembers(db: Queryable, text: string, limit: number): Promise<StaffMember[]> {
  const { rows } = await db.query<StaffMember>({
    name: 'find-staff-members',
    text: `select subject, name from staff_members
            where subject = $1 or strpos(lower(name), lower($1)) > 0
            order by subject = $1 desc, name, subject limit $2`,
    values: [text, limit],
  });
  return rows;
}
