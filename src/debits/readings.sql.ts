import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';

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

/** What of the debits waits for people, of those agencies: each is counted by an index of what is open. */
export async function selectDebitsForPeople(
  db: Queryable,
  agencies: 'ALL' | readonly string[],
): Promise<{
  inDoubt: number;
  forPeople: number;
  contradictions: number;
  contests: number;
  contestsDueOn: Day | undefined;
}> {
  const { rows } = await db.query<{
    in_doubt: number;
    for_people: number;
    contradictions: number;
    contests: number;
    contests_due_on: Day | null;
  }>({
    name: 'select-debits-for-people',
    text: `
      with open as (
        select state, people_since from debits join mandate_debtors using (mandate_id)
         where state in ('EXECUTING', 'IN_DOUBT', 'ACCEPTED') and (state = 'IN_DOUBT' or people_since is not null)
           and ($1::text[] is null or agency_code = any ($1))
      ), contradicted as (
        select from contradictions join debits using (debit_id) left join mandate_debtors using (mandate_id)
         where contradictions.ended_at is null and ($1::text[] is null or agency_code = any ($1))
      ), contested as (
        select due_on from contests join debits using (debit_id) join mandate_debtors using (mandate_id)
         where contests.ended_at is null and ($1::text[] is null or agency_code = any ($1))
      )
      select (select count(*) from open where state = 'IN_DOUBT')::int as in_doubt,
             (select count(*) from open where people_since is not null)::int as for_people,
             (select count(*) from contradicted)::int as contradictions,
             (select count(*) from contested)::int as contests,
             (select min(due_on) from contested) as contests_due_on`,
    values: [agencies === 'ALL' ? null : agencies],
  });
  const [row] = rows;
  return {
    inDoubt: row?.in_doubt ?? 0,
    forPeople: row?.for_people ?? 0,
    contradictions: row?.contradictions ?? 0,
    contests: row?.contests ?? 0,
    contestsDueOn: row?.contests_due_on ?? undefined,
  };
}
