import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openBank } from '../../test/bank.ts';

test('a debit that waited for its declaration while another gave it back is weighed and written by what stands then', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, declaration: 'D', amount: '1000.00' });
  const other = await bank.db.owner.connect();
  try {
    // As a rejection that commits in this moment: it holds the ceilings' row, gives the declaration back, and ends.
    await other.query('begin');
    await other.query('select from mandate_usage for no key update');
    await other.query("update declarations set live = 0 where reference = 'D'");
    const waiting = bank.debit({ mandateId, declaration: 'D', amount: '1000.00' });
    await blocked(bank);
    await other.query('commit');
    expect(await waiting).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
  } finally {
    other.release();
  }
  const { rows } = await bank.db.owner.query('select live, declared from declarations');
  expect(rows).toEqual([{ live: '100000', declared: '100000' }]);
});

async function blocked(bank: Awaited<ReturnType<typeof openBank>>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    const { rowCount } = await bank.db.owner.query('select from pg_locks where not granted');
    if (rowCount !== 0) return;
    await pause(10);
  }
  throw new Error('nobody waits');
}
