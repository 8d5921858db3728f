import { expect, test } from 'vitest';
import { cacobatph, cnas, openBank, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { type CoreHours, parseTimeOfDay } from '../calendar/calendar.ts';
import { runWork } from '../jobs/run-work.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { parseEndToEndId } from '../values/ids.ts';
import { cancel } from './cancel.ts';
import { resolveDebits } from './resolve.ts';
import { debitWorks } from './work.ts';

const today = algiersDay(new Date());
const source = 'test';
const feast = (day: Day) => ({ feastId: day, on: { day }, nameFr: 'Aïd', nameAr: 'عيد', source });
const time = (text: string) => parseTimeOfDay(text) ?? expect.fail(text);
const closed = (from: string, to: string): CoreHours => ({
  ...{ fromDay: addDays(today, -400), source },
  closed: { from: time(from), to: time(to) },
});
/** The core is closed at this moment, and opens at the next full minute but one. */
const closedNow = (now: Date) => {
  const at = (minutes: number) => new Date(now.getTime() + 3_600_000 + minutes * 60_000).toISOString().slice(11, 16);
  return closed(at(-2), at(2));
};

const noon = (day: Day) => new Date(startOfAlgiersDay(day).getTime() + 12 * 3_600_000);
const rowOf = async (bank: TestBankWithGateway, endToEndId: string) => {
  const { rows } = await bank.db.owner.query(
    `select state, reason, refusal, expires_at, resolve_by, reserved_on::text, holds_declaration, holds_ceiling from debits
      where end_to_end_id = $1`,
    [endToEndId],
  );
  return rows[0];
};

/** One round of all the work that debits have. */
async function rounds(bank: TestBankWithGateway): Promise<void> {
  for (const work of debitWorks(bank.steps, new Map()))
    await runWork(work, await work.due(64), {
      db: bank.db.gateway,
      onFault: (_name, fault) => expect.fail(String(fault)),
    });
}

test('while the core is closed a debit waits, is told so, and is executed when the core opens, in the period of its receipt', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  bank.setCalendar({ hours: [closedNow(bank.clock.now())] });
  const told = await bank.debit({ mandateId, endToEndId: 'NIGHT' });
  expect(told).toMatchObject({ outcome: 'DEBIT', debit: { state: 'ACCEPTED' }, replayed: false });
  const opening = algiersDay(new Date(bank.clock.now().getTime() + 2 * 60_000));
  expect(await rowOf(bank, 'NIGHT')).toMatchObject({
    ...{ state: 'ACCEPTED', holds_declaration: true, holds_ceiling: false },
    expires_at: startOfAlgiersDay(addDays(opening, 1)),
  });
  // Asked again it is the same, and what it pays is being paid.
  expect(await bank.debit({ mandateId, endToEndId: 'NIGHT' })).toMatchObject({ outcome: 'NAME_TAKEN' });
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 s'");
  await rounds(bank);
  expect(await rowOf(bank, 'NIGHT')).toMatchObject({ state: 'ACCEPTED' });
  bank.setCalendar({ hours: [] });
  await rounds(bank);
  expect(await rowOf(bank, 'NIGHT')).toMatchObject({ state: 'SETTLED', reserved_on: today, holds_ceiling: true });
});

test('where it asks to be rejected while the core is closed it is, and its declaration can be paid by another', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  bank.setCalendar({ hours: [closedNow(bank.clock.now())] });
  const order = { mandateId, declaration: 'D' } as const;
  expect(await bank.debit({ ...order, endToEndId: 'NOW', whenClosed: 'REJECT' })).toMatchObject({
    debit: { state: 'REJECTED', reason: 'AB03' },
  });
  bank.setCalendar({ hours: [] });
  expect(await bank.debit({ ...order, endToEndId: 'AGAIN' })).toMatchObject({ debit: { state: 'SETTLED' } });
});

test('one that may not wait until the core opens is rejected when its time is over, and nothing of it was sent', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  bank.setCalendar({ hours: [closedNow(bank.clock.now())] });
  await bank.debit({ mandateId, endToEndId: 'SHORT', expiresAt: new Date(bank.clock.now().getTime() + 30_000) });
  await bank.db.owner.query(
    "update debits set expires_at = clock_timestamp() - interval '1 s', lease_until = clock_timestamp() - interval '1 s'",
  );
  await rounds(bank);
  expect(await rowOf(bank, 'SHORT')).toMatchObject({ state: 'REJECTED', reason: 'AB03', holds_declaration: false });
});

