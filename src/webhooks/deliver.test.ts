import { expect, test } from 'vitest';
import { cacobatph, cnas, must } from '../../test/bank.ts';
import { someoneWaits } from '../../test/database.ts';
import { sealAll } from '../../test/journal.ts';
import { addressOf, openWebhookBank, subjects } from '../../test/webhook-bank.ts';
import { openReceiver, sequencesOf, status } from '../../test/webhook-receiver.ts';
import { inTransaction } from '../database/pool.ts';
import { lockProgress, numberEvents } from '../journal/events.sql.ts';
import { eventKinds } from '../journal/events.ts';
import { numberSealed } from '../journal/number.ts';
import { claimDeliveries } from './deliveries.sql.ts';

const [one = '', other = ''] = subjects(2);

test('of one subject an event is pushed only when the one before it was received, of others meanwhile', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  await bank.happen(cnas, one, one, other, one, other);
  receiver.answerWith((pushed, response) => status(pushed.claims.sequence === 3 ? 500 : 200)(pushed, response));
  await bank.pushAll();
  // 3, 4 and 6 are of one subject, 5 and 7 of the other.
  expect(sequencesOf(receiver.pushed).toSorted()).toEqual(['3', '5', '7']);
  expect((await bank.deliveries(cnas)).slice(1)).toEqual([
    ...['1/3 WAITING 1 500', '1/4 WAITING 0 -', '1/5 DELIVERED 1 200', '1/6 WAITING 0 -', '1/7 DELIVERED 1 200'],
  ]);
  receiver.answerWith(status(200));
  await bank.later();
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed).slice(3)).toEqual(['3', '4', '6']);
  expect(bank.faults).toEqual([]);
});

test('a push that failed is made again with the same jti and another attempt, and waits longer each time', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(503));
  await bank.happen(cnas, one);
  const waits: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    await bank.later();
    await bank.pushAll();
    const { rows } = await bank.db.owner.query<{ seconds: number }>(
      `select extract(epoch from next_at - clock_timestamp())::float8 as seconds from event_deliveries where state = 'WAITING'`,
    );
    waits.push(rows[0]?.seconds ?? 0);
  }
  expect(new Set(receiver.pushed.map(({ claims }) => claims.jti)).size).toBe(1);
  expect(receiver.pushed.map(({ claims }) => claims.attempt)).toEqual([1, 2, 3, 4]);
  const { attempt: _attempt, ...claims } = receiver.pushed[0]?.claims ?? {};
  for (const pushed of receiver.pushed) expect(pushed.claims).toMatchObject(claims);
  for (const [at, middle] of [5, 30, 120, 600].entries()) {
    expect(waits[at]).toBeGreaterThan(middle * 0.7);
    expect(waits[at]).toBeLessThanOrEqual(middle * 1.2);
  }
});

test('an event that is numbered while a webhook is registered came before it, and none after its beginning is left out', async () => {
  await using bank = await openWebhookBank();
  await using receiver = await openReceiver();
  const { gateway, owner } = bank.db;
  await bank.ask(cnas, addressOf(receiver));
  await gateway.query(
    `insert into journal (creditor_code, kind, subject_id, side, to_state) values ('CNAS', 'debit.in-doubt', $1, 'gateway', 'IN_DOUBT')`,
    [one],
  );
  await sealAll(bank.db);
  const { registering } = await inTransaction(gateway, async (db) => {
    expect((await numberEvents(db, must(await lockProgress(db)), 1000, eventKinds)).took).toBeGreaterThan(0);
    let over = false;
    const begun = bank.approve(cnas).finally(() => {
      over = true;
    });
    await expect.poll(async () => over || (await someoneWaits(bank.db)), { timeout: 20_000 }).toBe(true);
    return { registering: begun };
  });
  await registering;
  await bank.happen(cnas, one);
  const { rows } = await owner.query(
    `select from_epoch || '/' || from_sequence as begins,
            (select count(*)::int from events left join event_deliveries d using (creditor_code, epoch, sequence)
              where creditor_code = 'CNAS' and (epoch, sequence) > (from_epoch, from_sequence) and delivery_id is null) as left_out
       from webhooks where state = 'ACTIVE'`,
  );
  expect(rows).toEqual([{ begins: '1/2', left_out: 0 }]);
});

