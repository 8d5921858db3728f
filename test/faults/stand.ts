import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../../src/clients/development.ts';
import { developmentCertificates } from '../../src/config.ts';
import { type EmbeddedServer, openEmbeddedServer } from '../../src/database/embedded.ts';
import { openPool } from '../../src/database/pool.ts';
import { administratorUrl, prepareDatabase, urlsOf } from '../../src/database/roles.ts';
import { makeDevelopmentKeys } from '../../src/signing/keys.ts';
import { formatAmount } from '../../src/values/centimes.ts';
import type { Rib } from '../../src/values/rib.ts';
import { insertMandateAt, must } from '../bank.ts';
import { busSettings } from '../bus-settings.ts';
import { freePort } from '../free-port.ts';
import { issuer, type KillMandate, kinds, plan, replicaSettings } from '../kill/kill-bank.ts';
import { type CoreBank, openCoreBank } from './core-bank.ts';
import { openDatabaseProxy } from './database-proxy.ts';
import { openDisk } from './disk.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { openRedisServer, type RedisServer } from './redis-server.ts';
import { openReplicas, type Replicas } from './replicas.ts';

/** What every replica's signatures name, whichever of them is asked. */
const publicOrigin = 'https://gateway.faults.example:8443';

/** PostgreSQL, which is stopped, crashed, cut off and left without room. */
export type Database = {
  stop: () => Promise<void>;
  /** SIGKILL to all of it, as a machine that loses its power. */
  crash: () => Promise<void>;
  start: () => Promise<void>;
  cutAnswers: () => void;
  cuts: () => number;
  fillDisk: () => Promise<void>;
  makeRoom: () => Promise<void>;
  /** Whether it writes, as it is or once it has recovered by itself; false where it has ended. */
  writes: () => Promise<boolean>;
  canBeFilled: boolean;
  /** The administrator's, past the proxy. */
  url: () => string;
};

/** Everything that the run stands on: all of it is closed by whoever opened it. */
export type Stand = AsyncDisposable & {
  publicOrigin: string;
  issuer: string;
  certificates: string;
  keyFolder: string;
  mandates: readonly KillMandate[];
  /** Each creditor's own account. */
  collections: ReadonlyMap<string, string>;
  database: Database;
  redis: RedisServer;
  coreBank: CoreBank;
  receiver: Receiver;
  replicas: Replicas;
  logFile: string;
};

export type StandSettings = { replicas: number; seed: number };

