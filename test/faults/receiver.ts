import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import path from 'node:path';
import type { Duplex } from 'node:stream';

/** What was pushed, in the order in which it came: the body is the event's compact JWS. */
export type Pushed = { token: string; answered: number };

/** A creditor's receiver of webhooks, which can be away: then it takes no connection. */
export type Receiver = AsyncDisposable & {
  url: string;
  /** Of its certificate. */
  authorities: string;
  pushed: readonly Pushed[];
  isThere: () => boolean;
  goAway: () => Promise<void>;
  comeBack: () => Promise<void>;
};

export async function openReceiver(certificates: string, port = 0): Promise<Receiver> {
  const file = (name: string) => readFileSync(path.join(certificates, name));
  const pushed: Pushed[] = [];
  const sockets = new Set<Duplex>();
  const open = async (onPort: number) => {
    const server = createServer({ cert: file('server.pem'), key: file('server-key.pem') }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        pushed.push({ token: Buffer.concat(chunks).toString(), answered: 204 });
        response.writeHead(204).end();
      });
    });
    // Those too whose handshake is under way: they would keep it from closing.
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(onPort, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await open(port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: `https://localhost:${address.port}/events`,
    authorities: file('ca.pem').toString(),
    pushed,
    isThere: () => server.listening,
    goAway: close,
    async comeBack() {
      server = await open(address.port);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };
}
