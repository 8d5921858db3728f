import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { type ReadDocument, readDocument } from '../src/core-banking/iso20022/xml.ts';

export type BusResponse = { status: number; body: Buffer; document: ReadDocument };

/** A client of the bus that knows nothing of the adapter: it sends bytes, and looks at what comes back. */
export type BusClient = Disposable & {
  /** Rejects where the connection ends before a whole answer, or after `patienceMs`. */
  send: (xml: string, patienceMs?: number) => Promise<BusResponse>;
  get: (target: string) => Promise<BusResponse>;
};

export async function openBusClient(
  busUrl: string,
  certificates: string,
  { name = 'core-bank-client', connections = 1 }: { name?: string; connections?: number } = {},
): Promise<BusClient> {
  const pem = (file: string) => readFile(path.join(certificates, `${file}.pem`));
  const agent = new Agent({
    ...{ ca: await pem('ca'), cert: await pem(name), key: await pem(`${name}-key`) },
    ...{ keepAlive: true, maxSockets: connections },
  });
  const ask = (method: string, target: string, xml?: string, patienceMs = 5000) =>
    new Promise<BusResponse>((resolve, reject) => {
      const headers =
        xml === undefined ? {} : { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(xml) };
      const asked = request(new URL(target, busUrl), { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          const document = readDocument(body, 4_194_304) ?? nothing;
          resolve({ status: response.statusCode ?? 0, body, document });
        });
      });
      asked.setTimeout(patienceMs, () => asked.destroy(new Error('no answer in time')));
      asked.on('error', reject);
      asked.end(xml);
    });
  return {
    send: (xml, patienceMs) => ask('POST', '/messages', xml, patienceMs),
    get: (target) => ask('GET', target),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

const nothing: ReadDocument = { namespace: '', root: { name: '', attributes: new Map(), text: '', children: [] } };
