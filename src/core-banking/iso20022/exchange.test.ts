import { X509Certificate } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { statusReport } from '../../../test/bus-answers.ts';
import { openMisbehavingBus } from '../../../test/misbehaving-bus.ts';
import { openBusConnection } from './exchange.ts';

test('a bus that is not there leaves doubt, and so does one of another authority', async () => {
  await using bus = await openMisbehavingBus();
  await using other = await openMisbehavingBus();
  const settings = { connections: 1, answerBytes: 1000 };
  const until = AbortSignal.timeout(5000);
  const nowhere = { origin: 'https://localhost:1', files: bus.files, ...settings };
  const foreign = { origin: bus.origin, files: other.files, ...settings };
  for (const wish of [nowhere, foreign]) {
    const connection = await openBusConnection(wish);
    expect(await connection.exchange({ path: '/messages', body: Buffer.from('x') }, until)).toMatchObject({
      outcome: 'NOT_CONNECTED',
    });
    connection.close();
  }
  expect(bus.seen).toEqual([]);
});

test('a bus that has another name than it was called by is not spoken to', async () => {
  await using bus = await openMisbehavingBus();
  const { authority } = bus;
  const elsewhere = await authority.issue('gateway');
  const connection = await openBusConnection({
    origin: bus.origin.replace('localhost', '127.0.0.2'),
    files: { authorities: authority.file, certificate: elsewhere.certFile, key: elsewhere.keyFile },
    connections: 1,
    answerBytes: 1000,
  });
  const exchange = await connection.exchange({ path: '/messages', body: Buffer.from('x') }, AbortSignal.timeout(5000));
  expect(exchange.outcome).toBe('NOT_CONNECTED');
  expect(bus.seen).toEqual([]);
  expect(connection.certificateNotAfter()).toEqual(new X509Certificate(elsewhere.cert).validToDate);
  connection.close();
});

test('a certificate that was renewed is shown from the next connection on, and a broken file leaves the old one', async () => {
  await using bus = await openMisbehavingBus();
  bus.answer = ({ messageId }) => statusReport(messageId, []);
  const connection = await openBusConnection({
    origin: bus.origin,
    files: bus.files,
    connections: 2,
    answerBytes: 9999,
  });
  const ask = () => connection.exchange({ path: '/messages', body: Buffer.from('x') }, AbortSignal.timeout(5000));
  expect((await ask()).outcome).toBe('ANSWERED');
  expect(await connection.refresh()).toBe(false);
  const next = await bus.authority.issue('renewed');
  await copyFile(next.certFile, bus.files.certificate);
  await expect(connection.refresh()).rejects.toThrow('is not the key of');
  expect((await ask()).outcome).toBe('ANSWERED');
  await copyFile(next.keyFile, bus.files.key);
  expect(await connection.refresh()).toBe(true);
  expect((await ask()).outcome).toBe('ANSWERED');
  expect(bus.connections()).toBe(2);
  await writeFile(bus.files.authorities, 'nothing');
  await expect(connection.refresh()).rejects.toThrow('holds no certificate');
  connection.close();
});
