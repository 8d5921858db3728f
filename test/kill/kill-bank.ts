import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../../src/clients/development.ts';
import { developmentCertificates } from '../../src/config.ts';
import { openAccounts, setAccountStatus } from '../../src/core-banking/accounts.ts';
import { openEmbeddedServer } from '../../src/database/embedded.ts';
import { openPool } from '../../src/database/pool.ts';
import { administratorUrl, type Cluster, prepareDatabase } from '../../src/database/roles.ts';
import { makeDevelopmentKeys } from '../../src/signing/keys.ts';
import { addDays, algiersDay } from '../../src/values/dates.ts';
import type { CreditorCode, MandateId } from '../../src/values/ids.ts';
import { parseRib, type Rib } from '../../src/values/rib.ts';
import { amountOf, cacobatph, cnas, insertMandate, type MandateFixture, must } from '../bank.ts';

/** Met often in a run, and passed in none: also by debits that were under way when their process was killed. */
export const fundsRefusalsADay = 20;

export const issuer = 'https://gateway.bank.example';

/** A mandate that the load debits, and what its debtor had at first. */
export type KillMandate = {
  kind: keyof typeof kinds;
  mandateId: MandateId;
  creditor: CreditorCode;
  employerNumber: string;
  rib: Rib;
  openingBalance: bigint;
};

/** A bank on a database server of its own, for processes that are killed. Disposing leaves nothing of it. */
export type KillBank = AsyncDisposable & {
  /** Its server: its data is there to be backed up. */
  server: { cluster: Cluster; folder: string };
  /** Reads both schemas, which no role of the gateway's may. */
  database: pg.Pool;
  mandates: readonly KillMandate[];
  /** The settings of a gateway process on it. */
  environment: NodeJS.ProcessEnv;
  /** What the gateway processes wrote beside their announcements. */
  logFile: string;
  certificates: string;
};

const rich = { perDebit: '500000.00', perPeriod: '900000000.00', balance: '900000000.00' } as const;

/** What the mandates are like: most debits pass, and each reason to refuse one is met. */
export const kinds = {
  plain: { ...rich, creditor: cnas },
  yearly: { ...rich, creditor: cnas, period: 'YEAR' },
  foreign: { ...rich, creditor: cacobatph, period: 'QUARTER' },
  poor: { ...rich, creditor: cnas, balance: '400000.00' },
  tight: { ...rich, creditor: cnas, perDebit: '60000.00', perPeriod: '900000.00' },
  blocked: { ...rich, creditor: cnas },
  closed: { ...rich, creditor: cnas },
  suspended: { ...rich, creditor: cnas, state: 'SUSPENDED' },
  expired: { ...rich, creditor: cnas, validTo: addDays(algiersDay(new Date()), -1) },
} as const satisfies Record<string, Partial<MandateFixture>>;

export const plan: readonly KillMandate['kind'][] = [
  ...(['plain', 'plain', 'plain', 'plain', 'yearly', 'foreign', 'foreign'] as const),
  ...(['poor', 'poor', 'tight', 'tight', 'blocked', 'closed', 'suspended', 'expired'] as const),
];

