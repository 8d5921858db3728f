import type { CoreReference, CreditorCode } from '../../src/values/ids.ts';
import type { Event, Events, Proof } from './sources.ts';

/** What a creditor takes from an event of this kind: that money has moved, or that none has and none will. */
const tells: Readonly<Record<string, 'MOVED' | 'NOTHING'>> = {
  'debit.settled': 'MOVED',
  'debit.corrected': 'MOVED',
  'debit.reversed': 'MOVED',
  'debit.rejected': 'NOTHING',
  'debit.cancelled': 'NOTHING',
  'debit.burnt': 'NOTHING',
  'debit.reversal-rejected': 'NOTHING',
};

const kindsOf: Readonly<Record<Proof['says'], readonly string[]>> = {
  RECEIVED: ['debit.received'],
  SETTLED: ['debit.settled', 'debit.corrected'],
  REJECTED: ['debit.rejected'],
  REVERSED: ['debit.reversed'],
};

export const toldByEvents = ({ feed, pushed }: Events, what: 'MOVED' | 'NOTHING'): CoreReference[] =>
  [...feed, ...pushed].flatMap(({ kind, reference }) => (tells[kind] === what ? (reference ?? []) : []));

/**
 * Rows of the journal that the feed never told, what was proven or withdrawn without an event that says so, and sequence
 * numbers that the receiver or the feed never saw.
 */
export function missing(
  { creditor, journal, feed, pushed, pushedThrough }: Events,
  proofs: readonly Proof[],
  cancelled: readonly { creditor: CreditorCode; reference: CoreReference }[],
): number {
  const told = new Set(feed.map(({ entry }) => entry));
  const untold = journal.filter((entry) => !told.has(entry)).length;
  const last = feed.at(-1)?.sequence ?? 0;
  const gaps = Math.max(0, last - new Set(feed.map(({ sequence }) => sequence)).size);
  const received = new Set(pushed.map(({ sequence }) => sequence));
  const unpushed = Array.from({ length: pushedThrough }, (_, before) => before + 1).filter((one) => !received.has(one));
  const kinds = new Set(feed.map(({ kind, reference }) => `${kind} ${reference}`));
  const withToken = new Set(feed.map(({ kind, reference, tokenJti }) => `${kind} ${reference} ${tokenJti}`));
  const unsaid = proofs.filter(
    ({ says, reference, jti, ...proof }) =>
      proof.creditor === creditor &&
      // A receipt's own token went out with its answer: the event tells of the debit.
      !kindsOf[says].some((kind) =>
        says === 'RECEIVED' ? kinds.has(`${kind} ${reference}`) : withToken.has(`${kind} ${reference} ${jti}`),
      ),
  );
  const unwithdrawn = cancelled.filter(
    ({ reference, ...one }) =>
      one.creditor === creditor && !kinds.has(`debit.cancelled ${reference}`) && !kinds.has(`debit.burnt ${reference}`),
  );
  return untold + gaps + unpushed.length + unsaid.length + unwithdrawn.length;
}

/** Steps backwards: in the feed at all, in the pushes within one subject, where the same event may come again. */
export function outOfOrder({ feed, pushed }: Events): number {
  const backwards = feed.filter(({ sequence }, at) => sequence <= (feed[at - 1]?.sequence ?? 0)).length;
  const latest = new Map<string, number>();
  let swapped = 0;
  for (const { subject, sequence } of pushed) {
    const before = latest.get(subject) ?? 0;
    if (sequence < before) swapped += 1;
    latest.set(subject, Math.max(before, sequence));
  }
  return backwards + swapped;
}

/** Events that do not verify, and pushes that say something else than the feed's event of their number. */
export function unprovenEvents({ feed, pushed }: Events): number {
  const said = ({ kind, reference, tokenJti }: Event) => `${kind} ${reference} ${tokenJti}`;
  const told = new Map(feed.map((event) => [event.sequence, said(event)]));
  const others = pushed.filter((event) => told.has(event.sequence) && told.get(event.sequence) !== said(event));
  return [...feed, ...pushed].filter(({ verified }) => !verified).length + others.length;
}
