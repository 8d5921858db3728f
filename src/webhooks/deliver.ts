import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../database/queryable.ts';
import type { Work } from '../jobs/work.ts';
import { signEvent } from '../journal/event-token.ts';
import { eventAt } from '../journal/feed.ts';
import type { Sign } from '../signing/signer.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  endReadDeliveries,
  finishDelivery,
  selectDueDeliveries,
} from './deliveries.sql.ts';
import type { Push } from './push.ts';
import { pushLimits, spread, waitAfter } from './schedule.ts';

export type DeliveryParts = {
  db: Queryable;
  sign: Sign;
  push: Push;
  /** Told of a fault that is ours: the push is made again when its lease ends. */
  onFault: (fault: unknown) => void;
  /** Told what each push came to. */
  observe?: (received: boolean) => void;
  /** Told when a push ends that its round did not wait for: another may be made in its place. */
  onLateEnd?: () => void;
  random?: () => number;
};

/** How long a round waits for its pushes: one slow receiver must not hold up another's events. */
const patienceSeconds = 1;
/** Ends after every push that could still be under way. */
const leaseSeconds = pushLimits.answerSeconds + 20;
const mostEnded = 2_000;

export type DeliveryWork = Work & AsyncDisposable;

/**
 * Pushes what is due. Its rows have their own schedule (the contract's), so that nothing of it is a failure of the work.
 * Disposing waits for the pushes under way, each of which has its time limit.
 */
export function deliveryWork(parts: DeliveryParts): DeliveryWork {
  const { db, onFault, onLateEnd } = parts;
  const underWay = new Set<Promise<void>>();
  return {
    name: 'webhooks',
    // So many of one receiver go at once: where they have ended, the next ones may.
    makesDue: ['webhooks'],
    async due(most) {
      await endReadDeliveries(db, mostEnded);
      return selectDueDeliveries(db, most, pushLimits.ofOne);
    },
    async run(ids) {
      const claimed = await claimDeliveries(db, ids, leaseSeconds);
      const patience = new AbortController();
      const pushes = claimed.map((delivery) => {
        const push = deliver(parts, delivery).catch(onFault);
        underWay.add(push);
        return push.finally(() => {
          underWay.delete(push);
          if (patience.signal.aborted) onLateEnd?.();
        });
      });
      await Promise.race([
        Promise.all(pushes),
        pause(patienceSeconds * 1000, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      return [];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(underWay);
    },
  };
}

async function deliver(
  { db, sign, push, observe, random = Math.random }: DeliveryParts,
  { deliveryId, creditor, epoch, sequence, attempt, url, authorities }: ClaimedDelivery,
): Promise<void> {
  const event = await eventAt(db, creditor, { epoch, sequence });
  if (event === undefined) throw new Error('a delivery without its event');
  const { token } = await signEvent(sign, event, attempt);
  const { received, answer } = await push({ creditor, url, authorities }, token);
  observe?.(received);
  const nextSeconds = waitAfter(attempt, random());
  const end = { deliveryId, attempt, received, answer, nextSeconds, probeSpread: spread(random()) };
  await finishDelivery(db, end, pushLimits);
}
