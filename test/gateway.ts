import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { ensureDevelopmentCertificates } from '../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../src/clients/development.ts';
import { type Client, openClient } from '../src/commands/client.ts';
import { seedAccounts } from '../src/commands/seed.ts';
import { type Config, developmentCertificates, readConfig } from '../src/config.ts';
import { ledgerCoreBanking } from '../src/core-banking/ledger.ts';
import { type Gateway, type GatewayParts, openGateway } from '../src/gateway.ts';
import type { Desk } from '../src/mandates/desk.ts';
import { openLog } from '../src/operations/log.ts';
import { makeDevelopmentKeys, readKeyFolder } from '../src/signing/keys.ts';
import { openSigner } from '../src/signing/sign.ts';
import { secretIn } from './canary.ts';
import { freshDatabase, type TestDatabase } from './database.ts';

/** A whole gateway in this process, on a database of the test's own, with the sample accounts and both creditors. */
export type TestGateway = AsyncDisposable & {
  gateway: Gateway;
  config: Config;
  db: TestDatabase;
  /** For the staff's use cases. */
  desk: Desk;
  certificates: string;
  clientOf: (name: string, creditor?: string) => Client;
  /** Every line of the log so far. */
  logged: string[];
  /** Answers that were not as the contract says: none, at the end of every test. */
  breaches: string[];
};

export async function openTestGateway(
  settings: Record<string, string> = {},
  parts: Pick<GatewayParts, 'wrapSteps' | 'wrapReversalSteps' | 'wrapClock'> = {},
): Promise<TestGateway> {
  await using open = new AsyncDisposableStack();
  const db = open.use(await freshDatabase());
  const folder = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-keys-')), (made) =>
    rm(made, { recursive: true }),
  );
  await ensureDevelopmentCertificates(developmentCertificates);
  const config = readConfig({
    GATEWAY_ENVIRONMENT: 'test',
    GATEWAY_API_PORT: '0',
    GATEWAY_PUBLIC_PORT: '0',
    GATEWAY_BACK_OFFICE_PORT: '0',
    GATEWAY_OPERATIONS_PORT: '0',
    GATEWAY_DATA_FOLDER: folder,
    GATEWAY_KEY_FOLDER: path.join(folder, 'keys'),
    GATEWAY_SWEEP_SECONDS: '0.2',
    GATEWAY_LINGER_SECONDS: '0.05',
    ...settings,
  });
  const now = () => new Date();
  await makeDevelopmentKeys(config.keyFolder, now());
  await seedAccounts(db.ledger);
  await registerDevelopmentClients(db.gateway, developmentCertificates, { issuer: config.issuer, now: now() });
  const logged: string[] = [];
  const breaches: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const gateway = open.use(
    await openGateway({
      config,
      urls: db.url,
      log: openLog({ logLevel: 'debug' }, destination),
      version: 'test',
      onBreach: (breach) => breaches.push(breach),
      ...parts,
    }),
  );
  const { issuer, environment, bankCodes } = config;
  const desk: Desk = {
    pool: db.gateway,
    coreBanking: ledgerCoreBanking(db.ledger),
    sign: openSigner({ keys: await readKeyFolder(config.keyFolder), issuer, environment, now }),
    bankCodes,
    issuer: { issuer, environment },
    now,
    submissionHours: 24,
  };
  const closing = open.move();
  return {
    gateway,
    config,
    db,
    desk,
    certificates: developmentCertificates,
    clientOf: (name, creditor = name.toUpperCase()) =>
      closing.use(
        openClient({ origin: gateway.apiOrigin, certificates: developmentCertificates, name, creditor, issuer }),
      ),
    logged,
    breaches,
    async [Symbol.asyncDispose]() {
      const metrics = await (await fetch(`${gateway.operationsOrigin}/metrics`)).text();
      await closing.disposeAsync();
      const secret = await secretIn(`${logged.join('')}${metrics}`);
      if (secret !== undefined) throw new Error(`a log or a metric holds ${secret}`);
    },
  };
}
