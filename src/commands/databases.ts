import path from 'node:path';
import type { Config } from '../config.ts';
import { openEmbeddedServer, runningEmbeddedServer } from '../database/embedded.ts';
import { migrateGateway, migrateLedger } from '../database/migrations.ts';
import { type DatabaseUrls, prepareDatabase, urlsOf } from '../database/roles.ts';

/** The embedded server's folder and the one database in it, for every program that runs on this data folder. */
export const embeddedFolder = ({ dataFolder }: Pick<Config, 'dataFolder'>): string => path.join(dataFolder, 'postgres');
export const embeddedDatabase = 'gateway';

type LedgerSettings = Pick<Config, 'dataFolder' | 'ledgerDatabaseUrl' | 'ledgerMigrationDatabaseUrl'>;
type DatabaseSettings = LedgerSettings & Pick<Config, 'databaseUrl' | 'migrationDatabaseUrl'>;

/**
 * Where the ledger is for a command: the database that the settings name, or the embedded one, which is shared with a
 * gateway that runs on it and started for as long as the command runs otherwise.
 */
export async function findLedger(config: LedgerSettings): Promise<AsyncDisposable & Pick<DatabaseUrls, 'ledger'>> {
  if (config.ledgerDatabaseUrl === undefined) return findEmbedded(config);
  if (config.ledgerMigrationDatabaseUrl !== undefined) await migrateLedger(config.ledgerMigrationDatabaseUrl);
  return { ledger: config.ledgerDatabaseUrl, [Symbol.asyncDispose]: async () => undefined };
}

/** The same for gateway and ledger, each by its own setting. */
export async function findDatabases(
  config: DatabaseSettings,
): Promise<AsyncDisposable & Pick<DatabaseUrls, 'gateway' | 'ledger'>> {
  if (config.databaseUrl !== undefined) {
    const found = await findLedger(config);
    if (config.migrationDatabaseUrl !== undefined) await migrateGateway(config.migrationDatabaseUrl);
    return { ...found, gateway: config.databaseUrl };
  }
  const embedded = await findEmbedded(config);
  if (config.ledgerDatabaseUrl === undefined) return embedded;
  return { ...embedded, ...(await findLedger(config)), [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose]() };
}

async function findEmbedded(
  config: LedgerSettings,
): Promise<AsyncDisposable & Pick<DatabaseUrls, 'gateway' | 'ledger'>> {
  const folder = embeddedFolder(config);
  const running = await runningEmbeddedServer(folder);
  if (running !== undefined) {
    return { ...urlsOf(running, embeddedDatabase), [Symbol.asyncDispose]: async () => undefined };
  }
  const server = await openEmbeddedServer({ folder });
  const urls = await prepareDatabase(server.cluster, embeddedDatabase);
  return { ...urls, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
