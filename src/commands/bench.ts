import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openPool } from '../database/pool.ts';
import { cpuReader, watchOthers } from './bench-cpu.ts';
import { type BenchGateway, startBenchGateway } from './bench-gateway.ts';
import { type BenchMandate, prepareMandates } from './bench-mandates.ts';
import { openReference } from './bench-reference.ts';
import { header, machineLines, notes, remarks, rowLine } from './bench-report.ts';
import { type Operation, operations, type Row, runScenario } from './bench-scenario.ts';
import { openClient } from './client.ts';

const usage = `npm run bench -- [options]

Measures signed debits and verifications over mutual TLS at 1, 16 and 64 connections, each beside the bare database
transaction of one debit, on this machine alone. It starts a gateway with a database of its own and takes both away.

  --seconds N    measured time of each of the six lines, and as much for its reference: 5 without it
  --json FILE    writes the lines as JSON too: an array, one object a line`;

const concurrency = [1, 16, 64];
const mandateCount = 256;

type Settings = { seconds: number; stop: AbortSignal; print: (line: string) => void };

/** Measures everything once. Whatever it began is ended and removed when it is left, by a fault too. */
async function bench({ seconds, stop, print }: Settings): Promise<{ rows: Row[]; othersShare: number | undefined }> {
  await using open = new AsyncDisposableStack();
  const folder = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-bench-')), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  // PostgreSQL runs as another account where this program runs as root.
  await chmod(folder, 0o755);
  print('A gateway is started, with a PostgreSQL of its own ...');
  const gateway = open.use(await startBenchGateway(folder));
  for (const line of await machineLines(await postgresVersion(gateway), folder)) print(line);
  using client = clientOf(gateway, 16);
  const mandates = await prepareMandates(gateway, client, mandateCount);
  print(`${mandateCount} mandates certified and accepted, each with an account of its own. ${seconds} s a line.\n`);
  for (const line of header()) print(line);
  const rows: Row[] = [];
  const others = await watchOthers(cpuReader(gateway.pid, gateway.postmaster));
  for (const operation of operations) {
    for (const connections of concurrency) {
      const row = await oneLine(gateway, mandates, { operation, connections, seconds, stop });
      rows.push(row);
      print(rowLine(row));
    }
  }
  return { rows, othersShare: await others() };
}

async function oneLine(
  gateway: BenchGateway,
  mandates: readonly BenchMandate[],
  line: { operation: Operation; connections: number; seconds: number; stop: AbortSignal },
): Promise<Row> {
  using client = clientOf(gateway, line.connections);
  await using reference = openReference(gateway, line.connections);
  const readCpu = cpuReader(gateway.pid, gateway.postmaster);
  return await runScenario({ ...line, client, reference, mandates, readCpu });
}

const clientOf = ({ apiOrigin, certificates, config }: BenchGateway, connections: number) =>
  openClient({ origin: apiOrigin, certificates, name: 'cnas', creditor: 'CNAS', issuer: config.issuer, connections });

async function postgresVersion({ urls }: BenchGateway): Promise<string> {
  const pool = openPool({ url: urls.gateway, applicationName: 'bench', connections: 1 });
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await pool.end();
  }
}

function secondsFrom(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) throw new Error(`--seconds is a number up to 3600\n\n${usage}`);
  return seconds;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'string' },
      seconds: { type: 'string', default: '5' },
    },
  });
  if (values.help === true) return console.log(usage);
  const seconds = secondsFrom(values.seconds);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopping.abort(new Error('stopped: nothing is left behind')));
  const { rows, othersShare } = await bench({ seconds, stop: stopping.signal, print: console.log });
  for (const note of [...notes(rows, othersShare), '', ...remarks]) console.log(note);
  // npm runs in the checkout's root, whatever folder it was called from.
  if (values.json !== undefined)
    await writeFile(path.resolve(process.env.INIT_CWD ?? '', values.json), `${JSON.stringify(rows, undefined, 2)}\n`);
}

await main().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
});
