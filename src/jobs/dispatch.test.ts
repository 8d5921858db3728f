import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { describeIf } from '../../test/programs.ts';
import { openRedis } from '../../test/redis.ts';
import { openCarrier } from './carrier.ts';
import { type Dispatch, startDispatch } from './dispatch.ts';
import { mayRun, type Work, type WorkName } from './work.ts';

/** Rows as a feature has them: `effects` is how often the thing was done, which must be once whatever is run. */
async function openRows(db: TestDatabase): Promise<void> {
  await db.owner.query(`
    create table later (id uuid primary key, lease_until timestamptz, done_at timestamptz,
      effects integer not null default 0, runs integer not null default 0);
    grant select, insert, update on later to gateway_runtime`);
}

/** `by` keeps which replica did what. */
const workOn = (db: TestDatabase, by: string[] = []): Work => ({
  name: 'statements',
  async due(most) {
    const { rows } = await db.gateway.query<{ id: string }>(
      `select id from later where done_at is null and coalesce(lease_until, '-infinity') < clock_timestamp()
          and ${mayRun('statements', 'id')} order by id limit $1`,
      [most],
    );
    return rows.map(({ id }) => id);
  },
  async run(ids) {
    const { rows } = await db.gateway.query<{ id: string }>(
      `update later set lease_until = clock_timestamp() + interval '5 s', runs = runs + 1
        where id in (select id from later where id = any ($1::uuid[]) and done_at is null
                        and coalesce(lease_until, '-infinity') < clock_timestamp() for update skip locked)
       returning id`,
      [ids],
    );
    by.push(...rows.map(({ id }) => id));
    await db.gateway.query(
      'update later set done_at = clock_timestamp(), effects = effects + 1 where id = any ($1::uuid[]) and done_at is null',
      [rows.map(({ id }) => id)],
    );
    return [];
  },
});

const add = (db: TestDatabase, count: number) =>
  db.gateway.query('insert into later (id) select * from unnest($1::uuid[])', [
    Array.from({ length: count }, () => randomUUID()),
  ]);

const start = (db: TestDatabase, redisUrl: string | undefined, work = workOn(db), lateSeconds = 0.5) =>
  startDispatch([work], {
    ...{ db: db.gateway, redisUrl, everySeconds: 0.1, lateSeconds },
    onFault: () => undefined,
    onRoundFault: () => undefined,
  });

const eventually = (look: () => unknown) => vi.waitFor(look, { timeout: 20_000, interval: 20 });

const allDone = (db: TestDatabase, count: number) =>
  eventually(async () => {
    const { rows } = await db.gateway.query('select effects, count(*)::integer from later group by 1 order by 1');
    expect(rows).toEqual([{ effects: 1, count }]);
  });

const inCharge = (dispatch: Dispatch, by: 'bull' | 'sweep') => eventually(() => expect(dispatch.by()).toBe(by));

test('without Redis two replicas that sweep share the work, and everything is done once', async () => {
  await using db = await freshDatabase();
  await openRows(db);
  await add(db, 1_000);
  const [one, other]: [string[], string[]] = [[], []];
  await using first = start(db, undefined, workOn(db, one));
  await using second = start(db, undefined, workOn(db, other));
  await allDone(db, 1_000);
  expect([first.by(), second.by()]).toEqual(['sweep', 'sweep']);
  expect(new Set([...one, ...other]).size).toBe(one.length + other.length);
});

/** Two works of which each makes the other's next row due, as debits and due dates do, so often as `left` says. */
function relay(): { works: Work[]; left: number } {
  const state = { works: [work('debits', 'due-dates', 0), work('due-dates', 'debits', 1)], left: 0 };
  function work(name: WorkName, other: WorkName, mine: number): Work {
    return {
      name,
      due: async () => (state.left > 0 && state.left % 2 === mine ? [randomUUID()] : []),
      async run() {
        state.left -= 1;
        return [];
      },
      makesDue: [other],
    };
  }
  return state;
}

/** By rounds alone the next look would come after a second, and all of them after forty. */
async function passesOn(redisUrl: string | undefined): Promise<void> {
  await using db = await freshDatabase();
  const passed = relay();
  await using dispatch = startDispatch(passed.works, {
    ...{ db: db.gateway, redisUrl, everySeconds: 1, lateSeconds: 3_600 },
    onFault: (_name, fault) => expect.fail(String(fault)),
    onRoundFault: (_name, fault) => expect.fail(String(fault)),
  });
  await inCharge(dispatch, redisUrl === undefined ? 'sweep' : 'bull');
  passed.left = 40;
  await eventually(() => expect(passed.left).toBe(0));
}

