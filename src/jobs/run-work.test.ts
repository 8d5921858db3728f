import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { sweepOf } from './run-work.ts';
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
  const sweep = sweepOf(work, { db: db.gateway, onFault: (_name, fault) => faults.push(fault) });
  const waits: number[] = [];
  for (let failure = 1; failure <= 9; failure += 1) {
    expect(await sweep.run()).toBe(1);
    const { rows } = await db.gateway.query<{ seconds: number; fault: string; failures: number }>(
      `select extract(epoch from next_at - failed_at)::float8 as seconds, fault, failures from job_failures`,
    );
    expect(rows).toMatchObject([{ failures: failure, fault: 'TypeError' }]);
    waits.push(rows[0]?.seconds ?? 0);
    expect(await sweep.run()).toBe(1);
    await db.owner.query('update job_failures set next_at = clock_timestamp() where dead_at is null');
  }
  expect(waits).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 14_400]);
  expect(await work.due(10)).toEqual([good]);
  expect(ran.filter((id) => id === bad)).toHaveLength(9);
  expect(faults).toHaveLength(9);
});
