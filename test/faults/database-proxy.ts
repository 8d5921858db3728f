import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between the replicas and PostgreSQL, so that connections can be cut at the worst moment. */
export type DatabaseProxy = AsyncDisposable & {
  port: number;
  /** Where the server is now: it takes another port each time it is started. */
  reach: (port: number) => void;
  /** Drops the next answer of the server on every open connection, and the connection with it: what was asked is done. */
  cutAnswers: () => void;
  /** Answers that were dropped so far. */
  cuts: () => number;
};

export async function openDatabaseProxy(): Promise<DatabaseProxy> {
  let target: number | undefined;
  let cuts = 0;
  const pairs = new Set<Pair>();
  const server = createServer((client) => {
    if (target === undefined) return void client.destroy();
    pairs.add(pairOf(client, connect(target, '127.0.0.1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  function pairOf(client: Socket, upstream: Socket): Pair {
    const pair: Pair = { cut: false, end: () => [client, upstream].forEach((socket) => void socket.destroy()) };
    client.setNoDelay().on('data', (chunk: Buffer) => upstream.write(chunk));
    upstream.setNoDelay().on('data', (chunk: Buffer) => {
      if (!pair.cut) return void client.write(chunk);
      cuts += 1;
      pair.end();
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pair.end();
        pairs.delete(pair);
      });
    }
    return pair;
  }

  return {
    port: address.port,
    reach(port) {
      target = port;
    },
    cutAnswers() {
      for (const pair of pairs) pair.cut = true;
    },
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const pair of pairs) pair.end();
      await closed;
    },
  };
}

type Pair = { cut: boolean; end: () => void };