test('what a run has made due is looked at once it has ended, and not in the next round', () => passesOn(undefined));

describeIf('redis-server', 'redis-server')('with a Redis', () => {
  test('Bull carries the ids alone, and two replicas share the work; nothing of it is left in Redis', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    const [one, other]: [string[], string[]] = [[], []];
    // The sweep would come too late for this test: what is done, Bull has done.
    await using first = start(db, redis.url, workOn(db, one), 3_600);
    await using second = start(db, redis.url, workOn(db, other), 3_600);
    await Promise.all([inCharge(first, 'bull'), inCharge(second, 'bull')]);
    await add(db, 2_000);
    await allDone(db, 2_000);
    expect(one.length).toBeGreaterThan(0);
    expect(other.length).toBeGreaterThan(0);
    expect(new Set([...one, ...other]).size).toBe(2_000);
    await eventually(async () => {
      const keys = await redis.ask('keys', 'gateway:statements:????????-*');
      expect(keys).toEqual([]);
    });
  });

  test('what a run of Bull’s has made due is looked at once it has ended too', async () => {
    await using redis = await openRedis();
    await passesOn(redis.url);
  });

  test('what Redis forgets in mid-work is done all the same', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    await using dispatch = start(db, redis.url);
    await inCharge(dispatch, 'bull');
    for (let round = 0; round < 5; round += 1) {
      await add(db, 400);
      await redis.ask('flushall');
    }
    await allDone(db, 2_000);
  });

  test('while Redis is gone the sweep works on, and Bull again when it is back', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    await using dispatch = start(db, redis.url);
    await inCharge(dispatch, 'bull');
    await add(db, 1_000);
    await redis.kill();
    await inCharge(dispatch, 'sweep');
    await add(db, 500);
    await allDone(db, 1_500);
    await redis.start();
    await inCharge(dispatch, 'bull');
    await add(db, 500);
    await allDone(db, 2_000);
  });

  test('a Redis that hangs holds nothing up: neither the work nor the orderly stop', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    const dispatch = start(db, redis.url);
    await inCharge(dispatch, 'bull');
    await add(db, 1_000);
    redis.freeze();
    await allDone(db, 1_000);
    await inCharge(dispatch, 'sweep');
    redis.thaw();
    await inCharge(dispatch, 'bull');
    redis.freeze();
    await dispatch[Symbol.asyncDispose]();
  });

  test('a Redis that dies in an orderly stop while a job runs leaves no rejection that would end the process', async () => {
    await using redis = await openRedis();
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const run = () => {
      begun.resolve();
      return end.promise;
    };
    const carrier = await openCarrier({
      url: redis.url,
      works: ['books'],
      run,
      onLost: (fault) => expect.fail(String(fault)),
    });
    await carrier.carry('books', [randomUUID()]);
    await begun.promise;
    const rejected: unknown[] = [];
    const note = (fault: unknown) => void rejected.push(fault);
    process.on('unhandledRejection', note);
    try {
      const killed = redis.kill();
      await carrier[Symbol.asyncDispose]();
      await killed;
      end.resolve();
      expect(rejected).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test('a Redis that is away at the start, or refuses, leaves all to the sweep', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    await redis.ask('config', 'set', 'maxmemory', '1');
    await using full = start(db, redis.url);
    await using closed = start(db, 'redis://127.0.0.1:1');
    await add(db, 500);
    await allDone(db, 500);
    await redis.ask('config', 'set', 'maxmemory', '0');
    await inCharge(full, 'bull');
    await redis.ask('config', 'set', 'maxmemory', '1');
    await add(db, 500);
    await allDone(db, 1_000);
    expect(closed.by()).toBe('sweep');
  });

  test('what a replica had taken out when it died is done by another', async () => {
    await using db = await freshDatabase();
    await using redis = await openRedis();
    await openRows(db);
    const taken: string[] = [];
    const end = Promise.withResolvers<[]>();
    const dead: Work = {
      ...workOn(db),
      // Takes it, and is not heard of again.
      run: (ids) => {
        taken.push(...ids);
        return end.promise;
      },
    };
    const dying = start(db, redis.url, dead);
    await inCharge(dying, 'bull');
    await add(db, 300);
    await eventually(() => expect(taken.length).toBeGreaterThan(0));
    await using living = start(db, redis.url);
    await inCharge(living, 'bull');
    await allDone(db, 300);
    end.resolve([]);
    await dying[Symbol.asyncDispose]();
  });
});
