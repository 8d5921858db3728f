import { expect, test } from 'vitest';
import { readExposition, type Sample } from '../../test/exposition.ts';
import { parseCreditorCode } from '../values/ids.ts';
import { openMetrics } from './metrics.ts';
import { addReadings, type Readings } from './readings.ts';

const operations = ['putDebit', 'getDebit'];
const opened = () => openMetrics({ version: '0.1.0', operations });

const pool = { totalCount: 10, idleCount: 4, waitingCount: 2 };
const readings = (): Readings => ({
  pools: { gateway: pool, ledger: pool },
  ownCertificates: () => ({
    api: new Date('2027-01-01T00:00:00Z'),
    bus: new Date('2026-09-01T00:00:00Z'),
    webhooks: undefined,
  }),
  signingKeys: () => [
    { use: 'confirmations', from: new Date('2025-01-01T00:00:00Z'), until: new Date('2026-01-01T00:00:00Z') },
    { use: 'confirmations', from: new Date('2026-01-01T00:00:00Z'), until: new Date('2100-01-01T00:00:00Z') },
    { use: 'confirmations', from: new Date('2100-01-01T00:00:00Z'), until: undefined },
  ],
  signingKeyEnds: () => [{ use: 'confirmations', until: new Date('2100-01-01T00:00:00Z') }],
  clients: async () =>
    ['CNAS', 'CACOBATPH'].flatMap((code) => {
      const creditor = parseCreditorCode(code);
      return creditor === undefined ? [] : [{ creditor, certificate: new Date('2026-06-01T00:00:00Z') }];
    }),
  revocationList: () => new Date('2026-02-01T00:00:00Z'),
  coreBankingPaused: () => false,
  doubt: async () => ({ count: 3, oldestSeconds: 42, forPeople: 2, pastResolveBy: 1 }),
  openContradictions: async () => 1,
  unaccountedMovements: async () => 4,
  bookDifferences: async () => 2,
  webhooks: async () => [
    { creditor: parseCreditorCode('CNAS') ?? expect.fail(), paused: true, oldestSeconds: 60, dead: 3 },
  ],
  statementsOverdue: async () => [{ creditor: parseCreditorCode('CNAS') ?? expect.fail(), count: 2 }],
  unsealed: async () => ({ count: 2, oldestSeconds: 0.5 }),
  unnumberedSeconds: async () => 1.5,
  clockSkewSeconds: () => -0.25,
  later: {
    by: () => 'bull',
    oldestSeconds: () => new Map([['debits', 3.5]]),
    dead: async () => new Map([['statements', 2]]),
  },
});

