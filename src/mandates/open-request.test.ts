import { expect, test } from 'vitest';
import { openTestGateway } from '../../test/gateway.ts';
import { hidhab, openMandateBank, signedRequest } from '../../test/mandates.ts';
import type { Client, Reply } from '../commands/client.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { parseMandateId } from '../values/ids.ts';
import { certifyMandate } from './certify.ts';
import { changeDraft } from './change.ts';
import { openRequest } from './open-request.ts';
import { showMandate } from './show.ts';
import { submitMandate } from './submit.ts';

const officer = { by: 'officer-amel', from: '192.0.2.7' };
const supervisor = { by: 'supervisor-karim', from: '192.0.2.8' };
const path = '/v1/authorisation-requests/REQ-2026-0001';
const today = algiersDay(new Date());

const asked = {
  employerNumber: '0262992312',
  rib: '00500102444771278214',
  nameFr: 'SARL El Hidhab Construction',
  nameAr: 'ش.ذ.م.م الهضاب للبناء',
  phone: '+213716480894',
  ceilings: { perDebit: '150000.00', perPeriod: '300000.00', period: 'MONTH', currency: 'DZD' },
  validFrom: today,
  validTo: addDays(today, 365),
};

const kindOf = ({ status, json }: Reply): string => `${String(json?.type).split('/').at(-1)} ${status}`;
const idOf = ({ json }: Reply) => {
  const mandateId = parseMandateId(String(json?.mandateId));
  if (mandateId === undefined) throw new Error('no mandate was opened');
  return mandateId;
};

test('a creditor opens a draft under its own name, with what the paper form carries, and the bank has its signature', async () => {
  await using bank = await openTestGateway();
  const opened = await bank.clientOf('cnas').put(path, asked);
  expect([opened.status, opened.json]).toMatchObject([
    201,
    { requestReference: 'REQ-2026-0001', state: 'DRAFT', qr: { text: 'CNAS:REQ-2026-0001' } },
  ]);
  expect(JSON.stringify(opened.json)).toMatch(/<svg xmlns=.{100}/);
  expect(JSON.stringify(opened.json)).not.toMatch(/Hidhab|444771278214/);
  const mandateId = idOf(opened);
  const { rows } = await bank.db.owner.query(
    `select origin, makers, request_reference, kind, side, actor = key_thumbprint as by_the_key, jti = request_jti as kept
       from mandates join journal on subject_id = mandate_id join requests on requests.subject_id = mandate_id`,
  );
  expect(rows).toEqual([
    {
      ...{ origin: 'CREDITOR', makers: [], request_reference: 'REQ-2026-0001', kind: 'mandate.opened' },
      ...{ side: 'creditor', by_the_key: true, kept: true },
    },
  ]);
  expect((await bank.clientOf('cnas').get(`/v1/mandates/${mandateId}`)).json).toMatchObject({
    state: 'DRAFT',
    requestReference: 'REQ-2026-0001',
    history: [{ to: 'DRAFT', side: 'CREDITOR' }],
  });
  expect(bank.breaches).toEqual([]);
});

test('the same again is replayed with what became of it, whatever staff changed; another content is a conflict', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const send = await cnas.prepare(path, asked);
  const mandateId = idOf(await send());
  expect((await send()).headers['idempotent-replayed']).toBe('true');
  await changeDraft(bank.desk, { mandateId, ...officer, typed: { periodCeiling: '250000.00' } });
  await submitMandate(bank.desk, { mandateId, ...officer });
  const again = await cnas.put(path, asked);
  expect([again.status, again.headers['idempotent-replayed'], again.json]).toMatchObject([
    200,
    'true',
    { mandateId, state: 'PENDING_CERTIFICATION' },
  ]);
  expect(kindOf(await cnas.put(path, { ...asked, nameFr: 'SARL Hidhab' }))).toBe('authorisation-request-conflict 409');
  expect(kindOf(await cnas.put(path, { ...asked, phone: undefined }))).toBe('authorisation-request-conflict 409');
  const { rows } = await bank.db.owner.query('select from mandates');
  expect(rows).toHaveLength(1);
  expect(bank.breaches).toEqual([]);
});

test('sent twenty times at once it is one draft', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const replies = await Promise.all(Array.from({ length: 20 }, () => cnas.put(path, asked)));
  expect(replies.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
  expect(new Set(replies.map(idOf)).size).toBe(1);
  const { rows } = await bank.db.owner.query("select from journal where kind = 'mandate.opened'");
  expect(rows).toHaveLength(1);
});

