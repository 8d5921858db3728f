import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent, type RequestOptions, request } from 'node:https';
import path from 'node:path';
import { openClient } from '../../src/commands/client.ts';
import { readPrivateKey } from '../../src/signing/private-key.ts';
import { signRequest } from '../../src/signing/sign-request.ts';

/** `afterLastByte`: seconds between the last byte of the list and the answer. */
export type Sent = { status: number; json: Record<string, unknown>; seconds: number; afterLastByte: number };

export type Reader = (piece: Buffer) => void;

/** CNAS's system with a list of any size: it streams what it sends, and what it reads. */
export type ListCreditor = Disposable & {
  send: (target: string, body: Buffer, contentType: string) => Promise<Sent>;
  read: (target: string, accept: string, take: Reader) => Promise<void>;
  get: (target: string) => Promise<Record<string, unknown>>;
};

export function openListCreditor({
  origin,
  certificates,
  issuer,
}: {
  origin: string;
  certificates: string;
  issuer: string;
}): ListCreditor {
  const file = (name: string) => readFileSync(path.join(certificates, name));
  const client = openClient({ origin, certificates, issuer, name: 'cnas', creditor: 'CNAS' });
  const agent = new Agent({ keepAlive: true, ca: file('ca.pem'), cert: file('cnas.pem'), key: file('cnas-key.pem') });
  const key = readPrivateKey(file('cnas-signing-key.pem').toString());
  if ('outcome' in key && key.outcome === 'REFUSED') throw new Error(key.detail);

  /** Resolves with the status at the end of the answer. */
  const ask = (target: string, options: RequestOptions, take: Reader, body?: Buffer, onSent = () => {}) =>
    new Promise<number>((resolve, reject) => {
      const asked = request(new URL(target, origin), { agent, ...options }, (response) => {
        response.on('data', take);
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      asked.on('error', reject);
      asked.on('finish', onSent);
      asked.end(body);
    });
  return {
    async send(target, body, contentType) {
      const signature = await signRequest({
        ...{ key, creditorCode: 'CNAS', issuer, publicOrigin: origin, method: 'PUT', target, body, now: new Date() },
      });
      const headers = {
        ...{ 'Content-Type': contentType, 'Content-Length': String(body.length), 'Request-Signature': signature },
      };
      const began = performance.now();
      let sentAt = began;
      const pieces: Buffer[] = [];
      const status = await ask(
        target,
        { method: 'PUT', headers },
        (piece) => void pieces.push(piece),
        body,
        () => {
          sentAt = performance.now();
        },
      );
      const ended = performance.now();
      return {
        ...{ status, json: JSON.parse(Buffer.concat(pieces).toString()) },
        ...{ seconds: (ended - began) / 1000, afterLastByte: (ended - sentAt) / 1000 },
      };
    },
    async read(target, accept, take) {
      const status = await ask(target, { headers: { Accept: accept } }, take);
      if (status !== 200) throw new Error(`${target} was answered ${status}`);
    },
    async get(target) {
      const { status, json } = await client.get(target);
      if (json === undefined) throw new Error(`${target} was answered ${status}`);
      return json;
    },
    [Symbol.dispose]() {
      agent.destroy();
      client[Symbol.dispose]();
    },
  };
}

/** The most memory of another process in each phase, and the longest that a small call waited meanwhile. */
export function watchGateway(pid: number, ask: () => Promise<unknown>) {
  let [peak, slowest, ended] = [0, 0, false];
  const watching = (async () => {
    while (!ended) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
      const began = performance.now();
      await ask();
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    /** Since the call before. */
    take() {
      const found = { heldMiB: Math.round(peak / 1024), slowestCallMilliseconds: Math.round(slowest) };
      [peak, slowest] = [0, 0];
      return found;
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      await watching;
    },
  };
}
