import type pg from 'pg';
import { expect, test } from 'vitest';
import { amountOf, openBank } from '../../test/bank.ts';
import { sealAll } from '../../test/journal.ts';
import { openSealer } from '../journal/sealer.ts';
import { algiersDay } from '../values/dates.ts';
import { addFigures } from './figures.sql.ts';
import { debitFigures } from './figures.ts';

test('figures say what happened to debits, by hour, day, reason and agency, however the adding up is cut', async () => {
  await using bank = await openBank();
  const rich = await bank.addMandate();
  const poor = await bank.addMandate({ balance: '10.00' });
  const agencyOf = async (mandateId: typeof rich) => (await bank.debtorOf(mandateId)).slice(3, 8);
  for (const amount of ['100.00', '200.50', '300.00']) await bank.debit({ mandateId: rich, amount });
  await bank.debit({ mandateId: poor, amount: '50.00' });
  await bank.debit({ mandateId: rich, amount: '600000.00' });
  await sealAll(bank.db);
  // Two at once, again and again, in threes: what one has taken the other leaves.
  let took = 1;
  let all = 0;
  while (took > 0) {
    const both = await Promise.all([addFigures(bank.db.gateway, 3), addFigures(bank.db.gateway, 3)]);
    took = both[0] + both[1];
    all += took;
  }
  expect(all).toBe(10);
  const figures = await debitFigures(bank.db.gateway, 'ALL', new Date());
  const today = algiersDay(new Date());
  expect(figures.days).toEqual([
    { day: today, event: 'RECEIVED', debits: 5, amount: amountOf('600650.50') },
    { day: today, event: 'REJECTED', debits: 2, amount: amountOf('600050.00') },
    { day: today, event: 'SETTLED', debits: 3, amount: amountOf('600.50') },
  ]);
  expect(figures.hours.map(({ event, debits, amount }) => ({ day: today, event, debits, amount }))).toEqual(
    figures.days,
  );
  expect(figures.reasons).toEqual([
    { reason: 'AM04', debits: 1, amount: amountOf('50.00') },
    { reason: 'AM14', debits: 1, amount: amountOf('600000.00') },
  ]);
  const agencies = [await agencyOf(rich), await agencyOf(poor)];
  expect((await debitFigures(bank.db.gateway, agencies, new Date())).days).toEqual(figures.days);
  expect((await debitFigures(bank.db.gateway, ['99999'], new Date())).days).toEqual([]);
  expect((await debitFigures(bank.db.gateway, [], new Date())).hours).toEqual([]);
});

test('figures say up to when they are whole: what waits to be sealed or added is not left unsaid', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId });
  const { rows } = await bank.db.owner.query<{ first: Date }>('select min(recorded_at) as first from journal');
  const asOf = async () => (await debitFigures(bank.db.gateway, 'ALL', new Date())).asOf.getTime();
  expect(await asOf()).toBe(rows[0]?.first.getTime());
  await sealAll(bank.db);
  expect(await asOf()).toBe(rows[0]?.first.getTime());
  await addFigures(bank.db.gateway, 100);
  expect(Math.abs((await asOf()) - Date.now())).toBeLessThan(60_000);
  expect(await asOf()).toBeGreaterThan(rows[0]?.first.getTime() ?? 0);
});

test('figures are whole up to the oldest row that waits, also where younger ones stand before it or were sealed over it', async () => {
  await using bank = await openBank();
  const { db } = bank;
  const asOf = async () => (await debitFigures(db.gateway, 'ALL', new Date())).asOf;
  const note = (at: pg.Pool | pg.PoolClient, minutes: number) =>
    at.query(
      `insert into journal (kind, side, recorded_at)
              values ('mandate.expired', 'gateway', now() - make_interval(mins => $1))`,
      [minutes],
    );
  const minutesBehind = async () => Math.floor((Date.now() - (await asOf()).getTime()) / 60_000 + 0.5);
  await note(db.gateway, 0);
  await note(db.gateway, 10);
  expect(await minutesBehind()).toBe(10);
  await sealAll(db);
  expect(await minutesBehind()).toBe(10);
  while ((await addFigures(db.gateway, 100)) > 0);
  expect(await minutesBehind()).toBe(0);
  // The one that writes first has the later number, and is open still when the other's row is sealed.
  const early = await db.gateway.connect();
  await early.query('begin');
  await early.query('select pg_current_xact_id()');
  const late = await db.gateway.connect();
  await late.query('begin');
  await note(late, 20);
  await note(early, 0);
  await early.query('commit');
  const sealer = openSealer({ pool: db.gateway });
  await expect
    .poll(async () => {
      await sealer.run();
      return (await db.owner.query('select from journal_seals s join journal using (entry_id)')).rowCount;
    })
    .toBeGreaterThan(2);
  while ((await addFigures(db.gateway, 100)) > 0);
  await late.query('commit');
  early.release();
  late.release();
  expect(await minutesBehind()).toBe(20);
});
