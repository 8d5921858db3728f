import { expect, test } from 'vitest';
import { cpuARequest, cpuReader, watchOthers } from './bench-cpu.ts';
import { measure, nothingMeasured, perSecond, quantile } from './bench-load.ts';
import { rowLine } from './bench-report.ts';

test('a quantile is a value that was measured: the smallest that the share of all are not above', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(quantile(values, 0.5)).toBe(100);
  expect(quantile(values, 0.99)).toBe(198);
  expect(quantile([7], 0.99)).toBe(7);
});

test('each connection waits for its answer before it asks again, and every answer is counted', async () => {
  const measured = nothingMeasured();
  let underWay = 0;
  let most = 0;
  let answered = 0;
  await measure(measured, { connections: 3, seconds: 0.02, stop: new AbortController().signal }, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    answered += 1;
  });
  expect(most).toBe(3);
  expect(underWay).toBe(0);
  expect(measured.milliseconds).toHaveLength(answered);
  expect(perSecond(measured)).toBeCloseTo(answered / measured.seconds);
});

test('a fault ends the measurement with that fault, after the others have their answers', async () => {
  let underWay = 0;
  const fault = new Error('refused');
  const measuring = measure(
    nothingMeasured(),
    { connections: 2, seconds: 0.02, stop: new AbortController().signal },
    async () => {
      underWay += 1;
      const number = underWay;
      await new Promise(setImmediate);
      underWay -= 1;
      if (number === 1) throw fault;
    },
  );
  await expect(measuring).rejects.toBe(fault);
  expect(underWay).toBe(0);
});

test('CPU time is shared out over the requests, and is null where the system does not tell it', async () => {
  const pairs = [
    [
      { generator: 0, gateway: 100 },
      { generator: 5, gateway: 130 },
    ],
    [
      { generator: 9, gateway: 200 },
      { generator: 14, gateway: 210 },
    ],
  ] as const;
  expect(cpuARequest(pairs, 'gateway', 20)).toBe(2);
  expect(cpuARequest(pairs, 'generator', 20)).toBe(0.5);
  expect(cpuARequest(pairs, 'postgres', 20)).toBeNull();
  // No process has this number: as where there is no /proc.
  expect(Object.keys(await cpuReader(4_194_305, 4_194_305)())).toEqual(['generator']);
  const others = await watchOthers(cpuReader(4_194_305, 4_194_305));
  expect(await others()).toBeUndefined();
});

test('a line is written also where CPU time is not told', () => {
  const row = {
    operation: 'putDebit',
    connections: 64,
    perSecond: 512.4,
    p50Milliseconds: 12.34,
    p99Milliseconds: 45.67,
    referencePerSecond: 128.1,
    ratio: 4,
    referenceP50Milliseconds: 1,
    referenceP99Milliseconds: 2,
    gatewayCpuMilliseconds: null,
    postgresCpuMilliseconds: null,
    generatorCpuMilliseconds: 0.5,
    referencePostgresCpuMilliseconds: null,
    signedWhileMeasured: 0,
  } as const;
  expect(rowLine(row).split(/ +/)).toEqual([
    ...['debit', '64', '512', '12.3', '45.7', '128', '4.00', '-', '-', '0.50', '-'],
  ]);
});
