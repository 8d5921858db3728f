/**
 * What happens later, by name: it stands in metrics, in the queue's name and in the list of what is dead. A new one is
 * added here.
 */
export const workNames = [
  'debits',
  'due-dates',
  'names',
  'reversals',
  'webhooks',
  'statements',
  'reconciliations',
  'books',
  'expiries',
] as const;
export type WorkName = (typeof workNames)[number];

/**
 * Work that Postgres holds as rows of its feature, committed with what caused it. Who runs it, the sweep or a queue that
 * carries the ids, makes no difference: `run` claims each row by itself, so that twice, or on two replicas at once, is
 * harmless.
 */
export type Work = {
  name: WorkName;
  /**
   * Ids of rows that are due now, the longest due first, at most `most`; without those that `mayRun` leaves out. What
   * `run` could do nothing about must not stay due: it would stand before all the others.
   */
  due: (most: number) => Promise<readonly string[]>;
  /** Works on those of them that are still due and free. Answers the ones that failed; they are tried again later. */
  run: (ids: readonly string[]) => Promise<readonly WorkFailure[]>;
  /** Works for which a run of this one may have made something due, or room: they look at once, not in their next round. */
  makesDue?: readonly WorkName[];
  /** Set where it is never given up, with the same seconds as its `mayRunWithin`: what is dead is tried still. */
  triedWithinSeconds?: number;
};

export type WorkFailure = { id: string; fault: unknown };

/** For the WHERE of `due`: leaves out what failed and waits, or is dead. `id` is the SQL of the row's uuid. */
export const mayRun = (work: WorkName, id: string): string => `not exists (
  select from job_failures failed where failed.work = '${work}' and failed.subject_id = ${id}
     and (failed.dead_at is not null or failed.next_at > clock_timestamp()))`;

/**
 * The same for work that is never given up, since it holds money: what failed waits `seconds` at most, also where it is
 * dead, which then only says that people must look.
 */
export const mayRunWithin = (work: WorkName, id: string, seconds: number): string => `not exists (
  select from job_failures failed where failed.work = '${work}' and failed.subject_id = ${id}
     and least(failed.next_at, failed.failed_at + make_interval(secs => ${seconds})) > clock_timestamp())`;
