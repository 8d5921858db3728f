import { stat } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { readTlsMaterial } from '../../contract/tls.ts';

/** What became of one request. Whatever is not ANSWERED says nothing of what the bus has done with it. */
export type Exchange =
  | {
      outcome: 'ANSWERED';
      httpStatus: number;
      body: Buffer;
      /** Lets go of its connection: what came was no answer to this request, and the next answer may be this one's. */
      giveUp: () => void;
    }
  | { outcome: 'HTTP_STATUS'; httpStatus: number; body: undefined }
  | { outcome: ExchangeFailure; httpStatus: undefined; body: undefined };

/** NOT_CONNECTED: there was no connection to write to. NOT_SENT: held back here, before any connection. */
export type ExchangeFailure = 'TOO_LARGE' | 'TIMED_OUT' | 'BROKEN_OFF' | 'NOT_CONNECTED' | 'NOT_SENT';

export type BusFiles = { authorities: string; certificate: string; key: string };

export type BusConnection = {
  /** Sends once, whatever happens. `until` ends the wait; it never rejects. */
  exchange: (request: BusRequest, until: AbortSignal) => Promise<Exchange>;
  /** Reads certificate, key and authorities again where a file has changed. Rejects where they can't be used: the old ones stay. */
  refresh: () => Promise<boolean>;
  /** When our certificate ends, the one that is in use. */
  certificateNotAfter: () => Date;
  close: () => void;
};

/** A message to be posted, or the path of a statement. */
export type BusRequest = { path: string; body: Buffer | undefined };

export type BusConnectionSettings = {
  /** "https://bus.bank.example:9443". */
  origin: string;
  files: BusFiles;
  /** Open connections, and so exchanges at once. */
  connections: number;
  answerBytes: number;
};

/** Idle connections are let go before a bus would close them under a message that is just being written. */
const idleMilliseconds = 20_000;

/** The bus over HTTPS: kept connections, our certificate, its host name and its authority checked. */
export async function openBusConnection(settings: BusConnectionSettings): Promise<BusConnection> {
  const { origin, files, answerBytes } = settings;
  let read = await changeOf(files);
  let { agent, notAfter } = openAgent(settings);
  return {
    exchange: (request, until) => exchangeOnce(new URL(request.path, origin), request.body, agent, answerBytes, until),
    async refresh() {
      const changed = await changeOf(files);
      if (changed === read) return false;
      const next = openAgent(settings);
      retire(agent);
      ({ agent, notAfter } = next);
      read = changed;
      return true;
    },
    certificateNotAfter: () => notAfter,
    close: () => agent.destroy(),
  };
}

function exchangeOnce(
  url: URL,
  body: Buffer | undefined,
  agent: https.Agent,
  answerBytes: number,
  until: AbortSignal,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const failed = (outcome: ExchangeFailure) => resolve({ outcome, httpStatus: undefined, body: undefined });
    if (until.aborted) return failed('NOT_SENT');
    let connected = false;
    let giveUp: () => void = () => undefined;
    const headers = body && { 'Content-Type': 'application/xml; charset=utf-8', 'Content-Length': body.byteLength };
    const request = https.request(url, {
      agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { Accept: 'application/xml', ...headers },
      signal: until,
    });
    request.on('socket', (socket) => {
      giveUp = () => void socket.destroy();
      if (!socket.connecting) connected = true;
      else socket.once('secureConnect', () => (connected = true));
    });
    request.on('error', () => failed(until.aborted ? 'TIMED_OUT' : connected ? 'BROKEN_OFF' : 'NOT_CONNECTED'));
    request.on('response', (response) => {
      const { statusCode: httpStatus = 0 } = response;
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes <= answerBytes) return void chunks.push(chunk);
        failed('TOO_LARGE');
        request.destroy();
      });
      response.on('error', () => failed(until.aborted ? 'TIMED_OUT' : 'BROKEN_OFF'));
      response.on('end', () => {
        if (!response.complete) return failed('BROKEN_OFF');
        // A redirect is a status like any other: it is not followed.
        if (httpStatus !== 200) return resolve({ outcome: 'HTTP_STATUS', httpStatus, body: undefined });
        resolve({ outcome: 'ANSWERED', httpStatus, body: Buffer.concat(chunks), giveUp });
      });
    });
    request.end(body);
  });
}

function openAgent({ files, connections }: BusConnectionSettings): { agent: https.Agent; notAfter: Date } {
  const { authorities, certificate, key } = files;
  const { options, notAfter } = readTlsMaterial({ certificate, key, clientAuthorities: authorities });
  const { cert, key: privateKey, ca, minVersion, maxVersion, ciphers, ecdhCurve, secureOptions } = options;
  const agent = new CleanAgent({
    ...{ cert, key: privateKey, ca, minVersion, maxVersion, ciphers, ecdhCurve, secureOptions },
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    timeout: idleMilliseconds,
    rejectUnauthorized: true,
  });
  return { agent, notAfter };
}

/** Lets idle connections go at once; what is under way ends by itself. */
function retire(agent: https.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/**
 * Keeps no connection on which the bus has said more than it was asked: a second answer would be read as the answer to
 * the next message.
 */
class CleanAgent extends https.Agent {
  /** Called by Node when a response has ended; false closes the connection. */
  override keepSocketAlive(socket: Duplex): boolean {
    if (socket.readableLength > 0 || socket.destroyed) return false;
    const stray = () => socket.destroy();
    socket.once('data', stray);
    this.#strays.set(socket, stray);
    // What Node does is typed as if it answered nothing.
    super.keepSocketAlive(socket);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const stray = this.#strays.get(socket);
    if (stray !== undefined) socket.off('data', stray);
    super.reuseSocket(socket, request);
  }

  readonly #strays = new WeakMap<Duplex, () => void>();
}

const changeOf = async ({ authorities, certificate, key }: BusFiles): Promise<string> =>
  (await Promise.all([authorities, certificate, key].map((file) => stat(file))))
    .map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`)
    .join(',');
