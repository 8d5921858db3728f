import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { amountOf, cnas, must, openBank, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { tamper } from '../../test/journal.ts';
import {
  askThrough,
  moveUnknown,
  putBack,
  readMovements,
  rowsOf,
  startAgain,
  workRound,
} from '../../test/restored-bank.ts';
import { reversalStateOf, reversing } from '../../test/reversals.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { parseEndToEndId } from '../values/ids.ts';
import { cancel } from './cancel.ts';

const today = algiersDay(new Date());
const tomorrow = addDays(today, 1);
const noon = (day: Day) => new Date(startOfAlgiersDay(day).getTime() + 12 * 3_600_000);
const states = (bank: TestBankWithGateway) =>
  rowsOf(bank, 'select end_to_end_id as name, state, reason from debits order by end_to_end_id');

const masked = (rib: string) => `${rib.slice(0, 3)}*************${rib.slice(-4)}`;

/** The debited account that the settlement confirmation of that debit names. */
async function confirmedAccount(bank: TestBankWithGateway, name: string): Promise<unknown> {
  const [row] = await rowsOf(
    bank,
    'select token from debits join tokens on jti = confirmation_jti where end_to_end_id = $1',
    [name],
  );
  return decodeJwt(must(row).token).debitedAccount;
}

test('a scheduled debit waits while money of its employer is unclaimed, from whichever account, and gives way to the claim that paid its declaration', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const other = await bank.addMandate();
  const dated = { declaration: 'D', amount: '1000.00', executionDate: tomorrow };
  await bank.debit({ ...dated, mandateId, endToEndId: 'S' });
  await bank.debit({ ...dated, mandateId: other, endToEndId: 'T', declaration: 'E' });
  // In the lost time S was cancelled, and N paid its declaration.
  await moveUnknown(bank, mandateId, 'N');
  const before = await bank.balance(await bank.debtorOf(mandateId));
  const stopId = await putBack(bank);
  expect(await startAgain(bank, stopId)).toBe('UNACCOUNTED');
  expect(await startAgain(bank, stopId, { unclaimed: 1, unexplained: 0 })).toBe('DECIDED');
  bank.clock.set(noon(tomorrow));
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await states(bank)).toEqual([
    { name: 'S', state: 'SCHEDULED', reason: null },
    { name: 'T', state: 'SCHEDULED', reason: null },
  ]);
  const third = { mandateId: other, endToEndId: 'U', declaration: 'D', amount: '1000.00' };
  expect((await bank.debit(third)).outcome).toBe('STOPPED');

  const claimed = await askThrough(
    bank,
    bank.debit({ mandateId, endToEndId: 'N', declaration: 'D', amount: '1000.00' }),
  );
  expect(claimed).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
  await bank.db.owner.query("update debits set lease_until = now() - interval '1 second'");
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await states(bank)).toEqual([
    { name: 'N', state: 'SETTLED', reason: null },
    { name: 'S', state: 'REJECTED', reason: 'AM05' },
    { name: 'T', state: 'SETTLED', reason: null },
  ]);
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(before);
  const live = "select live from declarations where reference = 'D'";
  expect(await rowsOf(bank, live)).toEqual([{ live: String(amountOf('1000.00')) }]);
});

test('what moved after the movements were read is found before anything starts again: they are read once more, after the start was proposed', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const stopId = await putBack(bank);
  expect(await startAgain(bank, stopId, undefined, async () => undefined)).toBe('movements-unread');
  // Sent by a process of before the restore, to a bus that was slow.
  await moveUnknown(bank, mandateId, 'LATE');
  await rowsOf(bank, "update proposals set state = 'WITHDRAWN', decided_by = proposed_by, decided_at = now()");
  expect(await startAgain(bank, stopId)).toBe('movements-unaccounted');
  expect(await rowsOf(bank, 'select count(*)::int from unclaimed_movements')).toEqual([{ count: 1 }]);
  expect(await rowsOf(bank, 'select ended_at from stops')).toEqual([{ ended_at: null }]);
});

const night = { fromDay: '2026-01-01' as Day, closed: { from: '19:00', to: '06:00' } as never, source: 'The core' };
const feast = (day: Day) => ({ ...{ feastId: 'F', on: { day }, nameFr: 'F', nameAr: 'F', source: 'Law' } });

