import { ensureDevelopmentCertificates } from '../certs-dev/development-certificates.ts';
import { developmentCertificates } from '../src/config.ts';
import {
  type CoreBankSimulator,
  openCoreBankSimulator,
  type SimulatorSettings,
} from '../src/core-bank-simulator/open.ts';
import { schemaFolder } from '../src/core-bank-simulator/schemas.ts';
import type { TestBank } from '../src/core-banking/contract-bank.ts';
import type { CoreBanking } from '../src/core-banking/port.ts';
import { formatAmount, parseAmount } from '../src/values/centimes.ts';
import type { Rib } from '../src/values/rib.ts';
import { freshDatabase, grantSchemas } from './database.ts';
import { ribOf } from './ledger-bank.ts';

export type TestSimulator = CoreBankSimulator & {
  /** ca.pem, core-bank-client.pem and core-bank-client-key.pem are in it. */
  certificates: string;
  databaseUrl: string;
};

/** A bus with a bank behind it, in a database of the test's own, on free ports of this process. */
export async function openTestSimulator(
  settings: Omit<Partial<SimulatorSettings>, 'databaseUrl' | 'certificates'> = {},
): Promise<TestSimulator> {
  const certificates = developmentCertificates;
  await ensureDevelopmentCertificates(certificates);
  await using open = new AsyncDisposableStack();
  const db = open.use(await freshDatabase());
  await grantSchemas(db);
  const databaseUrl = db.url.ledgerOwner;
  const simulator = open.use(
    await openCoreBankSimulator({ databaseUrl, certificates, schemas: schemaFolder, ...settings }),
  );
  const closing = open.move();
  return { ...simulator, certificates, databaseUrl, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** The adapter under test, opened on a simulator; it goes before the simulator does. */
export type OpenAdapter = (
  simulator: TestSimulator,
) => CoreBanking | Promise<{ port: CoreBanking; close: () => Promise<void> }>;

/** A bank for the port's contract suite: the adapter that is handed in, and a simulator of its own behind it. */
export async function openSimulatorBank(
  openAdapter: OpenAdapter,
  settings: Omit<Partial<SimulatorSettings>, 'databaseUrl' | 'certificates'> = {},
): Promise<TestBank & { simulator: TestSimulator }> {
  await using open = new AsyncDisposableStack();
  const simulator = open.use(await openTestSimulator(settings));
  const adapter = await openAdapter(simulator);
  const port = 'port' in adapter ? adapter.port : adapter;
  if ('port' in adapter) open.defer(() => adapter.close());
  const { administration } = simulator;
  let opened = 0;
  let funded = 0;
  const nextRib = (): Rib => {
    opened += 1;
    return ribOf(opened);
  };
  const closing = open.move();
  return {
    simulator,
    port,
    async openAccount(kind, balance) {
      const rib = nextRib();
      const openingBalance = amountOf(balance);
      await administration.openAccounts([{ rib, holder: `Holder ${opened}`, kind, openingBalance }]);
      return rib;
    },
    unusedRib: nextRib,
    setStatus: administration.setStatus,
    async fund(rib, centimes) {
      funded += 1;
      await administration.fund(rib, { reference: `TEST-${funded}`, amount: amountOf(centimes) });
    },
    async balanceOf(rib) {
      const account = await administration.account(rib);
      if (account === undefined) throw new Error('no such account');
      return BigInt(account.balance.replace('.', ''));
    },
    imbalances: administration.imbalances,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function amountOf(centimes: bigint): string {
  const digits = centimes.toString().padStart(3, '0');
  const amount = parseAmount(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
  if (amount === undefined) throw new Error('not an amount');
  return formatAmount(amount);
}
