import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { CreditorCode } from '../values/ids.ts';
import { Problem } from './problem.ts';

/** Requests a second. A creditor is one client for its whole country: what it contracted for is a setting. */
export type Rates = {
  creditorPerSecond: number;
  /** Where a creditor contracted for another number. */
  creditors: ReadonlyMap<CreditorCode, number>;
  /** For one operation of one creditor. */
  operationPerSecond: number;
  operations: Readonly<Record<string, number>>;
};

export const defaultRates: Rates = {
  creditorPerSecond: 2_000,
  creditors: new Map(),
  operationPerSecond: 1_000,
  operations: {},
};

/** Whether this request may come in now. Throws the problem where it may not: nothing was read or begun then. */
export type Admission = {
  checkRate: (creditor: CreditorCode, operationId: string) => Promise<void>;
  /** Takes a place; the caller gives it back by what is returned. */
  enter: () => () => void;
};

/** Counted in memory, a replica for itself, since this stands before the signature and may cost nothing. */
export function openAdmission(rates: Rates, requestsUnderWay: number): Admission {
  const limiter = (points: number) => new RateLimiterMemory({ points, duration: 1 });
  const byContract = new Map([...rates.creditors].map(([creditor, points]) => [creditor, limiter(points)]));
  const byOtherCreditor = limiter(rates.creditorPerSecond);
  const byOperation = new Map(Object.entries(rates.operations).map(([id, points]) => [id, limiter(points)]));
  const byOtherOperation = limiter(rates.operationPerSecond);
  let underWay = 0;
  return {
    async checkRate(creditor, operationId) {
      await consume(byContract.get(creditor) ?? byOtherCreditor, creditor);
      await consume(byOperation.get(operationId) ?? byOtherOperation, `${creditor} ${operationId}`);
    },
    enter() {
      if (underWay >= requestsUnderWay)
        throw new Problem('overloaded', 'Too many requests are under way', {}, { 'Retry-After': '1' });
      underWay += 1;
      return () => {
        underWay -= 1;
      };
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw new Problem('too-many-requests', 'The contracted rate is reached', {}, { 'Retry-After': String(seconds) });
  }
}
