import { expect, test } from 'vitest';
import { amountOf, openBank } from '../../test/bank.ts';
import { type CoreContradiction, coreDifferences } from '../core-banking/port.ts';
import type { CoreReference } from '../values/ids.ts';
import { recordQuarantined } from './keep-contradiction.sql.ts';

test('an answer that was quarantined leaves its debit in doubt, and people have it and its contradiction', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const silent = { ...bank.steps, move: async () => ({ outcome: 'IN_DOUBT' as const }) };
  await bank.debit({ mandateId, endToEndId: 'Q', declaration: 'Q' }, silent);
  const { rows } = await bank.db.owner.query<{ core_reference: CoreReference }>('select core_reference from debits');
  const [debit] = rows;
  if (debit === undefined) throw new Error('no debit');
  const messageId = await keepAnswer(bank);
  const said = { bookingReference: 'B-1', amount: amountOf('1.00'), executedAt: new Date('2026-01-31T10:00:00Z') };
  const quarantined = (difference: CoreContradiction['difference']) => ({
    ...{ reference: debit.core_reference, difference, messageId },
    ...said,
  });
  for (const difference of [...coreDifferences, ...coreDifferences])
    await recordQuarantined(bank.db.gateway, quarantined(difference));
  expect(await count(bank, 'select kind, amount, holds, message_id from contradictions order by kind')).toEqual(
    [...coreDifferences].sort().map((kind) => ({ kind, amount: '100', holds: false, message_id: messageId })),
  );
  expect(await count(bank, 'select state, people_since is not null as people, holds_ceiling from debits')).toEqual([
    { state: 'IN_DOUBT', people: true, holds_ceiling: true },
  ]);
  expect(
    await count(bank, "select reason from journal where kind = 'contradiction.found' order by entry_id"),
  ).toHaveLength(coreDifferences.length);
  expect(await count(bank, "select from journal where kind = 'debit.for-people'")).toHaveLength(1);
});

test('one about a reference that no debit has leaves no contradiction', async () => {
  await using bank = await openBank();
  await recordQuarantined(bank.db.gateway, {
    reference: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' as CoreReference,
    difference: 'OTHER_REFERENCE',
    bookingReference: undefined,
    amount: undefined,
    executedAt: undefined,
    messageId: await keepAnswer(bank),
  });
  expect(await count(bank, 'select from contradictions')).toEqual([]);
});

type Bank = Awaited<ReturnType<typeof openBank>>;

const count = async (bank: Bank, text: string) => (await bank.db.owner.query(text)).rows;

async function keepAnswer(bank: Bank): Promise<string> {
  const { rows } = await bank.db.gateway.query<{ message_id: string }>(
    `with sent as (
       insert into core_messages (message_id, direction, type, body)
       values (gen_random_uuid(), 'SENT', 'pacs.003.001.08', 'x') returning message_id
     )
     insert into core_messages (message_id, direction, answers, outcome, body)
     select gen_random_uuid(), 'RECEIVED', message_id, 'ANSWERED', 'y' from sent returning message_id`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('not kept');
  return row.message_id;
}
