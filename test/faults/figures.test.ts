import { expect, test } from 'vitest';
import { type CoreReference, coreReferenceOf, parseEndToEndId, reversalReferenceOf } from '../../src/values/ids.ts';
import { cnas, must } from '../bank.ts';
import { figuresOf } from './figures.ts';
import type { Book, Events, Proof, Remembered, Sources } from './sources.ts';

const named = (name: string) => {
  const endToEndId = must(parseEndToEndId(name));
  return {
    ...{ creditor: cnas, reference: coreReferenceOf(cnas, endToEndId) },
    back: reversalReferenceOf(cnas, endToEndId, 1),
  };
};
const paid = named('PAID');
const refused = named('REFUSED');
const given = named('GIVEN');
const withdrawn = named('WITHDRAWN');

const employer = 'EMPLOYER';
const caisse = 'CAISSE';

const debit = (reference: string, amount: bigint, other: Partial<Book> = {}): Book => ({
  ...{ reference, kind: 'DEBIT', amount, debtor: employer, creditor: caisse, original: null, ...other },
});
const reversal = (reference: string, original: string, amount: bigint): Book =>
  debit(reference, amount, { kind: 'REVERSAL', debtor: caisse, creditor: employer, original });
const proof = (says: Proof['says'], reference: CoreReference, amount: bigint, other: Partial<Proof> = {}): Proof => ({
  ...{ says, creditor: cnas, reference, jti: `${says} of ${reference}`, amount, verified: true, ...other },
});
const remembered = (
  { creditor, reference }: typeof paid,
  amount: bigint,
  ends: string[],
  other: Partial<Remembered> = {},
): Remembered => ({
  ...{ creditor, reference, amounts: [amount], debtor: employer, collection: caisse, declaration: 'D-1' },
  ...{ declared: 500n, ends, reversal: undefined, ...other },
});
const event = (sequence: number, kind: string, reference: CoreReference, says?: Proof['says']) => ({
  ...{ sequence, kind, reference, tokenJti: says && `${says} of ${reference}`, verified: true },
  ...{ entry: `entry ${sequence}`, subject: reference },
});

const told = [
  event(1, 'debit.settled', paid.reference, 'SETTLED'),
  event(2, 'debit.rejected', refused.reference, 'REJECTED'),
  event(3, 'debit.settled', given.reference, 'SETTLED'),
  event(4, 'debit.reversed', given.back, 'REVERSED'),
  event(5, 'debit.cancelled', withdrawn.reference),
];
const events: Events = {
  creditor: cnas,
  journal: told.map(({ entry }) => entry),
  feed: told,
  // The same one may come twice.
  pushed: [must(told[0]), ...told],
  pushedThrough: 5,
};

/** One debit that was paid, one refused, one given back, one withdrawn: all four sources agree. */
const sound: Sources = {
  books: [debit(paid.reference, 500n), debit(given.reference, 300n), reversal(given.back, given.reference, 300n)],
  stored: [
    { ...paid, state: 'SETTLED' },
    { ...refused, state: 'REJECTED' },
    { ...given, state: 'REVERSED' },
    { ...withdrawn, state: 'CANCELLED' },
  ],
  proofs: [
    proof('SETTLED', paid.reference, 500n),
    proof('REJECTED', refused.reference, 500n),
    proof('SETTLED', given.reference, 300n),
    proof('REVERSED', given.back, 300n),
  ],
  remembered: [
    remembered(paid, 500n, ['SETTLED']),
    remembered(refused, 500n, ['REJECTED']),
    remembered(given, 300n, ['SETTLED', 'REVERSED'], {
      ...{ declaration: 'D-2', declared: 300n, reversal: { reference: given.back, ends: ['SETTLED'] } },
    }),
    remembered(withdrawn, 100n, ['CANCELLED'], { declaration: 'D-3', declared: 100n }),
  ],
  events: [events],
  statements: 500n,
  unprovenStatements: 0,
};

const nothing = {
  ...{ inDoubt: 0, movedTwice: 0, movedOtherwise: 0, confirmedNotMoved: 0, movedNotConfirmed: 0, refusedButMoved: 0 },
  ...{ unproven: 0, eventsMissing: 0, eventsOutOfOrder: 0, statementDifference: 0 },
};

