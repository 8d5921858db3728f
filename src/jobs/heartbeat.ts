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
