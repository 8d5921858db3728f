import { expect, test } from 'vitest';
import { cacobatph, cnas, must } from '../../test/bank.ts';
import { openWebhookBank, subjects } from '../../test/webhook-bank.ts';
import { openReceiver, sequencesOf, status } from '../../test/webhook-receiver.ts';
import { claimDeliveries, finishDelivery, retryDeliveries } from './deliveries.sql.ts';
import { pushLimits } from './schedule.ts';

const [one = '', other = ''] = subjects(2);

test('a push whose event its receiver reads in the feed before it answers counts for the receiver: a paused one goes on by it', async () => {
  await using bank = await openWebhookBank({ answerSeconds: 10 });
  const receiver = await bank.receiving(cnas);
  await bank.happen(cnas, one);
  await bank.db.owner.query(
    `update webhooks set state = 'PAUSED', failures = 10, failing_since = clock_timestamp() - interval '3 days', probe_at = clock_timestamp()
      where state = 'ACTIVE'`,
  );
  receiver.answerWith(async (pushed, response) => {
    await bank.readTo(cnas, 3);
    await bank.works[1].due(64);
    return status(200)(pushed, response);
  });
  await bank.pushAll();
  await expect.poll(() => bank.deliveries(cnas), { timeout: 20_000 }).toContain('1/3 DELIVERED 1 200');
  const { rows } = await bank.db.owner.query(
    `select state, failures, failing_since, answer from webhooks where state <> 'ENDED'`,
  );
  expect(rows).toEqual([{ state: 'ACTIVE', failures: 0, failing_since: null, answer: '200' }]);
  expect((await bank.told()).at(-1)).toBe('webhook.resumed gateway');
});

test('a receiver that is dead for long is paused and told of; its oldest event alone is tried, and lets all go on', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(500));
  await bank.happen(cnas, ...subjects(12));
  await bank.pushAll();
  const state = async () =>
    (await bank.db.owner.query("select state, failures from webhooks where state <> 'ENDED'")).rows[0];
  // Many failures in a moment are no reason yet.
  expect(await state()).toEqual({ state: 'ACTIVE', failures: 12 });
  await bank.db.owner.query("update webhooks set failing_since = clock_timestamp() - interval '11 minutes'");
  await bank.later();
  await bank.pushAll();
  expect(await state()).toMatchObject({ state: 'PAUSED' });
  const { rows: probes } = await bank.db.owner.query<{ seconds: number }>(
    'select extract(epoch from probe_at - clock_timestamp())::float8 as seconds from webhooks where probe_at is not null',
  );
  expect(probes[0]?.seconds).toBeLessThanOrEqual(900 * 1.2);
  receiver.pushed.length = 0;
  await bank.later();
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed)).toEqual(['3']);
  receiver.answerWith(status(200));
  // Each by itself would wait for hours still.
  await bank.db.owner.query(
    `with waits as (update event_deliveries set next_at = clock_timestamp() + interval '6 hours' where state = 'WAITING')
     update webhooks set probe_at = clock_timestamp()`,
  );
  await bank.pushAll();
  expect(await state()).toEqual({ state: 'ACTIVE', failures: 0 });
  expect(new Set((await bank.deliveries(cnas)).map((row) => row.split(' ')[1]))).toEqual(new Set(['DELIVERED']));
  expect(await bank.told()).toEqual([
    ...['webhook.asked creditor', 'webhook.registered bank', 'webhook.paused gateway', 'webhook.resumed gateway'],
  ]);
});

test('by hand a paused receiver goes on at once, and what was given up is pushed again', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(500));
  await bank.happen(cnas, one, one);
  await bank.pushAll();
  // Its first push was three days ago.
  await bank.db.owner.query(
    "update event_deliveries set first_at = clock_timestamp() - interval '72 hours' where state = 'WAITING' and attempts > 0",
  );
  await bank.later();
  await bank.pushAll();
  expect((await bank.deliveries(cnas)).slice(1)).toEqual(['1/3 DEAD 2 500', '1/4 WAITING 1 500']);
  await bank.db.owner.query(
    "update webhooks set state = 'PAUSED', probe_at = clock_timestamp() + interval '1 hour' where state = 'ACTIVE'",
  );
  receiver.answerWith(status(200));
  receiver.pushed.length = 0;
  await bank.pushAll();
  expect(receiver.pushed).toEqual([]);
  await retryDeliveries(bank.db.gateway, cnas, { by: 'administrator-samia', from: '192.0.2.7' });
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed)).toEqual(['3', '4']);
  expect((await bank.told()).at(-1)).toBe('webhook.resumed bank');
});

