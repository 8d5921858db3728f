import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { readPrivateKey } from '../signing/private-key.ts';
import { signRequest } from '../signing/sign-request.ts';

export type ClientSettings = {
  origin: string;
  /** The public origin that a signature names, where it is not the address that is asked: behind a load balancer. */
  signedOrigin?: string;
  /** The development certificates' folder, and whose of them: "cnas". */
  certificates: string;
  name: string;
  creditor: string;
  issuer: string;
  connections?: number;
};

export type Reply = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  bytes: Buffer;
  /** The body as JSON; undefined where it is something else. */
  json: Readonly<Record<string, unknown>> | undefined;
};

/** A creditor's system as it would be written anywhere: mutual TLS, kept connections, each write signed. */
export type Client = Disposable & {
  get: (target: string, accept?: string) => Promise<Reply>;
  post: (target: string, body: Buffer, contentType: string) => Promise<Reply>;
  put: (target: string, body: object) => Promise<Reply>;
  /** A write whose body is not JSON. */
  putAs: (target: string, body: Buffer, contentType: string) => Promise<Reply>;
  /** A write that is signed now and sent later, once: so that a measurement of the gateway leaves the signing out. */
  prepare: (target: string, body: object) => Promise<() => Promise<Reply>>;
};

export function openClient(settings: ClientSettings): Client {
  const { origin, certificates, name, creditor, issuer, connections = 32 } = settings;
  const file = (suffix: string) => readFileSync(path.join(certificates, suffix));
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    ca: file('ca.pem'),
    cert: file(`${name}.pem`),
    key: file(`${name}-key.pem`),
  });
  const key = readPrivateKey(file(`${name}-signing-key.pem`).toString());
  if ('outcome' in key && key.outcome === 'REFUSED') throw new Error(`${name}-signing-key.pem: ${key.detail}`);

  const send = (method: string, target: string, headers: Record<string, string>, body?: Buffer): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(target, origin), { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const isJson = /[/+]json/.test(response.headers['content-type'] ?? '');
          const json = isJson ? JSON.parse(bytes.toString()) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, json });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const prepare = async (target: string, body: Buffer, contentType = 'application/json') => {
    const signature = await signRequest({
      key,
      creditorCode: creditor,
      issuer,
      publicOrigin: settings.signedOrigin ?? origin,
      method: 'PUT',
      target,
      body,
      now: new Date(),
    });
    const headers = { 'Content-Type': contentType, 'Content-Length': String(body.length) };
    return () => send('PUT', target, { ...headers, 'Request-Signature': signature }, body);
  };
  return {
    get: (target, accept = '*/*') => send('GET', target, { Accept: accept }),
    post: (target, body, contentType) =>
      send('POST', target, { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body),
    put: async (target, content) => (await prepare(target, bytesOf(content)))(),
    putAs: async (target, body, contentType) => (await prepare(target, body, contentType))(),
    prepare: (target, content) => prepare(target, bytesOf(content)),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

const bytesOf = (content: object): Buffer => Buffer.from(JSON.stringify(content));