test('a debit that waits can be withdrawn', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  bank.setCalendar({ hours: [closedNow(bank.clock.now())] });
  await bank.debit({ mandateId, endToEndId: 'WITHDRAWN', declaration: 'D' });
  const endToEndId = parseEndToEndId('WITHDRAWN') ?? expect.fail();
  const request = { ...requestFor({ creditor: cnas, endToEndId }, bank.clock.now()), target: '/cancellation' };
  expect(await cancel(bank.steps, cnas, endToEndId, request)).toMatchObject({ verdict: 'CANCELLED' });
  bank.setCalendar({ hours: [] });
  await rounds(bank);
  expect(await rowOf(bank, 'WITHDRAWN')).toMatchObject({ state: 'CANCELLED', holds_declaration: false });
  expect(await bank.debit({ mandateId, declaration: 'D' })).toMatchObject({ debit: { state: 'SETTLED' } });
});

test('a date that is no banking day comes to the next one, and the debit may run until the end of that day', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const [date, next] = [addDays(today, 3), addDays(today, 5)];
  bank.setCalendar({ feasts: [feast(date), feast(addDays(date, 1))] });
  await bank.debit({ mandateId, endToEndId: 'FEAST', executionDate: date });
  expect(await rowOf(bank, 'FEAST')).toMatchObject({
    state: 'SCHEDULED',
    expires_at: startOfAlgiersDay(addDays(next, 1)),
  });
  bank.clock.set(noon(date));
  await rounds(bank);
  expect(await rowOf(bank, 'FEAST')).toMatchObject({ state: 'SCHEDULED' });
  bank.clock.set(noon(next));
  await rounds(bank);
  expect(await rowOf(bank, 'FEAST')).toMatchObject({ state: 'SETTLED', reserved_on: next });
});

test('today is a date too: on a feast it is scheduled, on a banking day it runs at once', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  expect(await bank.debit({ mandateId, executionDate: today })).toMatchObject({ debit: { state: 'SETTLED' } });
  bank.setCalendar({ feasts: [feast(today)] });
  expect(await bank.debit({ mandateId, executionDate: today })).toMatchObject({ debit: { state: 'SCHEDULED' } });
});

test('a feast that is announced the night before moves the debit to the day after it, unless the creditor named its end', async () => {
  await using bank = await openBank();
  const [first, second] = [await bank.addMandate(), await bank.addMandate()];
  const [date, next] = [addDays(today, 3), addDays(today, 4)];
  await bank.debit({ mandateId: first, endToEndId: 'MOVED', executionDate: date });
  const expiresAt = startOfAlgiersDay(addDays(date, 1));
  await bank.debit({ mandateId: second, endToEndId: 'FIRM', executionDate: date, expiresAt });
  expect(await rowOf(bank, 'MOVED')).toMatchObject({ expires_at: expiresAt });
  bank.setCalendar({ feasts: [feast(date)] });
  bank.clock.set(noon(date));
  await rounds(bank);
  expect(await rowOf(bank, 'MOVED')).toMatchObject({ state: 'SCHEDULED' });
  bank.clock.set(noon(next));
  await rounds(bank);
  expect(await rowOf(bank, 'MOVED')).toMatchObject({
    state: 'SETTLED',
    reserved_on: next,
    expires_at: startOfAlgiersDay(addDays(next, 1)),
  });
  // By the database's clock, which a test does not move, FIRM has its time still: it is accepted and keeps its own end.
  expect(await rowOf(bank, 'FIRM')).toMatchObject({ expires_at: expiresAt });
});

test('a debit that missed its own day does not get another', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const date = addDays(today, 2);
  await bank.debit({ mandateId, endToEndId: 'MISSED', executionDate: date });
  const before = await rowOf(bank, 'MISSED');
  bank.clock.set(noon(addDays(date, 2)));
  for (const work of debitWorks(bank.steps, new Map()))
    if (work.name === 'due-dates') await work.run(await work.due(64));
  expect(await rowOf(bank, 'MISSED')).toMatchObject({ state: 'ACCEPTED', expires_at: before.expires_at });
});

