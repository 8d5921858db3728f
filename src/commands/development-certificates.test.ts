import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';

const clients = ['cacobatph', 'cnas', 'expired', 'revoked', 'unregistered'];
const names = [
  ...['ca.pem', 'ca-key.pem', 'crl.pem', 'server.pem', 'server-key.pem'],
  ...['core-bank', 'core-bank-client'].flatMap((name) => [`${name}.pem`, `${name}-key.pem`]),
  ...clients.flatMap((name) => [`${name}.pem`, `${name}-key.pem`, `${name}.p12`, `${name}-signing-key.pem`]),
].sort();

test('two programs that start at once make each file once, for their owner alone; a third makes nothing', async () => {
  await using folder = await emptyFolder();
  const both = await Promise.all([
    ensureDevelopmentCertificates(folder.path),
    ensureDevelopmentCertificates(folder.path),
  ]);
  expect(both.map((made) => made.length).sort()).toEqual([0, names.length]);
  expect((await readdir(folder.path)).sort()).toEqual(names);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  for (const name of names) expect((await stat(path.join(folder.path, name))).mode & 0o777).toBe(0o600);
  expect(await ensureDevelopmentCertificates(folder.path)).toEqual([]);
});

test('what is missing, broken or nearly over is made anew with what hangs on it, and the rest is kept', async () => {
  await using folder = await emptyFolder();
  const file = (name: string) => path.join(folder.path, name);
  await ensureDevelopmentCertificates(folder.path);
  await rm(file('cnas-signing-key.pem'));
  await writeFile(file('cacobatph.pem'), 'broken');
  expect((await ensureDevelopmentCertificates(folder.path)).sort()).toEqual([
    ...['cacobatph-key.pem', 'cacobatph.p12', 'cacobatph.pem', 'cnas-signing-key.pem'],
  ]);
  await rm(file('revoked-key.pem'));
  const made = await ensureDevelopmentCertificates(folder.path);
  expect(made.sort()).toEqual(['crl.pem', 'revoked-key.pem', 'revoked.p12', 'revoked.pem']);
  const inThirteenMonths = new Date(Date.now() + 390 * 86_400_000);
  const renewed = await ensureDevelopmentCertificates(folder.path, inThirteenMonths);
  expect(renewed.filter((name) => name.startsWith('ca') && !name.startsWith('cacobatph'))).toEqual([]);
  expect(renewed).toContain('server.pem');
  expect(renewed).toContain('crl.pem');
  expect(renewed).not.toContain('expired.pem');
});

test('a new authority makes everything that it signs anew, and no signing key', async () => {
  await using folder = await emptyFolder();
  await ensureDevelopmentCertificates(folder.path);
  await rm(path.join(folder.path, 'ca-key.pem'));
  const made = await ensureDevelopmentCertificates(folder.path);
  expect(made.sort()).toEqual(names.filter((name) => !name.endsWith('-signing-key.pem')));
  const authority = new X509Certificate(await readFile(path.join(folder.path, 'ca.pem')));
  for (const name of ['server', 'core-bank', 'core-bank-client', ...clients]) {
    const certificate = new X509Certificate(await readFile(path.join(folder.path, `${name}.pem`)));
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  }
});

test('a program that was killed while it made them holds nobody up', async () => {
  await using folder = await emptyFolder();
  // No process has this number: it is above the kernel's own limit.
  await writeFile(path.join(folder.path, '.held'), '4194305');
  expect(await ensureDevelopmentCertificates(folder.path)).toHaveLength(names.length);
});

async function emptyFolder(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-certificates-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
