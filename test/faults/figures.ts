import type { CoreReference, CreditorCode } from '../../src/values/ids.ts';
import { missing, outOfOrder, toldByEvents, unprovenEvents } from './event-figures.ts';
import type { Book, Events, Proof, Remembered, Sources } from './sources.ts';

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
  /** Of another amount or between other accounts than the creditor asked for, or not asked for at all. */
  movedOtherwise: number;
  confirmedNotMoved: number;
  movedNotConfirmed: number;
  refusedButMoved: number;
  /** Tokens of any kind that do not verify, or are two where there is to be one. */
  unproven: number;
  eventsMissing: number;
  eventsOutOfOrder: number;
  /** Centimes. */
  statementDifference: number;
};

/** What the four sources say of each other. Nothing of it comes from the program that made the faults. */
export function figuresOf(sources: Sources): Figures {
  const { books, stored, proofs, remembered, events, statements, unprovenStatements } = sources;
  const inState = (...states: string[]) => stored.filter(({ state }) => states.includes(state));
  const debits = books.filter(({ kind }) => kind === 'DEBIT');
  const reversals = books.filter(({ kind }) => kind === 'REVERSAL');
  const moved = new Map(books.map((book) => [book.reference, book]));
  const confirmed = new Set(
    proofs.filter(isConfirmation).flatMap(({ verified, reference }) => (verified ? String(reference) : [])),
  );
  const known = new Set(stored.map(({ reference }) => reference));
  const total = (count: (of: Events) => number) => events.reduce((sum, of) => sum + count(of), 0);
  return {
    asked: new Set(remembered.map(({ reference }) => reference)).size,
    settled: inState('SETTLED').length,
    rejected: inState('REJECTED').length,
    cancelled: inState('CANCELLED').length,
    reversed: inState('REVERSED').length,
    turnedAway: remembered.filter(({ reference }) => !known.has(reference)).length,
    inDoubt: inState('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT').length,
    movedTwice: books.length - moved.size + backTwice(reversals) + overDeclared(remembered, [...moved.values()]),
    movedOtherwise: otherwise(remembered, moved),
    confirmedNotMoved: saidMoved(sources).filter((said) => !isBooked(moved, said)).length,
    movedNotConfirmed: [...moved.keys()].filter((reference) => !confirmed.has(reference)).length,
    refusedButMoved: saidNothing(sources).filter((reference) => moved.has(reference)).length,
    unproven: unverified(proofs) + twoOfOne(proofs) + total(unprovenEvents) + unprovenStatements,
    eventsMissing: total((of) => missing(of, proofs, cancelled(sources))),
    eventsOutOfOrder: total(outOfOrder),
    statementDifference: wholeNumber(sum(debits) - sum(reversals) - statements),
  };
}

const isConfirmation = ({ says }: Proof): boolean => says === 'SETTLED' || says === 'REVERSED';

/** A reference of which anyone was told that its money moved; by a token: how much, and by one that proves it. */
type Said = { reference: string; amount?: bigint; verified?: boolean };

const isBooked = (moved: ReadonlyMap<string, Book>, { reference, amount, verified = true }: Said): boolean => {
  const book = moved.get(reference);
  return verified && book !== undefined && (amount === undefined || book.amount === amount);
};

/** By tokens, each of which counts, and by answers, rows and events, where no token says it already. */
function saidMoved({ books, stored, proofs, remembered, events }: Sources): Said[] {
  const byTokens: Said[] = proofs.filter(isConfirmation);
  const givenBack = new Set(books.map(({ original }) => original));
  const otherwise = [
    ...stored.filter(({ state }) => state === 'SETTLED' || state === 'REVERSED').map(({ reference }) => reference),
    // No row of the bank's books says which debit it gives back by this name, so that it is none of them.
    ...stored.flatMap(({ reference, state }) =>
      state === 'REVERSED' && !givenBack.has(reference) ? `the reversal of ${reference}` : [],
    ),
    ...remembered.flatMap(({ reference, ends }) =>
      ends.some((end) => end === 'SETTLED' || end === 'REVERSED') ? reference : [],
    ),
    ...remembered.flatMap(({ reversal }) => (reversal?.ends.includes('SETTLED') ? reversal.reference : [])),
    ...events.flatMap((of) => toldByEvents(of, 'MOVED')),
  ];
  const told = new Set(byTokens.map(({ reference }) => reference));
  return [...byTokens, ...[...new Set(otherwise.filter((one) => !told.has(one)))].map((reference) => ({ reference }))];
}

