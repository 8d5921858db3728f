import { expect, test } from 'vitest';
import { openTestGateway, type TestGateway } from '../../test/gateway.ts';
import { hidhab, revokeForBank, suspendForBank } from '../../test/mandates.ts';
import type { Client, Reply } from '../commands/client.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import type { TypedRequest } from './authorisation-request.ts';
import { certifyMandate } from './certify.ts';
import { enterMandate } from './enter.ts';
import { showMandate } from './show.ts';
import { submitMandate } from './submit.ts';

async function certified({ desk }: TestGateway, typed: TypedRequest = {}): Promise<{ id: MandateId; token: string }> {
  const today = algiersDay(desk.now());
  const why = typed.replaces ? { replaceReason: 'ceilings-changed', replaceRemark: 'New form' } : {};
  const request = { ...hidhab, ...why, validFrom: today, validTo: addDays(today, 365), ...typed };
  const entered = await enterMandate(desk, { typed: request, by: 'officer-amel', from: '192.0.2.7' });
  if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered));
  const { mandateId, contentHash: seenHash } = entered;
  await submitMandate(desk, { mandateId, by: 'officer-amel', from: '192.0.2.7' });
  await certifyMandate(desk, { mandateId, by: 'supervisor-karim', from: '192.0.2.7', seenHash });
  const file = await showMandate(desk.pool, mandateId, desk.now());
  return { id: mandateId, token: file?.certificate?.token ?? '' };
}

const accept = (client: Client, { id, token }: { id: string; token: string }) =>
  client.put(`/v1/mandates/${id}/acceptance`, { certificate: token });

/** What the answer says, without the name of this one request. */
const withoutRequest = ({ status, json }: Reply) => JSON.stringify({ status, ...json, requestId: undefined });

test('an unknown mandate, another creditor’s and one not shown yet give the same answer, on every address', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const foreign = await certified(bank, { creditor: 'CACOBATPH' });
  expect((await accept(bank.clientOf('cacobatph'), foreign)).status).toBe(200);
  const unseen = await certified(bank);
  const ids = [crypto.randomUUID(), foreign.id, unseen.id];
  const asked: ((id: string) => Promise<Reply>)[] = [
    (id) => cnas.get(`/v1/mandates/${id}`),
    (id) => cnas.get(`/v1/mandates/${id}/certificate`),
    (id) => cnas.put(`/v1/mandates/${id}/acceptance`, {}),
    (id) => cnas.put(`/v1/mandates/${id}/acceptance`, { certificate: foreign.token }),
    (id) => cnas.put(`/v1/mandates/${id}/suspension`, {}),
    (id) => cnas.put(`/v1/mandates/${id}/resumption`, {}),
    (id) => cnas.put(`/v1/mandates/${id}/revocation`, {}),
  ];
  for (const ask of asked) {
    const answers = await Promise.all(ids.map(ask));
    expect(new Set(answers.map(withoutRequest)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  }
  expect((await cnas.get('/v1/mandates')).json).toEqual({ mandates: [] });
  expect(bank.breaches).toEqual([]);
});

test('the creditor’s writes tell the mandate as it is now, with its history and who suspends it', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const mandate = await certified(bank);
  const path = `/v1/mandates/${mandate.id}`;
  expect((await accept(cnas, mandate)).json).toMatchObject({ state: 'ACTIVE', debitable: true, suspendedBy: [] });
  const again = await cnas.put(`${path}/acceptance`, {});
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
  await suspendForBank(bank.desk, {
    mandateId: mandate.id,
    by: 'supervisor-karim',
    from: '192.0.2.7',
    remark: 'Seizure order 77',
  });
  const suspended = await cnas.put(`${path}/suspension`, { reason: 'dispute' });
  expect(suspended.json).toMatchObject({
    state: 'SUSPENDED',
    debitable: false,
    notDebitableReason: 'SUSPENDED',
    suspendedBy: ['CREDITOR', 'BANK'],
  });
  expect((await cnas.put(`${path}/resumption`, {})).json).toMatchObject({ suspendedBy: ['BANK'] });
  const revoked = await cnas.put(`${path}/revocation`, { reason: 'employer-ceased' });
  expect(revoked.json?.history).toMatchObject([
    { from: 'PENDING_CERTIFICATION', to: 'CERTIFIED', side: 'BANK' },
    { from: 'CERTIFIED', to: 'ACTIVE', side: 'CREDITOR' },
    { from: 'ACTIVE', to: 'SUSPENDED', side: 'BANK' },
    { from: 'SUSPENDED', to: 'SUSPENDED', side: 'CREDITOR', reason: 'dispute' },
    { from: 'SUSPENDED', to: 'SUSPENDED', side: 'CREDITOR' },
    { from: 'SUSPENDED', to: 'REVOKED', side: 'CREDITOR', reason: 'employer-ceased' },
  ]);
  const late = await cnas.put(`${path}/suspension`, {});
  expect(late.status).toBe(409);
  expect(late.json).toMatchObject({ mandate: { state: 'REVOKED' } });
  expect(String(late.json?.type)).toMatch(/\/problems\/mandate-state$/);
  for (const reply of [suspended, revoked, late])
    expect(reply.bytes.toString()).not.toMatch(/Seizure|supervisor|officer/);
  expect(bank.breaches).toEqual([]);
});

