import { parseArgs } from 'node:util';
import { buses, busName, isTaken } from './buses.ts';
import { mutations } from './mutations.ts';
import { ours, type Rules } from './rules.ts';
import { search } from './search.ts';
import { claimedStart, type State, start } from './state.ts';

/** `npm run protocol [-- --trace]`: our rules for every kind of bus, and what each rule that is taken out breaks. */
const { values } = parseArgs({ options: { trace: { type: 'boolean', default: false } } });

const told = (fault: string | undefined, trace: readonly string[], states: number) => {
  console.log(`    ${fault ?? 'holds'} (${states} states)`);
  if (values.trace) for (const [step, words] of trace.entries()) console.log(`      ${step + 1}. ${words}`);
};

console.log('Our rules');
for (const bus of buses) {
  console.log(`  a bus that ${busName(bus)}${isTaken(bus) ? '' : ' (start-up refuses it)'}`);
  for (const from of [start, claimedStart]) {
    const { fault, trace, states } = search(bus, ours, from);
    told(fault, trace, states);
  }
}

for (const { without, breaks, rules, from } of mutations) {
  console.log(`Without: ${without}`);
  firstBroken(rules, breaks, from);
}

function firstBroken(rules: Rules, breaks: string, from: State): void {
  for (const bus of buses.filter(isTaken)) {
    const { fault, trace, states } = search(bus, rules, from);
    if (fault !== breaks) continue;
    console.log(`  a bus that ${busName(bus)}`);
    told(fault, trace, states);
    return;
  }
  process.exitCode = 1;
  console.log('    holds for every kind: the rule is not needed, or the search is blind');
}
