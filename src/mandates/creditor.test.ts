import { expect, test } from 'vitest';
import { cacobatph } from '../../test/bank.ts';
import {
  aroundTheEndOf,
  type MandateBank,
  morning,
  openMandateBank,
  revokeForBank,
  signedRequest,
  supervisor,
  suspendForBank,
} from '../../test/mandates.ts';
import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { acceptMandate } from './accept.ts';
import { resumeForCreditor } from './resume.ts';
import { revokeForCreditor } from './revoke.ts';
import { suspendForCreditor } from './suspend.ts';

const after = (seconds: number) => new Date(morning.getTime() + seconds * 1000);

const writing = (bank: MandateBank, mandateId: MandateId) => {
  const write = (request: Partial<SignedRequest> = {}) => ({
    mandateId,
    request: signedRequest(bank.desk.now(), request),
    reason: 'employer-request',
  });
  return {
    suspend: (request?: Partial<SignedRequest>) => suspendForCreditor(bank.desk, write(request)),
    resume: (request?: Partial<SignedRequest>) => resumeForCreditor(bank.desk, write(request)),
    revoke: (request?: Partial<SignedRequest>) => revokeForCreditor(bank.desk, write(request)),
  };
};

const requestsIn = async (bank: MandateBank): Promise<number> =>
  (await bank.db.owner.query('select from requests')).rowCount ?? 0;

test('accepted with its certificate, a mandate is ACTIVE, its showing recorded, and the signed request kept with it', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const accepted = await bank.accept(mandateId, { jti: 'acceptance-number-1' });
  expect(accepted).toMatchObject({ outcome: 'WRITTEN', replayed: false, mandate: { state: 'ACTIVE' } });
  expect((await bank.file(mandateId)).mandate).toMatchObject({ shownAt: morning, acceptedAt: morning });
  expect((await bank.journalOf(mandateId)).slice(-2)).toEqual([
    'mandate.shown CERTIFIED > CERTIFIED creditor',
    'mandate.accepted CERTIFIED > ACTIVE creditor',
  ]);
  const { rows } = await bank.db.owner.query(
    `select requests.subject_id, journal.kind from requests join journal on request_jti = jti where jti = 'acceptance-number-1'
      order by entry_id`,
  );
  expect(rows).toEqual([
    { subject_id: mandateId, kind: 'mandate.shown' },
    { subject_id: mandateId, kind: 'mandate.accepted' },
  ]);
});

test('a mandate that was not shown, another creditor’s and an unknown one are the same to every write, and leave no row', async () => {
  await using bank = await openMandateBank();
  const unseen = await bank.certified();
  const foreign = await bank.accepted({ creditor: 'CNAS' });
  const before = await requestsIn(bank);
  const asOther = { creditorCode: cacobatph };
  const outcomes = await Promise.all([
    writing(bank, unseen).revoke(),
    writing(bank, foreign).suspend(asOther),
    bank.accept(foreign, asOther),
    acceptMandate(bank.desk, { mandateId: unseen, request: signedRequest(morning), certificate: 'NONE' }),
    acceptMandate(bank.desk, { mandateId: unseen, request: signedRequest(morning), certificate: 'OTHER' }),
    writing(bank, crypto.randomUUID() as MandateId).revoke(),
  ]);
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toEqual(new Set(['{"outcome":"NOT_FOUND"}']));
  expect(await requestsIn(bank)).toBe(before);
  expect((await bank.file(unseen)).mandate.shownAt).toBeUndefined();
});

test('accepted again it stays as it is, suspended or not, and nothing more is told', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  expect(await bank.accept(mandateId)).toMatchObject({ replayed: true, mandate: { state: 'ACTIVE' } });
  await suspendForBank(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'Seizure order 77' });
  expect(await bank.accept(mandateId)).toMatchObject({ replayed: true, mandate: { state: 'SUSPENDED' } });
  expect((await bank.journalOf(mandateId)).filter((row) => row.startsWith('mandate.accepted'))).toHaveLength(1);
});

test('an acceptance that shows another mandate’s certificate changes nothing', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  await bank.db.owner.query('update mandates set shown_at = now()');
  const request = signedRequest(morning);
  expect(await acceptMandate(bank.desk, { mandateId, request, certificate: 'OTHER' })).toEqual({
    outcome: 'CERTIFICATE_INVALID',
  });
  expect((await bank.file(mandateId)).state).toBe('CERTIFIED');
});

