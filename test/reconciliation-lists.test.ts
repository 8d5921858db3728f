import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readPrivateKey } from '../src/signing/private-key.ts';
import { signRequest } from '../src/signing/sign-request.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import { someoneWaits } from './database.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';

const today = algiersDay(new Date());
const header = 'endToEndId,amount,currency,declaration,employerNumber';

const faulty: readonly (readonly [string, string, string, unknown[]])[] = [
  [
    'CSV with a wrong amount and an unknown name',
    'text/csv',
    `date,${today}\n${header}\nA-1,1.00,DZD,,\nA-2,1.0,DZD,,12\n`,
    [
      { pointer: '/lines/1/amount', message: expect.stringMatching(/^line 4: is not an amount/) },
      { pointer: '/lines/1/employerNumber', message: 'line 4: is not ten digits' },
    ],
  ],
  [
    'CSV with a cell too many',
    'text/csv',
    `date,${today}\n${header}\nA-1,1.00,DZD,,,x\n`,
    [{ pointer: '/lines/0', message: 'line 3: has 6 cells, not 5' }],
  ],
  [
    'CSV with an open quote',
    'text/csv',
    `date,${today}\n${header}\n"A-1,1.00,DZD,,\n`,
    [{ pointer: '', message: expect.stringMatching(/^line \d: is no CSV record \(CSV_QUOTE_NOT_CLOSED\)$/) }],
  ],
  [
    'CSV without an amount',
    'text/csv',
    `date,${today}\nendToEndId,currency\nA-1,DZD\n`,
    [{ pointer: '', message: 'line 2: the header lacks amount' }],
  ],
  [
    'CSV of days that are none',
    'text/csv',
    `date,${today},x\n${header}\n`,
    [expect.objectContaining({ pointer: '/date' })],
  ],
  [
    'CSV that names a day twice',
    'text/csv',
    `date,${today},date,${addDays(today, -1)}\n${header}\n`,
    [{ pointer: '/date', message: 'line 1: this name stands twice' }],
  ],
  [
    'JSON that names a member twice',
    'application/json',
    `{"date":"${today}","lines":[\n{"endToEndId":"A","endToEndId":"B"}]}`,
    [{ pointer: '/lines/0/endToEndId', message: 'line 2: this name stands twice' }],
  ],
  [
    'JSON with two arrays',
    'application/json',
    `{"date":"${today}","lines":[],"lines":[]}`,
    [{ pointer: '/lines', message: 'this name stands twice' }],
  ],
  [
    'JSON with a comma too many',
    'application/json',
    `{"date":"${today}","lines":[{"endToEndId":"A","amount":"1.00","currency":"DZD"},]}`,
    [expect.objectContaining({ pointer: '/lines/1' })],
  ],
  [
    'JSON that ends early',
    'application/json',
    `{"date":"${today}","lines":[`,
    [expect.objectContaining({ pointer: '/lines/0' })],
  ],
  [
    'JSON lines with an amount as a number',
    'application/x-ndjson',
    `{"date":"${today}"}\n{"endToEndId":"A-1","amount":1,"currency":"EUR"}\n`,
    [
      { pointer: '/lines/0/amount', message: expect.stringMatching(/^line 2: is not an amount/) },
      { pointer: '/lines/0/currency', message: 'line 2: is not DZD' },
    ],
  ],
  [
    'a day that is not over today',
    'application/json',
    JSON.stringify({ from: today, to: addDays(today, 1), lines: [] }),
    [{ pointer: '/to', message: 'is after today' }],
  ],
];

test('each fault of a list is told with its line, and nothing is taken in', async () => {
  await using bank = await openTestGateway({ GATEWAY_LIST_BYTES: '2200000' });
  const cnas = bank.clientOf('cnas');
  for (const [what, type, body, faults] of faulty) {
    const reply = await cnas.putAs('/v1/reconciliations/FAULTY', Buffer.from(body), type);
    expect([what, reply.status, reply.json?.faults]).toEqual([what, 400, faults]);
  }
  const large = await cnas.putAs('/v1/reconciliations/LARGE', Buffer.alloc(2_200_001, 0x20), 'text/csv');
  expect([large.status, large.json?.type]).toEqual([413, expect.stringContaining('/payload-too-large')]);
  const png = await cnas.putAs('/v1/reconciliations/PNG', Buffer.from('x'), 'image/png');
  expect(png.status).toBe(415);
  const { rows } = await bank.db.owner.query(
    'select (select count(*) from reconciliations) as lists, (select count(*) from request_parts) as parts',
  );
  expect(rows).toEqual([{ lists: '0', parts: '0' }]);
  expect(bank.breaches).toEqual([]);
});

