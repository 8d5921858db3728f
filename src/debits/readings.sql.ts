import type { Queryable } from '../database/queryable.ts';

/** How many debits are in doubt, and since when the oldest is. */
export async function selectDoubt(db: Queryable): Promise<{ count: number; oldestSeconds: number }> {
  const { rows } = await db.query<{ count: number; oldest: number }>({
    name: 'select-doubt',
    text: `
      select count(*)::int as count,
             coalesce(extract(epoch from clock_timestamp() - min(received_at)), 0)::float8 as oldest
        from debits where state = 'IN_DOUBT'`,
  });
  return { count: rows[0]?.count ?? 0, oldestSeconds: rows[0]?.oldest ?? 0 };
}

/** Contradictions that wait for two people. */
export async function selectOpenContradictions(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'select-open-contradictions',
    text: 'select count(*)::int as count from contradictions where ended_at is null',
  });
  return rows[0]?.count ?? 0;
}
