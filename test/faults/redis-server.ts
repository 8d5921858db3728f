import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A Redis of the run's own, which is stopped and started on one port. */
export type RedisServer = AsyncDisposable & {
  url: string;
  empty: () => Promise<void>;
  stop: () => Promise<void>;
  start: () => Promise<void>;
};

export async function openRedisServer(port: number): Promise<RedisServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-redis-'));
  let running: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    running = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      { stdio: 'ignore' },
    );
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if ((await ask(port, 'PING').catch(() => '')).startsWith('+PONG')) return;
      await pause(25);
    }
    throw new Error('redis-server did not start');
  };
  const stop = async () => {
    if (running === undefined) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    running = undefined;
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    async empty() {
      await ask(port, 'FLUSHALL');
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One inline command of the Redis protocol, and the first line of its answer. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, 'data');
    return String(answer);
  } finally {
    socket.destroy();
  }
}
