import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../database/queryable.ts';
import { forgetFailures } from '../jobs/run-work.ts';
import type { Work, WorkFailure } from '../jobs/work.ts';
import { signEvent } from '../journal/event-token.ts';
import { eventAt } from '../journal/feed.ts';
import type { Sign } from '../signing/signer.ts';
import type { Jws } from '../values/ids.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  endReadDeliveries,
  finishDelivery,
  giveBackPush,
  selectDueDeliveries,
} from './deliveries.sql.ts';
import type { Push, PushOutcome } from './push.ts';
import { pushLimits, spread, waitAfter } from './schedule.ts';

export type DeliveryParts = {
  db: Queryable;
  sign: Sign;
  push: Push;
  /** Told of a fault of ours that its round did not wait for, or that left open what a push came to. */
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
/** What we could not send is never given up: its creditor has done nothing wrong, and the next ones of its subject wait. */
const triedWithinSeconds = 600;

export type DeliveryWork = Work & AsyncDisposable;

/**
 * Pushes what is due. Its rows have their own schedule (the contract's): what a receiver answers is no failure of the
 * work; what keeps us from sending is one. Disposing waits for the pushes under way, each of which has its time limit.
 */
export function deliveryWork(parts: DeliveryParts): DeliveryWork {
  const { db, onFault, onLateEnd } = parts;
  const underWay = new Set<Promise<void>>();
  return {
    name: 'webhooks',
    // So many of one receiver go at once: where they have ended, the next ones may.
    makesDue: ['webhooks'],
    triedWithinSeconds,
    async due(most) {
      const ended = await endReadDeliveries(db, mostEnded);
      if (ended.length > 0) await forgetFailures(db, 'webhooks', ended);
      return selectDueDeliveries(db, { most, ofOne: pushLimits.ofOne, triedWithinSeconds });
    },
    async run(ids) {
      const claimed = await claimDeliveries(db, ids, leaseSeconds);
      const patience = new AbortController();
      const failed: WorkFailure[] = [];
      const deliveries = claimed.map((delivery) => ({ delivery, signing: signPush(parts, delivery) }));
      const pushes = deliveries.map(({ delivery, signing }) => {
        const push = deliver(parts, delivery, signing)
          .then((failure) => {
            if (failure === undefined) return;
            if (patience.signal.aborted) onFault(failure.fault);
            else failed.push(failure);
          })
          .catch(onFault);
        underWay.add(push);
        return push.finally(() => {
          underWay.delete(push);
          if (patience.signal.aborted) onLateEnd?.();
        });
      });
      // However long: where we can't sign, no receiver is held up by another.
      await Promise.allSettled(deliveries.map(({ signing }) => signing));
      await Promise.race([
        Promise.all(pushes),
        pause(patienceSeconds * 1000, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      return failed;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(underWay);
    },
  };
}

async function signPush(
  { db, sign }: DeliveryParts,
  { creditor, epoch, sequence, attempt }: ClaimedDelivery,
): Promise<Jws> {
  const event = await eventAt(db, creditor, { epoch, sequence });
  if (event === undefined) throw new Error('a delivery without its event');
  return (await signEvent(sign, event, attempt)).token;
}

/** Answers what kept us from sending it, which its receiver is not held to. */
async function deliver(
  { db, push, observe, random = Math.random }: DeliveryParts,
  { deliveryId, creditor, attempt, url, authorities }: ClaimedDelivery,
  signing: Promise<Jws>,
): Promise<WorkFailure | undefined> {
  let outcome: PushOutcome;
  try {
    outcome = await push({ creditor, url, authorities }, await signing);
  } catch (fault) {
    await giveBackPush(db, { deliveryId, attempt });
    return { id: deliveryId, fault };
  }
  const { received, answer } = outcome;
  observe?.(received);
  const nextSeconds = waitAfter(attempt, random());
  const end = { deliveryId, attempt, received, answer, nextSeconds, probeSpread: spread(random()) };
  await finishDelivery(db, end, pushLimits);
  return undefined;
}
