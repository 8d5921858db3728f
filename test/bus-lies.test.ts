import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../src/core-bank-simulator/catalogue.ts';
import { coreDifferences } from '../src/core-banking/port.ts';
import { listComparisons, selectDifferences } from '../src/statements/book-views.sql.ts';
import { algiersDay } from '../src/values/dates.ts';
import { must } from './bank.ts';
import { openBusGateway } from './bus-gateway.ts';
import { type Lie, lieMessages, lies, nameOf } from './bus-lies.ts';
import { activeMandate } from './gateway-mandates.ts';
import {
  alarmsOf,
  askNow,
  bookedOf,
  isHeard,
  type LyingScene,
  playLie,
  resume,
  type Subject,
  storedOf,
  subjectOf,
} from './lying-bus.ts';

/** One gateway and one bus for all of them: each lie is about a transfer of its own. */
describe('what the bus may lie about, through the whole gateway', () => {
  let scene: LyingScene;
  const played = new Map<Subject, Lie>();
  let alarms: Awaited<ReturnType<typeof alarmsOf>>;

  beforeAll(async () => {
    const opened = await openBusGateway({
      // A bus that lies is asked on: its silences are not to pause it.
      ...{ GATEWAY_BUS_FAILURES: '1000', GATEWAY_CORE_CALL_SECONDS: '1', GATEWAY_DEBITS_A_DAY: '1000' },
      GATEWAY_SWEEP_SECONDS: '0.05',
    });
    const mandateId = await activeMandate(opened.bank, opened.employer);
    scene = { ...opened, mandateId, creditor: opened.bank.clientOf('cnas') };
    alarms = await alarmsOf(scene);
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());

  test.for(lies.map((lie, position) => [nameOf(lie), lie, position] as const))('%s', async ([, lie, position]) => {
    const subject = subjectOf(`LIE-${position}`, lie);
    const before = alarms;
    const { taken, message } = lie;
    played.set(subject, lie);

    const reply = await playLie(scene, lie, subject);
    const stands = standingOf(taken);
    // The answer to the question, or to the void, comes after the creditor was answered.
    const isInstruction = message === 'pacs.003' || message === 'pacs.007';
    expect(reply.status).toBe(isInstruction ? answers[stands] : 202);
    expect(reply.json?.confirmation !== undefined).toBe(reply.status === 201);
    await expect.poll(() => isHeard(scene, subject, lie), { timeout: 20_000 }).toBe(true);
    const isQuarantined = coreDifferences.some((one) => one === taken);
    const kinds = isQuarantined ? [taken] : [];
    await expect
      .poll(() => storedOf(scene, subject), { timeout: 20_000 })
      .toMatchObject({
        ...statesOf(subject, stands),
        contradictions: kinds.map((kind) => ({ kind, holds: false, of_reversal: subject.isReversal })),
        differences: kinds,
      });
    const { json } = await scene.creditor.get(`/v1/debits/${subject.name}`);
    expect(json?.state).toBe(statesOf(subject, stands).debit);
    const after = await alarmsOf(scene);
    alarms = after;
    expect([...after.quarantined].filter(([kind, count]) => count > (before.quarantined.get(kind) ?? 0))).toEqual(
      kinds.map((kind) => [kind, expect.any(Number)]),
    );
    expect([after.contradictions - before.contradictions, after.strays - before.strays]).toEqual([
      kinds.length,
      lie.stray === true ? 1 : 0,
    ]);

    scene.simulator.administration.clearRules();
    const end = stands === 'IN_DOUBT' ? (lie.ends ?? (message === 'camt.056' ? 'REJECTED' : 'SETTLED')) : stands;
    await expect
      .poll(
        async () => {
          await askNow(scene, subject.name);
          return storedOf(scene, subject);
        },
        { timeout: 20_000, interval: 100 },
      )
      .toMatchObject({ ...statesOf(subject, end), contradictions: kinds.map((kind) => ({ kind })) });
    const hasMoved = lie.books === undefined ? end === 'SETTLED' : lie.books !== 'NOT_BOOKED';
    await expect
      .poll(() => bookedOf(scene, subject), { timeout: 20_000 })
      .toMatchObject(hasMoved ? [{ amount: '1000.00' }] : []);
    await resume(scene, lie);
    const { booking } = await storedOf(scene, subject);
    const [booked] = await bookedOf(scene, subject);
    if (end === 'SETTLED' && lie.books === undefined) expect(booking).toBe(booked?.bookingReference);
  });

  test('what was believed and is false is what the books of the day tell, no more and no less, and is alarmed of', async () => {
    expect((await alarmsOf(scene)).books).toBe(0);
    const stored = await statesNow(scene);
    scene.nextDay();
    const { gateway } = scene.bank.db;
    const today = algiersDay(new Date());
    const comparison = async () =>
      (await listComparisons(gateway, { before: undefined, limit: 5 })).find(({ day }) => day === today);
    await expect.poll(async () => (await comparison())?.compared, { timeout: 30_000 }).toBeDefined();
    const { comparisonId } = must(await comparison());
    const found = await selectDifferences(gateway, { comparisonId, after: undefined, limit: 100 });
    const told = [...played].flatMap(([{ transfer, name }, { books }]) =>
      books === undefined ? [] : [`${name} ${transfer} ${books}`],
    );
    const nameOfReference = new Map([...played.keys()].map(({ transfer, name }) => [transfer, name]));
    expect(found.map(({ kind, reference }) => `${nameOfReference.get(reference)} ${reference} ${kind}`).sort()).toEqual(
      told.sort(),
    );
    expect((await alarmsOf(scene)).books).toBe(told.length);
    // Nothing is mended by itself.
    expect(await statesNow(scene)).toEqual(stored);
    expect(scene.bank.breaches).toEqual([]);
    expect(await scene.simulator.administration.imbalances()).toEqual([]);
  });
});

type Standing = 'SETTLED' | 'REJECTED' | 'IN_DOUBT';

const answers: Record<Standing, number> = { SETTLED: 201, REJECTED: 402, IN_DOUBT: 202 };

function standingOf(taken: Lie['taken']): Standing {
  if (taken === 'MOVED') return 'SETTLED';
  return taken === 'REFUSED' || taken === 'VOIDED' ? 'REJECTED' : 'IN_DOUBT';
}

/** A debit that is given back stays settled, with its confirmation, until its reversal has settled. */
function statesOf({ isReversal }: Subject, standing: Standing) {
  const confirmed = 'settlement-confirmation+jwt';
  if (!isReversal) {
    const signed = { SETTLED: [confirmed], REJECTED: ['debit-rejection+jwt'], IN_DOUBT: [] };
    return { debit: standing, reversal: null, signed: signed[standing] };
  }
  return standing === 'SETTLED'
    ? { debit: 'REVERSED', reversal: standing, signed: ['reversal-confirmation+jwt', confirmed] }
    : { debit: 'SETTLED', reversal: standing, signed: [confirmed] };
}

const statesNow = async ({ bank: { db } }: LyingScene) =>
  (
    await db.owner.query(
      `select end_to_end_id, debits.state, reversals.state as reversal, debits.booking_reference
         from debits left join reversals using (debit_id) order by end_to_end_id`,
    )
  ).rows;

test('every behaviour of the catalogue is tried with every message of a transfer that it can be told for', () => {
  const tried = new Set(lies.map(({ message, behaviour }) => `${message} ${behaviour.do}`));
  // A lie about a day's statement is of no transfer: books.test.ts tries each.
  const promised = Object.entries(catalogue).flatMap(([name, { of, messages }]) =>
    lieMessages.flatMap((message) => (of !== 'STATEMENT' && messages.includes(message) ? [`${message} ${name}`] : [])),
  );
  expect(promised.filter((one) => !tried.has(one))).toEqual([]);
});