test('each side lifts its own suspension, and the mandate runs again when both are down', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const { suspend, resume } = writing(bank, mandateId);
  await suspendForBank(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'Seizure order 77' });
  expect(await suspend()).toMatchObject({
    mandate: { state: 'SUSPENDED', suspendedByBank: true, suspendedByCreditor: true },
  });
  expect(await suspend()).toMatchObject({ replayed: true });
  expect(await resume()).toMatchObject({
    mandate: { state: 'SUSPENDED', suspendedByBank: true, suspendedByCreditor: false },
  });
  expect(await resume()).toMatchObject({ replayed: true, mandate: { state: 'SUSPENDED' } });
  expect((await bank.journalOf(mandateId)).slice(-3)).toEqual([
    'mandate.suspended ACTIVE > SUSPENDED bank',
    'mandate.suspended SUSPENDED > SUSPENDED creditor',
    'mandate.resumed SUSPENDED > SUSPENDED creditor',
  ]);
});

test('revoked is for ever', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const { suspend, resume, revoke } = writing(bank, mandateId);
  expect(await revoke()).toMatchObject({ outcome: 'WRITTEN', mandate: { state: 'REVOKED' } });
  expect(await revoke()).toMatchObject({ replayed: true });
  for (const write of [suspend, resume, () => bank.accept(mandateId)])
    expect(await write()).toMatchObject({ outcome: 'WRONG_STATE', mandate: { state: 'REVOKED' } });
});

test('after its last day a mandate is neither accepted nor resumed nor revoked', async () => {
  await using bank = await openMandateBank();
  const certified = await bank.certified({ validTo: '2026-03-01' });
  const accepted = await bank.accepted({ validTo: '2026-03-01' });
  await writing(bank, accepted).suspend();
  bank.setNow(aroundTheEndOf(morning)[1]);
  expect(await bank.accept(certified)).toMatchObject({ outcome: 'WRONG_STATE' });
  expect(await writing(bank, accepted).resume()).toMatchObject({ outcome: 'WRONG_STATE' });
  expect(await writing(bank, accepted).revoke()).toMatchObject({ outcome: 'WRONG_STATE' });
});

test('a write that was signed before the last one applied is refused, also where that one changed nothing', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const { suspend, resume } = writing(bank, mandateId);
  await suspend({ signedAt: after(10) });
  expect(await resume({ signedAt: after(9) })).toEqual({ outcome: 'OVERTAKEN' });
  expect(await suspend({ signedAt: after(20) })).toMatchObject({ replayed: true });
  expect(await resume({ signedAt: after(15) })).toEqual({ outcome: 'OVERTAKEN' });
  // Signed in the same second: the order of arrival decides.
  expect(await resume({ signedAt: after(20) })).toMatchObject({ mandate: { state: 'ACTIVE' } });
});

test('a jti that was seen with the same name and body answers with the present state; with another it is refused', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const other = await bank.accepted();
  const { suspend, resume } = writing(bank, mandateId);
  const asked = { jti: 'suspension-number-1', signedAt: after(1) };
  expect(await suspend(asked)).toMatchObject({ replayed: false, mandate: { state: 'SUSPENDED' } });
  await resume({ signedAt: after(2) });
  expect(await suspend(asked)).toMatchObject({ outcome: 'WRITTEN', replayed: true, mandate: { state: 'ACTIVE' } });
  expect(await suspend({ ...asked, body: Buffer.from('{"reason":"dispute"}') })).toEqual({ outcome: 'JTI_REUSED' });
  expect(await writing(bank, other).suspend({ ...asked, target: '/v1/mandates/y/suspension' })).toEqual({
    outcome: 'JTI_REUSED',
  });
  expect((await bank.file(other)).state).toBe('ACTIVE');
});

test('a refusal uses the jti up: the same request again does nothing, and is not told to be done', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const tooEarly = { jti: 'suspension-number-1' };
  await bank.db.owner.query('update mandates set shown_at = now()');
  const { suspend } = writing(bank, mandateId);
  expect(await suspend(tooEarly)).toMatchObject({ outcome: 'WRONG_STATE' });
  await bank.accept(mandateId);
  expect(await suspend(tooEarly)).toMatchObject({ outcome: 'WRONG_STATE', mandate: { state: 'ACTIVE' } });
  expect((await bank.file(mandateId)).state).toBe('ACTIVE');
});

