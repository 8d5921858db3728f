import type { Queryable } from '../database/queryable.ts';
import { type FailedWork, type FailedWorkPage, parseWorkName } from './dead.ts';
import type { WorkName } from './work.ts';

type Row = {
  work: string;
  subject_id: string;
  failures: number;
  fault: string;
  since: Date;
  next_at: Date;
  dead_at: Date | null;
  place: string;
};

/** What failed: the dead, or what is tried again by itself; the longest so first. */
export async function selectFailed(
  db: Queryable,
  { dead, after, limit }: FailedWorkPage & { limit: number },
): Promise<FailedWork[]> {
  const begins = dead ? 'dead_at' : 'since';
  const [at = '-infinity', work = '', subjectId = '00000000-0000-0000-0000-000000000000'] = after?.split('_') ?? [];
  const { rows } = await db.query<Row>({
    name: dead ? 'select-dead-jobs' : 'select-failed-jobs',
    text: `
      select work, subject_id, failures, fault, since, next_at, dead_at,
             ${begins}::text || '_' || work || '_' || subject_id as place
        from job_failures
       where dead_at is ${dead ? 'not null' : 'null'}
         and (${begins}, work, subject_id) > ($1::timestamptz, $2::text, $3::uuid)
       order by ${begins}, work, subject_id limit $4`,
    values: [at, work, subjectId, limit],
  });
  return rows.flatMap((row) => {
    const work = parseWorkName(row.work);
    // A name that only a newer release knows is that one's to show.
    if (work === undefined) return [];
    return [
      {
        ...{ work, subjectId: row.subject_id, failures: row.failures, fault: row.fault, since: row.since },
        ...{ nextAt: row.next_at, deadAt: row.dead_at ?? undefined },
        place: row.place,
      },
    ];
  });
}

/** How many are dead of each work. */
export async function countDead(db: Queryable): Promise<ReadonlyMap<WorkName, number>> {
  const { rows } = await db.query<{ work: string; count: number }>({
    name: 'count-dead-jobs',
    text: 'select work, count(*)::integer as count from job_failures where dead_at is not null group by work order by work',
  });
  return new Map(
    rows.flatMap(({ work, count }) => {
      const name = parseWorkName(work);
      return name === undefined ? [] : [[name, count]];
    }),
  );
}

/**
 * Lets the dead be tried again, each with the whole back-off before it, and tells who said so: one of a work, or all of
 * it. Answers how many there were.
 */
export async function reviveDead(
  db: Queryable,
  { work, subjectId, by }: { work: WorkName; subjectId: string | undefined; by: string },
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'revive-dead-jobs',
    text: `
      with dead as (
        select subject_id, failures from job_failures
         where work = $1 and dead_at is not null and ($2::uuid is null or subject_id = $2)
         order by subject_id for update
      ), revived as (
        update job_failures set dead_at = null, next_at = clock_timestamp(), failures = 1
          from dead where job_failures.work = $1 and job_failures.subject_id = dead.subject_id
        returning job_failures.subject_id
      ), told as (
        insert into journal (kind, subject_id, reason, side, actor, detail)
        select 'job.retried', subject_id, $1, 'bank', $3, jsonb_build_object('failures', failures)
          from revived join dead using (subject_id) order by subject_id
      )
      select count(*)::integer as count from revived`,
    values: [work, subjectId, by],
  });
  return rows[0]?.count ?? 0;
}
