import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedServer } from '../../src/database/embedded.ts';
import { openPool } from '../../src/database/pool.ts';
import { prepareDatabase, urlsOf } from '../../src/database/roles.ts';
import { openSealer } from '../../src/journal/sealer.ts';
import { statementWork } from '../../src/statements/close.ts';
import { fileOf } from '../../src/statements/download.ts';
import { findStatement } from '../../src/statements/look-up.ts';
import { fileFormats } from '../../src/statements/statement.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../../src/values/dates.ts';
import { parseCreditorCode, parseJws } from '../../src/values/ids.ts';
import { insertMandate, must } from '../bank.ts';
import { ribOf } from '../ledger-bank.ts';
import { insertSettledDebits } from '../settled-debits.ts';

/**
 * `npm run statement-volume -- [--debits N]`: closes one day of so many settled debits and fetches each of its files, on
 * a database of its own; how long it takes, and the most memory that this process held meanwhile.
 */
const { values } = parseArgs({ options: { debits: { type: 'string', default: '1000000' } } });
const count = Number(values.debits);
const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-statement-'));
await using server = await openEmbeddedServer({ folder, durable: false, temporary: true });
await prepareDatabase(server.cluster, 'volume');
const url = urlsOf(server.cluster, 'volume');
await using open = new AsyncDisposableStack();
const poolOf = (role: 'gateway' | 'owner' | 'ledger', statementSeconds = 5) =>
  open.adopt(openPool({ url: url[role], applicationName: `volume ${role}`, statementSeconds }), (pool) => pool.end());
const [gateway, owner, ledger] = [poolOf('gateway'), poolOf('owner', 600), poolOf('ledger')];

let peak = 0;
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);
open.defer(() => clearInterval(watching));

async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  peak = 0;
  const began = performance.now();
  const result = await act();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${what.padEnd(28)} ${seconds.padStart(7)} s   at most ${Math.round(peak / 1_048_576)} MiB held`);
  return result;
}

const today = algiersDay(new Date());
const day = addDays(today, -1);
const instant = new Date(startOfAlgiersDay(day).getTime() + 36_000_000);
await owner.query(
  `insert into creditors (creditor_code, name_fr, name_ar, collection_account, registered_at) values ('CNAS', 'Caisse', 'صندوق', $1, $2)`,
  [ribOf(9_000_001), startOfAlgiersDay(day)],
);
const mandateId = await insertMandate({ owner, ledger }, new Date(), {});
await timed(`${count} debits stored`, () => insertSettledDebits({ owner }, { mandateId, count, instant }));
await timed('journal sealed', async () => {
  const sealer = openSealer({ pool: gateway, most: 10_000 });
  while ((await sealer.run()) > 0);
  await sealer.run();
});
const work = statementWork({
  db: gateway,
  now: () => startOfAlgiersDay(today),
  sign: async ({ type, jti, audience, issuedAt }) => ({
    ...{ type, jti, audience, issuedAt, keyThumbprint: 'volume' },
    token: must(parseJws('a.b.c')),
  }),
});
const due = await work.due(1);
await timed('statement closed', async () => {
  for (const { fault } of await work.run(due)) throw fault;
});
const statement = must(await findStatement(gateway, must(parseCreditorCode('CNAS')), day));
console.log(`${statement.lines} lines, settled ${statement.figures.SETTLED.amount} centimes`);
for (const format of fileFormats) {
  const digest = createHash('sha256');
  await timed(`${format} (${Math.round(statement.files[format].bytes / 1_048_576)} MiB)`, async () => {
    for await (const piece of fileOf(gateway, statement, format)) digest.update(piece);
  });
  if (!digest.digest().equals(statement.files[format].digest)) throw new Error(`${format} is not what was signed`);
}
