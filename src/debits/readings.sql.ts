import type { Queryable } from '../database/queryable.ts';

/**
 * How many debits, and reversals of debits, are in doubt, and since when the oldest is; how many of the open ones people have, and how many are past
 * their `resolveBy`, which is so whether anyone has looked at them since or not.
 */
export async function selectDoubt(
  db: Queryable,
): Promise<{ count: number; oldestSeconds: number; forPeople: number; pastResolveBy: number }> {
  const { rows } = await db.query<{ count: number; oldest: number; forPeople: number; pastResolveBy: number }>({
    name: 'select-doubt',
    text: `
      select (count(*) filter (where state = 'IN_DOUBT'))::int as count,
             coalesce(extract(epoch from clock_timestamp() - min(received_at) filter (where state = 'IN_DOUBT')), 0)::float8 as oldest,
             count(people_since)::int as "forPeople",
             (count(*) filter (where resolve_by < clock_timestamp()))::int as "pastResolveBy"
        from (select state, received_at, people_since, resolve_by from debits
               where state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT')
              union all select state, received_at, people_since, resolve_by from reversals
               where state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')) open`,
  });
  const { count = 0, oldest = 0, forPeople = 0, pastResolveBy = 0 } = rows[0] ?? {};
  return { count, oldestSeconds: oldest, forPeople, pastResolveBy };
}

/** Movements that nothing here tells of: no creditor has asked for them again, or nothing explains them. */
export async function selectUnaccounted(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'select-unaccounted-movements',
    text: `select ((select count(*) from unclaimed_movements where claimed_by is null)
                   + (select count(*) from unexplained_movements where ending is null))::int as count`,
  });
  return rows[0]?.count ?? 0;
}

/** Contradictions that wait for two people. */
export async function selectOpenContradictions(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'select-open-contradictions',
    text: 'select count(*)::int as count from contradictions where ended_at is null',
  });
  return rows[0]?.count ?? 0;
}
