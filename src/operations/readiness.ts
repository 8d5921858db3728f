import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseClock } from '../database/clock.ts';
import type { Queryable } from '../database/queryable.ts';

/** Why it is not ready, in words of the program's own; nothing where it is. */
export type ReadinessCheck = () => Promise<string | undefined>;

export type ReadinessName = 'database' | 'ledger' | 'clock' | 'migrations' | 'draining' | 'keys';
export type ReadinessChecks = Readonly<Partial<Record<ReadinessName, ReadinessCheck>>>;

export type Readiness = { ready: boolean; checks: Partial<Record<ReadinessName, string>> };

/** Longer than this is an answer too: whoever asks has a limit of its own. */
const patienceMilliseconds = 2_000;

/** Asks all at once. A check that fails, or does not answer in time, is a reason like any other. */
export async function readinessOf(checks: ReadinessChecks): Promise<Readiness> {
  const told = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await reasonOf(check)) ?? 'ready'] as const),
  );
  return { ready: told.every(([, reason]) => reason === 'ready'), checks: Object.fromEntries(told) };
}

async function reasonOf(check: ReadinessCheck): Promise<string | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([
      check(),
      pause(patienceMilliseconds, 'no answer in time', { ref: false, signal: over.signal }),
    ]);
  } catch (fault) {
    // Never its text: a database's quotes values.
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
    return /^[A-Z0-9_]{1,30}$/.test(code) ? `failed: ${code}` : 'failed';
  } finally {
    over.abort();
  }
}

export const databaseAnswers =
  (db: Queryable): ReadinessCheck =>
  async () => {
    await db.query({ text: 'select 1' });
    return undefined;
  };

/** As measured last; whoever opens the clock measures it again and again. */
export const clockIsRight =
  (clock: Pick<DatabaseClock, 'skewSeconds'>, mostSeconds: number): ReadinessCheck =>
  async () => {
    const skew = clock.skewSeconds();
    return Math.abs(skew) <= mostSeconds ? undefined : `the clock is off by ${Math.abs(skew).toFixed(1)} s`;
  };

/** The program's own migrations against those that the database has: an older program may run beside newer ones. */
export const migrationsAreCurrent =
  (expected: readonly string[], applied: () => Promise<readonly string[]>): ReadinessCheck =>
  async () => {
    const known = new Set(await applied());
    const missing = expected.filter((name) => !known.has(name));
    return missing.length === 0 ? undefined : `${missing.length} migrations are not applied`;
  };

/** From the first moment of an orderly stop, so that nothing new is sent here. */
export const isNotDraining =
  (draining: () => boolean): ReadinessCheck =>
  async () =>
    draining() ? 'the gateway is stopping' : undefined;

/** One key for each use that can sign now. */
export const keysAreLoaded =
  <Use extends string>(uses: readonly Use[], canSign: (use: Use) => boolean): ReadinessCheck =>
  async () => {
    const missing = uses.filter((use) => !canSign(use));
    return missing.length === 0 ? undefined : `no key signs ${missing.join(', ')} now`;
  };
