import { type Client, openClient, type Reply } from '../../src/commands/client.ts';
import type { CreditorCode } from '../../src/values/ids.ts';
import { cacobatph, cnas } from '../bank.ts';
import { type Creditors, replyWithin } from '../kill/creditors.ts';
import type { Random } from '../kill/random.ts';

export type FaultCreditorSettings = {
  certificates: string;
  issuer: string;
  /** The replicas' public origin: what a signature names, whichever of them is asked. */
  publicOrigin: string;
  /** The replicas that are up now. */
  origins: () => readonly string[];
  random: Random;
};

const patienceMilliseconds = 12_000;

/** The creditors' systems before several replicas: each request goes to one of those that are up, as by a load balancer. */
export function openFaultCreditors(settings: FaultCreditorSettings): Omit<Creditors, 'reach'> {
  const clients = new Map<string, Client>();
  const clientOf = (creditor: CreditorCode, origin: string): Client => {
    const key = `${creditor} ${origin}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    const { certificates, issuer, publicOrigin } = settings;
    const opened = openClient({
      ...{ origin, signedOrigin: publicOrigin, certificates, name: creditor.toLowerCase(), creditor, issuer },
    });
    clients.set(key, opened);
    return opened;
  };
  const ask = async (creditor: CreditorCode, send: (client: Client) => Promise<Reply>): Promise<Reply | undefined> => {
    const origins = settings.origins();
    if (origins.length === 0) return undefined;
    return replyWithin(patienceMilliseconds, send(clientOf(creditor, settings.random.pick(origins))));
  };
  return {
    put: (creditor, target, body) => ask(creditor, (client) => client.put(target, body)),
    get: (creditor, target) => ask(creditor, (client) => client.get(target)),
    [Symbol.dispose]() {
      for (const client of clients.values()) client[Symbol.dispose]();
      clients.clear();
    },
  };
}

export const creditorsOfRun: readonly CreditorCode[] = [cnas, cacobatph];
