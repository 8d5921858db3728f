import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import { isBefore } from './event-token.ts';
import { type EventPlace, selectLastPlaces } from './events.sql.ts';

/** FULL: too many of this creditor's calls wait already. ENDED: the gateway stops. */
export type Wait = 'CAME' | 'TIME' | 'ENDED' | 'FULL';

export type Readers = {
  /** Resolves when an event follows on that place, or when the time is over. */
  wait: (creditor: CreditorCode, after: EventPlace, seconds: number) => Promise<Wait>;
  /** Lets go of everyone who waits, and whoever comes later: a stop waits for no event. */
  end: () => void;
};

type Waiter = { creditor: CreditorCode; after: EventPlace; let: (outcome: Wait) => void };

/** Those who wait for an event. One look at the database is for all of them; with nobody there, nothing is looked at. */
export function openReaders({
  db,
  ofOneCreditor,
  everySeconds = 0.2,
}: {
  db: Queryable;
  /** How many calls of one creditor wait at once. */
  ofOneCreditor: number;
  everySeconds?: number;
}): Readers {
  const waiting = new Set<Waiter>();
  const ending = new AbortController();
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    while (waiting.size > 0 && !ending.signal.aborted) {
      await pause(everySeconds * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
      const creditors = [...new Set([...waiting].map(({ creditor }) => creditor))];
      // Whoever can't be looked after looks for itself, and learns then that the database is away.
      const last = await selectLastPlaces(db, creditors).catch(() => undefined);
      for (const { creditor, after, let: release } of waiting) {
        const newest = last?.get(creditor);
        if (last === undefined || (newest !== undefined && isBefore(after, newest))) release('CAME');
      }
    }
    looking = false;
  }

  return {
    wait(creditor, after, seconds) {
      if (ending.signal.aborted) return Promise.resolve('ENDED');
      if ([...waiting].filter((other) => other.creditor === creditor).length >= ofOneCreditor)
        return Promise.resolve('FULL');
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiter.let('TIME'), seconds * 1000);
        const waiter: Waiter = {
          creditor,
          after,
          let(outcome) {
            clearTimeout(timer);
            waiting.delete(waiter);
            resolve(outcome);
          },
        };
        waiting.add(waiter);
        if (!looking) void look();
      });
    },
    end() {
      ending.abort();
      for (const waiter of waiting) waiter.let('ENDED');
    },
  };
}