test('a CSV is read whichever way each of its lines ends', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const lines = Array.from({ length: 4_000 }, (_, at) => `A-${at},1.00,DZD,,`);
  const all = [`date,${today}`, header, ...lines];
  const mixed = all.map((line, at) => `${line}${at % 3 === 0 ? '\n' : '\r\n'}`).join('');
  const turned = all.map((line, at) => `${line}${at === 0 || at > 2_000 ? '\r\n' : '\n'}`).join('');
  for (const [name, body] of [
    ['MIXED', mixed],
    ['TURNED', turned],
    ['OLD', `date,${today}\r${header}\rA-1,1.00,DZD,,\r`],
  ] as const) {
    const reply = await cnas.putAs(`/v1/reconciliations/${name}`, Buffer.from(body), 'text/csv');
    expect([name, reply.status, reply.json?.faults]).toEqual([name, 202, undefined]);
  }
  const { rows } = await bank.db.owner.query<{ lines: number }>(
    'select expected_lines::int as lines from reconciliations order by reconciliation_id',
  );
  expect(rows.map((row) => row.lines).toSorted((one, other) => one - other)).toEqual([1, 4_000, 4_000]);
});

test('a list signed once is taken once, and bytes that are not what was signed are refused', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const send = await cnas.prepare('/v1/reconciliations/SIGNED', { date: today, lines: [] });
  const otherName = await cnas.prepare('/v1/reconciliations/OTHER', { date: today, lines: [] });
  expect((await send()).status).toBe(202);
  // The same signature again: the present state, and nothing new.
  expect((await send()).headers['idempotent-replayed']).toBe('true');
  expect((await otherName()).status).toBe(202);
  const signature = await signRequest({
    key: readSigningKey(bank),
    ...{ creditorCode: 'CNAS', issuer: bank.config.issuer, publicOrigin: bank.gateway.apiOrigin, method: 'PUT' },
    ...{ target: '/v1/reconciliations/FORGED', body: Buffer.from('signed'), now: new Date() },
  });
  const forged = await putBytes(bank, '/v1/reconciliations/FORGED', 'sent', signature);
  expect([forged.status, forged.type]).toEqual([401, expect.stringContaining('/signature-invalid')]);
  const { rows } = await bank.db.owner.query(
    "select count(*)::int as requests from requests where target like '%reconciliations%'",
  );
  expect(rows).toEqual([{ requests: 2 }]);
});

test('a list whose sending breaks off leaves nothing, and whole it is taken after that', async () => {
  await using bank = await openTestGateway();
  const lines = Array.from({ length: 50_000 }, (_, at) => `E-${at},1.00,DZD,,\n`).join('');
  const body = Buffer.from(`date,${today}\n${header}\n${lines}`);
  await breakOff(bank, '/v1/reconciliations/BROKEN', body);
  const held = async () => {
    const { rows } = await bank.db.owner.query(`
      select (select count(*)::int from reconciliations) as lists, (select count(*)::int from request_parts) as parts,
             (select count(*)::int from requests) as requests`);
    return rows;
  };
  expect(await held()).toEqual([{ lists: 0, parts: 0, requests: 0 }]);
  const send = () => bank.clientOf('cnas').putAs('/v1/reconciliations/BROKEN', body, 'text/csv');
  // Both at once: one is taken, the other is told of it.
  const both = await Promise.all([send(), send()]);
  expect(both.map(({ status }) => status)).toEqual([202, 202]);
  expect(both.map(({ headers }) => headers['idempotent-replayed'] ?? 'false').toSorted()).toEqual(['false', 'true']);
  expect(await held()).toEqual([{ lists: 1, parts: 1, requests: 1 }]);
  expect(bank.breaches).toEqual([]);
});

