import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../clients/development.ts';
import { type Config, developmentCertificates, readConfig } from '../config.ts';
import { openEmbeddedServer } from '../database/embedded.ts';
import { openPool } from '../database/pool.ts';
import { type DatabaseUrls, prepareDatabase } from '../database/roles.ts';
import { type Gateway, type GatewayParts, openGateway } from '../gateway.ts';
import type { Log } from '../operations/log.ts';
import { makeDevelopmentKeys } from '../signing/keys.ts';
import { version } from '../version.ts';
import { embeddedDatabase, embeddedFolder } from './databases.ts';
import { type DevelopmentIdentityProvider, openDevelopmentIdentityProvider } from './development-identity-provider.ts';
import { type SeededAccount, seedAccounts } from './seed.ts';

export type DevelopmentSettings = {
  environment: NodeJS.ProcessEnv;
  log: (config: Config) => Log;
  /** Everything it makes goes with it, and nothing of it outlives the program. */
  temporary?: boolean;
  /** Brings up the back office, with an identity provider of our own on this port; 0 takes a free one. */
  identityProviderPort?: number;
} & Pick<GatewayParts, 'wrapSteps' | 'onBreach'>;

export type DevelopmentGateway = AsyncDisposable & {
  gateway: Gateway;
  config: Config;
  urls: DatabaseUrls;
  accounts: SeededAccount[];
  /** Of the staff that may sign in; undefined where there is no back office, or another provider is set. */
  identityProvider: string | undefined;
  /** The development certificates' folder. */
  certificates: string;
  /** PostgreSQL's own log. */
  postgresLog: string;
};

/**
 * A whole gateway on this machine: the embedded PostgreSQL, certificates and keys made on the spot, the sample accounts
 * and the development clients. Never for production: `main.ts` is.
 */
export async function openDevelopmentGateway(settings: DevelopmentSettings): Promise<DevelopmentGateway> {
  const revocationList = path.join(developmentCertificates, 'crl.pem');
  const told = { GATEWAY_REVOCATION_LIST_FILE: revocationList, ...settings.environment };
  if (readConfig(told).environment === 'production')
    throw new Error('settings: production is run by node src/main.ts, on its own databases');
  await using open = new AsyncDisposableStack();
  await ensureDevelopmentCertificates(developmentCertificates);
  const identityProvider = await openProvider(settings, open);
  const config = readConfig({ ...identityProvider?.settings, ...told });
  if (settings.temporary) open.defer(() => rm(config.dataFolder, { recursive: true, force: true }));
  await mkdir(config.dataFolder, { recursive: true });
  // To be passed through, not looked into: the database server runs as another account where this one is root.
  await chmod(config.dataFolder, 0o711);
  await makeDevelopmentKeys(config.keyFolder, new Date());
  const server = open.use(
    await openEmbeddedServer({ folder: embeddedFolder(config), temporary: settings.temporary ?? false }),
  );
  const urls = await prepareDatabase(server.cluster, embeddedDatabase);
  const accounts = await prepareClients(config, urls);
  const gateway = open.use(
    await openGateway({
      config,
      urls,
      log: settings.log(config),
      version,
      ...(settings.wrapSteps && { wrapSteps: settings.wrapSteps }),
      ...(settings.onBreach && { onBreach: settings.onBreach }),
    }),
  );
  if (gateway.backOfficeOrigin !== undefined) await identityProvider?.serve(gateway.backOfficeOrigin);
  const closing = open.move();
  return {
    gateway,
    config,
    urls,
    accounts,
    identityProvider: identityProvider?.issuer,
    certificates: developmentCertificates,
    postgresLog: server.logFile,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** None where another one is set. */
async function openProvider(
  { environment, identityProviderPort: port }: DevelopmentSettings,
  open: AsyncDisposableStack,
): Promise<DevelopmentIdentityProvider | undefined> {
  if (port === undefined || environment.GATEWAY_SIGN_IN_ISSUER !== undefined) return undefined;
  return open.use(await openDevelopmentIdentityProvider({ port, certificates: developmentCertificates }));
}

/** Development certificates may have been made again, so their clients are registered at each start. */
async function prepareClients(config: Config, urls: DatabaseUrls): Promise<SeededAccount[]> {
  const ledger = openPool({ url: urls.ledger, applicationName: 'seed' });
  const gateway = openPool({ url: urls.gateway, applicationName: 'seed' });
  try {
    const accounts = await seedAccounts(ledger);
    await registerDevelopmentClients(gateway, developmentCertificates, { issuer: config.issuer, now: new Date() });
    return accounts;
  } finally {
    await Promise.all([ledger.end(), gateway.end()]);
  }
}
