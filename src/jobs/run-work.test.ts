import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { forgetOver } from './failures.sql.ts';
import { runWork } from './run-work.ts';
import { mayRun, type Work } from './work.ts';

const good = '01980000-0000-7000-8000-00000000000a';
const bad = '01980000-0000-7000-8000-00000000000b';

test('what fails waits longer each time and is dead in the end, while what goes well is not held up', async () => {
  await using db = await freshDatabase();
  const ran: string[] = [];
  const faults: unknown[] = [];
  const work: Work = {
    name: 'statements',
    async due(most) {
      const { rows } = await db.gateway.query<{ id: string }>(
        `select id from unnest($1::uuid[]) as row (id) where ${mayRun('statements', 'id')} limit $2`,
        [[good, bad], most],
      );
      return rows.map(({ id }) => id);
    },
    async run(ids) {
      ran.push(...ids);
      return ids.filter((id) => id === bad).map((id) => ({ id, fault: new TypeError('of 125000.00 DA') }));
    },
  };
  const settings = { db: db.gateway, onFault: (_name: string, fault: unknown) => faults.push(fault) };
  const round = async () => runWork(work, await work.due(10), settings);
  const waits: number[] = [];
  for (let failure = 1; failure <= 9; failure += 1) {
    expect(await round()).toEqual({ well: 1, failed: 1, died: failure === 9 ? 1 : 0 });
    const { rows } = await db.gateway.query<{ seconds: number; fault: string; failures: number }>(
      `select extract(epoch from next_at - failed_at)::float8 as seconds, fault, failures from job_failures`,
    );
    expect(rows).toMatchObject([{ failures: failure, fault: 'TypeError' }]);
    waits.push(rows[0]?.seconds ?? 0);
    expect(await round()).toEqual({ well: 1, failed: 0, died: 0 });
    await db.owner.query('update job_failures set next_at = clock_timestamp() where dead_at is null');
  }
  expect(waits).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 14_400]);
  expect(await work.due(10)).toEqual([good]);
  expect(ran.filter((id) => id === bad)).toHaveLength(9);
  expect(faults).toHaveLength(9);
  const { rows: told } = await db.owner.query('select kind, subject_id, reason, side, detail from journal');
  expect(told).toEqual([
    {
      kind: 'job.died',
      subject_id: bad,
      reason: 'statements',
      side: 'gateway',
      detail: { failures: 9, fault: 'TypeError' },
    },
  ]);
});

test('a run that throws is tried one by one, so that one id holds up no other', async () => {
  await using db = await freshDatabase();
  const sets: string[][] = [];
  const work: Work = {
    name: 'statements',
    due: async () => [good, bad],
    async run(ids) {
      sets.push([...ids]);
      if (ids.includes(bad)) throw new RangeError('of 125000.00 DA');
      return [];
    },
  };
  const done = await runWork(work, [good, bad], { db: db.gateway, onFault: () => undefined });
  expect(done).toEqual({ well: 1, failed: 1, died: 0 });
  expect(sets).toEqual([[good, bad], [good], [bad]]);
});

test('what failed before is tried by one replica at a time, and nobody forgets what another has met', async () => {
  await using db = await freshDatabase();
  const settings = { db: db.gateway, onFault: () => undefined };
  const failing: Work = {
    name: 'statements',
    due: async () => [bad],
    run: async (ids) => ids.map((id) => ({ id, fault: new TypeError('again') })),
  };
  await runWork(failing, [bad], settings);
  await db.owner.query('update job_failures set next_at = clock_timestamp()');
  // The other replica saw it as due as well, and runs it while the first still does.
  const other: Work = { ...failing, run: async () => [] };
  const met = { well: 0, failed: 0, died: 0 };
  const slow: Work = {
    ...failing,
    async run(ids) {
      expect(await runWork(other, [bad], settings)).toEqual(met);
      return failing.run(ids);
    },
  };
  expect(await runWork(slow, [bad], settings)).toMatchObject({ failed: 1 });
  const { rows } = await db.owner.query('select failures from job_failures');
  expect(rows).toEqual([{ failures: 2 }]);
});

test('what failed and is not due any more is forgotten after an hour; what is dead waits for a person', async () => {
  await using db = await freshDatabase();
  await db.owner.query(
    `insert into job_failures (work, subject_id, failures, fault, failed_at, next_at, dead_at)
     select 'statements', id, 3, 'TypeError', clock_timestamp(), clock_timestamp() - ago, dead_at
       from (values ($1::uuid, interval '61 minutes', null::timestamptz), ($2, '59 minutes', null),
                    ($3, '61 minutes', clock_timestamp())) as row (id, ago, dead_at)`,
    [good, bad, '01980000-0000-7000-8000-00000000000c'],
  );
  expect(await forgetOver(db.gateway)).toBe(1);
  const { rows } = await db.owner.query('select subject_id from job_failures order by subject_id');
  expect(rows.map(({ subject_id }) => subject_id)).toEqual([bad, '01980000-0000-7000-8000-00000000000c']);
});
