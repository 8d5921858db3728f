import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { openPool } from '../database/pool.ts';
import { beginEpoch } from '../journal/sealer.ts';
import { withoutValues } from '../operations/fault.ts';
import { findDatabases } from './databases.ts';

const usage = `npm run begin-journal-epoch -- --by NAME

After a copy of the database's folder, or of its disk, was put back, or a dump's data alone was loaded into the tables that
stand there, with the gateway stopped: begins a new epoch of the journal, so that no number that was told of after the copy
is given to another row, and a stop of all debits. A dump that is loaded with its tables, into the same cluster too, a
recovery to an earlier time and a standby that takes over are told by PostgreSQL itself: there the gateway begins one when it
starts.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { by: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) return console.log(usage);
  const by = values.by?.trim() ?? '';
  if (by === '' || by.length > 255) throw new Error(`settings: who begins it?\n\n${usage}`);
  await using opened = new AsyncDisposableStack();
  const config = readConfig(process.env);
  // Where the settings name it, as it is: this migrates nothing.
  const gateway = config.databaseUrl ?? opened.use(await findDatabases(config)).gateway;
  const pool = openPool({ url: gateway, applicationName: 'gateway begin-journal-epoch', connections: 1 });
  opened.adopt(pool, (one) => one.end());
  const epoch = await beginEpoch(pool, by);
  if (epoch === undefined) throw new Error('settings: a gateway seals this journal, or none ever has: stop it first');
  console.log(`epoch ${epoch} of the journal has begun`);
}

await main().catch((fault: unknown) => {
  const own = fault instanceof Error && /^(settings|Unknown option|Option)/.test(fault.message);
  console.error(own ? fault.message : JSON.stringify(withoutValues(fault)));
  process.exitCode = 1;
});