test('one whose day has passed waits for no banking day to be rejected: its declaration is free, and only a feast moves its end', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const [date, next] = [addDays(today, 1), addDays(today, 2)];
  const order = { mandateId, executionDate: date } as const;
  await bank.debit({ ...order, endToEndId: 'LATE', declaration: 'LATE' });
  const over = () => bank.db.owner.query("update debits set expires_at = clock_timestamp() - interval '1 s'");
  // Its own day is a feast that was announced late: it has another.
  bank.setCalendar({ feasts: [feast(date), feast(next)] });
  bank.clock.set(noon(next));
  await over();
  await rounds(bank);
  expect(await rowOf(bank, 'LATE')).toMatchObject({ state: 'SCHEDULED' });
  // The bank worked on its day, and does not today.
  bank.setCalendar({ feasts: [feast(next)] });
  await rounds(bank);
  await rounds(bank);
  expect(await rowOf(bank, 'LATE')).toMatchObject({ state: 'REJECTED', reason: 'AB03', holds_declaration: false });
  // The creditor named its end: the night that closes the core is no reason to wait.
  bank.setCalendar({ feasts: [], hours: [closed('00:00', '23:59')] });
  await bank.debit({
    ...order,
    endToEndId: 'FIRM',
    executionDate: addDays(next, 1),
    expiresAt: noon(addDays(next, 1)),
  });
  bank.clock.set(noon(addDays(next, 1)));
  await over();
  await rounds(bank);
  await rounds(bank);
  expect(await rowOf(bank, 'FIRM')).toMatchObject({ state: 'REJECTED', reason: 'AB03' });
});

/** So many more of the one debit that there is, under names of their own, which come before it. */
const copyTheOne = ({ db }: TestBankWithGateway, count: number) =>
  db.owner.query({
    text: `
      insert into debits
      select (jsonb_populate_record(d, jsonb_build_object('debit_id', '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'end_to_end_id', 'N-' || n,
                'core_reference', translate(lpad(n::text, 32, '0'), '0189', 'ABCD'), 'declaration', 'N-' || n))).*
        from debits d, generate_series(1, $1::int) as n`,
    values: [count],
  });

test('while much is due only some of it stands in line, so that what is in doubt is asked about meanwhile', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ perPeriod: '900000000.00' });
  await bank.debit({ mandateId, endToEndId: 'PATTERN', amount: '1.00', executionDate: addDays(today, 1) });
  await copyTheOne(bank, 600);
  bank.clock.set(noon(addDays(today, 1)));
  const steps = bank.stepsWith({ fundsRefusalsADay: 10_000 });
  const [dueDates] = debitWorks(steps, new Map());
  for (let round = 0; round < 20; round += 1) await dueDates?.run(await dueDates.due(64));
  const count = async (state: string) =>
    Number((await bank.db.owner.query('select count(*) from debits where state = $1', [state])).rows[0].count);
  expect(await count('ACCEPTED')).toBe(256);
  const { rows } = await bank.db.owner.query("select debit_id from debits where state = 'ACCEPTED' limit 64");
  await resolveDebits(
    steps,
    new Map(),
    rows.map(({ debit_id }) => debit_id),
  );
  for (let round = 0; round < 20; round += 1) await dueDates?.run(await dueDates.due(64));
  expect(await count('SCHEDULED')).toBe(601 - 256 - (await count('SETTLED')) - (await count('EXECUTING')));
});

test('a core that is silent gets no more of a day than a line of it: the rest stays due, and is not in doubt', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ perPeriod: '900000000.00' });
  const silent = bank.stepsWith({
    fundsRefusalsADay: 10_000,
    coreBanking: {
      ...bank.core,
      debit: async (sent) => sent.map(() => ({ outcome: 'IN_DOUBT' })),
      inquire: async (references) => references.map(() => ({ outcome: 'NO_ANSWER' })),
    },
  });
  await bank.debit({ mandateId, endToEndId: 'PATTERN', amount: '1.00', executionDate: addDays(today, 1) });
  await copyTheOne(bank, 1199);
  bank.clock.set(noon(addDays(today, 1)));
  const works = debitWorks(silent, new Map());
  const [dueDates] = works;
  const everyState = async () => {
    for (;;) {
      for (const work of works) await work.run(await work.due(64));
      const { rows } = await bank.db.owner.query('select state, count(*)::integer from debits group by 1 order by 1');
      const states = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
      // Of each set some are questions about what is in doubt, the more of them the slower this machine is.
      if (states.ACCEPTED === undefined && (await dueDates?.due(64))?.length === 0) return states;
    }
  };
  expect(await everyState()).toEqual({ IN_DOUBT: 256, SCHEDULED: 944 });
  // What it is silent about for long, while it answers others, holds those no longer up; but not without an end.
  for (const inDoubt of [512, 768, 1024, 1024]) {
    await bank.db.owner.query("update debits set questions = 6 where state = 'IN_DOUBT'");
    expect(await everyState()).toEqual({ IN_DOUBT: inDoubt, SCHEDULED: 1200 - inDoubt });
  }
  // Those that people have are theirs.
  await bank.db.owner.query("update debits set people_since = clock_timestamp() where state = 'IN_DOUBT'");
  expect(await everyState()).toEqual({ IN_DOUBT: 1200 });
});