/** References of which anyone was told that no money moved nor will, whatever became of them after. */
function saidNothing({ stored, proofs, remembered, events }: Sources): string[] {
  const isNothing = (end: string) => end === 'REJECTED' || end === 'CANCELLED';
  return [
    ...new Set([
      ...proofs.flatMap(({ says, reference }) => (says === 'REJECTED' ? reference : [])),
      ...stored.flatMap(({ state, reference }) => (isNothing(state) ? reference : [])),
      ...remembered.flatMap(({ ends, reference }) => (ends.some(isNothing) ? reference : [])),
      ...remembered.flatMap(({ reversal }) => (reversal?.ends.some(isNothing) ? reversal.reference : [])),
      ...events.flatMap((of) => toldByEvents(of, 'NOTHING')),
    ]),
  ];
}

/** Withdrawn, by what is stored or by what the creditor was answered: of each it is sent an event. */
const cancelled = ({ stored, remembered }: Sources): { creditor: CreditorCode; reference: CoreReference }[] => {
  const told = remembered.filter(({ ends }) => ends.includes('CANCELLED'));
  const all = [...stored.filter(({ state }) => state === 'CANCELLED'), ...told];
  return [...new Map(all.map((one) => [one.reference, one])).values()];
};

/** A debit is given back once, by whatever attempts. */
const backTwice = (reversals: readonly Book[]): number =>
  new Set(reversals.map(({ reference }) => reference)).size - new Set(reversals.map(({ original }) => original)).size;

/** Declarations that were paid beyond what was declared, by whatever names, as their creditor has declared them. */
function overDeclared(remembered: readonly Remembered[], moved: readonly Book[]): number {
  const givenBack = new Set(moved.map(({ original }) => original));
  const of = new Map(remembered.map((one) => [String(one.reference), one]));
  const paid = new Map<string, { declared: bigint; paid: bigint }>();
  for (const { reference, amount } of moved) {
    const asked = of.get(reference);
    if (asked === undefined || givenBack.has(reference)) continue;
    const key = `${asked.creditor} ${asked.declaration}`;
    paid.set(key, { declared: asked.declared, paid: (paid.get(key)?.paid ?? 0n) + amount });
  }
  return [...paid.values()].filter((one) => one.paid > one.declared).length;
}

/** Bookings that are not what a creditor asked for: how much, from which account, to which; back the same way. */
function otherwise(remembered: readonly Remembered[], moved: ReadonlyMap<string, Book>): number {
  const debits = new Map(remembered.map((one) => [String(one.reference), one]));
  const reversals = new Map(remembered.flatMap((one) => (one.reversal ? [[String(one.reversal.reference), one]] : [])));
  const isAsked = (book: Book): boolean => {
    if (book.kind === 'DEBIT') {
      const asked = debits.get(book.reference);
      const isBetween = book.debtor === asked?.debtor && book.creditor === asked?.collection;
      return asked !== undefined && isBetween && asked.amounts.includes(book.amount);
    }
    const asked = reversals.get(book.reference);
    const isBack = book.debtor === asked?.collection && book.creditor === asked?.debtor;
    const isWhole = book.original === asked?.reference && book.amount === moved.get(book.original ?? '')?.amount;
    return asked !== undefined && isBack && isWhole;
  };
  return [...moved.values()].filter((book) => !isAsked(book)).length;
}

/** Those of confirmations are counted as such: they are a proof of nothing that moved. */
const unverified = (proofs: readonly Proof[]): number =>
  proofs.filter((proof) => !proof.verified && !isConfirmation(proof)).length;

/** Whoever is shown a token twice is shown the same one, byte for byte. */
const twoOfOne = (proofs: readonly Proof[]): number =>
  proofs.length - new Set(proofs.map(({ says, creditor, reference }) => `${says} ${creditor} ${reference}`)).size;

const sum = (books: readonly Book[]): bigint => books.reduce((total, { amount }) => total + amount, 0n);

/** A number as JSON has it: money that it can't hold exactly is never a difference of a run. */
function wholeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is no number that JSON holds exactly`);
  return number;
}
