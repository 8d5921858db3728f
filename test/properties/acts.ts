import fc from 'fast-check';
import type { ReversalReason } from '../../src/debits/reversal.ts';

/** What the core makes of an order's first copy. LOST: it never arrives. SILENT: it moves, and nobody hears of it. */
export type Bus = 'MOVES' | 'REFUSES' | 'LOST' | 'SILENT';

export const periods = ['MONTH', 'QUARTER', 'YEAR'] as const;
/** By which a mandate's ceiling is counted. */
export type Period = (typeof periods)[number];
export const period: fc.Arbitrary<Period> = fc.constantFrom(...periods);

/**
 * What may be asked of one employer's mandate, by its creditor or its bank, or comes with the days. Names and
 * declarations collide on purpose. `resolve`: the work that is due is done, of debits and then of reversals.
 */
export type Act =
  | {
      act: 'debit';
      name: number;
      declaration: number;
      amount: bigint;
      bus: Bus;
      /** Three days from now. */
      later: boolean;
      mandate: 'LAST' | 'FIRST';
    }
  | { act: 'reverse'; name: number; attempt: number; reason: ReversalReason; bus: Bus }
  | { act: 'cancel'; name: number }
  | { act: Plain }
  /** A mandate that begins after so many days, certified and accepted in the place of the last. */
  | { act: 'replace'; perDebit: bigint; perPeriod: bigint; period: Period; beginsIn: number }
  | { act: 'wait'; days: number };

export const declared = [1_500_00n, 700_00n, 120_00n] as const;

type Plain = 'suspend' | 'resume' | 'revoke' | 'expire' | 'stop' | 'start' | 'resolve';
const plain = (...acts: Plain[]): fc.Arbitrary<Act> => fc.constantFrom(...acts).map((one) => ({ act: one }));

const anyBus = fc.constantFrom<Bus>('MOVES', 'MOVES', 'MOVES', 'REFUSES', 'LOST', 'SILENT');
const anyName = fc.nat({ max: 9 });
const anyReason = fc.constantFrom<ReversalReason>('declaration-corrected', 'declaration-corrected', 'other');

const debit = (fixed: { name?: number; bus?: fc.Arbitrary<Bus>; later?: boolean } = {}): fc.Arbitrary<Act> =>
  fc.record({
    act: fc.constant('debit'),
    name: fixed.name === undefined ? anyName : fc.constant(fixed.name),
    declaration: fc.constantFrom(0, 0, 0, 1, 1, 2, 2),
    amount: fc.constantFrom(100_00n, 120_00n, 120_00n, 250_00n, 400_00n, 400_01n),
    bus: fixed.bus ?? anyBus,
    later: fixed.later === undefined ? fc.constantFrom(false, false, false, true) : fc.constant(fixed.later),
    mandate: fc.constantFrom('LAST', 'LAST', 'LAST', 'LAST', 'FIRST'),
  });
const reverse = (name: fc.Arbitrary<number>, ...attempts: number[]): fc.Arbitrary<Act> =>
  fc.record({
    act: fc.constant('reverse'),
    name,
    attempt: fc.constantFrom(...attempts),
    reason: anyReason,
    bus: anyBus,
  });
const cancel = (name: fc.Arbitrary<number>): fc.Arbitrary<Act> => fc.record({ act: fc.constant('cancel'), name });
const replace: fc.Arbitrary<Act> = fc.record({
  act: fc.constant('replace'),
  perDebit: fc.constantFrom(120_00n, 400_00n),
  perPeriod: fc.constantFrom(500_00n, 1_500_00n),
  period,
  beginsIn: fc.constantFrom(0, 0, 2),
});
const inDays = (...days: number[]): fc.Arbitrary<Act> =>
  fc.record({ act: fc.constant('wait'), days: fc.constantFrom(...days) });
export const wait = inDays(1, 1, 3, 3, 3, 3, 3, 30);

/** Anything that may be asked at any time, and beside anything else. */
export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: debit() },
  { weight: 6, arbitrary: reverse(anyName, 1, 1, 2) },
  { weight: 1, arbitrary: cancel(anyName) },
  { weight: 2, arbitrary: plain('suspend', 'resume', 'resume') },
  { weight: 2, arbitrary: plain('stop', 'start', 'start') },
  { weight: 1, arbitrary: plain('revoke', 'expire', 'expire', 'expire') },
  { weight: 3, arbitrary: plain('resolve') },
  { weight: 1, arbitrary: replace },
);

const resolve = plain('resolve');
const between = fc.oneof(plain('suspend', 'suspend', 'stop', 'stop', 'revoke'), replace, wait, act);
const afterwards = fc.oneof(plain('resume', 'start'), resolve, act);

/** Acts that belong together, as chance alone would seldom draw them: given back, in doubt, of a later date. */
const ofOneDebit: fc.Arbitrary<Act[]> = anyName.chain((name) => {
  const again = fc.constant(name);
  return fc.oneof(
    fc.tuple(debit({ name, bus: fc.constant('MOVES'), later: false }), reverse(again, 1), reverse(again, 1, 2)),
    fc.tuple(debit({ name, bus: fc.constant('MOVES'), later: false }), between, reverse(again, 1), afterwards, resolve),
    fc.tuple(
      debit({ name, bus: fc.constant('MOVES'), later: false }),
      reverse(again, 1),
      between,
      resolve,
      reverse(again, 2),
    ),
    fc.tuple(debit({ name, bus: fc.constantFrom('LOST', 'SILENT'), later: false }), between, resolve, afterwards),
    fc.tuple(debit({ name, later: true }), between, inDays(3, 3, 3, 5), resolve, afterwards),
    fc.tuple(debit({ name, later: true }), cancel(again)),
  );
});
const lifted: fc.Arbitrary<Act[]> = fc.oneof(
  fc.tuple(plain('suspend'), act, plain('resume')),
  fc.tuple(plain('stop'), act, act, plain('start')),
);
const alone: fc.Arbitrary<Act[]> = fc.tuple(fc.oneof({ weight: 8, arbitrary: act }, { weight: 1, arbitrary: wait }));

const afterTheEnd: fc.Arbitrary<Act[]> = fc.tuple(
  inDays(30),
  plain('expire', 'resolve'),
  plain('revoke', 'suspend'),
  act,
);

/** What happens to one employer's mandate and debits, in this order. */
export const course: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.array(
      fc.oneof({ weight: 4, arbitrary: alone }, { weight: 6, arbitrary: ofOneDebit }, { weight: 1, arbitrary: lifted }),
      { minLength: 8, maxLength: 18, size: 'max' },
    ),
    fc.option(afterTheEnd, { nil: [], freq: 1 }),
  )
  .map(([parts, end]) => [...parts.flat(), ...end]);
