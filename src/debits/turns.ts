import type { MandateId } from '../values/ids.ts';

export type Turns = {
  /** Until a debit of the mandate has ended in this process, or so long that one may have ended in another. */
  wait: (mandateId: MandateId) => Promise<void>;
  /** One debit of the mandate has ended: who has waited longest goes next. */
  pass: (mandateId: MandateId) => void;
};

const lookAgainMilliseconds = 250;

/** Who waits for whose debit, in this process. It decides nothing: the database weighs whoever goes again. */
export function openTurns(): Turns {
  const waiting = new Map<MandateId, Set<() => void>>();
  return {
    wait: (mandateId) =>
      new Promise((resolve) => {
        const queue = waiting.get(mandateId) ?? new Set();
        waiting.set(mandateId, queue);
        const go = () => {
          clearTimeout(timer);
          queue.delete(go);
          if (queue.size === 0 && waiting.get(mandateId) === queue) waiting.delete(mandateId);
          resolve();
        };
        const timer = setTimeout(go, lookAgainMilliseconds);
        queue.add(go);
      }),
    pass(mandateId) {
      const [first] = waiting.get(mandateId) ?? [];
      first?.();
    },
  };
}
