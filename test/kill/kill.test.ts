import { expect, test } from 'vitest';
import { killCampaign } from './campaign.ts';
import { debitPoints, reversalPoints } from './points.ts';
import { newSeed } from './random.ts';

test('a gateway that is killed at any point, under load, ends every debit by itself, and moves no money twice', {
  timeout: 300_000,
}, async () => {
  const seed = newSeed();
  const { violations, ...figures } = await killCampaign({ seed, kills: 12 });
  // Printed always: a run that found something is run again by its seed (GATEWAY_TESTS_SEED).
  console.log(JSON.stringify(figures));
  expect(violations).toEqual([]);
  expect(Object.keys(figures.killsByPoint)).toEqual(
    expect.arrayContaining([...debitPoints.slice(0, 4), ...reversalPoints.slice(0, 3)]),
  );
  expect(figures.debits.SETTLED).toBeGreaterThan(0);
  expect(figures.debits.REVERSED).toBeGreaterThan(0);
  expect(figures.recovered).toBeGreaterThan(0);
});