test('another creditor’s request of the same name is another, and its mandate is not seen', async () => {
  await using bank = await openTestGateway();
  const [cnas, cacobatph] = [bank.clientOf('cnas'), bank.clientOf('cacobatph')];
  const [one, other] = [await cnas.put(path, asked), await cacobatph.put(path, { ...asked, nameFr: 'SARL Autre' })];
  expect([one.status, other.status]).toEqual([201, 201]);
  expect(kindOf(await cnas.get(`/v1/mandates/${idOf(other)}`))).toBe('mandate-not-found 404');
  // One that another creditor runs is named by nobody else.
  expect(kindOf(await cnas.put(`${path}-2`, { ...asked, replaces: idOf(other) }))).toBe('malformed 400');
  expect(bank.breaches).toEqual([]);
});

test('what can’t be asked is refused with every fault, and leaves no row and no name', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const faulty = await cnas.put(path, {
    ...asked,
    rib: '00500102444771278215',
    nameAr: 'El Hidhab',
    ceilings: { ...asked.ceilings, perPeriod: '100000.00' },
    validTo: addDays(today, -1),
  });
  expect(kindOf(faulty)).toBe('malformed 400');
  expect(faulty.json?.faults).toMatchObject([
    { pointer: '/rib' },
    { pointer: '/ceilings/perPeriod' },
    { pointer: '/validTo' },
    { pointer: '/validTo' },
    { pointer: '/nameAr' },
  ]);
  expect(kindOf(await cnas.put(path, { ...asked, rib: '00100102444771278214' }))).toBe('malformed 400');
  const { rows } = await bank.db.owner.query(
    'select jti from requests union all select kind from journal where subject_id is not null',
  );
  expect(rows).toEqual([]);
  expect((await cnas.put(path, asked)).status).toBe(201);
  expect(bank.breaches).toEqual([]);
});

test('a jti that was used for another request opens nothing', async () => {
  await using bank = await openMandateBank();
  const request = signedRequest(bank.desk.now(), {});
  const open = (reference: string) => openRequest(bank.desk, { reference, asked: hidhab, request });
  expect(await open('REQ-1')).toMatchObject({ outcome: 'OPENED', replayed: false });
  const elsewhere = { ...request, target: '/v1/authorisation-requests/REQ-2' };
  expect(await openRequest(bank.desk, { reference: 'REQ-2', asked: hidhab, request: elsewhere })).toEqual({
    outcome: 'JTI_REUSED',
  });
  const { rows } = await bank.db.owner.query('select from mandates');
  expect(rows).toHaveLength(1);
});

async function certified(bank: Awaited<ReturnType<typeof openTestGateway>>, cnas: Client, handOver: string) {
  const mandateId = idOf(await cnas.put(`/v1/authorisation-requests/R-${handOver || 'no'}`, asked));
  await changeDraft(bank.desk, { mandateId, ...officer, typed: { handOver } });
  await submitMandate(bank.desk, { mandateId, ...officer });
  const seenHash = (await showMandate(bank.desk.pool, mandateId, bank.desk.now()))?.mandate.contentHash ?? '';
  expect(await certifyMandate(bank.desk, { mandateId, ...supervisor, seenHash })).toMatchObject({ outcome: 'DONE' });
  return `/v1/mandates/${mandateId}`;
}

test('the creditor fetches the certificate by itself only where the employer consented to it on the form', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const handed = await certified(bank, cnas, 'yes');
  expect((await cnas.get(handed)).json).toMatchObject({ links: { certificate: `${handed}/certificate` } });
  const token = await cnas.get(`${handed}/certificate`);
  expect(token.headers['content-type']).toBe('application/jose');
  const kept = await certified(bank, cnas, '');
  expect((await cnas.get(kept)).json?.links).toEqual({ self: kept, debits: expect.any(String) });
  expect(kindOf(await cnas.get(`${kept}/certificate`))).toBe('mandate-certificate-not-found 404');
  expect(bank.breaches).toEqual([]);
});

test('a key without the scope of mandates opens nothing', async () => {
  await using bank = await openTestGateway();
  await bank.db.owner.query("update signing_keys set scopes = '{debits}'");
  expect(kindOf(await bank.clientOf('cnas').put(path, asked))).toBe('signature-scope 403');
  const { rows } = await bank.db.owner.query('select from mandates');
  expect(rows).toEqual([]);
});
