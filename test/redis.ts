import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

/** A Redis of the test's own, to be treated badly. Disposing leaves nothing of it. */
export type TestRedis = AsyncDisposable & {
  url: string;
  /** Asks it something, as anyone could. */
  ask: (command: string, ...words: string[]) => Promise<unknown>;
  kill: () => Promise<void>;
  /** Again, on the same port, and empty. */
  start: () => Promise<void>;
  /** It takes connections still, and answers nothing. */
  freeze: () => void;
  thaw: () => void;
};

export async function openRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const start = async () => {
    const begun = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    server = begun;
    for await (const line of createInterface(begun.stdout)) if (line.includes('Ready to accept connections')) break;
    begun.stdout.resume();
  };
  const kill = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url,
    async ask(command, ...words) {
      const client = new Redis(url, { lazyConnect: true });
      try {
        await client.connect();
        return await client.call(command, ...words);
      } finally {
        client.disconnect();
      }
    },
    kill,
    start,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
