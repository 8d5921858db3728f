import tls from 'node:tls';
import type { TestDoor } from './door.ts';

/** One answer as it came over the wire. */
export type WireAnswer = { status: number; headers: Record<string, string>; body: string };

/** A connection on which bytes are said as they are, also those that no client library would send. */
export type Wire = Disposable & {
  say: (bytes: string | Buffer) => void;
  /** The next answer, or what ended the connection before it was whole: "CLOSED" or an error's code. */
  answer: () => Promise<WireAnswer | string>;
  /** Resolves when the other side has ended the connection. */
  ended: Promise<void>;
  socket: tls.TLSSocket;
  /** The newest session that the server has given, for another connection to resume. */
  session: () => Buffer | undefined;
};

export type WireWish = Pick<
  tls.ConnectionOptions,
  'minVersion' | 'maxVersion' | 'ciphers' | 'ALPNProtocols' | 'ecdhCurve'
> & {
  session?: Buffer | undefined;
  /** undefined: none is presented. */
  client?: { cert: string; key: string } | undefined;
};

/** Connects. A handshake that fails is met by `answer`, as by a real client: in TLS 1.3 it learns of it at its first read. */
export async function connect(
  { port, authority, client }: Pick<TestDoor, 'port' | 'authority' | 'client'>,
  wish: WireWish = {},
): Promise<Wire> {
  const { session, client: other, ...options } = wish;
  const shown = 'client' in wish ? other : client;
  const socket = tls.connect({
    ...{ host: '127.0.0.1', port, ca: authority.pem, ...options },
    ...(shown === undefined ? {} : { cert: shown.cert, key: shown.key }),
    ...(session === undefined ? {} : { session }),
  });
  let received: Buffer = Buffer.alloc(0);
  let end: string | undefined;
  let newest: Buffer | undefined;
  let wake = () => {};
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on('session', (given) => {
    newest = given;
  });
  socket.on('error', (error) => {
    end ??= 'code' in error ? String(error.code) : error.name;
  });
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      end ??= 'CLOSED';
      wake();
      resolve();
    });
  });
  await new Promise<void>((connected) => {
    socket.once('secureConnect', connected);
    socket.once('close', () => connected());
  });
  return {
    ...{ socket, ended, session: () => newest },
    say: (bytes) => void socket.write(bytes),
    async answer() {
      for (;;) {
        const found = firstAnswer(received);
        if (found !== undefined) {
          received = found.rest;
          return found.answer;
        }
        if (end !== undefined) return end;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Says one thing on a connection of its own and gives the answer. */
export async function ask(
  door: Parameters<typeof connect>[0],
  bytes: string | Buffer,
  wish: WireWish = {},
): Promise<WireAnswer | string> {
  using wire = await connect(door, wish);
  wire.say(bytes);
  return await wire.answer();
}

/** A well-formed request, whose headers can be set, and removed by undefined. */
export function get(path: string, headers: Record<string, string | undefined> = {}, method = 'GET', body = ''): string {
  const all: Record<string, string | undefined> = {
    Host: 'gateway.bank.example',
    ...(method === 'GET' && body === ''
      ? {}
      : { 'Content-Length': String(Buffer.byteLength(body)), 'Content-Type': 'application/json' }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

export const put = (path: string, body: string, headers: Record<string, string | undefined> = {}): string =>
  get(path, headers, 'PUT', body);
export const post = (path: string, body: string, headers: Record<string, string | undefined> = {}): string =>
  get(path, headers, 'POST', body);

function firstAnswer(received: Buffer): { answer: WireAnswer; rest: Buffer } | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [statusLine = '', ...lines] = received.subarray(0, head).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const end = head + 4 + Number(headers['content-length'] ?? 0);
  if (received.length < end) return undefined;
  const body = received.subarray(head + 4, end).toString();
  return { answer: { status: Number(statusLine.split(' ')[1]), headers, body }, rest: received.subarray(end) };
}

/** A problem document's members, or what was there instead. */
export function problemOf(answer: WireAnswer | string): Record<string, unknown> {
  if (typeof answer === 'string') throw new Error(`no answer: ${answer}`);
  if (answer.headers['content-type'] !== 'application/problem+json') throw new Error(`no problem: ${answer.status}`);
  const body: unknown = JSON.parse(answer.body);
  if (typeof body !== 'object' || body === null) throw new Error('a problem is an object');
  return { ...body };
}

/** "malformed 400": the kind and status that were answered, or what ended the connection. */
export function kindOf(answer: WireAnswer | string): string {
  if (typeof answer === 'string') return answer;
  if (answer.status < 400) return String(answer.status);
  const { type, status } = problemOf(answer);
  return `${String(type).split('/').at(-1)} ${status === answer.status ? status : 'and another status'}`;
}