test('reading past an event in the feed ends its pushes, also of one that is dead otherwise', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(500));
  await bank.happen(cnas, one, one, other);
  await bank.pushAll();
  await bank.readTo(cnas, 4);
  receiver.answerWith(status(200));
  await bank.later();
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed).toSorted()).toEqual(['3', '5', '5']);
  expect((await bank.deliveries(cnas)).slice(1)).toEqual(['1/3 READ 1 500', '1/4 READ 0 -', '1/5 DELIVERED 2 200']);
});

test('what is read while it is being pushed holds the next of its subject until its answer, fails no more than once, and ends with its lease', async () => {
  await using bank = await openWebhookBank({ answerSeconds: 10 });
  const receiver = await bank.receiving(cnas);
  await bank.happen(cnas, one, one, one);
  const meanwhile: string[][] = [];
  receiver.answerWith(async (pushed, response) => {
    if (pushed.claims.sequence === 3) {
      await bank.readTo(cnas, 3);
      await bank.works[1].run(await bank.works[1].due(64));
      meanwhile.push(sequencesOf(receiver.pushed));
    }
    return status(pushed.claims.sequence === 3 ? 500 : 200)(pushed, response);
  });
  await bank.works[0].run(await bank.works[0].due(64));
  await expect.poll(() => meanwhile, { timeout: 20_000 }).toEqual([['3']]);
  // The failure is its receiver's, and the event is pushed no more: the next look ends it, and the next one goes.
  await expect.poll(async () => (await bank.deliveries(cnas))[1], { timeout: 20_000 }).toBe('1/3 WAITING 1 500');
  await bank.later();
  await bank.works[0].run(await bank.works[0].due(64));
  const ended = ['1/3 READ 1 500', '1/4 DELIVERED 1 200', '1/5 WAITING 0 -'];
  await expect.poll(async () => (await bank.deliveries(cnas)).slice(1), { timeout: 20_000 }).toEqual(ended);
  // A replica that is gone with its push leaves the event to its lease.
  const ids = await bank.works[0].due(64);
  expect(await claimDeliveries(bank.db.gateway, ids, 30)).toMatchObject([{ sequence: 5 }]);
  await bank.readTo(cnas, 5);
  expect(await bank.works[1].due(64)).toEqual([]);
  expect((await bank.deliveries(cnas)).at(-1)).toBe('1/5 WAITING 1 -');
  await bank.leasesEnd();
  expect(await bank.works[1].due(64)).toEqual([]);
  expect((await bank.deliveries(cnas)).at(-1)).toBe('1/5 READ 1 -');
  expect(sequencesOf(receiver.pushed)).toEqual(['3', '4']);
  expect(bank.faults).toEqual([]);
});

test('a push that another replica has listed too is made again only after its wait, and of one that is paused only when it is tried', async () => {
  await using bank = await openWebhookBank({ answerSeconds: 10 });
  const receiver = await bank.receiving(cnas);
  receiver.answerWith(status(500));
  await bank.happen(cnas, one);
  const listed = await bank.works[1].due(64);
  await bank.works[0].run(listed);
  await expect.poll(async () => (await bank.deliveries(cnas)).at(-1), { timeout: 20_000 }).toBe('1/3 WAITING 1 500');
  await bank.db.owner.query(
    "update event_deliveries set next_at = clock_timestamp() + interval '1 hour' where state = 'WAITING'",
  );
  await bank.works[1].run(listed);
  expect(sequencesOf(receiver.pushed)).toEqual(['3']);
  await bank.later();
  await bank.db.owner.query(
    "update webhooks set state = 'PAUSED', probe_at = clock_timestamp() + interval '1 hour' where state = 'ACTIVE'",
  );
  await bank.works[1].run(listed);
  expect(sequencesOf(receiver.pushed)).toEqual(['3']);
  await bank.later();
  await bank.works[1].run(listed);
  await expect.poll(() => sequencesOf(receiver.pushed), { timeout: 20_000 }).toEqual(['3', '3']);
});

