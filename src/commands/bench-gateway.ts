import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../config.ts';
import type { DatabaseUrls } from '../database/roles.ts';
import { openLog } from '../operations/log.ts';
import { embeddedFolder } from './databases.ts';
import { openDevelopmentGateway } from './development.ts';

type Told = { apiOrigin: string; urls: DatabaseUrls; certificates: string };

/** A gateway in a process of its own, as CPU time is counted by process, with its own embedded PostgreSQL. */
export type BenchGateway = AsyncDisposable & Told & { config: Config; pid: number; postmaster: number };

/** What the caller may try out: everything else of its environment would measure another gateway than it thinks. */
const kept = ['GATEWAY_DATABASE_CONNECTIONS', 'GATEWAY_LEDGER_CONNECTIONS'];

/**
 * Starts it on a folder that is there for nothing else, with settings of the caller's, if any. It ends with this process,
 * however that ends.
 */
export async function startBenchGateway(
  dataFolder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchGateway> {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('GATEWAY_') || kept.includes(name));
  const environment = {
    ...Object.fromEntries(others),
    GATEWAY_DATA_FOLDER: dataFolder,
    GATEWAY_API_HOST: '127.0.0.1',
    GATEWAY_PUBLIC_HOST: '127.0.0.1',
    GATEWAY_API_PORT: '0',
    GATEWAY_PUBLIC_PORT: '0',
    GATEWAY_OPERATIONS_PORT: '0',
    GATEWAY_REQUESTS_PER_SECOND: '100000',
    GATEWAY_DEBITS_A_DAY: '1000000',
    GATEWAY_OPERATION_REQUESTS_PER_SECOND: '100000',
    ...settings,
  };
  const config = readConfig(environment);
  // In a group of its own, so that Ctrl-C reaches this process alone, which then stops it in order. Its log is written
  // as in production, and not looked at.
  const child = fork(fileURLToPath(import.meta.url), {
    env: environment,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const told = await Promise.race([
    once(child, 'message').then((messages: Told[]) => messages[0]),
    exited.then(() => {
      throw new Error('the gateway did not start');
    }),
  ]);
  if (told === undefined) throw new Error('the gateway did not tell where it is');
  return {
    ...told,
    config,
    pid: child.pid ?? 0,
    postmaster: await postmasterOf(config),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** The first line of the server's pid file. */
async function postmasterOf(config: Config): Promise<number> {
  const file = path.join(embeddedFolder(config), 'data', 'postmaster.pid');
  return Number((await readFile(file, 'utf8')).split('\n')[0]);
}

/** The child's part: the development gateway, until the process that forked it lets go or is gone. Answers its folder. */
async function serve(tell: (told: Told) => void): Promise<string> {
  const released = once(process, 'disconnect');
  await using development = await openDevelopmentGateway({ environment: process.env, log: openLog, temporary: true });
  const { gateway, urls, certificates } = development;
  tell({ apiOrigin: gateway.apiOrigin, urls, certificates });
  await released;
  return development.config.dataFolder;
}

if (import.meta.main) {
  if (process.send === undefined) throw new Error('this is a part of npm run bench');
  // Removed here too, for where the process that made it was killed.
  await rm(await serve((told) => process.send?.(told)), { recursive: true, force: true });
}
