import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Queryable } from './queryable.ts';

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

/** The names of the gateway's migrations that this program has. */
export async function ownMigrations(): Promise<string[]> {
  const files = await readdir(gatewayFolder);
  return files.filter((name) => name.endsWith('.sql')).map((name) => name.slice(0, -'.sql'.length));
}

/** The names of those that its database has. */
export async function appliedMigrations(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({ text: 'select name from public.applied_migrations' });
  return rows.map(({ name }) => name);
}

/** The same for a schema of somebody else's, from a folder of its own. */
export async function migrateSchema(ownerUrl: string, folder: string, schema: string): Promise<string[]> {
  return migrate(ownerUrl, folder, schema);
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
