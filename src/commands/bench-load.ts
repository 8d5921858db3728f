/** What is known of the requests of one kind: how long each took, and in how much time they were made altogether. */
export type Measured = { milliseconds: number[]; seconds: number };

export const nothingMeasured = (): Measured => ({ milliseconds: [], seconds: 0 });

/**
 * Runs `once` again and again on each of `connections` until `seconds` are over: each waits for its answer before it
 * asks again. What was begun is finished and counted, so the time is until the last answer. Any fault ends it all.
 */
export async function measure(
  into: Measured,
  { connections, seconds, stop }: { connections: number; seconds: number; stop: AbortSignal },
  once: () => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  const until = begun + seconds * 1000;
  const work = async () => {
    while (performance.now() < until) {
      stop.throwIfAborted();
      const asked = performance.now();
      await once();
      into.milliseconds.push(performance.now() - asked);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: connections }, work));
  into.seconds += (performance.now() - begun) / 1000;
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

export const perSecond = ({ milliseconds, seconds }: Measured): number => milliseconds.length / seconds;

/** The value that `share` of all are not above (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
