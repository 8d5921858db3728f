import request from 'supertest';
import { expect, test, vi } from 'vitest';
import { readExposition } from './exposition.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { describeIf } from './programs.ts';
import { openRedis } from './redis.ts';

const metric = async ({ gateway }: TestGateway, name: string): Promise<number | undefined> => {
  const { text } = await request(gateway.operationsOrigin).get('/metrics');
  return readExposition(text).find((sample) => sample.name === name)?.value;
};
const eventually = (look: () => unknown) => vi.waitFor(look, { timeout: 20_000, interval: 50 });
const connected = (bank: TestGateway, value: number) =>
  eventually(async () => expect(await metric(bank, 'redis_connected')).toBe(value));

describeIf('redis-server', 'redis-server')('a gateway with Redis', () => {
  test('is ready with it and without it, and says which', async () => {
    await using redis = await openRedis();
    await using bank = await openTestGateway({ GATEWAY_REDIS_URL: redis.url });
    const operations = request(bank.gateway.operationsOrigin);
    await connected(bank, 1);
    await operations.get('/readyz').expect(200);
    await redis.kill();
    await connected(bank, 0);
    await operations.get('/readyz').expect(200);
    expect(await metric(bank, 'jobs_oldest_due_seconds')).toBe(0);
    await redis.start();
    await connected(bank, 1);
    expect((await bank.clientOf('cnas').get('/v1/connection')).status).toBe(200);
  });

  test('stops in order while Redis hangs: no door is open, and Redis has no connection of it', async () => {
    await using redis = await openRedis();
    await using open = new AsyncDisposableStack();
    const bank = open.use(await openTestGateway({ GATEWAY_REDIS_URL: redis.url }));
    const connections = async () =>
      String(await redis.ask('CLIENT', 'LIST'))
        .trim()
        .split('\n').length;
    await connected(bank, 1);
    expect(await connections()).toBeGreaterThan(1);
    const { apiOrigin, operationsOrigin } = bank.gateway;
    redis.freeze();
    await open.disposeAsync();
    for (const origin of [apiOrigin, operationsOrigin])
      await expect(fetch(origin)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    redis.thaw();
    // The one that asks.
    await eventually(async () => expect(await connections()).toBe(1));
  });
});
