import { expect, test } from 'vitest';
import { amountOf, openBank, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { someoneWaits } from '../../test/database.ts';
import { reversing } from '../../test/reversals.ts';
import { resolveUnfinished } from '../../test/work.ts';
import { answerDebit } from './execute.ts';

const rowOf = async ({ db }: TestBankWithGateway, endToEndId: string) => {
  const { rows } = await db.owner.query(
    'select state, reason, sends, holds_ceiling, holds_declaration, core_reference from debits where end_to_end_id = $1',
    [endToEndId],
  );
  return rows[0];
};
const inquired = async (bank: TestBankWithGateway, endToEndId: string) =>
  (await bank.core.inquire([(await rowOf(bank, endToEndId)).core_reference]))[0];

test('a debit whose time ends while it waits for its mandate is rejected with AB03: nothing was reserved and nothing sent', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const holder = await bank.db.owner.connect();
  try {
    await holder.query('begin');
    await holder.query('select from mandates where mandate_id = $1 for update', [mandateId]);
    const asked = bank.debit({ mandateId, endToEndId: 'LATE', expiresAt: new Date(bank.clock.now().getTime() + 3000) });
    await expect.poll(() => someoneWaits(bank.db), { timeout: 30_000 }).toBe(true);
    await holder.query('select pg_sleep(3.2)');
    await holder.query('commit');
    expect(await asked).toMatchObject({ outcome: 'DEBIT', debit: { state: 'REJECTED', reason: 'AB03' } });
  } finally {
    holder.release();
  }
  const given = { state: 'REJECTED', reason: 'AB03', holds_ceiling: false, holds_declaration: false };
  expect(await rowOf(bank, 'LATE')).toMatchObject({ ...given, sends: 0 });
  expect(await inquired(bank, 'LATE')).toEqual({ outcome: 'UNKNOWN' });
});

test('a debit whose time ends while it waits behind another of its account is not sent: its creditor gets a receipt, recovery voids it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const slow = bank.stepsWith({ coreBanking: { ...bank.core, debit: (all) => gate.then(() => bank.core.debit(all)) } });
  const first = bank.debit({ mandateId, endToEndId: 'FIRST', amount: '10.00' }, slow);
  await expect.poll(async () => (await rowOf(bank, 'FIRST'))?.state).toBe('EXECUTING');
  const order = await bank.orderFor({ mandateId, endToEndId: 'LATE', amount: '10.00' });
  const expiresAt = new Date(bank.clock.now().getTime() + 3000);
  const late = answerDebit(slow, bank.running, { ...order, expiresAt }, requestFor(order, bank.clock.now()));
  await expect.poll(async () => (await rowOf(bank, 'LATE'))?.state).toBe('EXECUTING');
  await bank.db.owner.query('select pg_sleep(3.2)');
  open();
  expect(await first).toMatchObject({ debit: { state: 'SETTLED' } });
  expect(await late).toMatchObject({ debit: { state: 'IN_DOUBT', receipt: expect.any(String) } });
  expect(await inquired(bank, 'LATE')).toEqual({ outcome: 'UNKNOWN' });
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await resolveUnfinished(bank.steps, new Map());
  expect(await rowOf(bank, 'LATE')).toMatchObject({
    state: 'REJECTED',
    reason: 'AB03',
    sends: 1,
    holds_ceiling: false,
  });
  expect(await inquired(bank, 'LATE')).toEqual({ outcome: 'VOIDED' });
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('999990.00'));
});

test('a reversal whose time ends while it waits for its turn is not sent either', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'R' });
  const { steps, reverse } = reversing(bank);
  await reverse(
    { endToEndId: 'R' },
    {
      ...steps,
      move: (reversal) => steps.move({ ...reversal, expiresAt: new Date(bank.clock.now().getTime() - 1) }),
    },
  );
  const { rows } = await bank.db.owner.query('select state, core_reference from reversals');
  expect(rows).toMatchObject([{ state: 'IN_DOUBT' }]);
  expect(await bank.core.inquire([rows[0].core_reference])).toEqual([{ outcome: 'UNKNOWN' }]);
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('875000.00'));
});