test.for([{ replaced: false }, { replaced: true }])(
  "of one chain no more are taken up than may go at once: a core that is silent about it holds nobody else's day up (replaced: $replaced)",
  async ({ replaced }) => {
    await using bank = await openBank();
    const piled = await bank.addMandate({ perPeriod: '900000000.00' });
    const other = await bank.addMandate({ creditor: cacobatph });
    const executionDate = addDays(today, 1);
    await bank.debit({ mandateId: piled, endToEndId: 'PATTERN', amount: '1.00', executionDate });
    await copyTheOne(bank, 600);
    await bank.debit({ creditor: cacobatph, mandateId: other, endToEndId: 'OTHER', amount: '1.00', executionDate });
    const { rows: piledUp } = await bank.db.owner.query('select core_reference from debits where mandate_id = $1', [
      piled,
    ]);
    expect(piledUp).toHaveLength(601);
    if (replaced) {
      await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [piled]);
      await bank.addMandate({ chainId: piled, perPeriod: '900000000.00' });
    }
    const silentAbout = new Set(piledUp.map((row) => row.core_reference));
    const { core } = bank;
    const silent = bank.stepsWith({
      fundsRefusalsADay: 3,
      coreBanking: {
        ...core,
        debit: async (sent) =>
          Promise.all(
            sent.map(async (one) => {
              if (silentAbout.has(one.reference)) return { outcome: 'IN_DOUBT' } as const;
              const [answer] = await core.debit([one]);
              return answer ?? expect.fail();
            }),
          ),
        inquire: async (references) => references.map(() => ({ outcome: 'NO_ANSWER' })),
      },
    });
    bank.clock.set(noon(executionDate));
    const works = debitWorks(silent, new Map());
    while ((await rowOf(bank, 'OTHER'))?.state !== 'SETTLED')
      for (const work of works) await work.run(await work.due(64));
    const { rows } = await bank.db.owner.query(
      "select state, count(*)::integer from debits where end_to_end_id <> 'OTHER' group by 1 order by 1",
    );
    expect(Object.fromEntries(rows.map(({ state, count }) => [state, count]))).toEqual({ IN_DOUBT: 3, SCHEDULED: 598 });
  },
);

test("a stop of one creditor takes no place of another's debits that are due, and its own wait where they are", async () => {
  await using bank = await openBank();
  const stopped = await bank.addMandate({ perPeriod: '900000000.00' });
  const other = await bank.addMandate({ creditor: cacobatph });
  const executionDate = addDays(today, 1);
  await bank.debit({ mandateId: stopped, endToEndId: 'PATTERN', amount: '1.00', executionDate });
  await copyTheOne(bank, 300);
  await bank.debit({ creditor: cacobatph, mandateId: other, endToEndId: 'OTHER', amount: '1.00', executionDate });
  const works = debitWorks(bank.steps, new Map());
  const accept = async () => {
    for (const work of works) if (work.name === 'due-dates') await work.run(await work.due(512));
  };
  bank.clock.set(noon(executionDate));
  await accept();
  await bank.db.owner.query(
    `insert into stops (stop_id, scope, creditor_code, remark, stopped_by) values (gen_random_uuid(), 'CREDITOR', 'CNAS', 'x', 'y')`,
  );
  await rounds(bank);
  await rounds(bank);
  expect(await rowOf(bank, 'OTHER')).toMatchObject({ state: 'SETTLED' });
  expect(await rowOf(bank, 'PATTERN')).toMatchObject({ state: 'SCHEDULED' });
});
