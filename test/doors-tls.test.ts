import { X509Certificate } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { openTestAuthority } from './certificates.ts';
import { openTestDoor, registeredClient } from './door.ts';
import { ask, connect, get, kindOf } from './wire.ts';

const connection = get('/v1/connection');
const hours = (count: number) => new Date(Date.now() + count * 3_600_000);

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken with a registered client certificate', async (version) => {
  await using door = await openTestDoor();
  for (const key of ['P-256', 'RSA-2048'] as const) {
    const client = await door.authority.issue(key, { key });
    const answer = await ask(door, connection, { minVersion: version, maxVersion: version, client });
    expect(answer).toMatchObject({ status: 200 });
  }
  expect(door.refusals).toEqual([]);
});

test('a connection without a client certificate ends in the handshake', async () => {
  await using door = await openTestDoor();
  expect(await ask(door, connection, { client: undefined })).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  expect(door.refusals).toEqual(['no-certificate']);
});

test.each([
  ['has expired', { notBefore: hours(-2), notAfter: hours(-1) }, 'expired'],
  ['is not valid yet', { notBefore: hours(1) }, 'not-yet-valid'],
  ["is a server's", { use: 'server' }, 'wrong-usage'],
  ['does not say what it is for', { use: 'nothing said' }, 'wrong-usage'],
  ['has an RSA key of 1024 bits', { key: 'RSA-1024' }, 'weak-key'],
  ['has a key of another kind', { key: 'Ed25519' }, 'weak-key'],
] as const)('a client certificate that %s is refused, in both versions of TLS', async (_what, wish, reason) => {
  await using door = await openTestDoor();
  const client = await door.authority.issue('other', wish);
  // Security level 0, or our own side would not even present a weak key.
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const)
    expect(typeof (await ask(door, connection, { client, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }))).toBe('string');
  expect(door.refusals).toEqual([reason, reason]);
  expect(door.observations).toEqual([]);
});

test('a client certificate of another authority is refused, though it has the same name', async () => {
  await using door = await openTestDoor();
  await using other = await openTestAuthority();
  const answer = await ask(door, connection, { client: await other.issue('client') });
  expect(typeof answer).toBe('string');
  expect(door.refusals).toEqual(['untrusted']);
});

