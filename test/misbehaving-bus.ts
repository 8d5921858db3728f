import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { BusFiles } from '../src/core-banking/iso20022/exchange.ts';
import { readDocument, textAt, type XmlElement } from '../src/core-banking/iso20022/xml.ts';
import { openTestAuthority, type TestAuthority } from './certificates.ts';

export type BusRequestSeen = {
  path: string;
  body: Buffer;
  /** The message's own id: what the answer has to name. */
  messageId: string;
  /** "FIToFICstmrDrctDbt" and so on; empty for a statement. */
  message: string;
  root: XmlElement | undefined;
};

/** Answers as the test says, or bytes alone for a good 200. */
export type Answering = (seen: BusRequestSeen, response: ServerResponse, socket: TLSSocket) => unknown;

/** A bus over HTTPS with mutual TLS that does nothing but what a test tells it. */
export type MisbehavingBus = AsyncDisposable & {
  origin: string;
  files: BusFiles;
  authority: TestAuthority;
  seen: readonly BusRequestSeen[];
  connections: () => number;
  answer: Answering;
};

export async function openMisbehavingBus(): Promise<MisbehavingBus> {
  const authority = await openTestAuthority();
  const [served, client] = [await authority.issue('localhost', { use: 'server' }), await authority.issue('gateway')];
  const seen: BusRequestSeen[] = [];
  let connections = 0;
  const server = https.createServer(
    { cert: served.cert, key: served.key, ca: authority.pem, requestCert: true, rejectUnauthorized: true },
    (request, response) => void serve(bus, seen, request, response),
  );
  server.on('secureConnection', () => (connections += 1));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const bus: MisbehavingBus = {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    files: { authorities: authority.file, certificate: client.certFile, key: client.keyFile },
    authority,
    seen,
    connections: () => connections,
    answer: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await authority[Symbol.asyncDispose]();
    },
  };
  return bus;
}

async function serve(
  bus: MisbehavingBus,
  seen: BusRequestSeen[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const root = readDocument(body, 10_000_000)?.root;
  const message = root?.children[0];
  const one = {
    path: request.url ?? '',
    body,
    root,
    message: message?.name ?? '',
    messageId:
      textAt(message, 'GrpHdr', 'MsgId') ??
      textAt(message, 'Assgnmt', 'Id') ??
      textAt(message, 'Assgnmt', 'MsgId') ??
      '',
  };
  seen.push(one);
  const answer = await bus.answer(one, response, request.socket as TLSSocket);
  if (typeof answer === 'string' || Buffer.isBuffer(answer))
    response.writeHead(200, { 'Content-Type': 'application/xml' }).end(answer);
}
