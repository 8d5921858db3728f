import { expect, test } from 'vitest';
import { buses, busName, isTaken } from './buses.ts';
import { mutations } from './mutations.ts';
import { ours, type Rules } from './rules.ts';
import { type Finding, search } from './search.ts';
import { claimedStart, type State, start } from './state.ts';

/** Set to 1, each rule that is taken out prints a shortest way to what it breaks. */
const tells = process.env.GATEWAY_TESTS_TRACE === '1';

test.for(buses.filter(isTaken).map((bus) => [busName(bus), bus] as const))(
  'a bus that %s: whatever stalls, dies, wakes up, is delayed or lost, money moves once, as signed, and no debit is lost sight of',
  ([, bus]) => {
    for (const from of [start, claimedStart]) {
      const { fault, trace } = search(bus, ours, from);
      expect(fault, trace.join('\n')).toBeUndefined();
    }
  },
);

test.for(mutations.map((mutation) => [mutation.without, mutation] as const))(
  'without this rule the search finds what breaks: %s',
  ([rule, { breaks, rules, from }]) => {
    const found = firstBroken(rules, breaks, from);
    expect(found?.finding.fault, rule).toBe(breaks);
    if (tells && found !== undefined)
      console.log([`without: ${rule}`, `a bus that ${found.bus}`, ...found.finding.trace].join('\n  '));
  },
);

test('what start-up refuses would break: a bus that forgets and may execute late', () => {
  const refused = buses.filter((bus) => !isTaken(bus));
  expect(refused.map(busName)).toEqual(
    buses.filter((bus) => bus.memory !== 'FOR_EVER' && !bus.honoursNotAfter).map(busName),
  );
  expect(refused.map((bus) => search(bus, ours).fault)).toEqual([
    'moved twice',
    'moved twice',
    'moved twice',
    // Sent to once only, and left to people: the rule is wider than it need be, and simple.
    undefined,
  ]);
});

test('what start-up refuses would break: a bus that forgets before people are called', () => {
  const hasty = buses
    .filter((bus) => bus.memory !== 'FOR_EVER' && bus.honoursNotAfter)
    .map((bus) => ({ ...bus, memory: { secondsAfterNotAfter: 600 } }));
  expect(hasty.map(isTaken)).toEqual([false, false, false, false]);
  for (const bus of hasty)
    expect(search(bus, ours).fault).toBe('people are called before resolveBy, since the bus forgets');
});

function firstBroken(rules: Rules, breaks: string, from: State): { bus: string; finding: Finding } | undefined {
  for (const bus of buses.filter(isTaken)) {
    const finding = search(bus, rules, from);
    if (finding.fault === breaks) return { bus: busName(bus), finding };
  }
  return undefined;
}
