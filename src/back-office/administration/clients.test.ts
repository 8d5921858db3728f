import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice, type Visitor } from '../../../test/back-office.ts';
import { ribOf } from '../../../test/ledger-bank.ts';
import { thumbprintOfCertificate } from '../../clients/certificates.ts';
import { signRegistration } from '../../clients/registration-record.ts';
import { openAccounts } from '../../core-banking/accounts.ts';
import { readPrivateKey } from '../../signing/private-key.ts';
import { parseCreditorCode } from '../../values/ids.ts';

const cnas = parseCreditorCode('CNAS') ?? expect.fail();
let office: TestBackOffice;
let lina: Visitor;
let omar: Visitor;

beforeAll(async () => {
  office = await openTestBackOffice();
});
afterAll(() => office[Symbol.asyncDispose]());
beforeEach(async () => {
  lina = await office.signIn('administrator-lina');
  omar = await office.signIn('administrator-omar');
});

const hidden = (body: string, name: string): string => {
  const [, value = ''] = new RegExp(`name="${name}" value="([^"]*)"`).exec(body) ?? [];
  return value.replaceAll('&#x3D;', '=').replaceAll('&#61;', '=');
};

/** Approves what `proposed` leads to; answers the page that follows. */
async function decide(person: Visitor, proposal: string, more: Record<string, string> = {}) {
  const seen = hidden((await person.get(proposal)).body, 'seen');
  return person.post(`${proposal}/approval`, { seen, ...more });
}

const certificates = '/administration/creditors/CNAS/certificates';

