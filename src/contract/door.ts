import { unwatchFile, watchFile } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Conversations, openConversations } from './conversations.ts';
import type { HttpLimits } from './http-limits.ts';
import type { ProblemKind } from './problems.ts';
import { readTlsMaterial, type TlsFiles } from './tls.ts';
import { checkPeer, refusalOf, rememberPeer, type TlsRefusal } from './tls-peer.ts';

export type DoorParts = {
  host?: string;
  /** 0 takes a free one. */
  port: number;
  /** Others on this host may listen on it too: the system hands each new connection to one of them. Linux alone. */
  sharePort?: boolean;
  tls: TlsFiles;
  limits: HttpLimits;
  handle: RequestListener;
  /** A whole answer for a connection on which there is no request to answer. */
  refuse: (kind: ProblemKind, detail: string) => Buffer;
  onTlsRefusal: (reason: TlsRefusal) => void;
  /** Told of each attempt to read the TLS files again. BROKEN: the old ones go on. */
  onReload: (outcome: 'READ' | 'BROKEN') => void;
};

export type Door = {
  port: number;
  /** The last day of the certificate that is presented now. */
  certificateNotAfter: () => Date;
  /** Reads certificate, key and authorities again, as one; also done by itself on SIGHUP and when a file changes. */
  reload: () => void;
  /**
   * Stops accepting. Every request that was taken in is answered, and what comes on an open connection for a little
   * longer too, each as its connection's last: so clients move on to others. Then it closes, within the limit.
   */
  drain: () => Promise<void>;
};

/** Opens a port for HTTP/1.1 over TLS, with every limit that Node does not set by itself. */
export async function openDoor(parts: DoorParts): Promise<Door> {
  const { limits, tls } = parts;
  const material = readTlsMaterial(tls);
  let { notAfter } = material;
  const milliseconds = (seconds: number) => Math.round(seconds * 1000);
  const server = createServer({
    ...material.options,
    requestCert: tls.clientAuthorities !== undefined,
    rejectUnauthorized: tls.clientAuthorities !== undefined,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: milliseconds(limits.handshakeSeconds),
    headersTimeout: milliseconds(limits.headerSeconds),
    requestTimeout: milliseconds(limits.requestSeconds),
    connectionsCheckingInterval: milliseconds(limits.checkSeconds),
    keepAliveTimeout: milliseconds(limits.keepAliveSeconds),
    maxHeaderSize: limits.headerBytes,
    // A request without Host is answered by us, as a problem.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
  });
  // Else Node drops what is too many in silence, before anyone can count.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  server.timeout = milliseconds(limits.stalledSeconds);

  const sockets = watchConnections(server, parts);
  const conversations = openConversations(parts.handle, parts.refuse);
  answerWhatNodeWould(server, conversations);

  const reload = () => {
    try {
      const fresh = readTlsMaterial(tls);
      // Whole, or Node would fall back to its own suites. Session tickets of before are void: they hold what was trusted then.
      server.setSecureContext(fresh.options);
      notAfter = fresh.notAfter;
      parts.onReload('READ');
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      parts.onReload('BROKEN');
    }
  };
  const unwatch = watchFiles(tls, reload);

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    const { port, host = '0.0.0.0', sharePort = false } = parts;
    server.listen({ port, host, reusePort: sharePort }, listening);
  });
  return {
    port: portOf(server),
    certificateNotAfter: () => notAfter,
    reload,
    async drain() {
      unwatch();
      // Node's own close would cut idle connections, and with them requests that are on their way on one.
      const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
      const patience = setTimeout(() => conversations.abandon(), milliseconds(limits.drainSeconds));
      void conversations.end();
      await untilGone(sockets.raw, limits.lingerSeconds);
      for (const socket of sockets.secure) if (!conversations.isBusy(socket)) socket.destroy();
      await conversations.end();
      clearTimeout(patience);
      // What is left is a handshake that never ended, or an answer that never came.
      for (const socket of sockets.raw) socket.destroy();
      await closed;
      // Ends Node's own looking after connections.
      server.close();
    },
  };
}

