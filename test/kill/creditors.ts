import { type Client, openClient, type Reply } from '../../src/commands/client.ts';
import type { CreditorCode } from '../../src/values/ids.ts';
import { cacobatph, cnas } from '../bank.ts';
import { issuer, type KillBank } from './kill-bank.ts';

/** The creditors' systems. A gateway that dies is met as any client meets it: by no answer. */
export type Creditors = Disposable & {
  /** Where the gateway is now: each process takes a port of its own. */
  reach: (origin: string) => void;
  put: (creditor: CreditorCode, target: string, body: object) => Promise<Reply | undefined>;
  get: (creditor: CreditorCode, target: string) => Promise<Reply | undefined>;
};

const patienceMilliseconds = 10_000;

export function openCreditors({ certificates }: Pick<KillBank, 'certificates'>): Creditors {
  const clients = new Map<CreditorCode, Client>();
  const close = () => {
    for (const client of clients.values()) client[Symbol.dispose]();
    clients.clear();
  };
  const ask = async (creditor: CreditorCode, send: (client: Client) => Promise<Reply>): Promise<Reply | undefined> => {
    const client = clients.get(creditor);
    if (client === undefined) return undefined;
    return replyWithin(patienceMilliseconds, send(client));
  };
  return {
    reach(origin) {
      close();
      for (const creditor of [cnas, cacobatph])
        clients.set(creditor, openClient({ origin, certificates, name: creditor.toLowerCase(), creditor, issuer }));
    },
    put: (creditor, target, body) => ask(creditor, (client) => client.put(target, body)),
    get: (creditor, target) => ask(creditor, (client) => client.get(target)),
    [Symbol.dispose]: close,
  };
}

/** Undefined where nothing came in that time. A connection that breaks says nothing of the debit either. */
export function replyWithin(milliseconds: number, reply: Promise<Reply>): Promise<Reply | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return Promise.race([reply.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
