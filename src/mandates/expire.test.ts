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
import { runDue } from '../../test/work.ts';
import { attachScan } from './attach-scan.ts';
import { changeDraft } from './change.ts';
import { expiryWork } from './expire.ts';
import { submitMandate } from './submit.ts';

test('it expires at midnight in Algiers after its last day, and the job writes it down once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted({ validTo: '2026-03-01' });
  const [before, after] = aroundTheEndOf(morning);
  expect(before.toISOString()).toBe('2026-03-01T22:59:59.999Z');
  const run = () => runDue([expiryWork({ db: bank.pool, now: bank.desk.now })]);
  bank.setNow(before);
  expect(await run()).toBe(0);
  expect((await bank.file(mandateId)).debitable).toBe(true);
  bank.setNow(after);
  expect(await bank.file(mandateId)).toMatchObject({
    state: 'EXPIRED',
    debitable: 'EXPIRED',
    mandate: { state: 'ACTIVE' },
  });
  await Promise.all([run(), run()]);
  expect(await run()).toBe(0);
  expect((await bank.journalOf(mandateId)).filter((row) => row.startsWith('mandate.expired'))).toEqual([
    'mandate.expired ACTIVE > EXPIRED gateway',
  ]);
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
  const run = () => runDue([expiryWork({ db: bank.pool, now: bank.desk.now })]);
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

test('a draft that somebody works on waits for thirty days from then on', async () => {
  await using bank = await openMandateBank();
  const day = (count: number) => new Date(morning.getTime() + count * 86_400_000);
  const [changed, scanned] = [await bank.enter(), await bank.enter()];
  bank.setNow(day(20));
  const act = { by: officer, from: '192.0.2.7' };
  await changeDraft(bank.desk, { ...act, mandateId: changed, typed: { periodCeiling: '310000.00' } });
  await attachScan(bank.desk, { ...act, mandateId: scanned, content: Buffer.from('%PDF-1.7\n%%EOF') });
  const run = () => runDue([expiryWork({ db: bank.pool, now: bank.desk.now })]);
  bank.setNow(day(45));
  expect(await run()).toBe(0);
  bank.setNow(day(51));
  expect(await run()).toBe(2);
});

const states = async (bank: MandateBank, mandateIds: Parameters<MandateBank['file']>[0][]) =>
  Promise.all(mandateIds.map(async (mandateId) => (await bank.file(mandateId)).mandate.state));
