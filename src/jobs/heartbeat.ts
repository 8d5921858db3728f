/** Renews the lease when a third of it has passed; else does nothing. */
export type Beat = () => Promise<void>;

export function heartbeat(renew: Beat, leaseSeconds: number): Beat {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < leaseSeconds * 333) return;
    await renew();
    last = performance.now();
  };
}

/**
 * Renews the lease each third of it while something goes on that comes to no beat of its own. A renewal that failed is
 * forgiven where the next one goes well; else it is what this ends with. Nothing is renewed any more once this has ended.
 */
export async function beatingDuring<Result>(
  going: () => Promise<Result>,
  renew: Beat,
  leaseSeconds: number,
): Promise<Result> {
  let missed: { fault: unknown } | undefined;
  let renewing = Promise.resolve();
  const beat = async () => {
    missed = await renew().then(
      () => undefined,
      (fault: unknown) => ({ fault }),
    );
  };
  const timer = setInterval(() => {
    renewing = renewing.then(beat);
  }, leaseSeconds * 333);
  try {
    const result = await going();
    await renewing;
    if (missed !== undefined) throw missed.fault;
    return result;
  } finally {
    clearInterval(timer);
    await renewing;
  }
}
