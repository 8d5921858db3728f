import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { readExposition } from '../../test/exposition.ts';
import { openPool } from '../database/pool.ts';
import { type OperationsParts, openOperationsDoor } from './door.ts';
import { openMetrics } from './metrics.ts';
import { clockIsRight, databaseAnswers, isNotDraining, keysAreLoaded, migrationsAreCurrent } from './readiness.ts';

/** A door that is closed at the end, with what it told of and a way to ask it. */
async function openDoor(parts: Partial<OperationsParts> = {}) {
  const faults: unknown[] = [];
  const door = await openOperationsDoor({
    ...{ host: '127.0.0.1', port: 0, registry: new Registry(), checks: {}, onFault: (fault) => faults.push(fault) },
    ...parts,
  });
  return {
    faults,
    async get(path: string) {
      const response = await fetch(`http://127.0.0.1:${door.port}${path}`);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    [Symbol.asyncDispose]: () => door.close(),
  };
}

test('metrics come in the format of Prometheus', async () => {
  await using door = await openDoor({ registry: openMetrics({ version: '0.1.0', operations: [] }).registry });
  const { status, headers, text } = await door.get('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(readExposition(text).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['build_info', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds']),
  );
});

test('it is ready when every check says so, and names each reason when not', async () => {
  await using db = await freshDatabase();
  let skew = 0.1;
  let draining = false;
  const checks = {
    database: databaseAnswers(db.gateway),
    clock: clockIsRight({ skewSeconds: () => skew }, 5),
    migrations: migrationsAreCurrent(['0001_clients'], async () => ['0001_clients', '9999_later']),
    draining: isNotDraining(() => draining),
    keys: keysAreLoaded(['certificates'], () => true),
  };
  await using door = await openDoor({ checks });
  const ready = await door.get('/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.text)).toMatchObject({ ready: true, checks: { database: 'ready', clock: 'ready' } });
  skew = -5.1;
  draining = true;
  const stopping = await door.get('/readyz');
  expect(stopping.status).toBe(503);
  expect(JSON.parse(stopping.text)).toEqual({
    ready: false,
    checks: {
      ...{ database: 'ready', migrations: 'ready', keys: 'ready' },
      clock: 'the clock is off by 5.1 s',
      draining: 'the gateway is stopping',
    },
  });
  expect((await door.get('/livez')).status).toBe(200);
});

test('a missing migration, a missing key and a database that is away are reasons, told without any value', async () => {
  const pool = openPool({ url: 'postgresql://secret:secret@127.0.0.1:1/secret', applicationName: 'nobody' });
  const checks = {
    database: databaseAnswers(pool),
    migrations: migrationsAreCurrent(['0001_clients', '0002_records'], async () => ['0001_clients']),
    keys: keysAreLoaded(['certificates', 'confirmations'], (use) => use === 'certificates'),
  };
  await using door = await openDoor({ checks });
  const { status, text } = await door.get('/readyz');
  expect(status).toBe(503);
  expect(JSON.parse(text)).toEqual({
    ready: false,
    checks: {
      database: 'failed: ECONNREFUSED',
      migrations: '1 migrations are not applied',
      keys: 'no key signs confirmations now',
    },
  });
  await pool.end();
});

test('a fault is told to the log alone, and other paths are not there', async () => {
  const registry = new Registry();
  registry.metrics = () => Promise.reject(new Error('00500120400170002194'));
  await using door = await openDoor({ registry });
  const { status, headers, text } = await door.get('/metrics');
  expect([status, text]).toEqual([500, '{"title":"The log has it"}']);
  expect(headers.has('x-powered-by')).toBe(false);
  expect(door.faults).toHaveLength(1);
  expect((await door.get('/debug')).status).toBe(404);
});
