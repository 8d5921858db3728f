import { centimesFromDatabase, formatAmount, sumOf } from '../../src/values/centimes.ts';
import type { CreditorCode } from '../../src/values/ids.ts';
import type { Rib } from '../../src/values/rib.ts';
import { amountOf } from '../bank.ts';
import type { KillMandate } from './kill-bank.ts';
import type { Random } from './random.ts';

/** One thing that a creditor wants, and asks for until it is told how it ended. */
export type Order = {
  creditor: CreditorCode;
  endToEndId: string;
  asks: 'debit' | 'cancellation' | 'reversal';
  /** Of a withdrawal and of a reversal: their debit's. */
  terms: Terms;
  body: object;
};

/** What the creditor's own system has of a debit: how much, from whose account, for what. */
export type Terms = { amount: string; debtor: Rib; declaration: string; declared: string };

/** How orders come together, and how often: by themselves, or racing for a name or a declaration. */
const together = [
  ['alone', 50],
  ['same name twice', 12],
  ['same name, other content', 4],
  ['one declaration, three names', 14],
  ['halves of one declaration', 10],
  ['hardly any time', 6],
  ['withdrawn while asked', 4],
] as const;

/** The same, among debits that are given back once they have settled. */
const givingBack = [
  ['given back', 6],
  ['given back twice at once', 3],
  ['given back, and paid again', 4],
] as const;

type Way = (typeof together | typeof givingBack)[number][0];

const deckOf = (ways: readonly (readonly [Way, number])[]): Way[] =>
  ways.flatMap(([way, weight]) => Array.from({ length: weight }, () => way));

const decks = { debits: deckOf(together), reversals: deckOf([...together, ...givingBack]) };

/**
 * The next orders, round by round: those of one are asked at the same moment, and the next round when each of them has
 * its answer. Names follow from `number`, so that none comes twice.
 */
export function ordersFor(
  random: Random,
  mandates: readonly KillMandate[],
  number: number,
  asks: keyof typeof decks,
): Order[][] {
  const mandate = random.pick(mandates);
  const amount = amountFrom(random);
  const name = (suffix: string | number) => `KILL-${number}-${suffix}`;
  const debit = (
    suffix: string | number,
    parts: { amount?: string; declared?: string; expiresAt?: Date } = {},
  ): Order => {
    const terms: Terms = {
      amount: parts.amount ?? amount,
      debtor: mandate.rib,
      declaration: `DAC-${number}`,
      declared: parts.declared ?? parts.amount ?? amount,
    };
    return {
      creditor: mandate.creditor,
      endToEndId: name(suffix),
      asks: 'debit',
      terms,
      body: {
        mandateId: mandate.mandateId,
        employerNumber: mandate.employerNumber,
        amount: terms.amount,
        currency: 'DZD',
        declaration: { reference: terms.declaration, declaredAmount: terms.declared },
        ...(parts.expiresAt && { expiresAt: parts.expiresAt.toISOString() }),
      },
    };
  };
  const reversal: Order = { ...debit(1), asks: 'reversal', body: { attempt: 1, reason: 'declaration-corrected' } };
  switch (random.pick(decks[asks])) {
    case 'alone':
      return [[debit(1)]];
    case 'same name twice':
      return [[debit(1), debit(1)]];
    case 'same name, other content':
      return [[debit(1), debit(1, { amount: '1.00', declared: amount })]];
    case 'one declaration, three names':
      return [[debit(1), debit(2), debit(3)]];
    case 'halves of one declaration': {
      const halves = { amount, declared: formatAmount(sumOf([amountOf(amount), amountOf(amount)])) };
      return [[debit(1, halves), debit(2, halves), debit(3, halves)]];
    }
    case 'hardly any time':
      return [[debit(1, { expiresAt: new Date(Date.now() + random.between(20, 2500)) })]];
    case 'withdrawn while asked':
      return [[debit(1), { ...debit(1), asks: 'cancellation', body: { reason: 'declaration-corrected' } }]];
    case 'given back':
      return [[debit(1)], [reversal]];
    case 'given back twice at once':
      return [[debit(1)], [reversal, reversal]];
    case 'given back, and paid again':
      return [[debit(1)], [reversal], [debit(2), debit(3)]];
  }
}

/** Mostly small, some that pass a ceiling or a balance. */
function amountFrom(random: Random): string {
  const centimes = random.between(1, 9_000_000);
  return formatAmount(centimesFromDatabase(String(random.next() < 0.5 ? Math.ceil(centimes / 50) : centimes)));
}
