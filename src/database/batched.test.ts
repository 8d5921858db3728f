import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { batched } from './batched.ts';

const databaseError = (code: string) => Object.assign(new Error('refused'), { code });

/** A statement that notes each set and answers when told to. */
function observedRun() {
  const sets: number[][] = [];
  const answers: (() => void)[] = [];
  const run = (items: readonly number[]) => {
    sets.push([...items]);
    return new Promise<number[]>((resolve) => answers.push(() => resolve(items.map((item) => item * 10))));
  };
  return { sets, answers, run };
}

test('a call alone goes at once, and what comes while a set is under way goes together', async () => {
  const { sets, answers, run } = observedRun();
  const call = batched(run, { concurrent: 1 });
  const first = call(1);
  await turn();
  await turn();
  const others = [call(2), call(3), call(4)];
  await turn();
  expect(sets).toEqual([[1]]);
  answers[0]?.();
  expect(await first).toBe(10);
  await turn();
  await turn();
  answers[1]?.();
  expect(await Promise.all(others)).toEqual([20, 30, 40]);
  expect(sets).toEqual([[1], [2, 3, 4]]);
});

test('items that share a key are never in one set nor under way together, and keep their order', async () => {
  const underWay = new Set<string>();
  const order: number[] = [];
  const run = async (items: readonly { key: string; id: number }[]) => {
    expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
    for (const { key, id } of items) {
      expect(underWay.has(key)).toBe(false);
      underWay.add(key);
      order.push(id);
    }
    await turn();
    for (const { key } of items) underWay.delete(key);
    return items.map(({ id }) => id);
  };
  const call = batched(run, { keysOf: ({ key }) => [key], most: 4 });
  const items = Array.from({ length: 60 }, (_, id) => ({ key: `k${(id * 7) % 5}`, id }));
  expect(await Promise.all(items.map(call))).toEqual(items.map(({ id }) => id));
  for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) {
    const ofKey = order.filter((id) => items[id]?.key === key);
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
  }
});

test('the data error of one item fails that item alone', async () => {
  const call = batched(async (items: readonly number[]) => {
    if (items.includes(13)) throw databaseError('22003');
    return items.map((item) => item * 10);
  });
  const results = await Promise.allSettled([call(12), call(13), call(14)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('who loses a race for a new name runs again alone and sees the winner', async () => {
  let taken = false;
  const call = batched(async (items: readonly number[]) => {
    if (taken) return items.map(() => 'KNOWN');
    taken = true;
    throw databaseError('23505');
  });
  expect(await call(1)).toBe('KNOWN');
});

test('a deadlock reruns the whole set; a lost connection fails all of it', async () => {
  let deadlocks = 2;
  const afterDeadlock = batched(async (items: readonly number[]) => {
    if (deadlocks-- > 0) throw databaseError('40P01');
    return items;
  });
  expect(await Promise.all([afterDeadlock(1), afterDeadlock(2)])).toEqual([1, 2]);
  const lost = batched(async () => Promise.reject(new Error('Connection terminated unexpectedly')));
  const results = await Promise.allSettled([lost(1), lost(2)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
