import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cacobatph, cnas, must, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { resolveUnfinished } from '../../test/work.ts';
import { decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import { openAccounts } from '../core-banking/accounts.ts';
import type { CoreBanking } from '../core-banking/port.ts';
import { makeStop } from '../stops/make-stop.ts';
import { applyStart, proposeStart } from '../stops/start-again.ts';
import type { Stop, StopScope } from '../stops/stop.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { selectReceiptParties } from './receipt.sql.ts';

const karim = 'supervisor-karim';
const samia = 'supervisor-samia';

async function stop(bank: TestBankWithGateway, what: StopScope, now = new Date()): Promise<Stop> {
  const made = await makeStop(bank.db.gateway, { what, remark: 'Test', by: karim, from: '10.0.0.7', now });
  return made.outcome === 'STOPPED' ? made.stop : expect.fail(made.outcome);
}

async function startAgain(bank: TestBankWithGateway, { stopId }: Stop, by = samia): Promise<string> {
  const now = new Date();
  const asked = await proposeStart(bank.db.gateway, { stopId, reason: 'Solved', by: karim, from: '10.0.0.7', now });
  if (!('proposalId' in asked)) return asked.outcome;
  const { proposalId } = asked;
  const { contentHash: seenHash } = must(await lookUpProposal(bank.db.gateway, proposalId, 'ALL'));
  const deciding = { proposalId, by, from: '10.0.0.8', agencies: 'ALL' as const, seenHash, now };
  return (await decide(bank.db.gateway, { ...deciding, decision: 'APPROVE' }, applyStart)).outcome;
}

const count = async ({ db }: TestBankWithGateway, table: 'debits' | 'requests') =>
  Number((await db.owner.query(`select count(*) from ${table}`)).rows[0].count);
const stateOf = async ({ db }: TestBankWithGateway, endToEndId: string) =>
  (await db.owner.query('select state from debits where end_to_end_id = $1', [endToEndId])).rows[0]?.state;
const journal = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query("select kind from journal where kind like 'stop.%' order by entry_id")).rows.map(
    ({ kind }) => kind,
  );

/** A bus that says what the test wants, and what it was asked. */
function spyOn(core: CoreBanking, change: Partial<CoreBanking>): CoreBanking & { heard: string[] } {
  const heard: string[] = [];
  const bus = { ...core, ...change };
  return {
    ...bus,
    heard,
    debit: (instructions) => {
      heard.push('debit');
      return bus.debit(instructions);
    },
    inquire: (references) => {
      heard.push('inquire');
      return bus.inquire(references);
    },
    void: (references) => {
      heard.push('void');
      return bus.void(references);
    },
  };
}

test.for([
  ['ALL', (): StopScope => ({ scope: 'ALL' })],
  ['CREDITOR', (): StopScope => ({ scope: 'CREDITOR', creditor: cnas })],
  ['MANDATE', (mandateId: MandateId): StopScope => ({ scope: 'MANDATE', creditor: cnas, mandateId })],
] as const)(
  'under a stop of %s a debit is turned away and leaves nothing; the same goes through after two people start again',
  async ([, scopeOf]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    const standing = await stop(bank, scopeOf(mandateId));
    const order = { mandateId, endToEndId: 'E2E-S', jti: 'j'.repeat(16) };
    expect(await bank.debit(order)).toEqual({ outcome: 'STOPPED' });
    const later = addDays(algiersDay(new Date()), 3);
    const expiresAt = startOfAlgiersDay(addDays(later, 1));
    expect(await bank.debit({ mandateId, executionDate: later, expiresAt })).toEqual({ outcome: 'STOPPED' });
    expect([await count(bank, 'debits'), await count(bank, 'requests')]).toEqual([0, 0]);
    expect(await startAgain(bank, standing, karim)).toBe('SAME_PERSON');
    expect(await bank.debit(order)).toEqual({ outcome: 'STOPPED' });
    expect(await startAgain(bank, standing)).toBe('DECIDED');
    // The very same request, its signature included.
    expect(await bank.debit(order)).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
    expect(await journal(bank)).toEqual(['stop.made', 'stop.ended']);
  },
);

test("a stop of one mandate or creditor leaves the others' debits alone, and holds what replaces the mandate", async () => {
  await using bank = await openBank();
  const stopped = await bank.addMandate({ state: 'REPLACED' });
  const successor = await bank.addMandate({ chainId: stopped });
  const other = await bank.addMandate();
  await stop(bank, { scope: 'MANDATE', creditor: cnas, mandateId: stopped });
  expect(await bank.debit({ mandateId: successor })).toEqual({ outcome: 'STOPPED' });
  expect(await bank.debit({ mandateId: other })).toMatchObject({ debit: { state: 'SETTLED' } });
  await stop(bank, { scope: 'CREDITOR', creditor: cacobatph });
  expect(await bank.debit({ mandateId: other })).toMatchObject({ debit: { state: 'SETTLED' } });
});

