import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacobatph, cnas } from '../../test/bank.ts';
import { openTestAuthority, type TestCertificate } from '../../test/certificates.ts';
import { openReceiver, status } from '../../test/webhook-receiver.ts';
import type { Jws } from '../values/ids.ts';
import { parseNetworks } from './addresses.ts';
import { openClientCertificates } from './client-certificates.ts';
import { openPusher } from './push.ts';
import { parseWebhookUrl } from './webhook.ts';

const token = 'eyJh.eyJzIjoxfQ.c2ln' as Jws;
const loopback = parseNetworks('127.0.0.0/8,::1/128') ?? expect.fail();

async function openScene() {
  await using open = new AsyncDisposableStack();
  const authority = open.use(await openTestAuthority());
  const folder = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'webhook-certificates-')), (made) =>
    rm(made, { recursive: true }),
  );
  const put = async ({ certFile, keyFile }: TestCertificate, name: string) => {
    await copyFile(keyFile, path.join(folder, `${name}-key.pem`));
    await copyFile(certFile, path.join(folder, `${name}.pem`));
  };
  const shared = await authority.issue('shared', { use: 'client' });
  const faults: unknown[] = [];
  const closing = open.move();
  return {
    authority,
    folder,
    put,
    faults,
    certificates: () =>
      openClientCertificates({
        folder,
        others: { certificate: shared.certFile, key: shared.keyFile },
        onFault: (fault) => faults.push(fault),
      }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Pushes once to each of two creditors' receivers: what was presented to them. */
async function openTwoReceivers(clientOf: Awaited<ReturnType<typeof openClientCertificates>>) {
  await using open = new AsyncDisposableStack();
  const receivers = [open.use(await openReceiver()), open.use(await openReceiver())] as const;
  const pusher = open.use(openPusher({ answerSeconds: 5, connections: 4, allowed: loopback, clientOf }));
  const closing = open.move();
  return {
    async presented() {
      const names: (string | undefined)[] = [];
      for (const [position, creditor] of [cnas, cacobatph].entries()) {
        const receiver = receivers[position] ?? expect.fail();
        // A connection that is kept, so that a changed certificate needs another one.
        receiver.answerWith(status(204));
        const url = parseWebhookUrl(receiver.url) ?? expect.fail();
        const { received } = await pusher.push({ creditor, url, authorities: receiver.authority.pem }, token);
        names.push(received ? receiver.pushed.at(-1)?.client : 'not received');
      }
      return names;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

test('each receiver is presented its own certificate, and one without its own the shared one', async () => {
  await using scene = await openScene();
  await scene.put(await scene.authority.issue('for-cnas', { use: 'client' }), 'CNAS');
  await using receivers = await openTwoReceivers(await scene.certificates());
  expect(await receivers.presented()).toEqual(['for-cnas', 'shared']);
  await scene.put(await scene.authority.issue('for-cacobatph', { use: 'client' }), 'CACOBATPH');
  expect(await receivers.presented()).toEqual(['for-cnas', 'for-cacobatph']);
});

test('a certificate that was changed is presented from the next push on, without a restart', async () => {
  await using scene = await openScene();
  await scene.put(await scene.authority.issue('first', { use: 'client' }), 'CNAS');
  await using receivers = await openTwoReceivers(await scene.certificates());
  expect(await receivers.presented()).toEqual(['first', 'shared']);
  expect(await receivers.presented()).toEqual(['first', 'shared']);
  await scene.put(await scene.authority.issue('second', { use: 'client' }), 'CNAS');
  expect(await receivers.presented()).toEqual(['second', 'shared']);
  await rm(path.join(scene.folder, 'CNAS.pem'));
  expect(await receivers.presented()).toEqual(['shared', 'shared']);
  expect(scene.faults).toEqual([]);
});

test('files that can not be used change nothing, and are told of once', async () => {
  await using scene = await openScene();
  await scene.put(await scene.authority.issue('good', { use: 'client' }), 'CNAS');
  await using receivers = await openTwoReceivers(await scene.certificates());
  await copyFile(
    (await scene.authority.issue('keyless', { use: 'client' })).certFile,
    path.join(scene.folder, 'CNAS.pem'),
  );
  await writeFile(path.join(scene.folder, 'CACOBATPH.pem'), 'half a cert');
  expect(await receivers.presented()).toEqual(['good', 'shared']);
  expect(await receivers.presented()).toEqual(['good', 'shared']);
  expect(scene.faults).toHaveLength(2);
});

test('at the start they must be right, and named after creditors', async () => {
  await using scene = await openScene();
  await scene.put(await scene.authority.issue('any', { use: 'client' }), 'CNAS');
  await scene.put(await scene.authority.issue('other', { use: 'client' }), 'cnas');
  await expect(scene.certificates()).rejects.toThrow('cnas.pem is named after no creditor');
  await rm(path.join(scene.folder, 'cnas.pem'));
  await writeFile(path.join(scene.folder, 'CNAS-key.pem'), 'no key');
  await expect(scene.certificates()).rejects.toThrow();
});