test('the same signed request sent many times at once is applied once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const { suspend } = writing(bank, mandateId);
  const answers = await Promise.all(Array.from({ length: 8 }, () => suspend({ jti: 'suspension-number-1' })));
  expect(answers.filter((answer) => answer.outcome === 'WRITTEN' && !answer.replayed)).toHaveLength(1);
  expect((await bank.journalOf(mandateId)).filter((row) => row.startsWith('mandate.suspended'))).toHaveLength(1);
});

test('an acceptance and a revocation at once end REVOKED, in either order, each told once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  await Promise.all([
    bank.accept(mandateId),
    revokeForBank(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'The employer asked for it' }),
  ]);
  expect((await bank.file(mandateId)).state).toBe('REVOKED');
  const told = await bank.journalOf(mandateId);
  expect(told.filter((row) => row.startsWith('mandate.revoked'))).toHaveLength(1);
});

test('a replacement takes over in one transaction, with the suspensions and the counter of the old one', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  await writing(bank, old).suspend();
  const mandateId = await bank.certified({ replaces: old, periodCeiling: '900000.00' });
  bank.setNow(after(60));
  expect(await bank.accept(mandateId)).toMatchObject({ mandate: { state: 'SUSPENDED', suspendedByCreditor: true } });
  expect(await bank.file(old)).toMatchObject({ state: 'REPLACED', replacedBy: mandateId, debitable: 'REPLACED' });
  expect((await bank.journalOf(mandateId)).slice(-2)).toEqual([
    'mandate.accepted CERTIFIED > ACTIVE creditor',
    'mandate.suspended ACTIVE > SUSPENDED gateway',
  ]);
  expect((await bank.journalOf(old)).at(-1)).toBe('mandate.replaced SUSPENDED > REPLACED creditor');
  expect(await writing(bank, mandateId).resume()).toMatchObject({ mandate: { state: 'ACTIVE' } });
  const { rows } = await bank.db.owner.query('select chain_id from mandate_usage');
  expect(rows).toEqual([{ chain_id: old }]);
});

test('what was replaced, revoked or has expired is not replaced: 409, and nothing changes', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted({ validTo: '2026-03-01' });
  const first = await bank.certified({ replaces: old });
  const second = await bank.certified({ replaces: old });
  const third = await bank.certified({ replaces: second });
  expect(await bank.accept(first)).toMatchObject({ mandate: { state: 'ACTIVE' } });
  for (const late of [second, third]) {
    expect(await bank.accept(late)).toMatchObject({ outcome: 'WRONG_STATE', mandate: { state: 'CERTIFIED' } });
  }
  const other = await bank.accepted({ validTo: '2026-03-01' });
  const afterExpiry = await bank.certified({ replaces: other });
  bank.setNow(aroundTheEndOf(morning)[1]);
  expect(await bank.accept(afterExpiry)).toMatchObject({ outcome: 'WRONG_STATE' });
  expect((await bank.file(first)).state).toBe('ACTIVE');
});

test('two replacements that are accepted at once: one runs', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  const both = [await bank.certified({ replaces: old }), await bank.certified({ replaces: old })];
  const outcomes = await Promise.all(both.map((mandateId) => bank.accept(mandateId)));
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['WRITTEN', 'WRONG_STATE']);
  const { rows } = await bank.db.owner.query("select count(*)::int as running from mandates where state = 'ACTIVE'");
  expect(rows).toEqual([{ running: 1 }]);
});

test('a replacement of one that was never accepted ends that one and the one before it', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  const never = await bank.certified({ replaces: old });
  const mandateId = await bank.certified({ replaces: never });
  bank.setNow(after(60));
  expect(await bank.accept(mandateId)).toMatchObject({ mandate: { state: 'ACTIVE' } });
  expect(await bank.file(old)).toMatchObject({ state: 'REPLACED', replacedBy: mandateId });
  expect(await bank.file(never)).toMatchObject({ state: 'REPLACED', replacedBy: mandateId });
});

test('two mandates never run in one chain, also by a direct update', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  const mandateId = await bank.certified({ replaces: old });
  await expect(
    bank.db.gateway.query("update mandates set state = 'ACTIVE' where mandate_id = $1", [mandateId]),
  ).rejects.toThrow('one_running_mandate_a_chain');
});
