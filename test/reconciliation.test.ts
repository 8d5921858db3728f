import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../src/commands/sample-employers.ts';
import { readContract } from '../src/contract/contract-document.ts';
import { openValidation } from '../src/contract/validation.ts';
import { publicKeySet, readKeyFolder } from '../src/signing/keys.ts';
import { readPrivateKey } from '../src/signing/private-key.ts';
import { signRequest } from '../src/signing/sign-request.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import { insertMandate, must } from './bank.ts';
import { someoneWaits } from './database.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { insertSettledDebits } from './settled-debits.ts';

const today = algiersDay(new Date());
const header = 'endToEndId,amount,currency,declaration,employerNumber';

/** A gateway whose clock the test puts on: what happened today is then of a day that has ended. */
async function openGatewayOfTomorrow(settings: Record<string, string> = {}) {
  let ahead = 0;
  const bank = await openTestGateway(settings, {
    wrapClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + ahead) }),
  });
  return {
    bank,
    tomorrow() {
      ahead = 86_400_000;
    },
  };
}

async function debits(bank: TestGateway, amounts: Record<string, string>): Promise<string> {
  const { employerNumber } = must((await readSampleEmployers())[1]);
  const mandateId = await insertMandate(bank.db, new Date(), { employerNumber });
  const cnas = bank.clientOf('cnas');
  for (const [name, amount] of Object.entries(amounts)) {
    const declaration = { reference: `DAC-${name}`, declaredAmount: amount };
    const order = { mandateId, employerNumber, amount, currency: 'DZD', declaration };
    const { status } = await cnas.put(`/v1/debits/${name}`, order);
    expect([201, 402]).toContain(status);
  }
  return employerNumber;
}

const matched = async (bank: TestGateway, reference: string) => {
  const cnas = bank.clientOf('cnas');
  const path = `/v1/reconciliations/${reference}`;
  await expect.poll(async () => (await cnas.get(path)).json?.state, { timeout: 60_000 }).toBe('MATCHED');
  return must((await cnas.get(path)).json);
};

