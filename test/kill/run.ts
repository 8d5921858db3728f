import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { killCampaign } from './campaign.ts';

/** `npm run kills -- --kills 200 [--seed N] [--json FILE]`: the long run, with its figures. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' }, json: { type: 'string' } },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed))
  throw new Error('--kills and --seed are whole numbers');

// Ctrl-C ends it in order, with the figures so far and nothing left behind; a second one at once.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

console.log(`seed ${seed}, ${kills} kills`);
const report = await killCampaign({
  seed,
  kills,
  stop: stop.signal,
  onKill: (kill, by) => console.log(`${String(kill).padStart(String(kills).length)} killed ${by}`),
});
const { violations, ...figures } = report;
console.log(JSON.stringify(figures, undefined, 2));
console.log(violations.length === 0 ? 'no invariant is broken' : violations.slice(0, 50).join('\n'));
console.log(`violations: ${violations.length}`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
