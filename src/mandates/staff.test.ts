import { expect, test } from 'vitest';
import {
  hidhab,
  officer,
  openMandateBank,
  resumeForBank,
  revokeForBank,
  supervisor,
  suspendForBank,
} from '../../test/mandates.ts';
import { changeDraft } from './change.ts';
import { enterMandate } from './enter.ts';
import { refuseMandate } from './refuse.ts';
import { sendMandateBack } from './send-back.ts';
import { submitMandate } from './submit.ts';

test('sent back, it is corrected and submitted again; a maker can neither send it back nor refuse it', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  const remark = 'The form says 250,000';
  expect(await sendMandateBack(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark })).toEqual({
    outcome: 'WRONG_STATE',
    state: 'DRAFT',
  });
  await bank.submit(mandateId);
  expect(await sendMandateBack(bank.desk, { mandateId, by: officer, from: '192.0.2.7', remark })).toEqual({
    outcome: 'SAME_PERSON',
  });
  expect(await refuseMandate(bank.desk, { mandateId, by: officer, from: '192.0.2.7', remark })).toEqual({
    outcome: 'SAME_PERSON',
  });
  await sendMandateBack(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark });
  expect(await bank.file(mandateId)).toMatchObject({ state: 'DRAFT', remarks: [{ about: 'send-back', remark }] });
  await changeDraft(bank.desk, { mandateId, by: officer, from: '192.0.2.7', typed: { periodCeiling: '250000.00' } });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId)).toMatchObject({ outcome: 'DONE' });
  expect(await bank.journalOf(mandateId)).toEqual([
    'mandate.entered - > DRAFT bank',
    'mandate.submitted DRAFT > PENDING_CERTIFICATION bank',
    'mandate.sent-back PENDING_CERTIFICATION > DRAFT bank',
    'mandate.changed DRAFT > DRAFT bank',
    'mandate.submitted DRAFT > PENDING_CERTIFICATION bank',
    'mandate.certified PENDING_CERTIFICATION > CERTIFIED bank',
  ]);
});

test('refused is the end', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  expect(
    await refuseMandate(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'No power of attorney' }),
  ).toMatchObject({
    outcome: 'DONE',
    mandate: { state: 'REFUSED' },
  });
  expect(await submitMandate(bank.desk, { mandateId, by: officer, from: '192.0.2.7' })).toEqual({
    outcome: 'WRONG_STATE',
    state: 'REFUSED',
  });
  expect(await bank.certify(mandateId)).toEqual({ outcome: 'WRONG_STATE', state: 'REFUSED' });
});

test('the bank suspends, resumes and revokes with a reason that stands in no journal row', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const act = { mandateId, by: supervisor, from: '192.0.2.7', remark: 'Seizure order 77' };
  expect(await suspendForBank(bank.desk, act)).toMatchObject({
    mandate: { state: 'SUSPENDED', suspendedByBank: true },
  });
  expect(await suspendForBank(bank.desk, act)).toEqual({ outcome: 'WRONG_STATE', state: 'SUSPENDED' });
  expect(await resumeForBank(bank.desk, act)).toMatchObject({ mandate: { state: 'ACTIVE', suspendedByBank: false } });
  expect(await revokeForBank(bank.desk, act)).toMatchObject({ mandate: { state: 'REVOKED' } });
  expect(await resumeForBank(bank.desk, act)).toEqual({ outcome: 'WRONG_STATE', state: 'REVOKED' });
  expect((await bank.journalOf(mandateId)).slice(-3)).toEqual([
    'mandate.suspended ACTIVE > SUSPENDED bank',
    'mandate.resumed SUSPENDED > ACTIVE bank',
    'mandate.revoked ACTIVE > REVOKED bank',
  ]);
  const { rows } = await bank.db.owner.query("select from journal where journal::text like '%Seizure%'");
  expect(rows).toHaveLength(0);
  expect((await bank.file(mandateId)).remarks.map(({ about }) => about)).toEqual([
    'suspension',
    'resumption',
    'revocation',
  ]);
});

test('a creditor that is not registered, and a mandate that can’t be replaced, are faults of the request', async () => {
  await using bank = await openMandateBank();
  const why = { replaceReason: 'ceilings-changed', replaceRemark: 'New form' };
  const enter = (typed: object) =>
    enterMandate(bank.desk, { typed: { ...hidhab, ...why, ...typed }, by: officer, from: '192.0.2.7' });
  expect(await enter({ creditor: 'CASNOS' })).toMatchObject({ faults: [{ field: 'creditor' }] });
  const draft = await bank.enter();
  expect(await enter({ replaces: draft })).toMatchObject({ faults: [{ message: expect.stringContaining('DRAFT') }] });
  const old = await bank.accepted();
  expect(await enter({ replaces: old, creditor: 'CACOBATPH' })).toMatchObject({ faults: [{ field: 'replaces' }] });
  expect(await enter({ replaces: old, employerNumber: '0000000001' })).toMatchObject({
    faults: [{ field: 'replaces' }],
  });
  expect(await enter({ replaces: old })).toMatchObject({ outcome: 'ENTERED' });
});

test('every act of the bank’s staff is in the journal with the address that it came from', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await changeDraft(bank.desk, { mandateId, by: officer, from: '192.0.2.8', typed: { periodCeiling: '310000.00' } });
  await submitMandate(bank.desk, { mandateId, by: officer, from: '192.0.2.9' });
  await bank.certify(mandateId, { from: '2001:db8::1' });
  await suspendForBank(bank.desk, {
    mandateId: await bank.accepted(),
    by: supervisor,
    from: '192.0.2.11',
    remark: 'no',
  });
  const { rows } = await bank.db.owner.query<{ kind: string; detail: object }>(
    "select distinct kind, detail from journal where side = 'bank' order by kind, detail",
  );
  expect(rows.filter(({ detail }) => !('from' in detail))).toEqual([]);
  expect(rows).toContainEqual({ kind: 'mandate.changed', detail: { from: '192.0.2.8' } });
  expect(rows).toContainEqual({ kind: 'mandate.submitted', detail: { from: '192.0.2.9' } });
  expect(rows).toContainEqual({ kind: 'mandate.certified', detail: { from: '2001:db8::1' } });
  expect(rows).toContainEqual({ kind: 'mandate.suspended', detail: expect.objectContaining({ from: '192.0.2.11' }) });
});
