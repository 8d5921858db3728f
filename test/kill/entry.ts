import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openGateway } from '../../src/gateway.ts';
import { openLog } from '../../src/operations/log.ts';
import { moveClock } from './move-clock.ts';
import { announce, cutReversalSteps, cutSteps, parseCut } from './points.ts';

/** A gateway as `main.ts` runs it, on the databases that the settings name, with a point at which it dies (KILL_POINT). */
const config = readConfig(process.env);
const { databaseUrl: gateway, ledgerDatabaseUrl: ledger } = config;
if (gateway === undefined || ledger === undefined) throw new Error('the databases must be named');
const cut = parseCut(process.env.KILL_POINT);

// Ends with its parent, however that ends.
const told = createInterface({ input: process.stdin });
told.on('close', () => process.kill(process.pid, 'SIGKILL'));
told.on('line', (line) => {
  const [what, seconds] = line.split(' ');
  if (what === 'clock') moveClock(Number(seconds));
  // As it does by itself every half a minute; a database that is away is met by the next time.
  if (what === 'measure') measure().catch(() => undefined);
});
let measure = async (): Promise<void> => undefined;

const running = await openGateway({
  config,
  urls: { gateway, ledger },
  log: openLog(config, pino.destination(2)),
  version: '0.0.0',
  ...(cut && {
    wrapSteps: (steps) => cutSteps(steps, cut),
    wrapReversalSteps: (steps) => cutReversalSteps(steps, cut),
  }),
  wrapClock(clock) {
    measure = clock.measure;
    return clock;
  },
  onBreach: (breach) => announce(`breach ${breach}`),
});
// The next process starts sooner (NODE_COMPILE_CACHE); one that is killed would leave nothing of it.
flushCompileCache();
announce(`ready ${running.apiOrigin} ${running.publicOrigin} ${running.operationsOrigin}`);
await once(process, 'SIGTERM');
await running[Symbol.asyncDispose]();
announce('closed');
process.exit(0);
