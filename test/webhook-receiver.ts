import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { openTestAuthority, type TestAuthority } from './certificates.ts';

/** One push as it came. */
export type Pushed = {
  claims: Record<string, unknown>;
  token: string;
  headers: IncomingMessage['headers'];
  client: string;
};

/** A creditor's receiver: a real HTTPS server under an authority of its own, that answers as the test says. */
export type Receiver = AsyncDisposable & {
  url: string;
  authority: TestAuthority;
  pushed: Pushed[];
  /** What is answered from now on; 204 at first. A promise is waited for. */
  answerWith: (answer: Answering) => void;
};

export type Answering = (pushed: Pushed, response: ServerResponse) => void | Promise<void>;

export const status =
  (code: number, headers: Record<string, string> = {}): Answering =>
  (_pushed, response) =>
    void response.writeHead(code, headers).end();

/** The events' numbers, as they came. */
export const sequencesOf = (pushed: readonly Pushed[]): string[] => pushed.map(({ claims }) => `${claims.sequence}`);

export async function openReceiver(): Promise<Receiver> {
  const authority = await openTestAuthority();
  const { cert, key } = await authority.issue('receiver', { use: 'server' });
  const pushed: Pushed[] = [];
  let answering: Answering = status(204);
  const server: Server = createServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const token = Buffer.concat(chunks).toString();
        const socket = request.socket as TLSSocket;
        const one: Pushed = {
          claims: JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
          token,
          headers: request.headers,
          client: String(socket.getPeerCertificate().subject?.CN ?? ''),
        };
        pushed.push(one);
        void answering(one, response);
      });
    },
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/events`,
    authority,
    pushed,
    answerWith(next) {
      answering = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await authority[Symbol.asyncDispose]();
    },
  };
}