test('a connection is not cut for the silence in which the gateway itself reads and stores a list', async () => {
  await using bank = await openTestGateway({
    ...{ GATEWAY_CORE_CALL_SECONDS: '1', GATEWAY_STATEMENT_SECONDS: '3', GATEWAY_ANSWER_SECONDS: '3.1' },
    ...{ GATEWAY_KEEP_ALIVE_SECONDS: '1', GATEWAY_EVENT_WAIT_SECONDS: '1', GATEWAY_STALLED_SECONDS: '3.2' },
  });
  const [unlockRequests, unlockLists] = [await lock(bank, 'requests'), await lock(bank, 'reconciliations')];
  const sent = bank.clientOf('cnas').put('/v1/reconciliations/SLOW', { date: today, lines: [] });
  // Each statement is within its own limit, and both together are longer than a connection may stand still.
  const asked = sent.catch((fault: Error) => fault.message);
  const waits = () => expect.poll(() => someoneWaits(bank.db)).toBe(true);
  await waits();
  await pause(2_000);
  await unlockRequests();
  await waits();
  await pause(2_000);
  await unlockLists();
  expect(await asked).toMatchObject({ status: 202 });
  expect(bank.breaches).toEqual([]);
});

test('a list that came whole is taken in though its sender did not wait for the answer, and is told of when it is sent again', async () => {
  await using bank = await openTestGateway();
  const list = { date: today, lines: [{ endToEndId: 'L-1', amount: '1.00', currency: 'DZD' }] };
  const unlock = await lock(bank, 'reconciliations');
  const impatient = bank.clientOf('cnas');
  const sent = impatient.put('/v1/reconciliations/LEFT', list).catch(() => 'GONE');
  await expect.poll(() => someoneWaits(bank.db), { timeout: 20_000 }).toBe(true);
  impatient[Symbol.dispose]();
  expect(await sent).toBe('GONE');
  await unlock();
  const stored = () => bank.db.owner.query('select reference from reconciliations').then(({ rows }) => rows);
  await expect.poll(stored, { timeout: 20_000 }).toEqual([{ reference: 'LEFT' }]);
  const again = await bank.clientOf('cnas').put('/v1/reconciliations/LEFT', list);
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
});

/** Whoever writes to that table waits until this is ended. */
async function lock({ db }: TestGateway, table: string): Promise<() => Promise<void>> {
  const holder = await db.owner.connect();
  await holder.query(`begin; lock table ${table} in exclusive mode`);
  return async () => {
    await holder.query('rollback');
    holder.release();
  };
}

function readSigningKey({ certificates }: Pick<TestGateway, 'certificates'>) {
  const key = readPrivateKey(readFileSync(path.join(certificates, 'cnas-signing-key.pem'), 'utf8'));
  if ('outcome' in key && key.outcome === 'REFUSED') throw new Error(key.detail);
  return key;
}

/** Sends a body with a signature that is another's. */
function putBytes({ gateway, certificates }: TestGateway, target: string, body: string, signature: string) {
  const file = (name: string) => readFileSync(path.join(certificates, name));
  const headers = { 'Content-Type': 'text/csv', 'Request-Signature': signature };
  const tls = { ca: file('ca.pem'), cert: file('cnas.pem'), key: file('cnas-key.pem') };
  return new Promise<{ status: number | undefined; type: string }>((resolve, reject) => {
    const asked = request(new URL(target, gateway.apiOrigin), { method: 'PUT', headers, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, type: JSON.parse(Buffer.concat(chunks).toString()).type }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Sends the half of it and is gone. */
async function breakOff({ gateway, config, certificates }: TestGateway, target: string, body: Buffer): Promise<void> {
  const file = (name: string) => readFileSync(path.join(certificates, name));
  const signature = await signRequest({
    ...{ key: readSigningKey({ certificates }), creditorCode: 'CNAS', issuer: config.issuer, method: 'PUT' },
    ...{ publicOrigin: gateway.apiOrigin, target, body, now: new Date() },
  });
  const headers = {
    ...{ 'Content-Type': 'text/csv', 'Content-Length': String(body.length), 'Request-Signature': signature },
    Expect: '100-continue',
  };
  const tls = { ca: file('ca.pem'), cert: file('cnas.pem'), key: file('cnas-key.pem') };
  await new Promise<void>((resolve) => {
    const asked = request(new URL(target, gateway.apiOrigin), { method: 'PUT', headers, ...tls });
    asked.on('continue', () => asked.write(body.subarray(0, body.length / 2), () => asked.destroy()));
    asked.on('error', () => undefined);
    asked.on('close', () => resolve());
    asked.flushHeaders();
  });
}
