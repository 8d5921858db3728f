import { expect, test } from 'vitest';
import { openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { resolveUnfinished } from '../../test/work.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';

const debitRow = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query('select state, mandate_id, reason, sends from debits')).rows[0];

/** A debit that was scheduled under this mandate, on its day, accepted and not yet weighed. */
async function due(bank: TestBankWithGateway, mandateId: MandateId): Promise<void> {
  await bank.debit({ mandateId, executionDate: addDays(algiersDay(bank.clock.now()), 1) });
  bank.clock.set(new Date(Date.now() + 86_400_000));
  await bank.steps.acceptDue(await bank.steps.listDue(64));
}

async function untilOneWaits({ db }: TestBankWithGateway): Promise<void> {
  const waits = `select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()`;
  await expect.poll(async () => (await db.owner.query(waits)).rowCount, { timeout: 30_000 }).toBe(1);
}

test('a debit that is due while its mandate is being replaced runs under the new one, and is never told that there is none', async () => {
  await using bank = await openBank();
  const old = await bank.addMandate();
  const next = await bank.addMandate({ chainId: old, state: 'CERTIFIED' });
  await bank.db.owner.query('alter table mandates disable trigger user');
  await bank.db.owner.query('update mandates set accepted_at = null where mandate_id = $1', [next]);
  await due(bank, old);
  const accepting = await bank.db.owner.connect();
  try {
    await accepting.query('begin');
    await accepting.query("update mandates set state = 'REPLACED' where mandate_id = $1", [old]);
    const resolving = resolveUnfinished(bank.steps, new Map());
    await untilOneWaits(bank);
    await accepting.query("update mandates set state = 'ACTIVE', accepted_at = now() where mandate_id = $1", [next]);
    await accepting.query('commit');
    await resolving;
  } finally {
    accepting.release();
  }
  expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED', mandate_id: next });
});

test('a debit whose mandate is replaced by one that its statement could not see waits for the next round', async () => {
  await using bank = await openBank();
  const old = await bank.addMandate();
  await due(bank, old);
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [old]);
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'ACCEPTED', reason: null, sends: 0 });
  const next = await bank.addMandate({ chainId: old });
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED', mandate_id: next });
});
