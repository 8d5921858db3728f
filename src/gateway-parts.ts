import type pg from 'pg';
import type { Config } from './config.ts';
import { Problem } from './contract/problem.ts';
import { openPool, type PoolSettings } from './database/pool.ts';
import type { DatabaseUrls } from './database/roles.ts';
import { type Typesetter, TypesetterBusy } from './documents/typesetter.ts';
import { beginEpochWhereRestored, isAnotherDatabase } from './journal/sealer.ts';
import { parseNetworks } from './webhooks/addresses.ts';
import { openClientCertificates } from './webhooks/client-certificates.ts';
import { openPusher } from './webhooks/push.ts';
import { pushLimits } from './webhooks/schedule.ts';

/** Where the databases are. The ledger's only where it is the core banking system. */
export type GatewayUrls = Pick<DatabaseUrls, 'gateway'> & { ledger?: string | undefined };

type PoolConfig = Pick<
  Config,
  'databaseConnections' | 'backOfficeConnections' | 'ledgerConnections' | 'statementSeconds' | 'coreCallSeconds'
>;

/**
 * The gateway's own pools, and the ledger's where it is asked for. Whoever opened them closes them by `open`. A restore ends
 * every connection: a new one may lead to a database that was put back, and carries nothing before its stop stands.
 */
export function openPools(
  { config, urls }: { config: PoolConfig; urls: GatewayUrls },
  open: AsyncDisposableStack,
  onIdleFault: (fault: Error) => void,
) {
  const pool = (name: string, settings: Omit<PoolSettings, 'applicationName'>): pg.Pool =>
    open.adopt(openPool({ ...settings, applicationName: name, onIdleFault }), (opened) => opened.end());
  const { statementSeconds } = config;
  const unverified = pool('gateway epochs', { url: urls.gateway, connections: 1, statementSeconds });
  // One for all the connections that are new at once.
  let beginning: Promise<void> | undefined;
  const verify = async (connection: pg.PoolClient) => {
    if (!(await isAnotherDatabase(connection))) return;
    beginning ??= beginEpochWhereRestored(unverified).finally(() => {
      beginning = undefined;
    });
    await beginning;
    // It may lead elsewhere than the one by which the epoch was begun.
    if (await isAnotherDatabase(connection)) throw new Error('the database was put back, and its epoch has not begun');
  };
  const own = {
    gateway: pool('gateway', {
      url: urls.gateway,
      connections: config.databaseConnections,
      ...{ statementSeconds, verify },
    }),
    'back-office': pool('back-office', {
      url: urls.gateway,
      connections: config.backOfficeConnections,
      ...{ statementSeconds, verify },
    }),
  };
  const openLedger = () => {
    if (urls.ledger === undefined) throw new Error('settings: GATEWAY_LEDGER_DATABASE_URL is needed for the ledger');
    return pool('ledger', {
      url: urls.ledger,
      connections: config.ledgerConnections,
      statementSeconds: config.coreCallSeconds,
    });
  };
  return { own, gateway: own.gateway, openLedger };
}

/** Too many documents at once are an overload like any other: nothing was begun. */
export const orOverloaded =
  (typeset: Typesetter['typeset']): Typesetter['typeset'] =>
  (sheet) =>
    typeset(sheet).catch((fault: unknown) => {
      if (!(fault instanceof TypesetterBusy)) throw fault;
      throw new Problem('overloaded', 'Too many documents are being printed', {}, { 'Retry-After': '1' });
    });

/** Pushes to the webhooks, with the client certificates that the settings name; tells when the first of these ends. */
export async function openGatewayPusher(config: Config, onFault: (fault: unknown) => void) {
  const { webhookPrivateNetworks, webhookCertificateFile: certificate, webhookKeyFile: key } = config;
  const allowed = parseNetworks(webhookPrivateNetworks);
  if (allowed === undefined) throw new RangeError('the rules let a network through that is none');
  const clientOf = await openClientCertificates({
    folder: config.webhookCertificateFolder,
    others: certificate === undefined || key === undefined ? undefined : { certificate, key },
    onFault,
  });
  const pusher = openPusher({
    ...{ allowed, answerSeconds: pushLimits.answerSeconds, connections: pushLimits.ofOne },
    clientOf,
  });
  return { ...pusher, certificateNotAfter: clientOf.firstEnd };
}
