import path from 'node:path';
import { type BusKind, bestKind } from '../src/core-bank-simulator/kind.ts';
import type { SimulatorSettings } from '../src/core-bank-simulator/open.ts';
import type { TestBank } from '../src/core-banking/contract-bank.ts';
import { iso20022CoreBanking } from '../src/core-banking/iso20022/adapter.ts';
import { openBusConnection } from '../src/core-banking/iso20022/exchange.ts';
import { guarded } from '../src/core-banking/iso20022/guard.ts';
import { keptMessages } from '../src/core-banking/iso20022/messages.ts';
import { statementBounds } from '../src/core-banking/iso20022/statement.ts';
import { parseVersions, standardVersions } from '../src/core-banking/iso20022/versions.ts';
import type { CoreContradiction, CoreProperties } from '../src/core-banking/port.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { openSimulatorBank, type TestSimulator } from './simulator-bank.ts';

export type Iso20022Bank = TestBank & {
  simulator: TestSimulator;
  /** The gateway's own: the messages are there. */
  db: TestDatabase;
  quarantined: CoreContradiction[];
  faults: unknown[];
  otherMessages: string[];
};

/** The adapter with a simulator of that kind behind it, and the properties that this kind's bank would declare. */
export async function openIso20022Bank(
  kind: BusKind = bestKind,
  settings: Omit<Partial<SimulatorSettings>, 'databaseUrl' | 'certificates' | 'kind'> = {},
): Promise<Iso20022Bank> {
  await using open = new AsyncDisposableStack();
  const db = open.use(await freshDatabase());
  const quarantined: CoreContradiction[] = [];
  const faults: unknown[] = [];
  const otherMessages: string[] = [];
  const bank = open.use(
    await openSimulatorBank(
      async ({ busUrl, certificates }) => {
        const file = (name: string) => path.join(certificates, `${name}.pem`);
        const files = {
          authorities: file('ca'),
          certificate: file('core-bank-client'),
          key: file('core-bank-client-key'),
        };
        const connection = await openBusConnection({
          ...{ origin: busUrl, files, connections: 16, answerBytes: 4_194_304 },
        });
        const versions = parseVersions(standardVersions.written, standardVersions.read);
        if (typeof versions === 'string') throw new Error(versions);
        const port = iso20022CoreBanking({
          bus: guarded(connection, { underWay: 16, failures: 20, pauseSeconds: 1 }),
          properties: propertiesOf(kind),
          versions,
          callSeconds: 20,
          answerBytes: 4_194_304,
          statementBounds,
          bankCode: '005',
          now: () => new Date(),
          messages: keptMessages(db.gateway, {
            instructionsHeld: async () => new Map(),
            quarantine: async (_, one) => void quarantined.push(one),
          }),
          onQuarantined: () => undefined,
          onOtherMessage: (answered) => otherMessages.push(answered),
          onFault: (fault) => faults.push(fault),
        });
        return { port, close: async () => connection.close() };
      },
      { ...settings, kind },
    ),
  );
  const closing = open.move();
  return { ...bank, db, quarantined, faults, otherMessages, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

const propertiesOf = ({ memorySeconds, ...promised }: BusKind): CoreProperties => ({
  ...promised,
  memory: memorySeconds === null ? 'FOR_EVER' : { secondsAfterNotAfter: memorySeconds },
});
