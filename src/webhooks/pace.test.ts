import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { cnas } from '../../test/bank.ts';
import type { TestDatabase } from '../../test/database.ts';
import { describeIf } from '../../test/programs.ts';
import { openRedis } from '../../test/redis.ts';
import { openWebhookBank, subjects } from '../../test/webhook-bank.ts';
import { type Dispatch, startDispatch } from '../jobs/dispatch.ts';
import type { DeliveryWork } from './deliver.ts';

const eventually = (look: () => unknown) => vi.waitFor(look, { timeout: 40_000, interval: 20 });

/** Its rounds would come after an hour: what is looked for in between, something has rung for. */
const start = (db: TestDatabase, work: DeliveryWork, redisUrl: string): Dispatch =>
  startDispatch([work], {
    ...{ db: db.gateway, redisUrl, everySeconds: 3_600, lateSeconds: 3_600 },
    onFault: (_name, fault) => expect.fail(String(fault)),
    onRoundFault: (_name, fault) => expect.fail(String(fault)),
  });

describeIf('redis-server', 'redis-server')('with a Redis', () => {
  test('many more events than go at once are pushed one set after the other, and wait for no round', async () => {
    await using redis = await openRedis();
    await using bank = await openWebhookBank();
    const receiver = await bank.receiving(cnas);
    await using dispatch = start(bank.db, bank.works[0], redis.url);
    await eventually(() => expect(dispatch.by()).toBe('bull'));
    await bank.happen(cnas, ...subjects(200));
    dispatch.look('webhooks');
    await eventually(() => expect(receiver.pushed).toHaveLength(200));
    expect(new Set(receiver.pushed.map(({ claims }) => claims.sequence)).size).toBe(200);
    expect(bank.faults).toEqual([]);
  });

  test('the next events go once a slow receiver has answered, also where no round waited for it', async () => {
    await using redis = await openRedis();
    await using bank = await openWebhookBank({ answerSeconds: 30, onLateEnd: () => dispatch.look('webhooks') });
    const receiver = await bank.receiving(cnas);
    const answered = Promise.withResolvers<void>();
    receiver.answerWith(async (_pushed, response) => {
      await answered.promise;
      response.writeHead(204).end();
    });
    await using dispatch = start(bank.db, bank.works[0], redis.url);
    await eventually(() => expect(dispatch.by()).toBe('bull'));
    await bank.happen(cnas, ...subjects(40));
    dispatch.look('webhooks');
    await eventually(() => expect(receiver.pushed).toHaveLength(32));
    // Longer than a round waits for its pushes; where this comes too early, the round itself rings.
    await pause(1_500);
    answered.resolve();
    await eventually(() => expect(receiver.pushed).toHaveLength(40));
    expect(bank.faults).toEqual([]);
  });
});