export async function openKillBank(): Promise<KillBank> {
  await using open = new AsyncDisposableStack();
  const folder = (name: string) => mkdtemp(path.join(os.tmpdir(), `gateway-kills-${name}-`));
  const serverFolder = await folder('postgres');
  const server = open.use(await openEmbeddedServer({ folder: serverFolder, durable: false, temporary: true }));
  const own = open.adopt(await folder('own'), (made) => rm(made, { recursive: true, force: true }));
  const keyFolder = path.join(own, 'keys');
  await makeDevelopmentKeys(keyFolder, new Date());
  await ensureDevelopmentCertificates(developmentCertificates);
  const urls = await prepareDatabase(server.cluster, 'kills');
  const mandates = await withPools(urls, async (db) => {
    await registerDevelopmentClients(db.owner, developmentCertificates, { issuer, now: new Date() });
    await openCollections(db);
    const opened: KillMandate[] = [];
    for (const [position, kind] of plan.entries()) opened.push(await openMandate(db, kind, position));
    return opened;
  });
  const database = open.adopt(
    openPool({ url: administratorUrl(server.cluster, 'kills'), applicationName: 'kill test', statementSeconds: 60 }),
    (pool) => pool.end(),
  );
  const closing = open.move();
  return {
    server: { cluster: server.cluster, folder: serverFolder },
    database,
    mandates,
    logFile: path.join(own, 'gateway.log'),
    certificates: developmentCertificates,
    environment: {
      ...replicaSettings,
      GATEWAY_DATABASE_URL: urls.gateway,
      GATEWAY_LEDGER_DATABASE_URL: urls.ledger,
      GATEWAY_DATA_FOLDER: own,
      GATEWAY_KEY_FOLDER: keyFolder,
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Short times, so that what a killed process left is taken up in a moment; and no limit of rate in the way. */
export const replicaSettings = {
  GATEWAY_ENVIRONMENT: 'test',
  GATEWAY_ISSUER: issuer,
  GATEWAY_API_HOST: '127.0.0.1',
  GATEWAY_API_PORT: '0',
  GATEWAY_PUBLIC_HOST: '127.0.0.1',
  GATEWAY_PUBLIC_PORT: '0',
  GATEWAY_OPERATIONS_PORT: '0',
  GATEWAY_CORE_CALL_SECONDS: '0.9',
  GATEWAY_STATEMENT_SECONDS: '0.9',
  GATEWAY_ANSWER_SECONDS: '1',
  GATEWAY_DEBITS_A_DAY: '1000000',
  GATEWAY_REQUESTS_PER_SECOND: '100000',
  GATEWAY_OPERATION_REQUESTS_PER_SECOND: '100000',
  GATEWAY_LEASE_SECONDS: '1.2',
  GATEWAY_SWEEP_SECONDS: '0.1',
  GATEWAY_FUNDS_REFUSALS_A_DAY: String(fundsRefusalsADay),
  GATEWAY_BURNT_NAMES_AN_HOUR: '1000000',
  GATEWAY_REVERSALS_A_DAY: '1000000',
  GATEWAY_REVERSAL_AMOUNT_A_DAY: '9000000000000.00',
  GATEWAY_LOG_LEVEL: 'warn',
};

type Pools = { owner: pg.Pool; ledger: pg.Pool };

async function withPools<Result>(
  urls: { owner: string; ledger: string },
  work: (db: Pools) => Promise<Result>,
): Promise<Result> {
  const owner = openPool({ url: urls.owner, applicationName: 'kill test' });
  const ledger = openPool({ url: urls.ledger, applicationName: 'kill test' });
  try {
    return await work({ owner, ledger });
  } finally {
    await Promise.all([owner.end(), ledger.end()]);
  }
}

async function openCollections({ owner, ledger }: Pools): Promise<void> {
  const { rows } = await owner.query<{ collection_account: string }>('select collection_account from creditors');
  await openAccounts(
    ledger,
    rows.map(({ collection_account }) => ({
      ...{ rib: must(parseRib(collection_account)), holder: 'Caisse', kind: 'COLLECTION', openingBalance: 0n },
    })),
  );
}

async function openMandate(db: Pools, kind: KillMandate['kind'], position: number): Promise<KillMandate> {
  const fixture: Partial<MandateFixture> & { creditor: CreditorCode; balance: string } = kinds[kind];
  const employerNumber = String(1_000_000_000 + position);
  const mandateId = await insertMandate(db, new Date(), { ...fixture, employerNumber });
  const { rows } = await db.owner.query<{ rib: Rib }>('select rib from mandate_debtors where mandate_id = $1', [
    mandateId,
  ]);
  const rib = must(rows[0]).rib;
  if (kind === 'blocked') await setAccountStatus(db.ledger, rib, 'BLOCKED');
  if (kind === 'closed') await setAccountStatus(db.ledger, rib, 'CLOSED');
  return {
    ...{ kind, mandateId, creditor: fixture.creditor, employerNumber, rib },
    openingBalance: amountOf(fixture.balance),
  };
}
