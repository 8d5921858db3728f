import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Delivery, deliver } from './deliver.ts';

export type BusParts = {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** PEM: the bus's own, and the authority of whoever may speak to it. */
  certificate: string;
  key: string;
  authority: string;
  /** The common name of the one client that is served. */
  clientName: string;
  takeMessage: (body: Buffer, stopped: AbortSignal) => Promise<Delivery>;
  takeStatement: (day: string, page: string, stopped: AbortSignal) => Promise<Delivery>;
  onFault: (fault: unknown) => void;
};

export type BusDoor = { port: number; close: () => Promise<void> };

const mostBytes = 1_048_576;

/** The bus's own door: HTTP/1.1 over mutual TLS, as docs/CORE-BANKING-BUS.md has it. */
export async function openBusDoor(parts: BusParts): Promise<BusDoor> {
  const stop = new AbortController();
  // By the client's port: what can be reset is the connection under the TLS one.
  const raw = new Map<number | undefined, Socket>();
  const server = createServer(
    {
      ...{ cert: parts.certificate, key: parts.key, ca: parts.authority, minVersion: 'TLSv1.2' as const },
      ...{ requestCert: true, rejectUnauthorized: true, keepAliveTimeout: 75_000, noDelay: true },
    },
    (request, response) => {
      const connection = raw.get(request.socket.remotePort);
      respond(parts, request, stop.signal)
        .catch((fault: unknown): Delivery => {
          if (!stop.signal.aborted) parts.onFault(fault);
          return { way: 'STATUS', status: 500 };
        })
        .then((delivery) => {
          // Who went away meanwhile is told nothing, though what was asked is done.
          if (!response.destroyed && !request.socket.destroyed) deliver(response, connection, delivery);
        })
        .catch(parts.onFault);
    },
  );
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    raw.set(remotePort, socket);
    socket.once('close', () => raw.delete(remotePort));
    // A client that resets is a client that has gone.
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(parts.port, parts.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the bus has no port');
  return {
    port: address.port,
    async close() {
      stop.abort();
      const closed = once(server, 'close');
      server.close();
      for (const socket of raw.values()) socket.destroy();
      await closed;
    },
  };
}

async function respond(parts: BusParts, request: IncomingMessage, stopped: AbortSignal): Promise<Delivery> {
  if (!isClient(request, parts.clientName)) return { way: 'STATUS', status: 403 };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://bus');
  if (pathname === '/messages') {
    if (request.method !== 'POST') return { way: 'STATUS', status: 405 };
    if (!/^application\/xml\b/.test(request.headers['content-type'] ?? '')) return { way: 'STATUS', status: 415 };
    const body = await bodyOf(request);
    return body === undefined ? { way: 'STATUS', status: 413 } : parts.takeMessage(body, stopped);
  }
  const [, day] = /^\/statements\/([^/]+)$/.exec(pathname) ?? [];
  if (day === undefined) return { way: 'STATUS', status: 404 };
  if (request.method !== 'GET') return { way: 'STATUS', status: 405 };
  return parts.takeStatement(day, searchParams.get('page') ?? '1', stopped);
}

function isClient({ socket }: IncomingMessage, name: string): boolean {
  return socket instanceof TLSSocket && socket.authorized && socket.getPeerCertificate().subject.CN === name;
}

/** Undefined where it is more than a message may have, or the client went away in the middle of it. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) return undefined;
      bytes += chunk.length;
      if (bytes <= mostBytes) chunks.push(chunk);
    }
  } catch (fault) {
    if (request.readableAborted || request.destroyed) return undefined;
    throw fault;
  }
  return bytes <= mostBytes ? Buffer.concat(chunks) : undefined;
}
