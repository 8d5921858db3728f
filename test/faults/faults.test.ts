import { expect, test } from 'vitest';
import { newSeed } from '../kill/random.ts';
import { describeIf } from '../programs.ts';
import { faultCampaign } from './campaign.ts';
import type { Fault } from './plan.ts';
import { findingsOf, tableOf } from './table.ts';

/** One of each group: the long run, `npm run faults`, plays every one of them five times. */
const plan: readonly Fault[] = [
  { fault: 'clock-moved' },
  { fault: 'bus', name: 'reset-after', of: 'reversal', behaviour: { do: 'reset', processed: true } },
  { fault: 'bus', name: 'reset-after', of: 'debit', behaviour: { do: 'reset', processed: true } },
  { fault: 'bus', name: 'answer-late', of: 'debit', behaviour: { do: 'answer-late', ms: 2500 } },
  { fault: 'kill', at: 'after-core-answer' },
  { fault: 'stop-and-wake' },
  { fault: 'redis-restart' },
  { fault: 'postgres-cut-answers' },
  { fault: 'receiver-away' },
  { fault: 'bus', name: 'other-amount', of: 'debit', behaviour: { do: 'answer-other', field: 'amount' } },
  { fault: 'postgres-crash' },
  { fault: 'kill', at: 'random' },
  { fault: 'disk-full' },
  { fault: 'statement', entry: 'extra' },
  { fault: 'statement', entry: 'missing' },
];

describeIf('redis-server', 'redis-server')('the fault run', () => {
  test('with replicas, database, Redis, bus and receiver failing under it, no debit is lost or doubled, and four sources agree to the centime', {
    timeout: 400_000,
  }, async () => {
    const seed = newSeed();
    const report = await faultCampaign({
      ...{ seed, debits: 150, plan, workers: 6, sleepSeconds: 6, inquiriesToo: false, measuresAtOnce: true },
    });
    // Printed always: a run that found something is run again by its seed (GATEWAY_TESTS_SEED).
    console.log(`seed ${seed}\n${tableOf(report)}`);
    expect(findingsOf(report)).toEqual([]);
    expect(report.settled).toBeGreaterThan(0);
    expect(report.inDoubt).toBe(0);
  });
});
