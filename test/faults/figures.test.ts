import { expect, test } from 'vitest';
import { coreReferenceOf, parseEndToEndId } from '../../src/values/ids.ts';
import { cnas, must } from '../bank.ts';
import { figuresOf, type Sources } from './figures.ts';

const named = (name: string) => {
  const endToEndId = must(parseEndToEndId(name));
  return { endToEndId, reference: coreReferenceOf(cnas, endToEndId) };
};
const paid = named('PAID');
const refused = named('REFUSED');
const given = named('GIVEN');

/** One debit that was paid, one that was refused, one that was given back: all four sources agree. */
const sound: Sources = {
  books: [
    { reference: paid.reference, kind: 'DEBIT', amount: 500n },
    { reference: given.reference, kind: 'DEBIT', amount: 300n },
    { reference: 'R', kind: 'REVERSAL', amount: 300n },
  ],
  stored: [
    { ...paid, state: 'SETTLED', amount: 500n, declaration: 'D-1', declared: 500n, contradicted: false },
    { ...refused, state: 'REJECTED', amount: 500n, declaration: 'D-1', declared: 500n, contradicted: false },
    { ...given, state: 'REVERSED', amount: 300n, declaration: 'D-2', declared: 300n, contradicted: false },
  ],
  confirmations: [
    { reference: paid.reference, amount: 500n, verified: true },
    { reference: given.reference, amount: 300n, verified: true },
  ],
  remembered: [
    { creditor: cnas, ...paid, ends: ['SETTLED'] },
    { creditor: cnas, ...refused, ends: ['REJECTED'] },
    { creditor: cnas, ...given, ends: ['SETTLED', 'REVERSED'] },
  ],
  events: [
    {
      journal: ['7', '9'],
      feed: [
        { sequence: 1, entry: '7' },
        { sequence: 2, entry: '9' },
      ],
      pushed: [
        { sequence: 1, subject: 'a' },
        { sequence: 1, subject: 'a' },
        { sequence: 2, subject: 'a' },
      ],
      pushedThrough: 2,
    },
  ],
  statements: 500n,
};

const nothing = {
  ...{ inDoubt: 0, movedTwice: 0, confirmedNotMoved: 0, movedNotConfirmed: 0, refusedButMoved: 0 },
  ...{ eventsMissing: 0, eventsOutOfOrder: 0, statementDifference: '0' },
};

test('where the sources agree, every figure of a fault is nothing', () => {
  expect(figuresOf(sound)).toEqual({
    asked: 3,
    settled: 1,
    rejected: 1,
    cancelled: 0,
    reversed: 1,
    turnedAway: 0,
    ...nothing,
  });
});

const [events] = sound.events;
const [first] = sound.books;

test.for([
  [
    'a debit that has not ended',
    { inDoubt: 1 },
    { stored: [{ ...must(sound.stored[0]), state: 'IN_DOUBT' }, ...sound.stored.slice(1)] },
  ],
  [
    'one reference that was booked twice',
    { movedTwice: 1, statementDifference: '500' },
    { books: [...sound.books, must(first)] },
  ],
  [
    'a declaration that was paid under two names',
    { movedTwice: 1, movedNotConfirmed: 1, refusedButMoved: 1, statementDifference: '500' },
    { books: [...sound.books, { reference: refused.reference, kind: 'DEBIT', amount: 500n }] },
  ],
  [
    'a confirmation of what was never booked',
    { confirmedNotMoved: 1 },
    { confirmations: [...sound.confirmations, { reference: refused.reference, amount: 500n, verified: true }] },
  ],
  [
    'a confirmation of another amount',
    { confirmedNotMoved: 1 },
    { confirmations: [...sound.confirmations, { reference: paid.reference, amount: 501n, verified: true }] },
  ],
  [
    'a debit that was given back twice',
    { movedTwice: 1, statementDifference: '-300' },
    { books: [...sound.books, { reference: 'R-2', kind: 'REVERSAL', amount: 300n }] },
  ],
  ['a booking without its confirmation', { movedNotConfirmed: 1 }, { confirmations: sound.confirmations.slice(1) }],
  [
    'a row of the journal that was never told',
    { eventsMissing: 1 },
    { events: [{ ...must(events), journal: ['7', '8', '9'] }] },
  ],
  [
    'a gap in the feed',
    { eventsMissing: 1 },
    {
      events: [
        {
          ...must(events),
          feed: [
            { sequence: 1, entry: '7' },
            { sequence: 3, entry: '9' },
          ],
        },
      ],
    },
  ],
  [
    'an event that the receiver was never pushed',
    { eventsMissing: 1 },
    { events: [{ ...must(events), pushed: [{ sequence: 2, subject: 'a' }] }] },
  ],
  [
    'a feed that goes back',
    { eventsOutOfOrder: 1 },
    {
      events: [
        {
          ...must(events),
          feed: [
            { sequence: 2, entry: '9' },
            { sequence: 1, entry: '7' },
          ],
        },
      ],
    },
  ],
  [
    'a push that came before an earlier one of its subject',
    { eventsOutOfOrder: 1 },
    {
      events: [
        {
          ...must(events),
          pushed: [
            { sequence: 2, subject: 'a' },
            { sequence: 1, subject: 'a' },
          ],
        },
      ],
    },
  ],
  ['statements that say less than the books', { statementDifference: '100' }, { statements: 400n }],
] satisfies [string, object, Partial<Sources>][])('the checker sees %s', ([, seen, changed]) => {
  expect(figuresOf({ ...sound, ...changed })).toMatchObject({ ...nothing, ...seen });
});