export async function openStand({ replicas: count, seed }: StandSettings): Promise<Stand> {
  await using open = new AsyncDisposableStack();
  const own = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-faults-')), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  // The database servers run as another account where this program runs as root.
  await chmod(own, 0o755);
  const certificates = developmentCertificates;
  await ensureDevelopmentCertificates(certificates);
  const keyFolder = path.join(own, 'keys');
  await makeDevelopmentKeys(keyFolder, new Date());
  const logFile = path.join(own, 'run.log');
  const coreFolder = path.join(own, 'core');
  await mkdir(coreFolder, { mode: 0o755 });
  const coreBank = open.use(await openCoreBank({ folder: coreFolder, certificates, seed: String(seed), logFile }));
  const redis = open.use(await openRedisServer(await freePort()));
  const receiver = open.use(await openReceiver(certificates));
  const { database, proxyPort } = await openDatabase(open);
  const { mandates, collections } = await prepare(database.url(), coreBank, certificates, receiver);
  const urls = urlsOf({ ...clusterOf(database.url()), port: proxyPort }, 'faults');
  const replicas = open.use(
    await openReplicas({
      ports: await Promise.all(Array.from({ length: count }, freePort)),
      logFile,
      environment: {
        ...replicaSettings,
        ...{ GATEWAY_CORE_CALL_SECONDS: '1.5', GATEWAY_STATEMENT_SECONDS: '2', GATEWAY_ANSWER_SECONDS: '2.5' },
        ...{ GATEWAY_LEASE_SECONDS: '4', GATEWAY_SWEEP_SECONDS: '0.5', GATEWAY_DRAIN_SECONDS: '10' },
        GATEWAY_API_ORIGIN: publicOrigin,
        GATEWAY_DATABASE_URL: urls.gateway,
        GATEWAY_LEDGER_DATABASE_URL: urls.ledger,
        GATEWAY_REDIS_URL: redis.url,
        GATEWAY_DATA_FOLDER: own,
        GATEWAY_KEY_FOLDER: keyFolder,
        ...busSettings(coreBank.busUrl, certificates),
        GATEWAY_BUS_PAUSE_SECONDS: '1',
        GATEWAY_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128',
      },
    }),
  );
  const closing = open.move();
  return {
    ...{
      publicOrigin,
      issuer,
      certificates,
      keyFolder,
      mandates,
      collections,
      database,
      redis,
      coreBank,
      receiver,
      replicas,
      logFile,
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function openDatabase(open: AsyncDisposableStack): Promise<{ database: Database; proxyPort: number }> {
  const disk = open.use(await openDisk(2048));
  const proxy = open.use(await openDatabaseProxy());
  await mkdir(disk.folder, { recursive: true, mode: 0o755 });
  let server: EmbeddedServer | undefined;
  const start = async () => {
    server ??= await openEmbeddedServer({ folder: disk.folder });
    proxy.reach(server.cluster.port);
  };
  const end = async (how: 'STOP' | 'CRASH') => {
    if (server === undefined) return;
    const ending = server;
    server = undefined;
    if (how === 'CRASH') await ending.crash();
    else await ending[Symbol.asyncDispose]();
  };
  await start();
  open.defer(() => end('STOP'));
  return {
    proxyPort: proxy.port,
    database: {
      stop: () => end('STOP'),
      crash: () => end('CRASH'),
      start,
      cutAnswers: proxy.cutAnswers,
      cuts: proxy.cuts,
      fillDisk: disk.fill,
      makeRoom: disk.makeRoom,
      writes: () => writes(administratorUrl(must(server).cluster, 'postgres')),
      canBeFilled: disk.canBeFilled,
      url: () => administratorUrl(must(server).cluster, 'faults'),
    },
  };
}

/** How long a server may take to recover. */
const recoverySeconds = 30;

async function writes(url: string): Promise<boolean> {
  const pool = openPool({ url, applicationName: 'fault run', statementSeconds: 5 });
  try {
    for (const until = Date.now() + recoverySeconds * 1000; Date.now() < until; await pause(100)) {
      const how = await pool.query("select pg_logical_emit_message(true, 'fault-run', 'room')").then(
        () => 'WRITTEN',
        (fault: unknown) => (fault instanceof Error && 'code' in fault ? fault.code : undefined),
      );
      if (how === 'WRITTEN') return true;
      // Nobody listens there any more: a server that recovers does.
      if (how === 'ECONNREFUSED') return false;
    }
    return false;
  } finally {
    await pool.end();
  }
}

function clusterOf(url: string) {
  const { hostname: host, port, username: administrator, password } = new URL(url);
  return { host, port: Number(port), administrator, password: decodeURIComponent(password) };
}

/** How often each kind of mandate is there: so many that few debits wait for another of the same mandate. */
const copies = 4;

/** The database, both creditors, their mandates with accounts at the core bank, and CNAS's webhook. */
async function prepare(
  url: string,
  coreBank: CoreBank,
  certificates: string,
  receiver: Receiver,
): Promise<Pick<Stand, 'mandates' | 'collections'>> {
  const cluster = clusterOf(url);
  const { owner: ownerUrl } = await prepareDatabase(cluster, 'faults');
  const owner = openPool({ url: ownerUrl, applicationName: 'fault run' });
  try {
    await registerDevelopmentClients(owner, certificates, { issuer, now: new Date() });
    const { rows } = await owner.query<{ creditor: string; account: string }>(
      'select creditor_code as creditor, collection_account as account from creditors',
    );
    await coreBank.openAccounts(
      rows.map(({ account }) => ({ rib: account, holder: 'Caisse', kind: 'COLLECTION', openingBalance: '0.00' })),
    );
    const mandates: KillMandate[] = [];
    for (const [position, kind] of Array.from({ length: copies }, () => plan)
      .flat()
      .entries()) {
      let rib: Rib | undefined;
      const employerNumber = String(1_000_000_000 + position);
      const fixture = { ...kinds[kind], employerNumber };
      const mandateId = await insertMandateAt({ owner }, new Date(), fixture, async (account) => {
        rib = account.rib;
        const openingBalance = formatAmount(account.openingBalance as Parameters<typeof formatAmount>[0]);
        await coreBank.openAccounts([{ ...account, kind: 'CUSTOMER', openingBalance }]);
      });
      const account = must(rib);
      if (kind === 'blocked') await coreBank.setStatus(account, 'BLOCKED');
      if (kind === 'closed') await coreBank.setStatus(account, 'CLOSED');
      mandates.push({ kind, mandateId, creditor: fixture.creditor, employerNumber, rib: account, openingBalance: 0n });
    }
    // As two people of the bank have registered it: how they do is tested elsewhere.
    await owner.query(
      `insert into webhooks (webhook_id, creditor_code, url, authorities, digest, asked_at, request_jti, state, state_since, registered_at)
       values (gen_random_uuid(), 'CNAS', $1, $2, repeat('0', 64), now(), 'fault-run-registers', 'ACTIVE', now(), now())`,
      [receiver.url, receiver.authorities],
    );
    return { mandates, collections: new Map(rows.map(({ creditor, account }) => [creditor, account])) };
  } finally {
    await owner.end();
  }
}
