import type { Queryable } from '../database/queryable.ts';
import type { WorkName } from './work.ts';

/** One more failure of each: tried again after the seconds of `backOff` for so many failures; dead past its end. */
export async function recordFailures(
  db: Queryable,
  work: WorkName,
  failed: readonly { id: string; fault: string }[],
  backOff: readonly number[],
): Promise<void> {
  await db.query({
    name: 'record-job-failures',
    text: `
      insert into job_failures as known (work, subject_id, failures, fault, failed_at, next_at, dead_at)
      select $1, subject_id, 1, fault, clock_timestamp(),
             clock_timestamp() + make_interval(secs => ($4::float8[])[1]), null
        from unnest($2::uuid[], $3::text[]) as failed (subject_id, fault)
      on conflict (work, subject_id) do update
         set failures = known.failures + 1, fault = excluded.fault, failed_at = excluded.failed_at,
             next_at = excluded.failed_at
               + make_interval(secs => ($4::float8[])[least(known.failures + 1, cardinality($4::float8[]))]),
             dead_at = case when known.failures + 1 > cardinality($4::float8[])
                            then coalesce(known.dead_at, excluded.failed_at) end`,
    values: [work, failed.map(({ id }) => id), failed.map(({ fault }) => fault), backOff],
  });
}

/** What went well is no failure any more. */
export async function forgetFailures(db: Queryable, work: WorkName, ids: readonly string[]): Promise<void> {
  await db.query({
    name: 'forget-job-failures',
    text: 'delete from job_failures where work = $1 and subject_id = any ($2::uuid[])',
    values: [work, ids],
  });
}