test('a known debit is told as it is under a stop, and a name of another content stays taken', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const order = { mandateId, endToEndId: 'E2E-K', declaration: 'DAC-K' };
  await bank.debit(order);
  await stop(bank, { scope: 'ALL' });
  expect(await bank.debit(order)).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' }, replayed: true });
  expect(await bank.debit({ ...order, amount: '1.00' })).toMatchObject({ outcome: 'NAME_TAKEN' });
});

test('whoever began before the stop is waited for and counted; whoever comes after sees it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const slow = bank.stepsWith({
    coreBanking: { ...bank.core, debit: (all) => gate.then(() => bank.core.debit(all)) },
  });
  const holder = await bank.db.owner.connect();
  try {
    // The mandate is held, so that a reservation from before the stop waits with its snapshot, and has written nothing.
    await holder.query('begin');
    await holder.query('select from mandates where mandate_id = $1 for update', [mandateId]);
    const before = bank.debit({ mandateId, endToEndId: 'E2E-BEFORE' }, slow);
    await untilWaiting(bank, 1);
    const act = { what: { scope: 'ALL' as const }, remark: 'Test', by: karim, from: '10.0.0.7', now: new Date() };
    let told = false;
    const stopping = makeStop(bank.db.gateway, act).finally(() => {
      told = true;
    });
    await untilWaiting(bank, 2);
    const after = bank.debit({ mandateId, endToEndId: 'E2E-AFTER' });
    await pause(200);
    expect(told).toBe(false);
    await holder.query('commit');
    expect(await stopping).toMatchObject({ outcome: 'STOPPED', certain: true, underWay: { sending: 1 } });
    expect(await after).toEqual({ outcome: 'STOPPED' });
    open();
    expect(await before).toMatchObject({ debit: { state: 'SETTLED' } });
  } finally {
    holder.release();
  }
});

test('once the stop is told of, no debit that was asked for at the same time on two replicas begins any more', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(Array.from({ length: 8 }, () => bank.addMandate({ perPeriod: '900000.00' })));
  const replicas = [bank.stepsWith({}), bank.stepsWith({})];
  const asked = Array.from({ length: 80 }, async (_, number) => {
    await pause(number * 4);
    const mandateId = must(mandates[number % mandates.length]);
    return bank.debit({ mandateId, amount: '100.00' }, must(replicas[number % 2]));
  });
  await pause(150);
  await stop(bank, { scope: 'CREDITOR', creditor: cnas });
  const told = await count(bank, 'debits');
  const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
  expect(await count(bank, 'debits')).toBe(told);
  expect(outcomes.filter((outcome) => outcome === 'DEBIT')).toHaveLength(told);
  expect(outcomes.filter((outcome) => outcome === 'STOPPED')).toHaveLength(80 - told);
  expect(told).toBeLessThan(80);
});

test('a debit that is due under a stop waits unsent, goes on after the start, and ends by its expiry where none comes', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const [waiting, ending] = [`E2E-W`, `E2E-X`];
  const day = addDays(algiersDay(new Date()), 1);
  const expiresAt = startOfAlgiersDay(addDays(day, 1));
  for (const endToEndId of [waiting, ending])
    await bank.debit({ mandateId, endToEndId, executionDate: day, expiresAt, amount: '1000.00' });
  const core = spyOn(bank.core, {});
  const steps = bank.stepsWith({ coreBanking: core });
  const standing = await stop(bank, { scope: 'CREDITOR', creditor: cnas });
  await bank.db.owner.query(
    "update debits set execution_date = (clock_timestamp() at time zone 'Africa/Algiers')::date",
  );
  await resolveUnfinished(steps, bank.running);
  await resolveUnfinished(steps, bank.running);
  expect([await stateOf(bank, waiting), await stateOf(bank, ending)]).toEqual(['SCHEDULED', 'SCHEDULED']);
  await bank.db.owner.query(
    "update debits set expires_at = clock_timestamp() - interval '1 second' where end_to_end_id = $1",
    [ending],
  );
  await free(bank);
  await resolveUnfinished(steps, bank.running);
  expect([await stateOf(bank, waiting), await stateOf(bank, ending)]).toEqual(['SCHEDULED', 'REJECTED']);
  expect(core.heard).toEqual([]);
  expect(await startAgain(bank, standing)).toBe('DECIDED');
  await free(bank);
  await resolveUnfinished(steps, bank.running);
  expect(await stateOf(bank, waiting)).toBe('SETTLED');
  expect(core.heard).toEqual(['debit']);
});