test.for([
  ['of the lost time is voided, never sent: its creditor may hold the rejection', 0, 20, [], 'REJECTED', 'AB03'],
  [
    'of the minute in which a process of before could still send it is voided',
    0,
    6 - 20 / 3600,
    [],
    'REJECTED',
    'AB03',
  ],
  ['that is due later runs on its day', 1, 20, [], 'SETTLED', null],
  ['that had to wait for the core to open when the restore began runs', 0, 2, [], 'SETTLED', null],
  ['of a day without banking on which the restore began runs', 0, 12, [feast(tomorrow)], 'SETTLED', null],
] as const)(
  'at a core that forgets its refusals a dated debit %s',
  async ([_what, daysLater, hour, feasts, state, reason]) => {
    await using bank = await openBank();
    const coreBanking = { ...bank.core, properties: { ...bank.core.properties, keepsRefusals: false } };
    const forgetful = { ...bank, steps: bank.stepsWith({ coreBanking }) };
    const mandateId = await bank.addMandate();
    await bank.debit({ mandateId, endToEndId: 'S', amount: '1000.00', executionDate: addDays(tomorrow, daysLater) });
    const before = await bank.balance(await bank.debtorOf(mandateId));
    const stopId = await putBack(bank);
    // It began tomorrow at that hour.
    await rowsOf(bank, 'update restores set began_at = $1::timestamptz', [
      new Date(startOfAlgiersDay(tomorrow).getTime() + hour * 3_600_000),
    ]);
    expect(await startAgain(bank, stopId)).toBe('DECIDED');
    bank.setCalendar({ hours: [night], feasts });
    bank.clock.set(noon(addDays(tomorrow, daysLater + feasts.length)));
    for (let round = 0; round < 4; round += 1) await workRound(forgetful);
    expect(await states(bank)).toEqual([{ name: 'S', state, reason }]);
    const moved = state === 'SETTLED' ? amountOf('1000.00') : 0n;
    expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(before - moved);
  },
);

/** What a cancellation of that name comes to. One signature: where nothing was done it is as good as new. */
async function cancelling(bank: TestBankWithGateway, name: string): Promise<string> {
  const endToEndId = must(parseEndToEndId(name));
  const request = requestFor({ creditor: cnas, endToEndId }, bank.clock.now(), { jti: `cancellation-of-${name}` });
  return (await cancel(bank.steps, cnas, endToEndId, request)).verdict;
}

test('what may have moved in the lost time is neither rejected for its time nor cancelled before the movements are read', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'MOVED', amount: '1000.00', executionDate: tomorrow });
  await bank.debit({
    mandateId,
    endToEndId: 'NOT-MOVED',
    amount: '1000.00',
    executionDate: tomorrow,
    declaration: 'E',
  });
  // The lost day: MOVED and NEVER-HEARD-OF moved on it, and it is over.
  await moveUnknown(bank, mandateId, 'MOVED');
  await moveUnknown(bank, mandateId, 'NEVER-HEARD-OF');
  await rowsOf(bank, "update debits set expires_at = now() - interval '1 second', execution_date = execution_date - 5");
  const stopId = await putBack(bank, { settleSeconds: 3600 });
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await cancelling(bank, 'MOVED')).toBe('UNREAD');
  expect(await cancelling(bank, 'NEVER-HEARD-OF')).toBe('UNREAD');
  expect(await states(bank)).toEqual([
    { name: 'MOVED', state: 'SCHEDULED', reason: null },
    { name: 'NOT-MOVED', state: 'SCHEDULED', reason: null },
  ]);

  await readMovements(bank);
  expect(await cancelling(bank, 'MOVED')).toBe('TOO_LATE');
  expect(await cancelling(bank, 'NEVER-HEARD-OF')).toBe('UNCLAIMED');
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await states(bank)).toEqual([
    { name: 'MOVED', state: 'SETTLED', reason: null },
    { name: 'NOT-MOVED', state: 'SCHEDULED', reason: null },
  ]);
  const claim = { mandateId, endToEndId: 'NEVER-HEARD-OF', amount: '1000.00', declaration: 'F' };
  expect(await askThrough(bank, bank.debit(claim))).toMatchObject({ debit: { state: 'SETTLED' } });
  expect(await startAgain(bank, stopId)).toBe('DECIDED');
  for (let round = 0; round < 3; round += 1) await workRound(bank);
  expect(await states(bank)).toMatchObject([
    { name: 'MOVED', state: 'SETTLED' },
    { name: 'NEVER-HEARD-OF', state: 'SETTLED' },
    { name: 'NOT-MOVED', state: 'REJECTED', reason: 'AB03' },
  ]);
});

test('the movements count as read only by a reading that began when no process of before could send any more', async () => {
  await using bank = await openBank();
  await putBack(bank, { settleSeconds: 3600 });
  const unread = 'select count(*)::int from restores where movements_read_at is null';
  expect(await rowsOf(bank, unread)).toEqual([{ count: 1 }]);
  await rowsOf(bank, "update restores set began_at = began_at - interval '1 hour'");
  expect(await readMovements(bank, 3600)).toBe(1);
  expect(await rowsOf(bank, unread)).toEqual([{ count: 0 }]);
});

