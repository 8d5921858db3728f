import type { CoreReference, CreditorCode, EndToEndId } from '../../src/values/ids.ts';

/** What the bus's own books hold under one reference. */
export type Book = { reference: string; kind: 'DEBIT' | 'REVERSAL'; amount: bigint };

/** A debit as the gateway's database has it. */
export type Stored = {
  reference: CoreReference;
  state: string;
  amount: bigint | undefined;
  declaration: string | undefined;
  declared: bigint | undefined;
  /** Its contradictions that two people have not ended. */
  contradicted: boolean;
};

/** A settlement confirmation that anyone was shown: what it says, and whether the public key set verifies it. */
export type Confirmation = { reference: CoreReference; amount: bigint; verified: boolean };

/** What the creditor's own system remembers of a name. */
export type Remembered = { creditor: CreditorCode; endToEndId: EndToEndId; reference: CoreReference; ends: string[] };

/** One creditor's events: as they stand in the journal, as the feed gave them, as the receiver was pushed them. */
export type Events = {
  journal: readonly string[];
  feed: readonly { sequence: number; entry: string }[];
  pushed: readonly { sequence: number; subject: string }[];
  /** Up to here all was to be pushed; 0 where there is no receiver. */
  pushedThrough: number;
};

export type Sources = {
  books: readonly Book[];
  stored: readonly Stored[];
  confirmations: readonly Confirmation[];
  remembered: readonly Remembered[];
  events: readonly Events[];
  /** Centimes: what the statements say was settled, less what they say was given back. */
  statements: bigint;
};

export type Figures = {
  asked: number;
  settled: number;
  rejected: number;
  cancelled: number;
  reversed: number;
  /** Names that were asked for and not taken: another debit pays the declaration, or a limit was reached. */
  turnedAway: number;
  inDoubt: number;
  movedTwice: number;
  confirmedNotMoved: number;
  movedNotConfirmed: number;
  refusedButMoved: number;
  eventsMissing: number;
  eventsOutOfOrder: number;
  /** Centimes. */
  statementDifference: string;
};

/** What the four sources say of each other. Nothing of it comes from the program that made the faults. */
export function figuresOf(sources: Sources): Figures {
  const { books, stored, confirmations, remembered, events, statements } = sources;
  const inState = (...states: string[]) => stored.filter(({ state }) => states.includes(state)).length;
  const debits = books.filter(({ kind }) => kind === 'DEBIT');
  const moved = new Map(debits.map((book) => [book.reference, book]));
  const confirmed = new Set(confirmations.filter(({ verified }) => verified).map(({ reference }) => String(reference)));
  const byReference = new Map(stored.map((debit) => [String(debit.reference), debit]));
  const reversals = books.filter(({ kind }) => kind === 'REVERSAL');
  // A debit is given back once: more bookings than debits are money twice, fewer are a proof of nothing.
  const unevenly = reversals.length - inState('REVERSED');
  return {
    asked: new Set(remembered.map(({ reference }) => reference)).size,
    settled: inState('SETTLED'),
    rejected: inState('REJECTED'),
    cancelled: inState('CANCELLED'),
    reversed: inState('REVERSED'),
    turnedAway: remembered.filter(({ reference }) => !byReference.has(reference)).length,
    inDoubt: inState('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT'),
    movedTwice: debits.length - moved.size + overDeclared(stored, moved) + Math.max(0, unevenly),
    confirmedNotMoved:
      confirmations.filter(({ reference, amount, verified }) => !verified || moved.get(reference)?.amount !== amount)
        .length + Math.max(0, -unevenly),
    movedNotConfirmed: [...moved.keys()].filter((reference) => !confirmed.has(reference)).length,
    refusedButMoved: remembered.filter(
      ({ reference, ends }) => ends.some((end) => end !== 'SETTLED' && end !== 'REVERSED') && stillMoved(reference),
    ).length,
    eventsMissing: events.map(missing).reduce((total, count) => total + count, 0),
    eventsOutOfOrder: events.map(outOfOrder).reduce((total, count) => total + count, 0),
    statementDifference: String(sum(debits) - sum(reversals) - statements),
  };

  /** Money that moved under a name that was told to have ended without it, and that nobody is shown. */
  function stillMoved(reference: CoreReference): boolean {
    const debit = byReference.get(reference);
    return moved.has(reference) && debit?.state !== 'SETTLED' && debit?.state !== 'REVERSED' && !debit?.contradicted;
  }
}

const sum = (books: readonly Book[]): bigint => books.reduce((total, { amount }) => total + amount, 0n);

/** Declarations that were paid beyond what was declared, by whatever names. */
function overDeclared(stored: readonly Stored[], moved: ReadonlyMap<string, Book>): number {
  const paid = new Map<string, { declared: bigint; paid: bigint }>();
  for (const { reference, state, declaration, declared } of stored) {
    const book = moved.get(reference);
    if (book === undefined || declaration === undefined || declared === undefined || state === 'REVERSED') continue;
    const known = paid.get(declaration) ?? { declared, paid: 0n };
    paid.set(declaration, { declared, paid: known.paid + book.amount });
  }
  return [...paid.values()].filter((one) => one.paid > one.declared).length;
}

/** Rows of the journal that the feed never told, and sequence numbers that the receiver or the feed never saw. */
function missing({ journal, feed, pushed, pushedThrough }: Events): number {
  const told = new Set(feed.map(({ entry }) => entry));
  const untold = journal.filter((entry) => !told.has(entry)).length;
  const last = feed.at(-1)?.sequence ?? 0;
  const gaps = Math.max(0, last - new Set(feed.map(({ sequence }) => sequence)).size);
  const received = new Set(pushed.map(({ sequence }) => sequence));
  const unpushed = Array.from({ length: pushedThrough }, (_, before) => before + 1).filter((one) => !received.has(one));
  return untold + gaps + unpushed.length;
}

/** Steps backwards: in the feed at all, in the pushes within one subject, where the same event may come again. */
function outOfOrder({ feed, pushed }: Events): number {
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
