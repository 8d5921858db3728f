import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuARequest, cpuReader } from '../../src/commands/bench-cpu.ts';
import { startBenchGateway } from '../../src/commands/bench-gateway.ts';
import { measure, nothingMeasured, quantile } from '../../src/commands/bench-load.ts';
import { type BenchMandate, prepareMandates } from '../../src/commands/bench-mandates.ts';
import { type Client, openClient } from '../../src/commands/client.ts';
import { openPool } from '../../src/database/pool.ts';
import { planBus } from './bus.ts';
import { amountOfEach, beginFeast, endFeast, scheduleDebits, settleJournal } from './volume.ts';

/**
 * `npm run due-dates -- --debits 450000 [--seconds N] [--bus] [--json FILE]`: that many debits are due on one day, while a few creditors
 * ask for immediate ones. It measures how fast the due ones run, and what the immediate ones feel of it, and what CPU
 * time each costs, in one run. With `--seconds` it ends after so many, whatever waits still. With `--bus` the money moves by
 * messages to the simulated bus, else in the embedded ledger.
 */
const { values } = parseArgs({
  options: {
    debits: { type: 'string', default: '450000' },
    seconds: { type: 'string', default: '86400' },
    bus: { type: 'boolean' },
    json: { type: 'string' },
  },
});
const debits = Number(values.debits);
if (!Number.isInteger(debits) || debits < 1) throw new Error('--debits is a whole number');
const mostSeconds = Number(values.seconds);
if (!(mostSeconds > 0)) throw new Error('--seconds is a number');

/** Creditors that ask one after the other, with a short rest: far from what would fill the machine. */
const connections = 2;
const restMilliseconds = 50;
const aloneSeconds = 30;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

await using open = new AsyncDisposableStack();
const folder = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-due-dates-')), (made) =>
  rm(made, { recursive: true, force: true }),
);
await chmod(folder, 0o755);
const bus = values.bus === true ? await planBus(folder) : undefined;
const gateway = open.use(await startBenchGateway(folder, bus?.settings));
const pool = (url: string) =>
  open.adopt(openPool({ url, applicationName: 'due dates', connections: 2, statementSeconds: 600 }), (one) =>
    one.end(),
  );
const [owner, ledgerOwner] = [pool(gateway.urls.owner), pool(gateway.urls.ledgerOwner)];
if (bus !== undefined) open.use(await bus.open({ owner, ledgerOwnerUrl: gateway.urls.ledgerOwner }));
const { issuer } = gateway.config;
const client: Client = open.use(
  openClient({ origin: gateway.apiOrigin, certificates: gateway.certificates, name: 'cnas', creditor: 'CNAS', issuer }),
);
const mandates = await prepareMandates(gateway, client, 64);
await scheduleDebits({ owner, ledgerOwner }, debits, (done) => console.log(`${done} debits scheduled`));

let asked = 0;
const immediate = async () => {
  asked += 1;
  const { mandateId, employerNumber }: BenchMandate = mandates[asked % mandates.length] ?? fail('no mandate');
  const { status } = await client.put(`/v1/debits/NOW-${asked}`, {
    ...{ mandateId, employerNumber, amount: '1.00', currency: 'DZD' },
    declaration: { reference: `NOW-${asked}`, declaredAmount: '1.00' },
  });
  if (status !== 201) throw new Error(`an immediate debit was answered ${status}`);
};
const measured = async (seconds: number) => {
  const into = nothingMeasured();
  await measure(into, { connections, seconds, stop: stop.signal }, async () => {
    await immediate();
    await pause(restMilliseconds);
  }).catch((fault: unknown) => {
    // Ended by hand: what was measured so far is reported.
    if (fault !== stop.signal.reason) throw fault;
  });
  const took = into.milliseconds.map((all) => all - restMilliseconds);
  return { debits: took.length, p50: rounded(quantile(took, 0.5)), p99: rounded(quantile(took, 0.99)) };
};

await settleJournal(owner);
console.log('sealed and counted');
await measured(5);
const readCpu = cpuReader(gateway.pid, gateway.postmaster);
const atFirst = await readCpu();
const alone = await measured(aloneSeconds);
console.log(`immediate debits alone: ${JSON.stringify(alone)}`);
const before = await readCpu();
await endFeast(owner);
const turns: (typeof alone)[] = [];
const until = performance.now() + mostSeconds * 1000;
for (let left = debits; left > 0 && performance.now() < until && !stop.signal.aborted; ) {
  const [turn, last] = [performance.now(), left];
  turns.push(await measured(15));
  left = await openDue();
  const rate = Math.round((last - left) / ((performance.now() - turn) / 1000));
  console.log(`${left} left, ${rate} a second; beside them ${JSON.stringify(turns.at(-1))}`);
}
const after = await readCpu();
if (!stop.signal.aborted) await beginFeast(owner);
while ((await openDue('ACCEPTED', 'EXECUTING', 'IN_DOUBT')) > 0 && !stop.signal.aborted) await pause(1_000);
const { rows } = await owner.query<{ state: string; count: string; first: Date; last: Date }>(
  `select state, count(*), min(ended_at) as first, max(ended_at) as last from debits where end_to_end_id like 'DUE-%' group by state`,
);
const settled = rows.find(({ state }) => state === 'SETTLED');
const count = Number(settled?.count ?? 0);
const seconds = settled === undefined ? 0 : (settled.last.getTime() - settled.first.getTime()) / 1000;
const { rows: paid } = await ledgerOwner.query<{ paid: string }>(
  `select -sum(balance) as paid from ledger.accounts where rib like '00500888%'`,
);
const immediates = turns.reduce((sum, turn) => sum + turn.debits, 0);
/** Milliseconds for each of the due: without what the immediate ones beside them cost when they were alone. */
const cpuEach = (whose: 'gateway' | 'postgres') => {
  const [own, all] = [cpuARequest([[atFirst, before]], whose, alone.debits), cpuARequest([[before, after]], whose, 1)];
  return own === null || all === null ? null : rounded((all - own * immediates) / count);
};
const report = {
  debits,
  core: bus === undefined ? 'ledger' : 'iso20022',
  states: Object.fromEntries(rows.map(({ state, count: of }) => [state, Number(of)])),
  paidWhole: BigInt(paid[0]?.paid ?? 0) === BigInt(count) * amountOfEach,
  seconds: Math.round(seconds),
  perSecond: Math.round(count / seconds),
  cpuMilliseconds: { gateway: cpuEach('gateway'), postgres: cpuEach('postgres') },
  immediate: {
    alone,
    beside: { p50: median(turns.map(({ p50 }) => p50)), p99: median(turns.map(({ p99 }) => p99)) },
    ratioP50: rounded(median(turns.map(({ p50 }) => p50)) / alone.p50),
  },
};
console.log(JSON.stringify(report, undefined, 2));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = report.paidWhole && count > 0 && (count === debits || values.seconds !== '86400') ? 0 : 1;

async function openDue(...states: string[]): Promise<number> {
  const { rows: counted } = await owner.query<{ left: string }>({
    text: `select count(*) as left from debits where state = any ($1) and end_to_end_id like 'DUE-%'`,
    values: [states.length > 0 ? states : ['SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT']],
  });
  return Number(counted[0]?.left);
}

function median(all: readonly number[]): number {
  return quantile(all, 0.5);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function fail(what: string): never {
  throw new Error(what);
}
