import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { randomFrom } from '../kill/random.ts';
import { faultCampaign } from './campaign.ts';
import { planOf } from './plan.ts';
import { faultsTable, findingsOf, tableOf } from './table.ts';

/**
 * `npm run faults -- --debits 10000 [--json FILE] [--seed N] [--rounds 5] [--replicas 3] [--sleep 60]`: every fault so many
 * times, in an order that follows from the seed, while signed debits flow. Ends with 1 where anything is not as it must be.
 */
const { values } = parseArgs({
  options: {
    debits: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    replicas: { type: 'string', default: '3' },
    sleep: { type: 'string', default: '60' },
    seed: { type: 'string' },
    json: { type: 'string' },
  },
});
const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text}: a whole number is needed`);
  return Number(text);
};
const seed = whole(values.seed ?? String(Date.now() % 1_000_000_000));
// Ctrl-C ends it in order, with the figures so far and nothing left behind; a second one at once.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const plan = planOf(randomFrom(seed), whole(values.rounds));
console.log(`seed ${seed}, ${plan.length} faults`);
let played = 0;
const report = await faultCampaign({
  ...{ seed, debits: whole(values.debits), plan, replicas: whole(values.replicas), sleepSeconds: whole(values.sleep) },
  stop: stop.signal,
  onFault(name, how) {
    played += 1;
    console.log(`${String(played).padStart(4)}/${plan.length} ${name}${how === 'PLAYED' ? '' : ` (${how})`}`);
  },
});
const findings = [
  ...findingsOf(report),
  // On an engineer's machine the tests may go without; what this run is to show it must play.
  ...report.impossible.map((name) => `${name}: could not be played on this machine`),
];
console.log(`\n${tableOf(report)}\n\n${faultsTable(report)}\n`);
console.log(findings.length === 0 ? 'nothing lost, nothing doubled' : findings.slice(0, 60).join('\n'));
console.log(
  `seed ${seed}, ${report.durationSeconds} s, ${report.attempts} requests, ${report.unanswered} without an answer, ` +
    `${report.events} events, ${report.pushes} pushes`,
);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = findings.length === 0 ? 0 : 1;
