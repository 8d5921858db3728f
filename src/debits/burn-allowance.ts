import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { CreditorCode } from '../values/ids.ts';

/** Names that a creditor may burn in an hour, counted by each replica for itself. */
export function burnAllowance(anHour: number): (creditor: CreditorCode) => Promise<number | undefined> {
  const limiter = new RateLimiterMemory({ points: anHour, duration: 3600 });
  return async (creditor) => {
    try {
      await limiter.consume(creditor);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw refusal;
    }
  };
}
