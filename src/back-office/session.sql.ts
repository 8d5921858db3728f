import type { Queryable } from '../database/queryable.ts';

/** A session as it is stored: `id` is the SHA-256 of what the browser has. */
export type StoredSession = { id: string; json: string; until: Date };

/** Puts a new session in; one that is known by that id stays as it is. */
export async function insertSession(db: Queryable, { id, json, until }: StoredSession): Promise<void> {
  await db.query({
    name: 'insert-session',
    text: 'insert into staff_sessions (sid, sess, expire) values ($1, $2, $3) on conflict (sid) do nothing',
    values: [id, json, until],
  });
}

/** Changes a session that is there. One that was ended meanwhile stays ended: a slow answer must not bring it back. */
export async function updateSession(db: Queryable, { id, json, until }: StoredSession): Promise<void> {
  await db.query({
    name: 'update-session',
    text: 'update staff_sessions set sess = $2, expire = $3 where sid = $1',
    values: [id, json, until],
  });
}

/** Ends the sessions that hang on one of the identity provider's; without it, every session of the person. */
export async function deleteSessionsOf(
  db: Queryable,
  ended: { providerSession: string } | { subject: string },
): Promise<number> {
  const { rowCount } =
    'providerSession' in ended
      ? await db.query({
          name: 'delete-sessions-of-provider',
          text: 'delete from staff_sessions where provider_session = $1',
          values: [ended.providerSession],
        })
      : await db.query({
          name: 'delete-sessions-of-subject',
          text: 'delete from staff_sessions where subject = $1',
          values: [ended.subject],
        });
  return rowCount ?? 0;
}

/** Ends the person's sessions that still have other roles or agencies than these, in whatever order they are named. */
export async function deleteSessionsOfOtherRights(
  db: Queryable,
  { subject, roles, agencies }: { subject: string; roles: readonly string[]; agencies: 'ALL' | readonly string[] },
): Promise<void> {
  await db.query({
    name: 'delete-sessions-of-other-rights',
    text: `delete from staff_sessions
            where subject = $1
              and not (sess::jsonb #> '{staff,roles}' @> $2::jsonb and sess::jsonb #> '{staff,roles}' <@ $2::jsonb
                   and sess::jsonb #> '{staff,agencies}' @> $3::jsonb and sess::jsonb #> '{staff,agencies}' <@ $3::jsonb)`,
    values: [subject, JSON.stringify(roles), JSON.stringify(agencies)],
  });
}