const told = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) =>
  samples.find(
    (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  )?.value;

test('what happened is told in the text format, each by its name and unit', async () => {
  const metrics = opened();
  addReadings(metrics.registry, readings(), () => undefined);
  metrics.requestAnswered({ operationId: 'putDebit', status: 201, seconds: 0.02, requestBytes: 300 });
  metrics.tlsRefused('api', 'expired');
  metrics.certificatesRead('api', 'BROKEN');
  metrics.debitEnded('rejected', 'AM04');
  metrics.debitEnded('settled');
  metrics.debitTook(0.03);
  metrics.setRun('reserve', 7);
  metrics.workFailed('sweeping');
  metrics.workDone('webhooks', { well: 5, failed: 2, died: 1 });
  expect(await metrics.coreCall('debit', async () => 'moved')).toBe('moved');
  await expect(metrics.coreCall('inquire', async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  const samples = readExposition(await metrics.registry.metrics());
  const expected = [
    ['build_info', { version: '0.1.0', node: process.version }, 1],
    ['http_requests_total', { operation: 'putDebit', status: '201' }, 1],
    ['http_request_duration_seconds_bucket', { operation: 'putDebit', le: '0.025' }, 1],
    ['http_request_duration_seconds_bucket', { operation: 'putDebit', le: '0.01' }, 0],
    ['tls_client_rejected_total', { door: 'api', reason: 'expired' }, 1],
    ['tls_material_reads_total', { door: 'api', outcome: 'broken' }, 1],
    ['debit_outcomes_total', { outcome: 'rejected', reason: 'AM04' }, 1],
    ['debit_outcomes_total', { outcome: 'settled', reason: 'none' }, 1],
    ['debit_duration_seconds_count', {}, 1],
    ['core_banking_call_duration_seconds_count', { operation: 'debit', outcome: 'answered' }, 1],
    ['core_banking_call_duration_seconds_count', { operation: 'inquire', outcome: 'failed' }, 1],
    ['batch_size_sum', { step: 'reserve' }, 7],
    ['background_failures_total', { work: 'sweeping' }, 1],
    ['database_pool_connections', { pool: 'ledger', state: 'busy' }, 6],
    ['database_pool_connections', { pool: 'gateway', state: 'waiting' }, 2],
    ['certificate_expiry_timestamp_seconds', { name: 'api' }, 1_798_761_600],
    ['certificate_expiry_timestamp_seconds', { name: 'bus' }, 1_788_220_800],
    ['client_certificate_expiry_timestamp_seconds', { creditor: 'CACOBATPH' }, 1_780_272_000],
    ['signing_key_from_timestamp_seconds', { use: 'confirmations' }, 1_767_225_600],
    ['signing_key_expiry_timestamp_seconds', { use: 'confirmations' }, 4_102_444_800],
    ['crl_next_update_timestamp_seconds', {}, 1_769_904_000],
    ['debits_in_doubt', {}, 3],
    ['debits_in_doubt_oldest_seconds', {}, 42],
    ['contradictions_open', {}, 1],
    ['movements_unaccounted', {}, 4],
    ['journal_unsealed_rows', {}, 2],
    ['journal_unsealed_oldest_seconds', {}, 0.5],
    ['journal_unnumbered_oldest_seconds', {}, 1.5],
    ['clock_skew_seconds', {}, -0.25],
    ['jobs_total', { work: 'webhooks', outcome: 'well' }, 5],
    ['jobs_total', { work: 'webhooks', outcome: 'failed' }, 2],
    ['jobs_total', { work: 'webhooks', outcome: 'died' }, 1],
    ['redis_connected', {}, 1],
    ['jobs_dispatcher', { by: 'bull' }, 1],
    ['jobs_dispatcher', { by: 'sweep' }, 0],
    ['jobs_oldest_due_seconds', { work: 'debits' }, 3.5],
    ['jobs_dead', { work: 'statements' }, 2],
  ] as const;
  for (const [name, labels, value] of expected) expect([name, told(samples, name, labels)]).toEqual([name, value]);
});

test('a request for anything that the contract has not counts as none, whatever was asked for', async () => {
  const metrics = opened();
  for (let number = 0; number < 50; number += 1)
    metrics.requestAnswered({
      operationId: `/v1/00500120400170002${number}`,
      status: 404,
      seconds: 0,
      requestBytes: 0,
    });
  const samples = readExposition(await metrics.registry.metrics());
  const requests = samples.filter(({ name }) => name === 'http_requests_total');
  expect(requests).toEqual([{ name: 'http_requests_total', labels: { operation: 'none', status: '404' }, value: 50 }]);
});

test('what can not be read is left out and counted, never told as it was before or as 0, and the rest is told', async () => {
  const metrics = opened();
  const faults: unknown[] = [];
  let away = false;
  const whenThere = async <Result>(result: Result) => (away ? Promise.reject(new Error('away')) : result);
  const parts = {
    ...readings(),
    doubt: () => whenThere({ count: 3, oldestSeconds: 42, forPeople: 2, pastResolveBy: 1 }),
    openContradictions: () => whenThere(1),
    unsealed: () => whenThere({ count: 0, oldestSeconds: 0 }),
    unnumberedSeconds: () => whenThere(0),
  };
  addReadings(metrics.registry, parts, (fault) => faults.push(fault));
  expect(told(readExposition(await metrics.registry.metrics()), 'debits_in_doubt')).toBe(3);
  away = true;
  await metrics.registry.metrics();
  const samples = readExposition(await metrics.registry.metrics());
  for (const name of ['debits_in_doubt', 'debits_in_doubt_oldest_seconds', 'contradictions_open'])
    expect(told(samples, name)).toBeUndefined();
  expect(told(samples, 'clock_skew_seconds')).toBe(-0.25);
  expect(told(samples, 'metric_reading_failures_total', { metric: 'contradictions_open' })).toBeGreaterThan(0);
  expect(faults).toHaveLength(16);
  away = false;
  expect(told(readExposition(await metrics.registry.metrics()), 'debits_in_doubt')).toBe(3);
});

test('two gateways in one process count apart', async () => {
  const one = opened();
  const other = opened();
  one.debitEnded('settled');
  expect(told(readExposition(await one.registry.metrics()), 'debit_outcomes_total')).toBe(1);
  expect(told(readExposition(await other.registry.metrics()), 'debit_outcomes_total')).toBeUndefined();
});
