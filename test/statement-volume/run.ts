import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { statementWork } from '../../src/statements/close.ts';
import { fileOf } from '../../src/statements/download.ts';
import { findStatement } from '../../src/statements/look-up.ts';
import { fileFormats } from '../../src/statements/statement.ts';
import { cnas, must } from '../bank.ts';
import { openVolumeDay, runDue, type Timed, volumeWorkParts } from '../volume-day.ts';

/**
 * `npm run statement-volume -- [--debits N]`: closes one day of so many settled debits and fetches each of its files, on
 * a database of its own; how long it takes, and the most memory that this process held meanwhile.
 */
const { values } = parseArgs({ options: { debits: { type: 'string', default: '1000000' } } });

let peak = 0;
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);

const timed: Timed = async (what, act) => {
  peak = 0;
  const began = performance.now();
  const result = await act();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${what.padEnd(28)} ${seconds.padStart(7)} s   at most ${Math.round(peak / 1_048_576)} MiB held`);
  return result;
};

await using volume = await openVolumeDay(Number(values.debits), timed);
await timed('statement closed', () => runDue(statementWork(volumeWorkParts(volume))));
const { gateway, day } = volume;
const statement = must(await findStatement(gateway, cnas, day));
console.log(`${statement.lines} lines, settled ${statement.figures.SETTLED.amount} centimes`);
for (const format of fileFormats) {
  const digest = createHash('sha256');
  await timed(`${format} (${Math.round(statement.files[format].bytes / 1_048_576)} MiB)`, async () => {
    for await (const piece of fileOf(gateway, statement, format)) digest.update(piece);
  });
  if (!digest.digest().equals(statement.files[format].digest)) throw new Error(`${format} is not what was signed`);
}
clearInterval(watching);
