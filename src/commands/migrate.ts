import { readConfig } from '../config.ts';
import { migrateGateway, migrateLedger } from '../database/migrations.ts';
import { withoutValues } from '../operations/fault.ts';

/** `npm run migrate`: brings the databases that the settings name up to this program, by their owners' roles. */
async function migrate(): Promise<void> {
  const { migrationDatabaseUrl, ledgerMigrationDatabaseUrl } = readConfig(process.env);
  if (migrationDatabaseUrl === undefined)
    throw new Error('settings: GATEWAY_MIGRATION_DATABASE_URL is needed: the owner that migrates');
  const told = (schema: string, applied: readonly string[]) =>
    console.log(`${schema}: ${applied.length === 0 ? 'nothing to apply' : applied.join(', ')}`);
  told('gateway', await migrateGateway(migrationDatabaseUrl));
  if (ledgerMigrationDatabaseUrl !== undefined) told('ledger', await migrateLedger(ledgerMigrationDatabaseUrl));
}

await migrate().catch((fault: unknown) => {
  const told = fault instanceof Error && fault.message.startsWith('settings') ? fault.message : undefined;
  console.error(told ?? JSON.stringify(withoutValues(fault)));
  process.exitCode = 1;
});
