import { readSampleEmployers, type SampleEmployer } from '../src/commands/sample-employers.ts';
import { seedAccounts } from '../src/commands/seed.ts';
import type { SimulatorSettings } from '../src/core-bank-simulator/open.ts';
import { openPool } from '../src/database/pool.ts';
import { must } from './bank.ts';
import { busSettings } from './bus-settings.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { openTestSimulator, type TestSimulator } from './simulator-bank.ts';

/** A whole gateway whose money is moved by the simulator's bank, in which the sample accounts are. */
export type BusGateway = AsyncDisposable & {
  bank: TestGateway;
  simulator: TestSimulator;
  employer: SampleEmployer;
  /** From now on the gateway takes it for the next day, after the core's closing: today's books are compared. */
  nextDay: () => void;
};

export async function openBusGateway(
  settings: Record<string, string> = {},
  bus: Pick<SimulatorSettings, 'kind'> = {},
): Promise<BusGateway> {
  await using open = new AsyncDisposableStack();
  const simulator = open.use(await openTestSimulator(bus));
  const books = openPool({ url: simulator.databaseUrl, applicationName: 'seed', connections: 2 });
  await seedAccounts(books);
  await books.end();
  let ahead = 0;
  const bank = open.use(
    await openTestGateway(
      {
        ...busSettings(simulator.busUrl, simulator.certificates),
        ...settings,
      },
      { wrapClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + ahead) }) },
    ),
  );
  const employer = must((await readSampleEmployers())[1]);
  const closing = open.move();
  const nextDay = () => {
    ahead = 27 * 3_600_000;
  };
  return { bank, simulator, employer, nextDay, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