test('while its receiver is paused an event is given up only when its three days are over, whatever its own wait', async () => {
  await using bank = await openWebhookBank({ answerSeconds: 10 });
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(500));
  await bank.happen(cnas, one);
  await bank.db.owner.query(
    "update webhooks set state = 'PAUSED', failures = 20, failing_since = clock_timestamp(), probe_at = clock_timestamp() where state = 'ACTIVE'",
  );
  const probedAfter = async (hours: number): Promise<string | undefined> => {
    await bank.db.owner.query(
      "update event_deliveries set attempts = 12, first_at = clock_timestamp() - make_interval(hours => $1) where state = 'WAITING'",
      [hours],
    );
    await bank.later();
    await bank.pushAll();
    await expect.poll(async () => (await bank.deliveries(cnas)).at(-1), { timeout: 20_000 }).toMatch(/13 500$/);
    return (await bank.deliveries(cnas)).at(-1);
  };
  expect(await probedAfter(68)).toBe('1/3 WAITING 13 500');
  await bank.db.owner.query("update event_deliveries set answer = null where state = 'WAITING'");
  expect(await probedAfter(72)).toBe('1/3 DEAD 13 500');
});

test('where the database was put back to an earlier time nothing is pushed before a person lets it go on, since a creditor may have taken its address back in the lost time', async () => {
  await using bank = await openWebhookBank();
  await using receiver = await openReceiver();
  await using another = await openReceiver();
  await bank.register(cnas, receiver);
  await bank.register(cacobatph, another);
  await bank.pushAll();
  receiver.pushed.length = 0;
  another.pushed.length = 0;
  await bank.happen(cnas, one, other);
  await bank.happen(cacobatph, one);
  // One was paused already, and would be tried now; of the other one push is on its way.
  await bank.db.owner.query(
    "update webhooks set state = 'PAUSED', probe_at = clock_timestamp() where creditor_code = 'CACOBATPH' and state = 'ACTIVE'",
  );
  const listed = await bank.works[0].due(64);
  expect(listed).toHaveLength(3);
  const [begun] = await claimDeliveries(bank.db.gateway, listed.slice(0, 2), 30);
  await bank.putBack();
  const end = { received: true, answer: '200', nextSeconds: 5, probeSpread: 1 };
  await finishDelivery(bank.db.gateway, { ...must(begun), ...end }, pushLimits);
  await bank.leasesEnd();
  await bank.works[0].run(listed);
  await bank.happen(cnas, one);
  await bank.later();
  await bank.pushAll();
  expect([...receiver.pushed, ...another.pushed]).toEqual([]);
  const standing = async () =>
    (
      await bank.db.owner.query(
        `select creditor_code || ' ' || state as row from webhooks where state <> 'ENDED' and probe_at is null order by 1`,
      )
    ).rows.map(({ row }) => row);
  expect(await standing()).toEqual(['CACOBATPH PAUSED', 'CNAS PAUSED']);
  const { rows: told } = await bank.db.owner.query(
    `select creditor_code || ' ' || reason as row from journal where kind = 'webhook.paused' order by 1`,
  );
  expect(told.map(({ row }) => row)).toEqual(['CACOBATPH restored', 'CNAS restored']);
  await retryDeliveries(bank.db.gateway, cnas, { by: 'administrator-samia', from: '192.0.2.7' });
  await bank.pushAll();
  await expect.poll(async () => (await bank.deliveries(cnas)).filter((row) => row.includes('WAITING'))).toEqual([]);
  expect(receiver.pushed.map(({ claims }) => claims.kind)).toContain('webhook.paused');
  expect(await standing()).toEqual(['CACOBATPH PAUSED', 'CNAS ACTIVE']);
  expect(another.pushed).toEqual([]);
  expect(bank.faults).toEqual([]);
});

test('what was given up and is pushed again by hand goes before the next of its subject that was only listed, and after the one that is on its way', async () => {
  await using bank = await openWebhookBank({ answerSeconds: 10 });
  const receiver = await bank.receiving(cnas);
  await bank.happen(cnas, one, one, other, other);
  await bank.db.owner.query(
    "update event_deliveries set state = 'DEAD', ended_at = clock_timestamp() where sequence in (3, 5)",
  );
  const again = () => retryDeliveries(bank.db.gateway, cnas, { by: 'administrator-samia', from: '192.0.2.7' });
  const listed = await bank.works[0].due(64);
  const idOf = async (sequence: number) =>
    (await bank.db.owner.query('select delivery_id as id from event_deliveries where sequence = $1', [sequence]))
      .rows[0].id;
  expect(listed.toSorted()).toEqual([await idOf(4), await idOf(6)].toSorted());
  expect(await claimDeliveries(bank.db.gateway, [await idOf(4)], 30)).toMatchObject([{ sequence: 4 }]);
  await again();
  expect(await claimDeliveries(bank.db.gateway, listed, 30)).toEqual([]);
  await again();
  expect(await bank.works[1].due(64)).toEqual([await idOf(5)]);
  await bank.leasesEnd();
  await bank.later();
  receiver.pushed.length = 0;
  await bank.pushAll();
  await expect.poll(() => receiver.pushed.length, { timeout: 20_000 }).toBe(4);
  expect(sequencesOf(receiver.pushed).filter((sequence) => Number(sequence) < 5)).toEqual(['3', '4']);
  expect(sequencesOf(receiver.pushed).filter((sequence) => Number(sequence) > 4)).toEqual(['5', '6']);
});
