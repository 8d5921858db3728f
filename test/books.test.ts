import path from 'node:path';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../src/commands/sample-employers.ts';
import { seedAccounts } from '../src/commands/seed.ts';
import type { StatementBehaviour } from '../src/core-bank-simulator/behaviour.ts';
import { openPool } from '../src/database/pool.ts';
import { compareBooksAgain, listComparisons, selectDifferences } from '../src/statements/book-views.sql.ts';
import { algiersDay } from '../src/values/dates.ts';
import { must } from './bank.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { openTestSimulator, type TestSimulator } from './simulator-bank.ts';

const today = algiersDay(new Date());

async function openScene(): Promise<
  AsyncDisposable & { bank: TestGateway; simulator: TestSimulator; nextDay: () => void }
> {
  await using open = new AsyncDisposableStack();
  const simulator = open.use(await openTestSimulator());
  const books = openPool({ url: simulator.databaseUrl, applicationName: 'seed', connections: 2 });
  await seedAccounts(books);
  await books.end();
  const file = (name: string) => path.join(simulator.certificates, `${name}.pem`);
  let ahead = 0;
  const bank = open.use(
    await openTestGateway(
      {
        GATEWAY_CORE_BANKING: 'iso20022',
        GATEWAY_BUS_ORIGIN: simulator.busUrl,
        GATEWAY_BUS_AUTHORITIES_FILE: file('ca'),
        GATEWAY_BUS_CERTIFICATE_FILE: file('core-bank-client'),
        GATEWAY_BUS_KEY_FILE: file('core-bank-client-key'),
        GATEWAY_BUS_MEMORY: 'for-ever',
        GATEWAY_BUS_KEEPS_REFUSALS: 'yes',
        GATEWAY_BUS_HONOURS_NOT_AFTER: 'yes',
        GATEWAY_BUS_CAN_VOID: 'yes',
      },
      { wrapClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + ahead) }) },
    ),
  );
  const closing = open.move();
  const nextDay = () => {
    ahead = 27 * 3_600_000;
  };
  return { bank, simulator, nextDay, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** What today's latest comparison found, once there are as many as that. */
async function found({ db }: TestGateway, attempts: number): Promise<string[]> {
  const ofToday = async () =>
    (await listComparisons(db.gateway, { before: undefined, limit: 20 })).filter(({ day }) => day === today);
  await expect
    .poll(async () => (await ofToday()).filter(({ compared }) => compared !== undefined).length, { timeout: 30_000 })
    .toBe(attempts);
  const { comparisonId } = must((await ofToday())[0]);
  const differences = await selectDifferences(db.gateway, { comparisonId, after: undefined, limit: 10 });
  return differences.map(({ kind }) => kind);
}

const differencesTold = async ({ gateway }: TestGateway) => {
  const metrics = await (await fetch(`${gateway.operationsOrigin}/metrics`)).text();
  return Number(/^books_differences (\d+)$/m.exec(metrics)?.[1]);
};

test("each lie of the bus's own statement of a day is found, and told to whoever watches", async () => {
  await using scene = await openScene();
  const { bank, simulator, nextDay } = scene;
  const employer = must((await readSampleEmployers())[0]);
  const mandateId = await activeMandate(bank, employer);
  const cnas = bank.clientOf('cnas');
  for (const name of ['LIE-1', 'LIE-2'])
    expect((await cnas.put(`/v1/debits/${name}`, orderOf(mandateId, employer, '1000.00', name))).status).toBe(201);
  const back = await cnas.put('/v1/debits/LIE-2/reversal', { attempt: 1, reason: 'declaration-corrected' });
  expect(back.status).toBeLessThan(202);
  nextDay();
  expect(await found(bank, 1)).toEqual([]);
  expect(await differencesTold(bank)).toBe(0);

  const lies: [StatementBehaviour['entry'], string[]][] = [
    ['extra', ['UNKNOWN_HERE']],
    ['missing', ['NOT_BOOKED']],
    ['twice', ['BOOKED_TWICE']],
    ['other-amount', ['OTHER_AMOUNT']],
  ];
  for (const [position, [entry, kinds]] of lies.entries()) {
    simulator.administration.putRule('lie', {
      when: { message: 'camt.053', day: today },
      behaviour: { do: 'statement-entry', entry, summary: 'adapted' },
    });
    await compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: 'test' });
    expect([entry, await found(bank, position + 2)]).toEqual([entry, kinds]);
    expect(await differencesTold(bank)).toBe(1);
  }
  simulator.administration.clearRules();
  await compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: 'test' });
  expect(await found(bank, lies.length + 2)).toEqual([]);
  expect(await differencesTold(bank)).toBe(0);
}, 120_000);
