import { expect, test } from 'vitest';
import {
  aroundTheEndOf,
  type MandateBank,
  morning,
  officer,
  openMandateBank,
  resumeForBank,
  revokeForBank,
  supervisor,
  suspendForBank,
} from '../../test/mandates.ts';
import { expireMandates } from './expire.ts';
import { submitMandate } from './submit.ts';

test('it expires at midnight in Algiers after its last day, and the job writes it down once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted({ validTo: '2026-03-01' });
  const [before, after] = aroundTheEndOf(morning);
  expect(before.toISOString()).toBe('2026-03-01T22:59:59.999Z');
  const run = () => expireMandates({ db: bank.pool, now: bank.desk.now });
  bank.setNow(before);
  expect(await run()).toBe(0);
  expect((await bank.file(mandateId)).debitable).toBe(true);
  bank.setNow(after);
  expect(await bank.file(mandateId)).toMatchObject({
    state: 'EXPIRED',
    debitable: 'EXPIRED',
    mandate: { state: 'ACTIVE' },
  });
  expect((await Promise.all([run(), run()])).reduce((sum, took) => sum + took)).toBe(1);
  expect((await bank.journalOf(mandateId)).at(-1)).toBe('mandate.expired ACTIVE > EXPIRED gateway');
});

test('lifting a suspension never revives what has passed its last day', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted({ validTo: '2026-03-01' });
  const act = { mandateId, by: supervisor, from: '192.0.2.7', remark: 'Seizure order 77' };
  await suspendForBank(bank.desk, act);
  bank.setNow(aroundTheEndOf(morning)[1]);
  expect(await resumeForBank(bank.desk, act)).toEqual({ outcome: 'WRONG_STATE', state: 'EXPIRED' });
  expect(await revokeForBank(bank.desk, act)).toEqual({ outcome: 'WRONG_STATE', state: 'EXPIRED' });
});

test('requests that wait for thirty days expire: drafts, and what was submitted', async () => {
  await using bank = await openMandateBank();
  const draft = await bank.enter();
  const pending = await bank.enter();
  await bank.submit(pending);
  const [before, after] = aroundTheEndOf(new Date(morning.getTime() + 30 * 86_400_000));
  const run = () => expireMandates({ db: bank.pool, now: bank.desk.now });
  bank.setNow(before);
  expect(await run()).toBe(0);
  bank.setNow(after);
  expect(await submitMandate(bank.desk, { mandateId: draft, by: officer, from: '192.0.2.7' })).toEqual({
    outcome: 'WRONG_STATE',
    state: 'EXPIRED',
  });
  expect(await run()).toBe(2);
  expect(await states(bank, [draft, pending])).toEqual(['EXPIRED', 'EXPIRED']);
});

const states = async (bank: MandateBank, mandateIds: Parameters<MandateBank['file']>[0][]) =>
  Promise.all(mandateIds.map(async (mandateId) => (await bank.file(mandateId)).mandate.state));