test.each([
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ['a CBC suite', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
  ['a suite without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
  ['ChaCha20', { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ['P-521', { minVersion: 'TLSv1.3', ecdhCurve: 'P-521' }],
  ['HTTP/2 alone', { ALPNProtocols: ['h2'] }],
] as const)('%s is not spoken', async (_what, options) => {
  await using door = await openTestDoor();
  const wish = { ...options, ...('ALPNProtocols' in options ? { ALPNProtocols: [...options.ALPNProtocols] } : {}) };
  expect(typeof (await ask(door, connection, wish))).toBe('string');
  expect(door.refusals).toEqual(['protocol']);
});

test.each(['X25519MLKEM768', 'X25519', 'P-256', 'P-384'])('the group %s is spoken', async (ecdhCurve) => {
  await using door = await openTestDoor();
  expect(kindOf(await ask(door, connection, { minVersion: 'TLSv1.3', ecdhCurve }))).toBe('200');
});

test('nobody renegotiates', async () => {
  await using door = await openTestDoor();
  using wire = await connect(door, { maxVersion: 'TLSv1.2' });
  const outcome = new Promise((resolve) => wire.socket.renegotiate({}, (error) => resolve(error ?? 'RENEGOTIATED')));
  expect(await Promise.race([outcome, wire.ended])).not.toBe('RENEGOTIATED');
});

test('a handshake that does not come is given up, and counted', async () => {
  await using door = await openTestDoor({ limits: { handshakeSeconds: 0.1 } });
  const socket = net.connect(door.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('close', resolve).on('error', resolve));
  expect(door.refusals).toEqual(['timeout']);
});

const refusals = [
  ['UNREGISTERED', 'certificate-unregistered 403'],
  ['WITHDRAWN', 'certificate-withdrawn 403'],
  ['REVOKED', 'certificate-revoked 403'],
  ['EXPIRED', 'certificate-expired 403'],
] as const;

test.each(refusals)('a client that is %s is cut off on its open connection, with the reason', async (outcome, kind) => {
  await using door = await openTestDoor();
  using wire = await connect(door);
  wire.say(connection);
  expect(kindOf(await wire.answer())).toBe('200');
  door.setRegistry({ outcome });
  wire.say(connection);
  expect(kindOf(await wire.answer())).toBe(kind);
  door.setRegistry(registeredClient());
  wire.say(connection);
  expect(kindOf(await wire.answer())).toBe('200');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a resumed session of %s is looked up like any other, by the same thumbprint',
  async (version) => {
    const asked: string[] = [];
    await using door = await openTestDoor({
      authenticate: async (thumbprint) => {
        asked.push(thumbprint);
        return asked.length === 1 ? registeredClient() : { outcome: 'REVOKED' };
      },
    });
    const wish = { minVersion: version, maxVersion: version };
    using first = await connect(door, wish);
    first.say(connection);
    expect(kindOf(await first.answer())).toBe('200');
    using second = await connect(door, { ...wish, session: first.session() });
    second.say(connection);
    expect(kindOf(await second.answer())).toBe('certificate-revoked 403');
    expect(second.socket.isSessionReused()).toBe(true);
    const { fingerprint256 } = new X509Certificate(door.client.cert);
    const thumbprint = fingerprint256.replaceAll(':', '').toLowerCase();
    expect(asked).toEqual([thumbprint, thumbprint]);
  },
);

test('headers that claim who is calling change nothing', async () => {
  const asked: string[] = [];
  await using door = await openTestDoor({
    authenticate: async (thumbprint) => {
      asked.push(thumbprint);
      return registeredClient();
    },
  });
  const claims = {
    'X-Forwarded-For': '10.0.0.1',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': 'evil.example',
    'X-SSL-Client-Verify': 'SUCCESS',
    'X-SSL-Client-Cert': 'MIIB',
    'X-SSL-Client-Fingerprint': 'f'.repeat(64),
    'X-ARR-ClientCert': 'MIIB',
    'Client-Cert': ':MIIB:',
    Forwarded: 'for=10.0.0.1;proto=http',
  };
  expect(kindOf(await ask(door, get('/v1/connection', claims)))).toBe('200');
  expect(await ask(door, get('/v1/connection', claims), { client: undefined })).toMatch(/^ERR_SSL/);
  expect(new Set(asked)).toEqual(new Set([thumbprintOf(door.client.cert)]));
  expect(asked).toHaveLength(1);
});

test('a new certificate, key and authority are taken up without a restart, and open connections go on', async () => {
  const read = Promise.withResolvers<void>();
  await using door = await openTestDoor({ onReload: (outcome) => outcome === 'READ' && read.resolve() });
  using open = await connect(door);
  open.say(connection);
  expect(kindOf(await open.answer())).toBe('200');
  const session = open.session();
  // Written over the old ones, one after the other, as an operator would; nobody calls reload.
  const fresh = await door.authority.issue('fresh', { use: 'server' });
  await using other = await openTestAuthority();
  await copyFile(fresh.certFile, door.server.certFile);
  await copyFile(fresh.keyFile, door.server.keyFile);
  const bundle = `${other.pem}\n`;
  await writeFile(door.authority.file, bundle);
  await read.promise;
  open.say(connection);
  expect(kindOf(await open.answer())).toBe('200');
  // The old authority's clients no longer come in, not even by a session that it had vouched for.
  expect(typeof (await ask(door, connection))).toBe('string');
  expect(typeof (await ask(door, connection, { session }))).toBe('string');
  using newcomer = await connect(door, { client: await other.issue('newcomer') });
  expect(presented(newcomer.socket)).toBe(thumbprintOf(fresh.cert));
  newcomer.say(connection);
  expect(kindOf(await newcomer.answer())).toBe('200');
  expect(newcomer.socket.getCipher().name).toMatch(/^TLS_AES/);
  expect(typeof (await ask(door, connection, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }))).toBe(
    'string',
  );
});

test.each([
  ['an authority file without a certificate', 'clientAuthorities', ''],
  [
    'an authority file with something broken',
    'clientAuthorities',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  ],
  ["an authority file with a client's certificate", 'clientAuthorities', 'CLIENT'],
  ['a certificate that is none', 'certificate', 'no certificate'],
  ['a key of another certificate', 'key', 'OTHER KEY'],
] as const)('%s leaves the old ones working, and is counted', async (_what, part, content) => {
  await using door = await openTestDoor();
  const other = await door.authority.issue('other', { use: 'server' });
  const files = { clientAuthorities: door.authority.file, certificate: door.server.certFile, key: door.server.keyFile };
  const text = content === 'CLIENT' ? door.client.cert : content === 'OTHER KEY' ? other.key : content;
  await writeFile(files[part], text);
  door.door.reload();
  expect(door.reloads).toEqual(['BROKEN']);
  using wire = await connect(door);
  expect(presented(wire.socket)).toBe(thumbprintOf(door.server.cert));
  wire.say(connection);
  expect(kindOf(await wire.answer())).toBe('200');
  expect(typeof (await ask(door, connection, { client: undefined }))).toBe('string');
});

test('SIGHUP has the files read again, and a door that is closed no longer listens to it', async () => {
  const reloads: string[] = [];
  {
    await using door = await openTestDoor({ onReload: (outcome) => reloads.push(outcome) });
    process.emit('SIGHUP', 'SIGHUP');
    expect(reloads).toEqual(['READ']);
    expect(kindOf(await ask(door, connection))).toBe('200');
  }
  expect(process.listenerCount('SIGHUP')).toBe(0);
});

test('a door does not open without a certificate of its own and an authority', async () => {
  await using authority = await openTestAuthority();
  const nothing = path.join(authority.folder, 'nothing.pem');
  await writeFile(nothing, '');
  await expect(
    openTestDoor({ tls: { certificate: nothing, key: nothing, clientAuthorities: authority.file } }),
  ).rejects.toThrow();
  const server = await authority.issue('server', { use: 'server' });
  await expect(
    openTestDoor({ tls: { certificate: server.certFile, key: server.keyFile, clientAuthorities: nothing } }),
  ).rejects.toThrow('holds no certificate');
});

test('the door tells until when its certificate is valid', async () => {
  await using door = await openTestDoor();
  expect(door.door.certificateNotAfter()).toEqual(new X509Certificate(door.server.cert).validToDate);
});

const thumbprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

const presented = (socket: TLSSocket): string | undefined =>
  socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
