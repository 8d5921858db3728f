import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { freshDatabase } from '../../test/database.ts';
import { listsIn, loadRevocationLists, readRevocationList } from './crl.ts';

let folder = '';
let elsewhere = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-crl-'));
  elsewhere = path.join(folder, 'elsewhere');
  await ensureDevelopmentCertificates(folder);
  await ensureDevelopmentCertificates(elsewhere);
});
afterAll(() => rm(folder, { recursive: true }));

const authoritiesOf = async (of: string) => [new X509Certificate(await readFile(path.join(of, 'ca.pem')))];
const pemOf = (of: string) => readFile(path.join(of, 'crl.pem'));
const listOf = async (of: string) => listsIn(await pemOf(of))[0] ?? expect.fail();

test('a list is read with its dates and the serial numbers as the certificates have them', async () => {
  const revoked = new X509Certificate(await readFile(path.join(folder, 'revoked.pem')));
  const read = readRevocationList(await listOf(folder), await authoritiesOf(folder));
  expect(read).toMatchObject({
    outcome: 'READ',
    list: {
      issuer: 'C=DZ, O=CNAS debit gateway, CN=Development CA',
      revocations: [{ serialNumber: revoked.serialNumber.toLowerCase(), revokedAt: expect.any(Date) }],
    },
  });
});

test('a list of an authority that is not ours, or with one bit changed, is refused', async () => {
  expect(readRevocationList(await listOf(elsewhere), await authoritiesOf(folder)).outcome).toBe('REFUSED');
  const changed = Uint8Array.from(await listOf(folder));
  const at = changed.length - 10;
  changed[at] = (changed[at] ?? 0) ^ 1;
  expect(readRevocationList(changed, await authoritiesOf(folder)).outcome).toBe('REFUSED');
});

test('what is no list is refused and nothing is thrown', async () => {
  const authorities = await authoritiesOf(folder);
  const cut = (await listOf(folder)).slice(0, -20);
  for (const bytes of [Buffer.alloc(0), Buffer.from('no list'), Buffer.from([0x30, 0x80]), cut])
    expect(readRevocationList(bytes, authorities).outcome).toBe('REFUSED');
});

test('a delta is refused, and so is a list that does not say when the next one comes', async () => {
  const authorities = await authoritiesOf(folder);
  const delta = await signedList({ extensions: [new x509.Extension('2.5.29.27', true, Buffer.from([2, 1, 1]))] });
  expect(readRevocationList(delta, authorities)).toMatchObject({ detail: expect.stringContaining('delta') });
  const endless = await signedList({ nextUpdate: undefined });
  expect(readRevocationList(endless, authorities)).toMatchObject({ detail: expect.stringContaining('next') });
});

test('an empty list is read: it revokes nobody', async () => {
  const read = readRevocationList(await signedList({}), await authoritiesOf(folder));
  expect(read).toMatchObject({ outcome: 'READ', list: { revocations: [] } });
});

test('an expired list is read all the same: its next update is an alarm, not a stop', async () => {
  const nextUpdate = new Date('2026-02-01T00:00:00Z');
  const read = readRevocationList(await signedList({ nextUpdate }), await authoritiesOf(folder));
  expect(read).toMatchObject({ outcome: 'READ', list: { nextUpdate } });
});

test('a file may hold the lists of several authorities; one that is refused takes nothing from the others', async () => {
  await using db = await freshDatabase();
  const both = Buffer.concat([await pemOf(folder), await pemOf(elsewhere)]);
  const file = path.join(folder, 'both.pem');
  await writeFile(file, both);
  const [ours = expect.fail()] = await authoritiesOf(folder);
  const [theirs = expect.fail()] = await authoritiesOf(elsewhere);
  expect(await loadRevocationLists(db.gateway, { file, authorities: [ours] })).toMatchObject({ outcome: 'REFUSED' });
  const { rows } = await db.gateway.query('select count(*)::integer as kept from revoked_certificates');
  expect(rows).toEqual([{ kept: 1 }]);
  expect(await loadRevocationLists(db.gateway, { file, authorities: [ours, theirs] })).toMatchObject({
    outcome: 'LOADED',
    nextUpdate: expect.any(Date),
    added: 1,
  });
});

test('DER is read as well, and a file that is missing or empty is refused', async () => {
  await using db = await freshDatabase();
  const authorities = await authoritiesOf(folder);
  const file = path.join(folder, 'list.der');
  await writeFile(file, await listOf(folder));
  expect(await loadRevocationLists(db.gateway, { file, authorities })).toMatchObject({ outcome: 'LOADED', added: 1 });
  await writeFile(file, '');
  expect((await loadRevocationLists(db.gateway, { file, authorities })).outcome).toBe('REFUSED');
  const missing = path.join(folder, 'missing.pem');
  expect((await loadRevocationLists(db.gateway, { file: missing, authorities })).outcome).toBe('REFUSED');
});

/** A list of the development authority, with what the development PKI's own has not. */
async function signedList(parts: {
  extensions?: x509.Extension[];
  nextUpdate?: Date | undefined;
}): Promise<Uint8Array> {
  const [ca, key] = await Promise.all(
    ['ca.pem', 'ca-key.pem'].map((name) => readFile(path.join(folder, name), 'utf8')),
  );
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const { nextUpdate, ...others } = { nextUpdate: new Date('2030-01-01T00:00:00Z'), ...parts };
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(ca ?? '').subjectName,
    thisUpdate: new Date('2026-01-01T00:00:00Z'),
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...others,
    signingKey: createPrivateKey(key ?? '').toCryptoKey(signingAlgorithm, false, ['sign']),
    signingAlgorithm,
  });
  return new Uint8Array(list.rawData);
}
