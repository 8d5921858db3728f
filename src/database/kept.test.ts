import { expect, test } from 'vitest';
import { kept, keptByKey } from './kept.ts';

/** Answers how often it was read by then; the clock is set by hand. */
function scene() {
  let now = new Date('2026-01-31T10:00:00Z');
  let readings = 0;
  return {
    clock: { now: () => now },
    later: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
    read: async () => {
      readings += 1;
      return readings;
    },
  };
}

test('whoever asks within the seconds has the same reading, and the next one is made when they are over', async () => {
  const { clock, later, read } = scene();
  const value = kept(read, clock, 2);
  expect(await Promise.all([value(), value()])).toEqual([1, 1]);
  later(1.9);
  expect(await value()).toBe(1);
  later(0.1);
  expect(await value()).toBe(2);
});

test('after a clock that was set back nothing is fresh', async () => {
  const { clock, later, read } = scene();
  const value = kept(read, clock, 2);
  await value();
  later(-3600);
  expect(await value()).toBe(2);
});

test('a reading that failed is told to those who asked for it, and made again by the next', async () => {
  const { clock } = scene();
  let away = true;
  const value = kept(() => (away ? Promise.reject(new Error('away')) : Promise.resolve('read')), clock, 2);
  const asked = [value(), value()];
  for (const one of asked) await expect(one).rejects.toThrow('away');
  away = false;
  expect(await value()).toBe('read');
});

test('each key has a reading of its own, and what is forgotten is read anew', async () => {
  const { clock, read } = scene();
  const all = keptByKey(async (key: string) => `${key} ${await read()}`, clock, 2);
  expect(await Promise.all([all.read('a'), all.read('b'), all.read('a')])).toEqual(['a 1', 'b 2', 'a 1']);
  all.forget();
  expect(await all.read('a')).toBe('a 3');
});

test('keys that callers make up do not fill the memory: with the thousand and first all are forgotten', async () => {
  const { clock, read } = scene();
  const all = keptByKey((_: number) => read(), clock, 2);
  for (let key = 0; key <= 1_000; key += 1) await all.read(key);
  expect(await all.read(1_000)).toBe(1_001);
  expect(await all.read(0)).toBe(1_002);
});