test('the same signed request sent again does nothing more; its jti in another request is a 409', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const mandate = await certified(bank);
  await accept(cnas, mandate);
  const send = await cnas.prepare(`/v1/mandates/${mandate.id}/suspension`, {});
  expect((await send()).headers['idempotent-replayed']).toBeUndefined();
  expect((await send()).headers['idempotent-replayed']).toBe('true');
  const { rows } = await bank.db.owner.query("select from journal where kind = 'mandate.suspended'");
  expect(rows).toHaveLength(1);
});

test('the certificate comes as the token, byte for byte, or as the PDF that carries it; either alone verifies', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const mandate = await certified(bank);
  await accept(cnas, mandate);
  const path = `/v1/mandates/${mandate.id}/certificate`;
  const token = await cnas.get(path);
  expect([token.headers['content-type'], token.bytes.toString()]).toEqual(['application/jose', mandate.token]);
  const [one, other] = [await cnas.get(path, 'application/pdf'), await cnas.get(path, 'application/pdf')];
  expect(one.bytes.equals(other.bytes)).toBe(true);
  expect((await cnas.post('/v1/mandate-verifications', one.bytes, 'application/pdf')).json).toMatchObject({
    status: 'VALID',
    mandateId: mandate.id,
    mandateState: 'ACTIVE',
    links: { mandate: `/v1/mandates/${mandate.id}` },
  });
  const scanned = await cnas.post('/v1/mandate-verifications', Buffer.from('%PDF-1.7\n%%EOF'), 'application/pdf');
  expect(scanned.json).toMatchObject({ status: 'INVALID', reasons: ['NO_CERTIFICATE_IN_PDF'] });
  expect((await cnas.get(path, 'text/html')).status).toBe(406);
  expect(bank.breaches).toEqual([]);
});

test('a mandate that the creditor began is seen before it is certified, and has no certificate yet', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const entered = await enterMandate(bank.desk, {
    typed: { ...hidhab, validTo: '2099-12-31' },
    by: 'officer-amel',
    from: '192.0.2.7',
  });
  if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered));
  await bank.db.owner.query("update mandates set origin = 'CREDITOR'");
  const path = `/v1/mandates/${entered.mandateId}`;
  expect((await cnas.get(path)).json).toMatchObject({ state: 'DRAFT', notDebitableReason: 'NOT_CERTIFIED' });
  const certificate = await cnas.get(`${path}/certificate`);
  expect(String(certificate.json?.type)).toMatch(/\/problems\/mandate-certificate-not-found$/);
  expect((await cnas.put(`${path}/acceptance`, {})).json).toMatchObject({ mandate: { state: 'DRAFT' } });
  expect(bank.breaches).toEqual([]);
});

test('pages go on where the last one ended, newest first; a cursor holds for its caller and its filters', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const all = [];
  for (let count = 0; count < 3; count += 1) {
    const mandate = await certified(bank);
    await accept(cnas, mandate);
    all.unshift(mandate.id);
  }
  const [, , oldest] = all;
  if (oldest === undefined) throw new Error('three were accepted');
  await revokeForBank(bank.desk, {
    mandateId: oldest,
    by: 'supervisor-karim',
    from: '192.0.2.7',
    remark: 'The employer asked for it',
  });
  const idsIn = ({ json }: Reply) =>
    Array.isArray(json?.mandates) ? json.mandates.map(({ mandateId }) => mandateId) : [];
  const first = await cnas.get('/v1/mandates?limit=2');
  expect(idsIn(first)).toEqual(all.slice(0, 2));
  const cursor = String(first.json?.nextCursor);
  const second = await cnas.get(`/v1/mandates?limit=2&cursor=${cursor}`);
  expect(idsIn(second)).toEqual([oldest]);
  expect(second.json).not.toHaveProperty('nextCursor');
  expect(idsIn(await cnas.get('/v1/mandates?state=REVOKED'))).toEqual([oldest]);
  expect(idsIn(await cnas.get('/v1/mandates?state=ACTIVE&employerNumber=0262992312'))).toHaveLength(2);
  expect(idsIn(await cnas.get('/v1/mandates?employerNumber=0000000001'))).toEqual([]);
  const refused = [
    bank.clientOf('cacobatph').get(`/v1/mandates?cursor=${cursor}`),
    cnas.get(`/v1/mandates?state=ACTIVE&cursor=${cursor}`),
    cnas.get(`/v1/mandates?cursor=${cursor}A`),
  ];
  for (const { status } of await Promise.all(refused)) expect(status).toBe(400);
  expect(bank.breaches).toEqual([]);
});

test('a replacement tells both sides of it', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const old = await certified(bank);
  await accept(cnas, old);
  const replacement = await certified(bank, { replaces: old.id, periodCeiling: '900000.00' });
  expect((await accept(cnas, replacement)).json).toMatchObject({ state: 'ACTIVE', replaces: old.id });
  expect((await cnas.get(`/v1/mandates/${old.id}`)).json).toMatchObject({
    state: 'REPLACED',
    replacedBy: replacement.id,
    notDebitableReason: 'REPLACED',
  });
  const other = await certified(bank);
  await accept(cnas, other);
  const wrong = await accept(cnas, { id: other.id, token: replacement.token });
  expect(String(wrong.json?.type)).toMatch(/\/problems\/mandate-certificate-invalid$/);
  expect(bank.breaches).toEqual([]);
});