test('a certificate serves and is refused at once, each time by two people', async () => {
  const pem = await readFile(path.join(office.certificates, 'unregistered.pem'));
  const thumbprint = thumbprintOfCertificate(new X509Certificate(pem));
  const client = office.clientOf('unregistered', 'CNAS');
  expect((await client.get('/v1/connection')).status).toBe(403);
  const file = { name: 'unregistered.pem', type: 'application/x-pem-file', bytes: new Uint8Array(pem) };
  const preview = await lina.post(`${certificates}/new`, {}, { files: { file } });
  expect(preview.status).toBe(200);
  expect(preview.body).toContain(thumbprint.slice(0, 8));
  const fields = { pem: pem.toString(), confirmed: thumbprint };
  expect((await lina.post(`${certificates}/new`, fields)).status).toBe(422);
  const registration =
    (await lina.post(`${certificates}/new`, { ...fields, reason: 'For 2027' })).location?.pathname ?? '';
  expect(registration).toMatch(/^\/approvals\//);
  expect((await decide(lina, registration)).status).toBe(409);
  expect((await client.get('/v1/connection')).status).toBe(403);
  expect((await decide(omar, registration)).status).toBe(303);
  expect((await client.get('/v1/connection')).status).toBe(200);
  const leaving = await omar.post(`${certificates}/${thumbprint}/withdrawal`, { reason: 'Key lost' });
  expect((await client.get('/v1/connection')).status).toBe(200);
  expect((await decide(lina, leaving.location?.pathname ?? '')).status).toBe(303);
  expect((await client.get('/v1/connection')).json).toMatchObject({
    ...{ status: 403, type: expect.stringContaining('certificate-withdrawn') },
  });
});

test('a private key, an authority and a text are refused as certificates, and never shown again', async () => {
  await lina.open('/administration?language=fr');
  for (const [name, said] of [
    ['cnas-key', 'clé privée'],
    ['ca', 'd’une autorité'],
    ['crl', 'pas un certificat'],
  ] as const) {
    const pem = await readFile(path.join(office.certificates, `${name}.pem`), 'utf8');
    const answer = await lina.post(`${certificates}/new`, { pem });
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(said);
    expect(answer.body).not.toContain('-----BEGIN');
  }
});

test("a signing key is registered with the creditor's own record, by two people", async () => {
  const pem = String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const key = readPrivateKey(pem);
  if (key.outcome === 'REFUSED') return expect.fail(key.detail);
  const publicKey = String(createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
  const { issuer } = office.config;
  const record = await signRegistration(key, { creditorCode: cnas, issuer, scopes: ['debits'], now: new Date() });
  const keys = '/administration/creditors/CNAS/signing-keys';
  const fields = { publicKey, record, validFrom: '2026-01-01', validUntil: '2099-01-01' };
  expect((await lina.post(`${keys}/new`, { ...fields, record: `${record}x` })).status).toBe(422);
  const preview = await lina.post(`${keys}/new`, fields);
  expect(preview.body).toContain(key.kid);
  const asked = { ...fields, confirmed: key.kid, reason: 'Rotation' };
  const proposal = (await lina.post(`${keys}/new`, asked)).location?.pathname ?? '';
  // It vouches for itself: who approves it types what the creditor gave by another way, and is not shown it before.
  expect((await omar.get(proposal)).body).not.toContain(key.kid);
  expect((await omar.get('/approvals')).body).not.toContain(key.kid);
  expect((await lina.get(proposal)).body).toContain(key.kid);
  const other = `${key.kid.startsWith('A') ? 'B' : 'A'}${key.kid.slice(1)}`;
  for (const compared of ['', key.kid.slice(0, 8), other, `${key.kid}A`])
    expect((await decide(omar, proposal, { compared })).status, compared).toBe(422);
  expect((await lina.get(proposal)).body).toContain(key.kid);
  const compared = `${key.kid.slice(0, 8)} ${key.kid.slice(8, 16)}`;
  expect((await decide(omar, proposal, { compared })).status).toBe(303);
  expect((await omar.get(proposal)).body).toContain(key.kid);
  const kept = await lina.get(`${keys}/${key.kid}/record`);
  expect(kept.body).toBe(record);
  const connection = await office.clientOf('cnas').get('/v1/connection');
  expect(connection.bytes.toString()).toContain(key.kid);
});

test('a creditor and its account are looked up at the core before anything is proposed', async () => {
  const account = ribOf(777_001);
  const typed = {
    code: 'CASNOS',
    nameFr: 'Caisse des non-salariés',
    nameAr: 'صندوق غير الأجراء',
    rib: account,
    reason: 'New',
  };
  expect((await lina.post('/administration/creditors/new', typed)).status).toBe(422);
  await openAccounts(office.db.ledger, [{ rib: account, holder: 'CASNOS', kind: 'COLLECTION', openingBalance: 0n }]);
  const proposal = (await lina.post('/administration/creditors/new', typed)).location?.pathname ?? '';
  expect((await decide(omar, proposal)).status).toBe(303);
  expect((await lina.get('/administration/creditors/CASNOS')).status).toBe(200);
  const path = '/administration/creditors/CASNOS/account';
  expect((await lina.post(path, { rib: account })).status).toBe(422);
  const other = ribOf(777_002);
  await openAccounts(office.db.ledger, [{ rib: other, holder: 'CASNOS 2', kind: 'COLLECTION', openingBalance: 0n }]);
  expect((await lina.post(path, { rib: other })).body).toContain('CASNOS 2');
  const change = await lina.post(path, { rib: other, confirmed: 'yes', reason: 'Moved' });
  // Whose account it is was read by who typed the RIB, and is by who looks at the proposal.
  const read = async (actor: string) =>
    (await office.db.owner.query("select from journal where kind = 'account.read' and actor = $1", [actor])).rowCount;
  expect(await read('administrator-lina')).toBe(1);
  const before = await read('administrator-omar');
  await omar.get(change.location?.pathname ?? '');
  expect(await read('administrator-omar')).toBe((before ?? 0) + 1);
  // Its debits are not stopped.
  expect((await decide(omar, change.location?.pathname ?? '')).status).toBe(409);
});

test('the calendar changes by two people', async () => {
  const typed = {
    day: '2099-03-22',
    nameFr: 'Aïd el-Fitr',
    nameAr: 'عيد الفطر',
    source: 'Communiqué',
    reason: 'Announced',
  };
  expect((await lina.post('/administration/calendar/feasts/new', { ...typed, day: '2020-01-01' })).status).toBe(422);
  const proposal = (await lina.post('/administration/calendar/feasts/new', typed)).location?.pathname ?? '';
  expect((await lina.get('/administration/calendar')).body).not.toContain('2099-03-22');
  expect((await decide(omar, proposal)).status).toBe(303);
  expect((await lina.get('/administration/calendar')).body).toContain('2099-03-22');
  const week = { fromDay: '2099-01-01', 'weekend-6': 'yes', 'weekend-7': 'yes', source: 'Décret', reason: 'Decided' };
  expect((await lina.post('/administration/calendar/weeks/new', week)).status).toBe(303);
  const core = { fromDay: '2099-01-01', closesAt: '23:00', opensAt: '1h', source: 'DSI', reason: 'Decided' };
  expect((await lina.post('/administration/calendar/core/new', core)).status).toBe(422);
  expect((await lina.post('/administration/calendar/core/new', { ...core, opensAt: '01:00' })).status).toBe(303);
});

test('only an administrator changes, only who has a look looks, and keys ask for a fresh sign-in', async () => {
  const officer = await office.signIn('officer-nadia');
  expect((await officer.get('/administration')).status).toBe(403);
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get('/administration/creditors/CNAS')).status).toBe(200);
  expect((await auditor.get('/administration/keys')).status).toBe(200);
  expect((await auditor.get(`${certificates}/new`)).status).toBe(403);
  expect((await auditor.post(`${certificates}/new`, { pem: 'x' })).status).toBe(403);
  expect((await lina.get(`${certificates}/new`)).status).toBe(200);
  office.moveTime(301);
  expect((await lina.get(`${certificates}/new`)).location?.pathname).toBe('/sign-in');
  office.moveTime(0);
});