test('a list is matched against the statement of its day: each outcome with its lines, figures and a signed summary', async () => {
  const { bank, tomorrow } = await openGatewayOfTomorrow();
  await using _ = bank;
  const cnas = bank.clientOf('cnas');
  const employerNumber = await debits(bank, {
    'R-1': '1000.00',
    'R-2': '2000.00',
    'R-3': '999999.00',
    'R-4': '4000.00',
    'R-5': '5000.00',
  });
  expect(
    (await cnas.put('/v1/debits/R-5/reversal', { attempt: 1, reason: 'declaration-corrected' })).status,
  ).toBeLessThan(300);
  const list = {
    date: today,
    lines: [
      { endToEndId: 'R-1', amount: '1000.00', currency: 'DZD', declaration: 'DAC-R-1', employerNumber },
      { endToEndId: 'R-2', amount: '2000.01', currency: 'DZD' },
      { endToEndId: 'R-3', amount: '999999.00', currency: 'DZD' },
      { endToEndId: 'R-9', amount: '9.00', currency: 'DZD' },
      { endToEndId: 'R-1', amount: '1000.00', currency: 'DZD' },
      { endToEndId: 'R-5', amount: '5000.00', currency: 'DZD' },
    ],
  };
  const taken = await cnas.put('/v1/reconciliations/REC-1', list);
  expect([taken.status, taken.headers.location]).toEqual([202, '/v1/reconciliations/REC-1']);
  expect(taken.json).toMatchObject({ state: 'RECEIVED', expected: { count: 6, amount: '1009008.01' }, compared: 0 });
  const early = await cnas.get('/v1/reconciliations/REC-1/lines');
  expect([early.status, early.json?.type]).toEqual([409, expect.stringContaining('reconciliation-not-matched')]);

  const again = await cnas.put('/v1/reconciliations/REC-1', list);
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
  const other = await cnas.put('/v1/reconciliations/REC-1', { ...list, lines: [] });
  expect([other.status, other.json?.type]).toEqual([409, expect.stringContaining('/reconciliation-conflict')]);
  const foreign = bank.clientOf('cacobatph');
  expect((await foreign.get('/v1/reconciliations/REC-1')).status).toBe(404);
  expect((await foreign.get('/v1/reconciliations/REC-1/lines')).status).toBe(404);

  tomorrow();
  const found = await matched(bank, 'REC-1');
  expect(found.compared).toBe(6);
  expect(found.figures).toEqual({
    expected: { count: 6, amount: '1009008.01' },
    settled: { count: 4, amount: '12000.00' },
    matched: { count: 2, amount: '6000.00' },
    differing: { count: 1, expectedAmount: '2000.01', settledAmount: '2000.00' },
    missing: { count: 2, amount: '1000008.00' },
    repeated: { count: 1, amount: '1000.00' },
    unexpected: { count: 1, amount: '4000.00' },
    reversed: { count: 1, amount: '5000.00' },
  });
  const page = await cnas.get('/v1/reconciliations/REC-1/lines', 'application/json');
  const lines = must(page.json).lines as Record<string, unknown>[];
  expect(lines.map(({ endToEndId, line, outcome, state }) => [endToEndId, line, outcome, state])).toEqual([
    ['R-1', 1, 'MATCHED', 'SETTLED'],
    ['R-1', 5, 'REPEATED', 'SETTLED'],
    ['R-2', 2, 'DIFFERING', 'SETTLED'],
    ['R-3', 3, 'MISSING', 'REJECTED'],
    ['R-4', undefined, 'UNEXPECTED', 'SETTLED'],
    ['R-5', 6, 'MATCHED', 'REVERSED'],
    ['R-9', 4, 'MISSING', undefined],
  ]);
  const confirmation = must((await cnas.get('/v1/debits/R-4')).json);
  expect(lines[4]).toMatchObject({ settledAmount: '4000.00', debitId: confirmation.debitId, declaration: 'DAC-R-4' });
  const first = must((await cnas.get('/v1/reconciliations/REC-1/lines?limit=3', 'application/json')).json);
  const second = await cnas.get(
    `/v1/reconciliations/REC-1/lines?limit=200&cursor=${String(first.nextCursor)}`,
    'application/json',
  );
  expect([first.lines, must(second.json).lines].flat()).toEqual(lines);
  const missing = await cnas.get('/v1/reconciliations/REC-1/lines?outcome=MISSING', 'text/csv');
  expect(missing.bytes.toString().split('\r\n').slice(1)).toEqual([
    expect.stringMatching(/^MISSING,3,R-3,DZD,999999.00,,,,REJECTED,/),
    'MISSING,4,R-9,DZD,9.00,,,,,,,,,,',
    '',
  ]);
  const streamed = await cnas.get('/v1/reconciliations/REC-1/lines', 'application/x-ndjson');
  expect(
    streamed.bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(lines);

  const keys = createLocalJWKSet(JSON.parse(JSON.stringify(publicKeySet(await readKeyFolder(bank.config.keyFolder)))));
  const { payload } = await jwtVerify(String(found.token), keys, { issuer: bank.config.issuer, audience: 'CNAS' });
  expect(decodeProtectedHeader(String(found.token)).typ).toBe('reconciliation+jwt');
  expect(payload).toMatchObject({ reference: 'REC-1', from: today, to: today, figures: found.figures, jti: found.jti });
  const contract = readContract();
  const claims = contract.document.components as { schemas: Record<string, object> };
  expect(Object.keys(payload).toSorted()).toEqual(
    (claims.schemas.ReconciliationClaims as { required: string[] }).required.toSorted(),
  );
  expect(openValidation(contract)).toBeDefined();
  const { rows } = await bank.db.owner.query(
    "select kind, creditor_code, token_jti = $1 as its from journal where kind like 'reconciliation.%' order by entry_id",
    [found.jti],
  );
  expect(rows).toEqual([
    { kind: 'reconciliation.received', creditor_code: 'CNAS', its: null },
    { kind: 'reconciliation.matched', creditor_code: 'CNAS', its: true },
  ]);
  const told = async (name: string) => {
    const feed = must((await bank.clientOf(name).get('/v1/events?limit=500')).json).events as { claims: object }[];
    return feed.map(({ claims }) => claims).filter((claims) => 'reconciliation' in claims);
  };
  await expect.poll(() => told('cnas'), { timeout: 20_000 }).toHaveLength(1);
  expect(await told('cnas')).toEqual([
    expect.objectContaining({
      ...{ kind: 'reconciliation.matched', from: 'RECEIVED', to: 'MATCHED', side: 'GATEWAY', tokenJti: found.jti },
      reconciliation: {
        ...{ reference: 'REC-1', from: today, to: today, expected: 6 },
        ...{ matched: 2, differing: 1, missing: 2, repeated: 1, unexpected: 1, reversed: 1 },
      },
      links: { subject: '/v1/reconciliations/REC-1' },
    }),
  ]);
  expect(await told('cacobatph')).toEqual([]);
  await expect(bank.db.owner.query('update reconciliations set last_day = last_day + 1')).rejects.toThrow(
    'never changes',
  );
  expect(bank.breaches).toEqual([]);
}, 120_000);

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

test('a connection is not cut for the silence in which the gateway itself reads and stores a list, however long', async () => {
  await using bank = await openTestGateway({
    ...{ GATEWAY_CORE_CALL_SECONDS: '1', GATEWAY_STATEMENT_SECONDS: '3', GATEWAY_ANSWER_SECONDS: '3.1' },
    ...{ GATEWAY_KEEP_ALIVE_SECONDS: '1', GATEWAY_EVENT_WAIT_SECONDS: '1', GATEWAY_STALLED_SECONDS: '3.2' },
  });
  const [unlockRequests, unlockLists] = [await lock(bank, 'requests'), await lock(bank, 'reconciliations')];
  const sent = bank.clientOf('cnas').put('/v1/reconciliations/SLOW', { date: today, lines: [] });
  // Each statement is within its own limit, and both together are longer than a connection may stand still.
  const asked = sent.catch((fault: Error) => fault.message);
  await pause(2_000);
  await unlockRequests();
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

test('twenty thousand lines come as CSV in pieces, and are matched to the last one', async () => {
  const { bank, tomorrow } = await openGatewayOfTomorrow();
  await using _ = bank;
  const mandateId = await insertMandate(bank.db, new Date(), {});
  await insertSettledDebits(bank.db, { mandateId, count: 20_000, instant: new Date() });
  const { rows } = await bank.db.owner.query<{ name: string; amount: string }>(
    "select end_to_end_id as name, (amount / 100)::text || '.' || lpad((amount % 100)::text, 2, '0') as amount from debits",
  );
  const lines = rows.slice(1).map(({ name, amount }) => `${name},${amount},DZD,,\r\n`);
  const body = Buffer.from(
    `from,${addDays(today, -1)},to,${today}\r\n${header}\r\n${lines.join('')}MISSING,1.00,DZD,,\r\n`,
  );
  const reply = await bank.clientOf('cnas').putAs('/v1/reconciliations/LARGE', body, 'text/csv');
  expect([reply.status, reply.json?.expected]).toEqual([202, expect.objectContaining({ count: 20_000 })]);
  const { rows: parts } = await bank.db.owner.query('select bytes from request_parts order by part');
  expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(body)).toBe(true);
  tomorrow();
  const { figures } = await matched(bank, 'LARGE');
  expect(figures).toMatchObject({
    matched: { count: 19_999 },
    missing: { count: 1, amount: '1.00' },
    unexpected: { count: 1, amount: must(rows[0]).amount },
  });
}, 180_000);

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