test('one in doubt is asked on under a stop, sent by nobody and voided by nobody; the start lets it go on', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  // Nothing arrives at the bus: its 'unknown' means that it may be sent again.
  const silent = bank.stepsWith({
    coreBanking: { ...bank.core, debit: async (all) => all.map(() => ({ outcome: 'IN_DOUBT' })) },
  });
  await bank.debit({ mandateId, endToEndId: 'E2E-D', expiresAt: new Date(Date.now() + 3_600_000) }, silent);
  expect(await stateOf(bank, 'E2E-D')).toBe('IN_DOUBT');
  const standing = await stop(bank, { scope: 'MANDATE', creditor: cnas, mandateId });
  const core = spyOn(bank.core, {});
  const steps = bank.stepsWith({ coreBanking: core });
  for (let round = 0; round < 3; round += 1) {
    await free(bank);
    await resolveUnfinished(steps, bank.running);
  }
  expect(await stateOf(bank, 'E2E-D')).toBe('IN_DOUBT');
  expect(core.heard).toEqual(['inquire', 'inquire', 'inquire']);
  expect(await startAgain(bank, standing)).toBe('DECIDED');
  await free(bank);
  await resolveUnfinished(steps, bank.running);
  expect(await stateOf(bank, 'E2E-D')).toBe('SETTLED');
});

test('a stop outlasts the time of one in doubt: it is asked on, voided by nobody, and people have it; the start ends it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const silent = bank.stepsWith({
    coreBanking: { ...bank.core, debit: async (all) => all.map(() => ({ outcome: 'IN_DOUBT' })) },
  });
  await bank.debit({ mandateId, endToEndId: 'E2E-O' }, silent);
  const standing = await stop(bank, { scope: 'ALL' });
  const core = spyOn(bank.core, {});
  const steps = bank.stepsWith({ coreBanking: core });
  bank.clock.set(new Date(Date.now() + 3_600_000));
  await free(bank);
  await resolveUnfinished(steps, bank.running);
  expect(core.heard).toEqual(['inquire']);
  const { rows } = await bank.db.owner.query('select state, people_since is not null as people from debits');
  expect(rows).toEqual([{ state: 'IN_DOUBT', people: true }]);
  expect(await startAgain(bank, standing)).toBe('DECIDED');
  await free(bank);
  await resolveUnfinished(steps, bank.running);
  expect(await stateOf(bank, 'E2E-O')).toBe('REJECTED');
  expect(core.heard).toEqual(['inquire', 'inquire', 'void']);
});

test('what had moved before the stop settles under it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const deaf = bank.stepsWith({
    coreBanking: {
      ...bank.core,
      debit: async (all) => {
        await bank.core.debit(all);
        return all.map(() => ({ outcome: 'IN_DOUBT' }));
      },
    },
  });
  await bank.debit({ mandateId, endToEndId: 'E2E-M' }, deaf);
  await stop(bank, { scope: 'ALL' });
  await free(bank);
  await resolveUnfinished(bank.steps, bank.running);
  expect(await stateOf(bank, 'E2E-M')).toBe('SETTLED');
});

test("a receipt names the account of its debit's day, whatever account the creditor has since", async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const settled = async (endToEndId: string) => {
    const outcome = await bank.debit({ mandateId, endToEndId });
    return outcome.outcome === 'DEBIT' ? outcome.debit.debitId : expect.fail(outcome.outcome);
  };
  const first = await settled('E2E-1');
  const { creditedAccount: before } = await selectReceiptParties(bank.db.gateway, first);
  const after = ribOf(9_000_002);
  await openAccounts(bank.db.ledger, [{ rib: after, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
  await bank.db.gateway.query("update creditors set collection_account = $1 where creditor_code = 'CNAS'", [after]);
  const second = await settled('E2E-2');
  expect((await selectReceiptParties(bank.db.gateway, first)).creditedAccount).toBe(before);
  expect((await selectReceiptParties(bank.db.gateway, second)).creditedAccount).toBe(after);
  await expect(bank.db.gateway.query('delete from collection_accounts')).rejects.toThrow('permission denied');
});

test('the database ends no stop without two people, and keeps what one was', async () => {
  await using bank = await openBank();
  const { stopId } = await stop(bank, { scope: 'ALL' });
  const asked = await proposeStart(bank.db.gateway, {
    ...{ stopId, reason: 'Solved', by: karim, from: '10.0.0.7', now: new Date() },
  });
  const { proposalId } = 'proposalId' in asked ? asked : expect.fail(asked.outcome);
  const end = 'update stops set ended_at = now(), ended_by = $1';
  await expect(bank.db.gateway.query(end, [proposalId])).rejects.toThrow('two people');
  await expect(bank.db.gateway.query(end, [null])).rejects.toThrow('violates check constraint');
  await expect(bank.db.gateway.query("update stops set scope = 'CREDITOR'")).rejects.toThrow('only ends');
  await expect(bank.db.gateway.query('delete from stops')).rejects.toThrow('permission denied');
  const again = { what: { scope: 'ALL' as const }, remark: 'Again', by: samia, from: '10.0.0.8', now: new Date() };
  expect(await makeStop(bank.db.gateway, again)).toMatchObject({ outcome: 'STANDS_ALREADY', stop: { stopId } });
});

/** Every lease has ended: what is due is taken up now. */
const free = ({ db }: TestBankWithGateway) =>
  db.owner.query("update debits set lease_until = now() - interval '1 second'");

/** Until so many statements wait for a lock. */
async function untilWaiting({ db }: TestBankWithGateway, statements: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { rows } = await db.gateway.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    if (rows.length >= statements) return;
    await pause(10);
  }
  throw new Error('nobody waits');
}