test('where the sources agree, every figure of a fault is nothing', () => {
  expect(figuresOf(sound)).toEqual({
    asked: 4,
    settled: 1,
    rejected: 1,
    cancelled: 1,
    reversed: 1,
    turnedAway: 0,
    ...nothing,
  });
});

/** `sound`, with the first of a source's rows that `which` tells changed so; or left out. */
function but<Name extends 'books' | 'stored' | 'proofs' | 'remembered'>(
  source: Name,
  reference: string,
  change: Partial<Sources[Name][number]> | undefined,
): Partial<Sources> {
  const rows = sound[source].flatMap((row) =>
    row.reference !== reference ? [row] : change === undefined ? [] : [{ ...row, ...change }],
  );
  return { [source]: rows };
}
const withBooks = (...books: Book[]) => ({ books: [...sound.books, ...books] });
const withProofs = (...proofs: Proof[]) => ({ proofs: [...sound.proofs, ...proofs] });
const withEvents = (changed: Partial<Events>) => ({ events: [{ ...events, ...changed }] });
/** What feed and pushes say of one event, changed alike. */
const toldAs = (sequence: number, change: object) => {
  const all = told.map((one) => (one.sequence === sequence ? { ...one, ...change } : one));
  return withEvents({ feed: all, pushed: all });
};

