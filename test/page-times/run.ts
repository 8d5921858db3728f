import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDevelopmentGateway } from '../../src/commands/development.ts';
import { openPool } from '../../src/database/pool.ts';
import { openLog } from '../../src/operations/log.ts';
import { visitorOf } from '../back-office.ts';
import { openBrowser } from '../browser.ts';
import { addressesOf, searchesOf } from './addresses.ts';
import { crawl, type PageTime } from './crawl.ts';
import { scansOf, settled, tablesOf } from './database-work.ts';
import { fillPushes } from './pushes.ts';
import { fillVolume } from './volume.ts';

/**
 * `npm run page-times -- [--mandates N] [--debits N] [--json FILE]`: how long each page of the back office takes with
 * years of use stored, and which tables were read without an index for them.
 */
const { values } = parseArgs({
  options: {
    mandates: { type: 'string', default: '500000' },
    debits: { type: 'string', default: '1000000' },
    json: { type: 'string' },
  },
});
const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'gateway-pages-'));
await using development = await openDevelopmentGateway({
  environment: {
    PATH: process.env.PATH,
    GATEWAY_DATA_FOLDER: dataFolder,
    ...Object.fromEntries(['API', 'PUBLIC', 'OPERATIONS', 'BACK_OFFICE'].map((door) => [`GATEWAY_${door}_PORT`, '0'])),
  },
  log: () => openLog({ logLevel: 'fatal' }),
  temporary: true,
  identityProviderPort: 0,
});
const { gateway, urls, certificates, config } = development;
const origin = gateway.backOfficeOrigin;
if (origin === undefined) throw new Error('there is no back office');
const owner = openPool({ url: urls.owner, applicationName: 'page times', connections: 1, statementSeconds: 3600 });
try {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
  await fillVolume(
    owner,
    { mandates: Number(values.mandates), debits: Number(values.debits), bankCode: config.bankCodes[0] ?? '' },
    (what, done) => console.log(`${seconds()} ${done} ${what} stored`),
  );
  await settled(owner, (what) => console.log(`${seconds()} ${what}`));
  await fillPushes(owner);
  console.log(`${seconds()} the creditors’ events as they were pushed stored`);
  const authority = await readFile(path.join(certificates, 'ca.pem'), 'utf8');
  const people = ['officer-nadia', 'officer-amel', 'supervisor-karim', 'auditor-yacine', 'administrator-lina'] as const;
  const rows: (PageTime & { person: string })[] = [];
  const [addresses, searches] = [await addressesOf(owner), await searchesOf(owner)];
  for (const line of await tablesOf(owner)) console.log(line);
  const before = await scansOf(owner);
  for (const person of people) {
    const visitor = visitorOf(openBrowser(authority), origin);
    await visitor.choose(await visitor.open('/'), person);
    for (const page of await crawl(visitor, { origin, authority, addresses, searches })) rows.push({ person, ...page });
  }
  const after = await scansOf(owner);
  rows.sort((one, other) => medianOf(other) - medianOf(one));
  console.log('\n fastest   median  slowest     page');
  for (const row of rows)
    console.log(
      `${(row.milliseconds[0] ?? 0).toFixed(1).padStart(8)} ${medianOf(row).toFixed(1).padStart(8)} ${(row.milliseconds.at(-1) ?? 0).toFixed(1).padStart(8)} ms  ${row.status} ${row.page} (${row.person})`,
    );
  const faulty = rows.filter(({ status }) => status >= 400);
  if (faulty.length > 0) console.log(`\n${faulty.length} pages were answered with a fault`);
  const all = rows.map(medianOf);
  const most = Math.max(...rows.map(({ milliseconds }) => milliseconds.at(-1) ?? 0));
  console.log(
    `\nmedian of the medians ${(all[Math.floor(all.length / 2)] ?? 0).toFixed(1)} ms, slowest median ${(all[0] ?? 0).toFixed(1)} ms, slowest answer ${most.toFixed(1)} ms`,
  );
  const slow = rows.filter((row) => medianOf(row) >= 100);
  const scans = [...after].flatMap(([table, { scans, rows: read }]) => {
    const earlier = before.get(table);
    const more = scans - (earlier?.scans ?? 0);
    return more > 0 ? [`${table}: ${more} whole readings, ${read - (earlier?.rows ?? 0)} rows`] : [];
  });
  console.log(`\n${rows.length} pages, ${slow.length} of them of 100 ms or more`);
  console.log(
    scans.length === 0 ? 'no large table was read without an index' : `read without an index:\n  ${scans.join('\n  ')}`,
  );
  if (values.json !== undefined)
    await writeFile(path.resolve(process.env.INIT_CWD ?? '', values.json), `${JSON.stringify(rows, undefined, 2)}\n`);
  process.exitCode = slow.length === 0 && scans.length === 0 ? 0 : 1;
} finally {
  await owner.end();
}

function medianOf({ milliseconds }: PageTime): number {
  return milliseconds[Math.floor(milliseconds.length / 2)] ?? 0;
}
