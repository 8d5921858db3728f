import { expect, test } from 'vitest';
import { type StatementBehaviour, statementEntries } from '../src/core-bank-simulator/behaviour.ts';
import { compareBooksAgain, listComparisons, selectDifferences } from '../src/statements/book-views.sql.ts';
import type { DifferenceKind } from '../src/statements/books.ts';
import { algiersDay } from '../src/values/dates.ts';
import { must } from './bank.ts';
import { openBusGateway } from './bus-gateway.ts';
import type { TestGateway } from './gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';

const today = algiersDay(new Date());

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
  await using scene = await openBusGateway();
  const { bank, simulator, employer, nextDay } = scene;
  const mandateId = await activeMandate(bank, employer);
  const cnas = bank.clientOf('cnas');
  for (const name of ['LIE-1', 'LIE-2'])
    expect((await cnas.put(`/v1/debits/${name}`, orderOf(mandateId, employer, '1000.00', name))).status).toBe(201);
  const back = await cnas.put('/v1/debits/LIE-2/reversal', { attempt: 1, reason: 'declaration-corrected' });
  expect(back.status).toBeLessThan(202);
  nextDay();
  expect(await found(bank, 1)).toEqual([]);
  expect(await differencesTold(bank)).toBe(0);

  const lies = {
    ...{ extra: 'UNKNOWN_HERE', missing: 'NOT_BOOKED', twice: 'BOOKED_TWICE', 'other-amount': 'OTHER_AMOUNT' },
  } as const satisfies Record<StatementBehaviour['entry'], DifferenceKind>;
  for (const [position, entry] of statementEntries.entries()) {
    simulator.administration.putRule('lie', {
      when: { message: 'camt.053', day: today },
      behaviour: { do: 'statement-entry', entry, summary: 'adapted' },
    });
    await compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: 'test' });
    expect([entry, await found(bank, position + 2)]).toEqual([entry, [lies[entry]]]);
    expect(await differencesTold(bank)).toBe(1);
  }
  simulator.administration.clearRules();
  await compareBooksAgain(bank.db.gateway, { day: today, by: 'supervisor', from: 'test' });
  expect(await found(bank, statementEntries.length + 2)).toEqual([]);
  expect(await differencesTold(bank)).toBe(0);
}, 120_000);