test.for([
  ['a debit that has not ended', { inDoubt: 1 }, but('stored', paid.reference, { state: 'IN_DOUBT' })],
  [
    'one reference that was booked twice',
    { movedTwice: 1, statementDifference: 500 },
    withBooks(debit(paid.reference, 500n)),
  ],
  [
    'a declaration that was paid under two names, one of them refused',
    { movedTwice: 1, movedNotConfirmed: 1, refusedButMoved: 1, statementDifference: 500 },
    withBooks(debit(refused.reference, 500n)),
  ],
  [
    'a debit whose creditor was shown a rejection, and which then settled',
    { refusedButMoved: 1, eventsMissing: 1 },
    withProofs(proof('REJECTED', paid.reference, 500n)),
  ],
  [
    'a debit that the creditor was answered to be rejected, though no token says so',
    { refusedButMoved: 1 },
    but('remembered', paid.reference, { ends: ['REJECTED', 'SETTLED'] }),
  ],
  [
    'a debit that is stored as withdrawn, and is booked',
    { refusedButMoved: 1, eventsMissing: 1 },
    but('stored', paid.reference, { state: 'CANCELLED' }),
  ],
  [
    'a debit whose creditor read in the feed that it was rejected',
    { refusedButMoved: 1, eventsMissing: 1 },
    toldAs(1, { kind: 'debit.rejected' }),
  ],
  [
    'a reversal that was answered to be rejected, and is booked',
    { refusedButMoved: 1 },
    but('remembered', given.reference, { reversal: { reference: given.back, ends: ['REJECTED'] } }),
  ],
  ['a rejection that does not verify', { unproven: 1 }, but('proofs', refused.reference, { verified: false })],
  ['two rejections of one debit', { unproven: 1 }, withProofs(proof('REJECTED', refused.reference, 500n))],
  [
    'a debit of another amount than was asked for',
    { movedOtherwise: 1 },
    but('remembered', paid.reference, { amounts: [499n] }),
  ],
  [
    "a debit from another employer's account",
    { movedOtherwise: 1 },
    but('books', paid.reference, { debtor: 'ANOTHER' }),
  ],
  [
    "a debit to another creditor's account",
    { movedOtherwise: 1 },
    but('books', paid.reference, { creditor: 'ANOTHER' }),
  ],
  ['a debit that nobody has asked for', { movedOtherwise: 1 }, but('remembered', paid.reference, undefined)],
  [
    'a debit given back that nobody has asked back',
    { movedOtherwise: 1 },
    but('remembered', given.reference, { reversal: undefined }),
  ],
  ['a debit given back to another account', { movedOtherwise: 1 }, but('books', given.back, { creditor: 'ANOTHER' })],
  [
    'a debit given back in part',
    { movedOtherwise: 1, confirmedNotMoved: 1, statementDifference: 1 },
    but('books', given.back, { amount: 299n }),
  ],
  [
    'a confirmation of what was never booked',
    { confirmedNotMoved: 1, eventsMissing: 1 },
    withProofs(proof('SETTLED', refused.reference, 500n)),
  ],
  ['a confirmation of another amount', { confirmedNotMoved: 1 }, but('proofs', paid.reference, { amount: 501n })],
  [
    'a confirmation that does not verify',
    { confirmedNotMoved: 1, movedNotConfirmed: 1 },
    but('proofs', paid.reference, { verified: false }),
  ],
  [
    'an answer that a debit is paid, which no book has',
    { confirmedNotMoved: 1 },
    but('remembered', refused.reference, { ends: ['SETTLED'] }),
  ],
  [
    'an event that a debit is paid, which no book has',
    { confirmedNotMoved: 1, eventsMissing: 1 },
    toldAs(2, { kind: 'debit.settled' }),
  ],
  [
    'a debit that is stored as given back, and one given back twice',
    { movedTwice: 1, movedOtherwise: 1, movedNotConfirmed: 1, confirmedNotMoved: 1, statementDifference: -300 },
    {
      books: [...sound.books, reversal('R-2', given.reference, 300n)],
      stored: [{ ...paid, state: 'REVERSED' }, ...sound.stored.slice(1)],
    },
  ],
  [
    'a reversal that was booked twice',
    { movedTwice: 1, statementDifference: -300 },
    withBooks(reversal(given.back, given.reference, 300n)),
  ],
  ['a booking without its confirmation', { movedNotConfirmed: 1 }, but('proofs', paid.reference, undefined)],
  ['a reversal without its confirmation', { movedNotConfirmed: 1 }, but('proofs', given.back, undefined)],
  [
    'a row of the journal that was never told',
    { eventsMissing: 1 },
    withEvents({ journal: [...events.journal, 'entry 6'] }),
  ],
  [
    'a gap in the feed',
    { eventsMissing: 1 },
    withEvents({ feed: told.toSpliced(4, 1, { ...must(told[4]), sequence: 6 }) }),
  ],
  ['an event that the receiver was never pushed', { eventsMissing: 1 }, withEvents({ pushed: told.slice(1) })],
  [
    'a settlement that neither journal nor feed nor pushes tell of',
    { eventsMissing: 1 },
    toldAs(1, { kind: 'debit.received', tokenJti: undefined }),
  ],
  ['an event that names another token', { eventsMissing: 1 }, toldAs(4, { tokenJti: 'another' })],
  ['a withdrawal that is not told of', { eventsMissing: 1 }, toldAs(5, { kind: 'debit.received' })],
  ['an event and a push that do not verify', { unproven: 2 }, toldAs(1, { verified: false })],
  [
    'a push that says something else than the feed',
    { unproven: 1 },
    withEvents({ pushed: told.map((one) => (one.sequence === 1 ? { ...one, tokenJti: 'another' } : one)) }),
  ],
  ['a statement that does not verify', { unproven: 1 }, { unprovenStatements: 1 }],
  [
    'a feed that goes back',
    { eventsOutOfOrder: 1 },
    withEvents({ feed: [...told.slice(1, 2), ...told.slice(0, 1), ...told.slice(2)] }),
  ],
  [
    'a push that came before an earlier one of its subject',
    { eventsOutOfOrder: 1 },
    withEvents({ pushed: told.map((one) => ({ ...one, subject: 'a' })).toSpliced(0, 2, ...swapped()) }),
  ],
  ['statements that say less than the books', { statementDifference: 100 }, { statements: 400n }],
] satisfies [string, object, Partial<Sources>][])('the checker sees %s', ([, seen, changed]) => {
  expect(figuresOf({ ...sound, ...changed })).toMatchObject({ ...nothing, ...seen });
});

function swapped() {
  const [first, second] = told.map((one) => ({ ...one, subject: 'a' }));
  return [must(second), must(first)];
}

test('a difference that JSON can not hold exactly is no figure', () => {
  expect(() => figuresOf({ ...sound, statements: 10n ** 17n })).toThrow('no number');
});