test('each table is a file for a spreadsheet too, with its mark and no formula', async () => {
  for (const [path, cell] of [
    ['/administration/creditors/export', '"\'00500100100000000136"'],
    [`${certificates}/export`, '"C=DZ, O=CNAS, CN=cnas"'],
    ['/administration/creditors/CNAS/signing-keys/export', '"ES256"'],
    ['/administration/calendar/export', '"Loi 63-278 modifiée"'],
    ['/stops/export', '"'],
  ] as const) {
    const file = await lina.get(path);
    expect(file.status, path).toBe(200);
    expect(file.bytes.subarray(0, 3).toString('hex'), path).toBe('efbbbf');
    expect(file.body, path).toContain(cell);
  }
  const nadia = await office.signIn('officer-nadia');
  expect((await nadia.get('/administration/creditors/export')).status).toBe(403);
});

test('whatever is decided of keys and clients asks for a fresh sign-in, a refusal and a withdrawal too', async () => {
  const path = '/administration/creditors/CNAS/certificates';
  const thumbprint = thumbprintOfCertificate(new X509Certificate(await readFile(`${office.certificates}/cnas.pem`)));
  const asked = await lina.post(`${path}/${thumbprint}/withdrawal`, { reason: 'Key lost' });
  const proposal = asked.location?.pathname ?? '';
  office.moveTime(400);
  for (const [person, act] of [
    [omar, 'refusal'],
    [omar, 'approval'],
    [lina, 'withdrawal'],
  ] as const) {
    const sent = await person.post(`${proposal}/${act}`, { remark: 'Not so' });
    expect(sent.status, act).toBe(303);
    expect(sent.location?.pathname, act).toBe('/sign-in');
    expect(sent.location?.search, act).toContain('fresh=1');
  }
  office.moveTime(0);
  expect((await lina.post(`${proposal}/withdrawal`)).location?.pathname).toBe(proposal);
});
