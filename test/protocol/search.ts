import type { CoreProperties } from '../../src/core-banking/port.ts';
import { movesOf } from './moves.ts';
import { faultAtRest } from './rest.ts';
import type { Rules } from './rules.ts';
import { numberOf, type State, start, stateCount, stateOf } from './state.ts';

export type Finding = { fault: string | undefined; trace: readonly string[]; states: number };

/**
 * Looks at every state that can be reached, the nearest first, and stops at the first fault: its trace is a shortest way
 * to it. Where it finds none there is none, in this model.
 */
export function search(core: CoreProperties, rules: Rules, from: State = start): Finding {
  const cameFrom = new Int32Array(stateCount).fill(-1);
  const first = numberOf(from);
  const queue = [first];
  cameFrom[first] = first;
  for (let next = 0; next < queue.length; next += 1) {
    const number = queue[next] ?? first;
    const state = stateOf(number);
    const stuck = faultAtRest(state, core, rules);
    if (stuck !== undefined)
      return { fault: stuck, trace: traceTo(number, cameFrom, core, rules), states: queue.length };
    for (const { words, to, fault } of movesOf(state, core, rules)) {
      if (fault !== undefined)
        return { fault, trace: [...traceTo(number, cameFrom, core, rules), words], states: queue.length };
      const following = numberOf(to);
      if (cameFrom[following] !== -1) continue;
      cameFrom[following] = number;
      queue.push(following);
    }
  }
  return { fault: undefined, trace: [], states: queue.length };
}

function traceTo(number: number, cameFrom: Int32Array, core: CoreProperties, rules: Rules): string[] {
  const before = cameFrom[number] ?? number;
  if (before === number)
    return [
      stateOf(number).shownMoved
        ? 'it is claimed, as what had moved before a restore'
        : 'the intent is committed, with the first send',
    ];
  const words = movesOf(stateOf(before), core, rules).find(({ to }) => numberOf(to) === number)?.words ?? '';
  return [...traceTo(before, cameFrom, core, rules), words];
}