test('two replicas push each event once; one that is gone before its answer came leaves it to the other', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  await bank.happen(cnas, ...subjects(40));
  await Promise.all(bank.works.map((work) => bank.pushAll(work)));
  expect(sequencesOf(receiver.pushed).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 40 }, (_, at) => `${at + 3}`),
  );
  await bank.happen(cnas, one);
  const ids = await bank.works[0].due(64);
  expect(await claimDeliveries(bank.db.gateway, ids, 30)).toMatchObject([{ sequence: 43, attempt: 1 }]);
  expect(await bank.works[1].due(64)).toEqual([]);
  await bank.leasesEnd();
  await bank.pushAll(bank.works[1]);
  expect(receiver.pushed.at(-1)?.claims).toMatchObject({ sequence: 43, attempt: 2 });
});

test('another creditor’s events go nowhere but to it, and its slow receiver holds nobody up', async () => {
  await using bank = await openWebhookBank();
  await using receiver = await openReceiver();
  await using slow = await openReceiver();
  await bank.register(cnas, receiver);
  await bank.register(cacobatph, slow);
  let [open, most] = [0, 0];
  slow.answerWith((_pushed, response) => {
    open += 1;
    most = Math.max(most, open);
    response.once('close', () => {
      open -= 1;
    });
  });
  await bank.happen(cacobatph, ...subjects(40));
  await bank.happen(cnas, one);
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed).toSorted()).toEqual(['2', '3']);
  for (const { claims } of receiver.pushed) expect(claims.aud).toBe('CNAS');
  for (const { claims } of slow.pushed) expect(claims.aud).toBe('CACOBATPH');
  expect(most).toBe(32);
});

test('an address waits for two people, ends at the creditor’s word, and another one goes on where it was', async () => {
  await using bank = await openWebhookBank();
  await using first = await openReceiver();
  await using second = await openReceiver();
  expect(await bank.ask(cnas, addressOf(first))).toBe('ASKED');
  await bank.happen(cnas, one);
  await bank.pushAll();
  expect(first.pushed).toEqual([]);
  expect(await bank.ask(cnas, addressOf(first))).toBe('ASKED again');
  await bank.register(cnas, first);
  await bank.pushAll();
  // What happened before it was registered is in the feed alone.
  expect(first.pushed.map(({ claims }) => claims.kind)).toEqual(['webhook.registered']);
  expect(await bank.ask(cnas, addressOf(first))).toBe('DONE again');
  first.answerWith(status(500));
  await bank.happen(cnas, one);
  await bank.pushAll();
  await bank.register(cnas, second);
  await bank.later();
  await bank.pushAll();
  expect(second.pushed.map(({ claims }) => claims.kind)).toEqual(
    expect.arrayContaining(['debit.in-doubt', 'webhook.registered']),
  );
  expect(await bank.ask(cnas, undefined)).toBe('DONE');
  second.pushed.length = 0;
  await bank.happen(cnas, other);
  await bank.pushAll();
  expect(second.pushed).toEqual([]);
});

test('an event of a kind that only a newer program knows is pushed by none of ours, and holds up no other subject', async () => {
  await using bank = await openWebhookBank();
  const receiver = await bank.receiving(cnas);
  await bank.db.gateway.query(
    `insert into journal (creditor_code, kind, subject_id, side, to_state) values ('CNAS', 'debit.forgiven', $1, 'gateway', 'REVERSED')`,
    [one],
  );
  await sealAll(bank.db);
  const kinds = { ...eventKinds, known: [...eventKinds.known, 'debit.forgiven'], told: ['debit.forgiven'] };
  expect(await numberSealed({ pool: bank.db.gateway, kinds })).toMatchObject({ ready: 1 });
  await bank.happen(cnas, one, other);
  await bank.pushAll();
  expect(sequencesOf(receiver.pushed)).toEqual(['5']);
  const { rows } = await bank.db.owner.query<{ delivery_id: string }>(
    'select delivery_id from event_deliveries where sequence = 3',
  );
  expect(await claimDeliveries(bank.db.gateway, [rows[0]?.delivery_id ?? ''], 30)).toEqual([]);
  expect((await bank.deliveries(cnas)).slice(1)).toEqual(['1/3 WAITING 0 -', '1/4 WAITING 0 -', '1/5 DELIVERED 1 204']);
  expect(bank.faults).toEqual([]);
});
