import { once } from 'node:events';
import { isProduction, readConfig } from './config.ts';
import { migrateGateway, migrateLedger } from './database/migrations.ts';
import { openGateway } from './gateway.ts';
import { withoutValues } from './operations/fault.ts';
import { openLog } from './operations/log.ts';
import { requireSafeFiles } from './settings-files.ts';
import { version } from './version.ts';

/** Runs the gateway on the databases that the settings name, until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = openLog(config);
  const { databaseUrl, ledgerDatabaseUrl, migrationDatabaseUrl, ledgerMigrationDatabaseUrl } = config;
  if (databaseUrl === undefined || (config.coreBanking === 'ledger' && ledgerDatabaseUrl === undefined)) {
    throw new Error(
      'settings: GATEWAY_DATABASE_URL is needed here, and for the ledger GATEWAY_LEDGER_DATABASE_URL; npm start brings its own',
    );
  }
  await requireSafeFiles(config, isProduction(config, process.env));
  if (migrationDatabaseUrl !== undefined) await migrateGateway(migrationDatabaseUrl);
  if (ledgerMigrationDatabaseUrl !== undefined) await migrateLedger(ledgerMigrationDatabaseUrl);
  const urls = { gateway: databaseUrl, ledger: ledgerDatabaseUrl };
  await using _gateway = await openGateway({ config, urls, log, version });
  log.info({ version }, 'the gateway runs');
  const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info({ signal: String(signal) }, 'the gateway stops');
}

await main().catch((fault: unknown) => {
  // At start there is an operator in front of it: settings' faults are said whole, and hold no values.
  const told = fault instanceof Error && /^(settings|files|key folder)/.test(fault.message) ? fault.message : undefined;
  console.error(told ?? JSON.stringify(withoutValues(fault)));
  process.exitCode = 1;
});
