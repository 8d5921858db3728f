import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrateLedger, migrateSchema } from '../database/migrations.ts';
import { openPool } from '../database/pool.ts';
import { openAdminDoor } from './admin-door.ts';
import { type Administration, openAdministration } from './administration.ts';
import { openBank } from './bank.ts';
import { openBusDoor } from './bus.ts';
import { openDesk } from './desk.ts';
import { type BusKind, bestKind } from './kind.ts';
import { openRules } from './rules.ts';
import { openSchemas } from './schemas.ts';
import { openTally } from './tally.ts';

export type SimulatorSettings = {
  /** Of a role that owns the database: it migrates the ledger and the simulator's own schema, and runs on them. */
  databaseUrl: string;
  /** A folder with ca.pem, core-bank.pem and core-bank-key.pem. */
  certificates: string;
  /** Where the bus listens. 127.0.0.1 and a free port where nothing is said; the admin API is on loopback always. */
  host?: string;
  port?: number;
  adminPort?: number;
  /** The published schemas of ISO 20022: where they are there, what comes is held to them. */
  schemas?: string;
  kind?: BusKind;
  /** What probabilities are drawn from. */
  seed?: string;
  /** Of a day's statement. */
  entriesAPage?: number;
};

export type CoreBankSimulator = AsyncDisposable & {
  /** "https://localhost:PORT" */
  busUrl: string;
  /** "http://127.0.0.1:PORT" */
  adminUrl: string;
  administration: Administration;
  /** Whether what comes is held to the published schemas. */
  validates: boolean;
};

/** The name in the certificate of the one client that the bus serves. */
const busClientName = 'core-bank-client';

const versions = ['pacs.003.001.08', 'pacs.007.001.09', 'pacs.028.001.03', 'camt.056.001.08', 'acmt.023.001.03'];

/** Opens a bank's core banking bus with a bank behind it, on a database of its own: a test program, never for production. */
export async function openCoreBankSimulator(settings: SimulatorSettings): Promise<CoreBankSimulator> {
  const { databaseUrl, certificates, schemas: schemaFolder, seed = 'core bank', entriesAPage = 1000 } = settings;
  await using open = new AsyncDisposableStack();
  await migrateLedger(databaseUrl);
  await migrateSchema(databaseUrl, fileURLToPath(new URL('migrations', import.meta.url)), 'simulator');
  const db = openPool({ url: databaseUrl, applicationName: 'core bank simulator', connections: 20 });
  open.defer(() => db.end());
  const validates = schemaFolder !== undefined && existsSync(schemaFolder);
  const schemas = validates ? open.use(await openSchemas(schemaFolder, versions)) : undefined;
  const kind = { now: settings.kind ?? bestKind };
  const rules = openRules(seed);
  const tally = openTally();
  const bank = openBank(db, () => kind.now);
  const later = open.use(openLater(tally.failed));
  const desk = openDesk({ db, bank, rules, tally, schemas, entriesAPage, later: later.run, now: () => new Date() });
  const pem = (name: string) => readFile(path.join(certificates, `${name}.pem`), 'utf8');
  const bus = await openBusDoor({
    ...{ host: settings.host ?? '127.0.0.1', port: settings.port ?? 0, clientName: busClientName },
    ...{ certificate: await pem('core-bank'), key: await pem('core-bank-key'), authority: await pem('ca') },
    ...desk,
    onFault: tally.failed,
  });
  open.defer(() => bus.close());
  const administration = openAdministration({ db, rules, tally, kind });
  const admin = await openAdminDoor(settings.adminPort ?? 0, administration);
  open.defer(() => admin.close());
  const closing = open.move();
  return {
    busUrl: `https://localhost:${bus.port}`,
    adminUrl: `http://127.0.0.1:${admin.port}`,
    administration,
    validates,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** What is to be done after the answer, and is given up when the simulator stops. */
function openLater(onFault: (fault: unknown) => void) {
  const stop = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  return {
    run(ms: number, work: () => Promise<unknown>) {
      const done = pause(ms, undefined, { signal: stop.signal })
        .then(work)
        .catch((fault: unknown) => {
          if (!stop.signal.aborted) onFault(fault);
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(underWay);
    },
  };
}
