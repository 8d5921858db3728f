import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const gatewayFolder = fileURLToPath(new URL('../../migrations', import.meta.url));
const ledgerFolder = fileURLToPath(new URL('../../migrations/ledger', import.meta.url));

/** Applies what is missing, in order; a replica that starts at the same time waits. The URL is the owner's. */
export async function migrateGateway(ownerUrl: string): Promise<string[]> {
  return migrate(ownerUrl, gatewayFolder, 'public');
}

/** The same for the ledger's own schema, by its own owner. */
export async function migrateLedger(ownerUrl: string): Promise<string[]> {
  return migrate(ownerUrl, ledgerFolder, 'ledger');
}

async function migrate(databaseUrl: string, dir: string, schema: string): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir,
    direction: 'up',
    migrationsTable: 'applied_migrations',
    migrationsSchema: schema,
    createMigrationsSchema: schema !== 'public',
    advisoryLockMode: 'wait',
    checkOrder: true,
    singleTransaction: true,
    log: () => undefined,
  });
  return applied.map(({ name }) => name);
}
