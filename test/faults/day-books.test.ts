import { expect, test } from 'vitest';
import { statementEntries } from '../../src/core-bank-simulator/behaviour.ts';
import { openBusGateway } from '../bus-gateway.ts';
import { activeMandate, orderOf } from '../gateway-mandates.ts';
import { randomFrom } from '../kill/random.ts';
import { playDayBooks } from './day-books.ts';
import type { StatementFault } from './plan.ts';
import type { Stand } from './stand.ts';

const faults = statementEntries.map((entry): StatementFault => ({ fault: 'statement', entry }));

test('each lie of the statement counts as played where it is found and alarmed of; one that was not told, or that mends something, is seen', async () => {
  await using scene = await openBusGateway({ GATEWAY_SWEEP_SECONDS: '0.1' });
  const { bank, employer, simulator } = scene;
  const { owner } = bank.db;
  const mandateId = await activeMandate(bank, employer);
  const cnas = bank.clientOf('cnas');
  for (const name of ['DAY-1', 'DAY-2', 'DAY-3'])
    expect((await cnas.put(`/v1/debits/${name}`, orderOf(mandateId, employer, '1000.00', name))).status).toBe(201);
  const { administration } = simulator;
  const books = () => Array.fromAsync(administration.books());
  const behave = async () => {
    administration.clearRules();
    return new Map<string, number>();
  };
  const played: string[] = [];
  const standWith = (tell: Stand['coreBank']['tell']): Parameters<typeof playDayBooks>[0] => ({
    coreBank: { tell, behave, books },
    replicas: { count: 1, operations: () => [bank.gateway.operationsOrigin] },
  });
  const play = (tell: Stand['coreBank']['tell']) =>
    playDayBooks(standWith(tell), owner, faults, randomFrom(1), ({ entry }) => void played.push(entry));

  expect(await play(async (name, rule) => administration.putRule(name, rule))).toEqual([]);
  expect(played.splice(0)).toEqual([...statementEntries]);

  // As if the gateway saw nothing of it: its books are compared with an honest statement.
  expect(await play(async () => undefined)).toHaveLength(2 * faults.length);
  expect(played).toEqual([]);

  const mending = await play(async (name, rule) => {
    administration.putRule(name, rule);
    await owner.query(
      "update debits set lease_until = lease_until + interval '1 second' where end_to_end_id = 'DAY-1'",
    );
  });
  expect(mending).toEqual([expect.stringMatching(/^what is stored after the comparisons: /)]);
});
