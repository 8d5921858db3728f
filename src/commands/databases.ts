import path from 'node:path';
import type { Config } from '../config.ts';
import { openEmbeddedServer, runningEmbeddedServer } from '../database/embedded.ts';
import { migrateLedger } from '../database/migrations.ts';
import { type DatabaseUrls, prepareDatabase, urlsOf } from '../database/roles.ts';

/** The embedded server's folder and the one database in it, for every program that runs on this data folder. */
export const embeddedFolder = ({ dataFolder }: Pick<Config, 'dataFolder'>): string => path.join(dataFolder, 'postgres');
export const embeddedDatabase = 'gateway';

type DatabaseSettings = Pick<Config, 'dataFolder' | 'ledgerDatabaseUrl' | 'ledgerMigrationDatabaseUrl'>;

/**
 * Where the ledger is for a command: the database that the settings name, or the embedded one, which is shared with a
 * gateway that runs on it and started for as long as the command runs otherwise.
 */
export async function findLedger(config: DatabaseSettings): Promise<AsyncDisposable & Pick<DatabaseUrls, 'ledger'>> {
  const nothing = async () => undefined;
  if (config.ledgerDatabaseUrl !== undefined) {
    if (config.ledgerMigrationDatabaseUrl !== undefined) await migrateLedger(config.ledgerMigrationDatabaseUrl);
    return { ledger: config.ledgerDatabaseUrl, [Symbol.asyncDispose]: nothing };
  }
  const folder = embeddedFolder(config);
  const running = await runningEmbeddedServer(folder);
  if (running !== undefined) return { ...urlsOf(running, embeddedDatabase), [Symbol.asyncDispose]: nothing };
  const server = await openEmbeddedServer({ folder });
  const { ledger } = await prepareDatabase(server.cluster, embeddedDatabase);
  return { ledger, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
