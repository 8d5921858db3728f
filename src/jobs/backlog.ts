import type { Carrier } from './carrier.ts';

/** What one work has due, as far as the last look saw: since when, and whether Bull has it. Ids no longer due are forgotten. */
export type Backlog = {
  /** What is due now. Answers whether anything of it was not due at the last look. */
  see: (ids: readonly string[]) => boolean;
  notGivenTo: (carrier: Carrier) => string[];
  give: (ids: readonly string[], carrier: Carrier) => void;
  /** Given to Bull so long ago, and due still: the longest first. */
  givenBefore: (seconds: number) => string[];
  oldestSeconds: () => number;
};

type Due = { since: number; carrier?: Carrier; givenAt?: number };

export function openBacklog(): Backlog {
  let due = new Map<string, Due>();
  const secondsSince = (milliseconds: number) => (performance.now() - milliseconds) / 1000;
  return {
    see(ids) {
      const isNew = ids.some((id) => !due.has(id));
      due = new Map(ids.map((id) => [id, due.get(id) ?? { since: performance.now() }]));
      return isNew;
    },
    notGivenTo: (carrier) => [...due].flatMap(([id, { carrier: given }]) => (given === carrier ? [] : [id])),
    give(ids, carrier) {
      for (const id of ids)
        due.set(id, { ...(due.get(id) ?? { since: performance.now() }), carrier, givenAt: performance.now() });
    },
    givenBefore: (seconds) =>
      [...due].flatMap(([id, { givenAt }]) => (givenAt !== undefined && secondsSince(givenAt) >= seconds ? [id] : [])),
    oldestSeconds: () => Math.max(0, ...[...due.values()].map(({ since }) => secondsSince(since))),
  };
}
