import type { LookupAddress } from 'node:dns';
import dns from 'node:dns/promises';
import { Agent, request } from 'node:https';
import type { BlockList, LookupFunction } from 'node:net';
import { outgoingTls } from '../contract/tls.ts';
import type { CreditorCode, Jws } from '../values/ids.ts';
import { mayBePushedTo } from './addresses.ts';
import type { ClientCertificate, ClientCertificateOf } from './client-certificates.ts';
import type { WebhookAddress } from './webhook.ts';

/** `answer`: the status, or what kept it from coming. Any 2xx is received, nothing else is. */
export type PushOutcome = { received: boolean; answer: string };
export type PushFault = 'timeout' | 'connection' | 'tls' | 'name' | 'address';

/** Whose receiver it is: each may be presented another certificate of ours. */
export type PushedTo = WebhookAddress & { creditor: CreditorCode };

export type Push = (receiver: PushedTo, token: Jws) => Promise<PushOutcome>;

export type PusherSettings = {
  answerSeconds: number;
  /** Connections to one receiver. */
  connections: number;
  /** Private networks in which a receiver may be. */
  allowed: BlockList;
  /** What the gateway presents where a receiver asks for it; without it, nothing. */
  clientOf?: ClientCertificateOf;
  resolve?: (host: string) => Promise<LookupAddress[]>;
};

/** More than that of an answer's body is not even read past. */
const bodyBytes = 65_536;
/** Receivers whose connections are kept. */
const keptAgents = 64;

/**
 * Posts events to their receivers. A name is resolved for each connection, all of its addresses are looked at, and those
 * are what is connected to: what it resolves to a moment later changes nothing. Redirections are answers like any other.
 */
export function openPusher(settings: PusherSettings): { push: Push } & Disposable {
  const agents = new Map<string, { agent: Agent; client: ClientCertificate | undefined }>();
  const lookup = lookupWithin(settings);

  function agentOf({ creditor, url, authorities }: PushedTo, client: ClientCertificate | undefined): Agent {
    const name = `${creditor} ${new URL(url).origin} ${authorities ?? ''}`;
    const kept = agents.get(name);
    if (kept !== undefined && kept.client === client) return kept.agent;
    const [oldest] = agents.keys();
    const gone = kept !== undefined ? name : agents.size >= keptAgents ? oldest : undefined;
    if (gone !== undefined) {
      const left = agents.get(gone);
      if (left !== undefined) retire(left.agent);
      agents.delete(gone);
    }
    const agent = new Agent({
      ...{ keepAlive: true, maxSockets: settings.connections, lookup, ...outgoingTls },
      ...(authorities !== undefined && { ca: authorities }),
      ...client,
    });
    agents.set(name, { agent, client });
    return agent;
  }

  return {
    async push(receiver, token) {
      const agent = agentOf(receiver, await settings.clientOf?.(receiver.creditor));
      return new Promise((resolve) => {
        const failed = (fault: Error) => resolve({ received: false, answer: faultOf(fault) });
        const signal = AbortSignal.timeout(settings.answerSeconds * 1000);
        const headers = {
          'Content-Type': 'application/jose',
          'Content-Length': String(Buffer.byteLength(token)),
          'User-Agent': 'cnas-debit-gateway',
        };
        const asked = request(receiver.url, { method: 'POST', agent, headers, signal }, (response) => {
          const status = response.statusCode ?? 0;
          const outcome = { received: status >= 200 && status < 300, answer: String(status) };
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= bodyBytes) return;
            resolve(outcome);
            response.destroy();
          });
          response.on('error', failed);
          response.on('end', () => resolve(outcome));
        });
        asked.on('error', failed);
        asked.end(token);
      });
    },
    [Symbol.dispose]() {
      for (const { agent } of agents.values()) agent.destroy();
    },
  };
}

/** Lets idle connections go at once; a push that is under way ends by itself. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/** A name that leads, also beside public addresses, to one where no receiver may be. */
class RefusedAddress extends Error {}

function lookupWithin({ allowed, resolve = everyAddress }: PusherSettings): LookupFunction {
  return (host, options, answer) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || addresses.some(({ address }) => !mayBePushedTo(address, allowed)))
          answer(new RefusedAddress('not a public address'), '', 0);
        else if (options.all === true) answer(null, addresses);
        else answer(null, first.address, first.family);
      },
      (fault: NodeJS.ErrnoException) => answer(fault, '', 0),
    );
  };
}

const everyAddress = (host: string): Promise<LookupAddress[]> => dns.lookup(host, { all: true });

function faultOf(fault: Error): PushFault {
  if (fault instanceof RefusedAddress) return 'address';
  if (fault.name === 'TimeoutError' || fault.name === 'AbortError') return 'timeout';
  const code = 'code' in fault ? String(fault.code) : '';
  if (/^(ENOTFOUND|EAI_)/.test(code)) return 'name';
  // Node's own names, OpenSSL's, and those of its verification of certificates.
  return /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_)/.test(code) ? 'tls' : 'connection';
}
