import type { Behaviour, MessageName } from './behaviour.ts';

export type RefusedMessage = { at: string; faults: string[] };

/** What the simulator has seen and played since it started. */
export type Tally = {
  message: (message: MessageName) => void;
  played: (behaviour: Behaviour) => void;
  /** A message that was answered with 400: of the adapter, never of a rule. */
  refused: (faults: readonly string[]) => void;
  /** A fault of the simulator itself, such as its database away: answered with 500. */
  failed: (fault: unknown) => void;
  read: () => { messages: Record<string, number>; played: Record<string, number>; refused: number; failed: number };
  /** The latest of the messages that were refused, with what was wrong. */
  lastRefused: () => readonly RefusedMessage[];
};

export function openTally(): Tally {
  const messages = new Map<string, number>();
  const played = new Map<string, number>();
  const last: RefusedMessage[] = [];
  let refused = 0;
  let failed = 0;
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    message: (message) => count(messages, message),
    played: (behaviour) => count(played, nameOf(behaviour)),
    refused(faults) {
      refused += 1;
      last.push({ at: new Date().toISOString(), faults: [...faults] });
      if (last.length > 50) last.shift();
    },
    failed() {
      failed += 1;
    },
    read: () => ({ messages: Object.fromEntries(messages), played: Object.fromEntries(played), refused, failed }),
    lastRefused: () => last,
  };
}

/** Told apart by what it did to the money, and by what was another: "reset, not processed". */
function nameOf(behaviour: Behaviour): string {
  const details: string[] = [];
  if ('processed' in behaviour) details.push(behaviour.processed ? 'processed' : 'not processed');
  if ('field' in behaviour) details.push(behaviour.field);
  if ('entry' in behaviour) details.push(behaviour.entry);
  return [behaviour.do, ...details].join(', ');
}
