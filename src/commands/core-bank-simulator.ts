import { once } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { developmentCertificates } from '../config.ts';
import { readKind } from '../core-bank-simulator/admin-requests.ts';
import { openCoreBankSimulator } from '../core-bank-simulator/open.ts';
import { schemaFolder } from '../core-bank-simulator/schemas.ts';
import { openEmbeddedServer } from '../database/embedded.ts';
import { openPool } from '../database/pool.ts';
import { prepareLedgerDatabase } from '../database/roles.ts';
import { withoutValues } from '../operations/fault.ts';
import { seedAccounts } from './seed.ts';

const usage = `npm run core-bank-simulator -- [flags]     a bank's core banking bus, for trying and testing; Ctrl-C stops it
  --port 8447              of the bus (HTTPS, mutual TLS); 0 takes a free one
  --admin-port 8448        of the admin API (HTTP, loopback); GET / documents everything
  --host 127.0.0.1         where the bus listens
  --database-url URL       a PostgreSQL database of its own, by the role that owns it; without it the embedded one
  --data-folder DIR        of the embedded one; --temporary removes it at the end
  --certificates DIR       ca.pem, core-bank.pem, core-bank-key.pem; made where they are missing
  --schemas DIR            the published ISO 20022 schemas: what comes is held to them where they are there
  --kind JSON              {"memorySeconds":null,"keepsRefusals":true,"honoursNotAfter":true,"canVoid":true}
  --seed TEXT              what probabilities are drawn from
  --page-size 1000         entries a page of a statement
  --no-sample-accounts     without the sample employers' accounts, which npm run seed opens in the gateway's ledger
Each may be told by the environment as well: CORE_BANK_SIMULATOR_DATABASE_URL and so on.`;

const flags = {
  port: { type: 'string', default: '8447' },
  'admin-port': { type: 'string', default: '8448' },
  host: { type: 'string', default: '127.0.0.1' },
  'database-url': { type: 'string' },
  'data-folder': { type: 'string', default: dataFolder() },
  temporary: { type: 'boolean', default: false },
  certificates: { type: 'string', default: developmentCertificates },
  schemas: { type: 'string', default: schemaFolder },
  kind: { type: 'string' },
  seed: { type: 'string', default: 'core bank' },
  'page-size': { type: 'string', default: '1000' },
  'sample-accounts': { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
} as const;

/** Like the gateway's own: root's home is closed to the account that the embedded PostgreSQL runs as. */
function dataFolder(): string {
  if (process.getuid?.() === 0) return '/var/lib/cnas-core-bank-simulator';
  return path.join(
    process.env.XDG_STATE_HOME ?? path.join(os.homedir(), '.local', 'state'),
    'cnas-core-bank-simulator',
  );
}

/** Says where it listens in one line of JSON, for whoever starts it as a process, and stays until it is told to stop. */
async function run(): Promise<void> {
  const { values } = parseArgs({
    args: [...fromEnvironment(), ...process.argv.slice(2)],
    options: flags,
    allowNegative: true,
  });
  if (values.help) return console.log(usage);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await using open = new AsyncDisposableStack();
  await ensureDevelopmentCertificates(values.certificates);
  const databaseUrl = values['database-url'] ?? (await embeddedDatabase(open, values));
  const { port, 'admin-port': adminPort, 'page-size': entriesAPage } = values;
  const { certificates, host, schemas, seed } = values;
  const simulator = open.use(
    await openCoreBankSimulator({
      ...{ databaseUrl, certificates, host, schemas, seed },
      ...{ port: whole(port), adminPort: whole(adminPort), entriesAPage: Math.max(1, whole(entriesAPage)) },
      ...(values.kind !== undefined && { kind: readKind(JSON.parse(values.kind)) }),
    }),
  );
  if (values['sample-accounts']) await openSampleAccounts(databaseUrl);
  const { busUrl, adminUrl, validates } = simulator;
  console.log(JSON.stringify({ busUrl, adminUrl, certificates, validates }));
  await stopped;
}

async function embeddedDatabase(
  open: AsyncDisposableStack,
  { 'data-folder': folder, temporary }: { 'data-folder': string; temporary: boolean },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  // To be passed through, not looked into: the database server runs as another account where this one is root.
  await chmod(folder, 0o711);
  const server = open.use(await openEmbeddedServer({ folder: path.join(folder, 'postgres'), temporary }));
  return prepareLedgerDatabase(server.cluster, 'core_bank');
}

async function openSampleAccounts(databaseUrl: string): Promise<void> {
  const pool = openPool({ url: databaseUrl, applicationName: 'seed', connections: 4 });
  try {
    await seedAccounts(pool);
  } finally {
    await pool.end();
  }
}

/** CORE_BANK_SIMULATOR_DATABASE_URL as --database-url: a password is better there than in the list of processes. */
function fromEnvironment(): string[] {
  return Object.entries(flags).flatMap(([name, { type }]) => {
    const value = process.env[`CORE_BANK_SIMULATOR_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value === undefined) return [];
    if (type === 'string') return [`--${name}`, value];
    return [value === 'true' ? `--${name}` : `--no-${name}`];
  });
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`a whole number is needed\n${usage}`);
  return Number(text);
}

await run().catch((fault: unknown) => {
  console.error(fault instanceof Error && !('code' in fault) ? fault.message : withoutValues(fault));
  process.exitCode = 1;
});
