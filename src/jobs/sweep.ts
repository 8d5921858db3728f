import { setTimeout as pause } from 'node:timers/promises';

/** Work that Postgres holds: it takes some of what is due, and says how much it took. */
export type Sweep = { name: string; run: () => Promise<number> };

export type SweepSettings = { everySeconds: number; onFault: (name: string, fault: unknown) => void };

/**
 * Looks for due work again and again until it is closed; a round that found some is followed at once by the next. The
 * work must be safe to run on any number of replicas, any number of times. Closing waits for the round under way.
 */
export function startSweeps(sweeps: readonly Sweep[], { everySeconds, onFault }: SweepSettings): AsyncDisposable {
  const closing = new AbortController();
  const running = sweeps.map(async ({ name, run }) => {
    while (!closing.signal.aborted) {
      const took = await run().catch((fault: unknown) => {
        onFault(name, fault);
        return 0;
      });
      // The abort ends the pause; nothing else can reject it.
      if (took === 0) await pause(everySeconds * 1000, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.all(running);
    },
  };
}
