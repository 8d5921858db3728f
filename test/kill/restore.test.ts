import { chmod, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { decide } from '../../src/approvals/decide.ts';
import { lookUpProposal } from '../../src/approvals/look-up.ts';
import type { Reply } from '../../src/commands/client.ts';
import { openEmbeddedServer } from '../../src/database/embedded.ts';
import { openPool } from '../../src/database/pool.ts';
import { administratorUrl, urlsOf } from '../../src/database/roles.ts';
import { applyStart, proposeStart } from '../../src/stops/start-again.ts';
import { parseStopId } from '../../src/stops/stop.ts';
import { addDays, algiersDay } from '../../src/values/dates.ts';
import { cnas, must } from '../bank.ts';
import { takeBackup } from '../restore.ts';
import { openCreditors } from './creditors.ts';
import { type KillMandate, openKillBank } from './kill-bank.ts';
import { startGateway } from './process.ts';

/** As short as the settings allow: for so long after a restore no write is taken. */
const windowSeconds = 6;

/** What CNAS's system asks, and asks again until it has an end. */
type Order = { name: string; mandate: KillMandate; declaration: string; amount: string };

test('a database that is put back to a backup of before sends nothing until the core was read and two people start again; a client that asks again for all that it remembers pays nothing twice, gives back what it gave back, and runs no debit of a later date that has given way', {
  timeout: 300_000,
}, async () => {
  await using bank = await openKillBank();
  const environment = {
    ...bank.environment,
    GATEWAY_SIGNATURE_WINDOW_SECONDS: String(windowSeconds),
    GATEWAY_CLOCK_SKEW_SECONDS: '5',
    // For so long after a restore the core may still execute what was sent before: its movements are read then.
    GATEWAY_DEBIT_LIFETIME_SECONDS: '20',
  };
  using creditors = openCreditors(bank);
  const plain = bank.mandates.filter(({ kind }) => kind === 'plain');
  const blocked = must(bank.mandates.find(({ kind }) => kind === 'blocked'));
  const orderOf = (
    name: string,
    mandate = must(plain[name.length % plain.length]),
    declaration = `D-${name}`,
  ): Order => ({
    ...{ name, mandate, declaration, amount: '1000.00' },
  });
  const ask = (order: Order, executionDate?: string): Promise<Reply | undefined> =>
    creditors.put(cnas, `/v1/debits/${order.name}`, {
      ...(executionDate !== undefined && { executionDate }),
      ...{ mandateId: order.mandate.mandateId, employerNumber: order.mandate.employerNumber },
      ...{ amount: order.amount, currency: 'DZD' },
      declaration: { reference: order.declaration, declaredAmount: order.amount },
    });
  const giveBack = async (): Promise<unknown> => {
    const given = { attempt: 1, reason: 'declaration-corrected' };
    return (await creditors.put(cnas, '/v1/debits/BEFORE-0/reversal', given))?.json?.state;
  };
  const planned = orderOf('PLANNED');
  const remembered = new Map<string, { order: Order; confirmation: string }>();
  const pay = async (order: Order): Promise<void> => {
    for (let reply = await ask(order); ; reply = await ask(order)) {
      const { confirmation } = reply?.json ?? {};
      if ((reply?.status === 201 || reply?.status === 200) && typeof confirmation === 'string') {
        remembered.set(order.name, { order, confirmation });
        return;
      }
      await pause(50);
    }
  };

  // Before, while and after the backup is taken.
  const backup = await mkdtemp(path.join(os.tmpdir(), 'gateway-restore-'));
  await chmod(backup, 0o755);
  const lost: Order[] = [];
  {
    await using gateway = startGateway({ ...bank, environment });
    creditors.reach(must(await gateway.ready).api);
    for (let number = 0; number < 10; number += 1) await pay(orderOf(`BEFORE-${number}`));
    const dated = await ask(planned, addDays(algiersDay(new Date()), 1));
    expect(dated?.json?.state).toBe('SCHEDULED');
    let taking = true;
    const flow = (async () => {
      for (let number = 0; taking; number += 1) await pay(orderOf(`DURING-${number}`, plain[number % plain.length]));
    })();
    await takeBackup(bank.server.cluster, bank.server.folder, backup);
    taking = false;
    await flow;
    for (let number = 0; number < 20; number += 1) {
      const order = orderOf(`LOST-${number}`, plain[number % plain.length]);
      lost.push(order);
      await pay(order);
    }
    // The debit of a later date is cancelled, and another one pays its declaration; a debit goes back.
    expect(
      (await creditors.put(cnas, '/v1/debits/PLANNED/cancellation', { reason: 'declaration-corrected' }))?.status,
    ).toBe(201);
    const instead = orderOf('INSTEAD', planned.mandate, planned.declaration);
    lost.push(instead);
    await pay(instead);
    await until(async () => (await giveBack()) === 'SETTLED');
    expect((await ask(orderOf('REFUSED', blocked)))?.status).toBe(402);
    expect(
      (await creditors.put(cnas, '/v1/debits/BURNT/cancellation', { reason: 'declaration-corrected' }))?.status,
    ).toBe(201);
    await until(async () => (await bank.database.query('select from debits where void_due')).rowCount === 0);
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe('0');
  }
  const moved = async (kind = 'DEBIT') => {
    const { rows } = await bank.database.query<{ bookings: string; amount: string }>(
      `select count(*) as bookings, sum(amount) as amount from ledger.bookings where outcome = 'MOVED' and kind = $1`,
      [kind],
    );
    return rows[0];
  };
  const movedBefore = await moved();
  const backBefore = await moved('REVERSAL');

  // The gateway's database as it was then; the core's books are as they are.
  await using server = await openEmbeddedServer({ folder: backup, durable: false, temporary: true });
  const restored = urlsOf(server.cluster, 'kills');
  const after = { ...environment, GATEWAY_DATABASE_URL: restored.gateway };
  await using database = adopt(administratorUrl(server.cluster, 'kills'));
  await using runtime = adopt(restored.gateway);
  await using gateway = startGateway({ ...bank, environment: after });
  creditors.reach(must(await gateway.ready).api);

  const early = await ask(must(lost[0]));
  expect([early?.status, String(early?.json?.type).split('/').at(-1)]).toEqual([503, 'signed-before-restore']);
  await pause((Number(early?.headers['retry-after']) + 1) * 1000);
  const isRead = async () =>
    (await database.pool.query('select from restores where movements_read_at is not null')).rowCount === 1;
  await until(isRead);
  const unclaimed = async () =>
    Number(
      (await database.pool.query('select count(*) from unclaimed_movements where claimed_by is null')).rows[0].count,
    );
  expect(await unclaimed()).toBeGreaterThanOrEqual(lost.length);
  const unexplained = async () =>
    (await database.pool.query('select why from unexplained_movements where ending is null')).rows;
  expect(await unexplained()).toEqual([{ why: 'FOREIGN' }]);
  const { rows: stops } = await database.pool.query<{ stop_id: string }>(
    'select stop_id from stops where ended_at is null',
  );
  const stopId = must(parseStopId(must(stops[0]).stop_id));
  const starting = { stopId, reason: 'Compared', by: 'supervisor-karim', from: 'test', now: new Date() };
  expect((await proposeStart(runtime.pool, starting)).outcome).toBe('UNACCOUNTED');

  // Nothing new is begun, and a declaration that was paid in what was lost can't be paid under another name.
  const stopped = await ask(orderOf('NEW'));
  expect([stopped?.status, String(stopped?.json?.type).split('/').at(-1)]).toEqual([503, 'stopped']);

  // A movement is claimed under no mandate but the one whose account was debited.
  const first = must(lost[0]);
  const another = must(plain.find(({ employerNumber }) => employerNumber !== first.mandate.employerNumber));
  expect((await ask({ ...first, mandate: another }))?.status).toBe(503);

  for (const { order, confirmation } of remembered.values()) {
    let again: string | undefined;
    await until(async () => {
      const reply = await ask(order);
      again = typeof reply?.json?.confirmation === 'string' ? reply.json.confirmation : undefined;
      return again !== undefined;
    });
    const [first, second] = [decodeJwt(confirmation), decodeJwt(must(again))];
    expect({ jti: second.jti, booking: second.bookingReference }).toEqual({
      jti: first.jti,
      booking: first.bookingReference,
    });
  }
  expect(await unclaimed()).toBe(0);
  await until(async () => (await giveBack()) === 'SETTLED');
  expect(await unexplained()).toEqual([]);
  expect(await moved()).toEqual(movedBefore);
  expect(await moved('REVERSAL')).toEqual(backBefore);
  // What was scheduled has given way to the claim that paid its declaration, under the stop too.
  await until(
    async () =>
      (await database.pool.query("select from debits where end_to_end_id = 'PLANNED' and reason = 'AM05'")).rowCount ===
      1,
  );

  const now = new Date();
  const proposed = await proposeStart(runtime.pool, { ...starting, now });
  const proposalId = proposed.outcome === 'PROPOSED' ? proposed.proposalId : expect.fail(proposed.outcome);
  const seen = must(await lookUpProposal(runtime.pool, proposalId, 'ALL'));
  const approving = {
    proposalId,
    from: 'test',
    agencies: 'ALL' as const,
    seenHash: seen.contentHash,
    now,
    decision: 'APPROVE' as const,
  };
  expect((await decide(runtime.pool, { ...approving, by: 'supervisor-karim' }, applyStart)).outcome).toBe(
    'SAME_PERSON',
  );
  // The movements are read once more first.
  await until(
    async () =>
      (await decide(runtime.pool, { ...approving, by: 'supervisor-nadia' }, applyStart)).outcome === 'DECIDED',
  );

  await pay(orderOf('NEW'));
  // What the core had refused or closed since the backup stays so, though this database never heard of it.
  expect((await ask(orderOf('REFUSED', blocked)))?.status).toBe(402);
  expect((await ask(orderOf('BURNT')))?.json?.state).not.toBe('SETTLED');
  await until(async () => (await ask(orderOf('BURNT')))?.status === 402);
  const paid = must(remembered.get(must(lost[0]).name)).order;
  expect((await ask({ ...paid, name: 'ANOTHER-NAME' }))?.status).toBe(409);
  const { rows: debits } = await database.pool.query<{ state: string; count: string; amount: string }>(
    `select state, count(*), sum(amount) as amount from debits group by state order by state`,
  );
  const sent = debits.filter(({ state }) => state === 'SETTLED' || state === 'REVERSED');
  const sumOf = (values: string[]) => String(values.reduce((sum, value) => sum + BigInt(value), 0n));
  expect({ bookings: sumOf(sent.map(({ count }) => count)), amount: sumOf(sent.map(({ amount }) => amount)) }).toEqual(
    await moved(),
  );
  expect(debits.map(({ state }) => state)).toEqual(['REJECTED', 'REVERSED', 'SETTLED']);
  const { rows: epochs } = await database.pool.query('select cause from journal_epochs order by epoch');
  expect(epochs).toEqual([{ cause: 'first' }, { cause: 'another-database' }]);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe('0');
});

function adopt(url: string) {
  const pool = openPool({ url, applicationName: 'restore test', connections: 2 });
  return { pool, [Symbol.asyncDispose]: () => pool.end() };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await pause(100))
    if (Date.now() > end) throw new Error('it did not come about in 30 s');
}