test.for([
  ['its confirmation', {}],
  ['nothing, since signing is away', { sign: () => Promise.reject(new Error('signing is away')) }],
] as const)(
  'what a process of before hears of a debit that the restore has lost is kept, with %s, until its creditor asks for it again',
  async ([_with, others]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    expect(await startAgain(bank, await putBack(bank))).toBe('DECIDED');
    const asked = { mandateId, endToEndId: 'LATE', declaration: 'D', amount: '1000.00' };
    const sent = bank.debit(asked, {
      ...bank.steps,
      ...others,
      async move(debit) {
        await tamper(
          bank.db,
          'delete from debits',
          'delete from declarations',
          'update mandate_usage set month_used = 0',
        );
        return bank.steps.move(debit);
      },
    });
    await expect(sent).rejects.toThrow();
    expect(await rowsOf(bank, 'select amount, claimed_by from unclaimed_movements')).toEqual([
      { amount: String(amountOf('1000.00')), claimed_by: null },
    ]);
    expect((await bank.debit({ ...asked, endToEndId: 'OTHER' })).outcome).toBe('STOPPED');
    const claimed = await askThrough(bank, bank.debit(asked));
    expect(claimed).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
    expect(await rowsOf(bank, 'select state, sends from debits')).toEqual([{ state: 'SETTLED', sends: 1 }]);
  },
);

test('another amount that a process of before hears of a debit that the restore has lost is kept too', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  expect(await startAgain(bank, await putBack(bank))).toBe('DECIDED');
  const sent = bank.debit(
    { mandateId, endToEndId: 'LATE', amount: '1000.00' },
    {
      ...bank.steps,
      async move(debit) {
        await tamper(bank.db, 'delete from debits');
        const moved = await bank.steps.move(debit);
        return moved.outcome === 'MOVED'
          ? { ...moved, booking: { ...moved.booking, amount: amountOf('999.00') } }
          : moved;
      },
    },
  );
  await expect(sent).rejects.toThrow();
  expect(await rowsOf(bank, 'select amount from unclaimed_movements')).toEqual([
    { amount: String(amountOf('999.00')) },
  ]);
});

test('a movement is claimed under the mandate whose account was debited, and under no other', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const other = await bank.addMandate({ employerNumber: '0999999912' });
  await moveUnknown(bank, mandateId, 'LOST');
  await putBack(bank);
  const asked = { endToEndId: 'LOST', amount: '1000.00' };
  const elsewhere = { ...asked, mandateId: other, employerNumber: '0999999912' };
  expect((await bank.debit(elsewhere)).outcome).toBe('STOPPED');
  const claimed = await askThrough(bank, bank.debit({ ...asked, mandateId }));
  expect(claimed).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
  expect(await confirmedAccount(bank, 'LOST')).toBe(masked(await bank.debtorOf(mandateId)));
});

test('what moved under the mandate that replaced the known one is confirmed with the account that was debited', async () => {
  await using bank = await openBank();
  const old = await bank.addMandate();
  for (const endToEndId of ['S', 'T'])
    await bank.debit({
      mandateId: old,
      endToEndId,
      declaration: endToEndId,
      amount: '1000.00',
      executionDate: tomorrow,
    });
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [old]);
  const next = await bank.addMandate({ chainId: old });
  const elsewhere = await bank.addMandate({ employerNumber: '0999999912' });
  await moveUnknown(bank, next, 'S');
  // No mandate of the chain has this account: people must say which it was.
  await moveUnknown(bank, elsewhere, 'T');
  await putBack(bank);
  await workRound(bank);
  expect(await states(bank)).toMatchObject([
    { name: 'S', state: 'SETTLED' },
    { name: 'T', state: 'SCHEDULED' },
  ]);
  expect(await confirmedAccount(bank, 'S')).toBe(masked(await bank.debtorOf(next)));
});

test.for([['before'], ['never']] as const)(
  'what is found moved counts in the ceilings of its day, several of one chain too, where the period was begun %s; and it may go back',
  async ([begun]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate({ perPeriod: '1000000.00', perDebit: '1000000.00', balance: '2000000.00' });
    if (begun === 'before') await bank.debit({ mandateId, endToEndId: 'B', declaration: 'B', amount: '1.00' });
    for (const endToEndId of ['F1', 'F2']) {
      await bank.debit({
        mandateId,
        endToEndId,
        declaration: endToEndId,
        amount: '300000.00',
        executionDate: tomorrow,
      });
      await moveUnknown(bank, mandateId, endToEndId, '300000.00');
    }
    const stopId = await putBack(bank);
    await workRound(bank);
    const month = `select month_used, month_start = date_trunc('month', $1::date) as runs from mandate_usage`;
    const used = amountOf('600000.00') + (begun === 'before' ? 100n : 0n);
    expect(await rowsOf(bank, month, [today])).toEqual([{ month_used: String(used), runs: true }]);
    await startAgain(bank, stopId);
    const over = await bank.debit({ mandateId, endToEndId: 'X', declaration: 'X', amount: '400001.00' });
    expect(over).toMatchObject({ debit: { state: 'REJECTED', reason: 'AM14' } });
    const { reverse } = reversing(bank);
    for (const endToEndId of ['F1', 'F2']) expect(reversalStateOf(await reverse({ endToEndId }))).toBe('SETTLED');
    expect(await rowsOf(bank, month, [today])).toMatchObject([{ month_used: String(used - amountOf('600000.00')) }]);
  },
);