/** Until each of them is closed, or the time is over. */
function untilGone(sockets: ReadonlySet<Socket>, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const look = () => {
      if (sockets.size > 0) return;
      clearTimeout(timer);
      resolve();
    };
    for (const socket of sockets) socket.once('close', look);
    look();
  });
}

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  return address.port;
};

/** Each connection twice: as TCP, and as TLS once its handshake has ended. */
type OpenSockets = { raw: ReadonlySet<Socket>; secure: ReadonlySet<Socket> };

/** Bounds connections a client, looks at each client certificate, and keeps every open socket in sight. */
function watchConnections(server: Server, { limits, tls, onTlsRefusal }: DoorParts): OpenSockets {
  const sockets = { raw: new Set<Socket>(), secure: new Set<Socket>() };
  const keep = (open: Set<Socket>, socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const perClient = new Map<string, number>();
  server.on('connection', (socket: Socket) => keep(sockets.raw, socket));
  server.on('drop', () => onTlsRefusal('too-many-connections'));
  server.on('tlsClientError', (error, socket) => onTlsRefusal(refusalOf(error, socket)));
  // Before Node's own listener reads the first request.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const checked = tls.clientAuthorities === undefined ? undefined : checkPeer(socket);
    if (checked !== undefined && 'refusal' in checked) return refuse(socket, checked.refusal);
    if (checked !== undefined) rememberPeer(socket, checked.thumbprint);
    const client = checked?.thumbprint ?? socket.remoteAddress ?? '';
    const count = (perClient.get(client) ?? 0) + 1;
    if (count > limits.connectionsPerClient) return refuse(socket, 'too-many-connections');
    perClient.set(client, count);
    keep(sockets.secure, socket);
    socket.once('close', () => {
      const left = (perClient.get(client) ?? 1) - 1;
      if (left === 0) perClient.delete(client);
      else perClient.set(client, left);
    });
  });
  const refuse = (socket: TLSSocket, reason: TlsRefusal) => {
    onTlsRefusal(reason);
    socket.destroy();
  };
  return sockets;
}

/** The answers that Node would give by itself, without a body or not at all. */
function answerWhatNodeWould(server: Server, conversations: Conversations): void {
  server.on('request', conversations.take);
  server.on('checkContinue', conversations.take);
  server.on('checkExpectation', conversations.take);
  server.on('connect', (_request, socket: Socket) =>
    conversations.refuse(socket, 'malformed', 'CONNECT is not for this server'),
  );
  server.on('clientError', (error: Error, socket: Socket) => {
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'HPE_HEADER_OVERFLOW')
      conversations.refuse(socket, 'headers-too-large', 'The headers have too many bytes');
    else if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
      conversations.refuse(socket, 'request-timeout', 'The request was not complete in time');
    else if (code.startsWith('HPE_')) conversations.refuse(socket, 'malformed', 'This is not HTTP/1.1');
    // The connection is broken: there is nobody to answer.
    else socket.destroy();
  });
}

/** On SIGHUP, and by looking, since a folder that is swapped by a link (Kubernetes) or a network file system tells of no change. */
function watchFiles(tls: TlsFiles, changed: () => void): () => void {
  const files = [tls.certificate, tls.key, tls.clientAuthorities].filter((file) => file !== undefined);
  let pending: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(pending);
    // Files that belong together are written one after the other, and may be seen in two looks.
    pending = setTimeout(changed, 1_500).unref();
  };
  for (const file of files) watchFile(file, { interval: 1_000, persistent: false }, later);
  process.on('SIGHUP', changed);
  return () => {
    clearTimeout(pending);
    process.off('SIGHUP', changed);
    for (const file of files) unwatchFile(file, later);
  };
}
