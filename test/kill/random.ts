/** Numbers that follow from a seed, so that a run that found something can be run again (mulberry32). */
export type Random = {
  /** From 0 to below 1. */
  next: () => number;
  /** A whole number, both ends included. */
  between: (least: number, most: number) => number;
  pick: <Value>(values: readonly Value[]) => Value;
};

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    pick(values) {
      const value = values[between(0, values.length - 1)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    },
  };
}

/** One that was not drawn before, or the one that GATEWAY_TESTS_SEED gives back: its faults and orders are the same again. */
export function newSeed(given = process.env.GATEWAY_TESTS_SEED): number {
  if (given === undefined) return Date.now() % 1_000_000_000;
  if (!/^\d{1,9}$/.test(given)) throw new Error('GATEWAY_TESTS_SEED is a whole number, as a run has printed it');
  return Number(given);
}
