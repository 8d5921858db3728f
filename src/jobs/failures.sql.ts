import type { Queryable } from '../database/queryable.ts';
import type { WorkName } from './work.ts';

/**
 * Those of the ids that may be tried now. One that failed before is taken by one replica at a time, which has it for
 * `leaseSeconds`: else who came second would count, or forget, what the first has just met. `withinSeconds` is set for
 * work that is tried so often even where it is dead: then the time of its failure is what holds the others off.
 */
export async function claimFailed(
  db: Queryable,
  { work, ids, leaseSeconds, withinSeconds }: Claim,
): Promise<{ id: string; failedBefore: boolean }[]> {
  const { rows } = await db.query<{ id: string; failedBefore: boolean }>({
    name: 'claim-failed-jobs',
    text: `
      with free as (
        select subject_id from job_failures
         where work = $1 and subject_id = any ($2::uuid[])
           and ((dead_at is null and next_at <= clock_timestamp())
                or least(next_at, failed_at + make_interval(secs => $4)) <= clock_timestamp() and $4 is not null)
         order by subject_id for update skip locked
      ), claimed as (
        update job_failures
           set next_at = clock_timestamp() + make_interval(secs => $3),
               failed_at = case when $4 is null then failed_at else clock_timestamp() end
         where work = $1 and subject_id in (select subject_id from free)
        returning subject_id
      )
      select asked.id, claimed.subject_id is not null as "failedBefore"
        from unnest($2::uuid[]) with ordinality as asked (id, position)
             left join claimed on claimed.subject_id = asked.id
       where claimed.subject_id is not null
          or not exists (select from job_failures where work = $1 and subject_id = asked.id)
       order by position`,
    values: [work, ids, leaseSeconds, withinSeconds],
  });
  return rows;
}

export type Claim = { work: WorkName; ids: readonly string[]; leaseSeconds: number; withinSeconds: number | undefined };

/**
 * One more failure of each: tried again after the seconds of `backOff` for so many failures; dead past its end, which
 * the journal tells of. Answers how many died of it.
 */
export async function recordFailures(
  db: Queryable,
  work: WorkName,
  failed: readonly { id: string; fault: string }[],
  backOff: readonly number[],
): Promise<number> {
  const { rows } = await db.query<{ died: number }>({
    name: 'record-job-failures',
    text: `
      with kept as (
        insert into job_failures as known (work, subject_id, failures, fault, failed_at, next_at, dead_at)
        select $1, subject_id, 1, fault, clock_timestamp(),
               clock_timestamp() + make_interval(secs => ($4::float8[])[1]), null
          from unnest($2::uuid[], $3::text[]) as failed (subject_id, fault)
         order by subject_id
        on conflict (work, subject_id) do update
           set failures = known.failures + 1, fault = excluded.fault, failed_at = excluded.failed_at,
               next_at = excluded.failed_at
                 + make_interval(secs => ($4::float8[])[least(known.failures + 1, cardinality($4::float8[]))]),
               dead_at = case when known.failures + 1 > cardinality($4::float8[])
                              then coalesce(known.dead_at, excluded.failed_at) end
        returning subject_id, failures, fault, failed_at, dead_at
      ), told as (
        insert into journal (kind, subject_id, reason, side, detail)
        select 'job.died', subject_id, $1, 'gateway', jsonb_build_object('failures', failures, 'fault', fault)
          from kept where dead_at = failed_at
        returning 1
      )
      select count(*)::integer as died from told`,
    values: [work, failed.map(({ id }) => id), failed.map(({ fault }) => fault), backOff],
  });
  return rows[0]?.died ?? 0;
}

/** What went well is no failure any more. */
export async function forgetFailures(db: Queryable, work: WorkName, ids: readonly string[]): Promise<void> {
  await db.query({
    name: 'forget-job-failures',
    text: 'delete from job_failures where work = $1 and subject_id = any ($2::uuid[])',
    values: [work, ids],
  });
}

/** Throws where the database does not answer: what failed then says nothing of the work. */
export async function requireDatabase(db: Queryable): Promise<void> {
  await db.query({ name: 'require-database', text: 'select 1' });
}

/**
 * Forgets what failed and has not been due for an hour though it might be tried: it was ended by something else. Should
 * it come again, it begins with the shortest wait. Answers how many there were; there may be more.
 */
export async function forgetOver(db: Queryable): Promise<number> {
  const { rowCount } = await db.query({
    name: 'forget-jobs-that-are-over',
    text: `delete from job_failures where (work, subject_id) in (
             select work, subject_id from job_failures
              where dead_at is null and next_at < clock_timestamp() - interval '1 hour'
              limit 500 for update skip locked)`,
  });
  return rowCount ?? 0;
}
