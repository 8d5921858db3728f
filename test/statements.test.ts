import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../src/commands/sample-employers.ts';
import { readContract } from '../src/contract/contract-document.ts';
import { openValidation } from '../src/contract/validation.ts';
import { publicKeySet, readKeyFolder } from '../src/signing/keys.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import { insertMandate, must } from './bank.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';

const today = algiersDay(new Date());

/** A gateway whose clock the test puts on: what happened today is then of a day that has ended. */
async function openGatewayOfTomorrow(): Promise<{ bank: TestGateway; tomorrow: () => void }> {
  let ahead = 0;
  const bank = await openTestGateway(
    {},
    { wrapClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + ahead) }) },
  );
  return {
    bank,
    tomorrow() {
      ahead = 86_400_000;
    },
  };
}

test('a creditor fetches its statement as JSON, lines, CSV, camt.054 and token, each as it was signed; another has its own', async () => {
  const { bank, tomorrow } = await openGatewayOfTomorrow();
  await using _ = bank;
  const employer = must((await readSampleEmployers())[1]);
  const mandateId = await insertMandate(bank.db, new Date(), { employerNumber: employer.employerNumber });
  const cnas = bank.clientOf('cnas');
  const order = (amount: string, reference: string) => ({
    ...{ mandateId, employerNumber: employer.employerNumber, amount, currency: 'DZD' },
    declaration: { reference, declaredAmount: amount },
  });
  expect((await cnas.put('/v1/debits/DAY-1', order('1000.00', 'DAC-1'))).status).toBe(201);
  expect((await cnas.put('/v1/debits/DAY-2', order('999999.00', 'DAC-2'))).status).toBe(402);
  const early = await cnas.get(`/v1/statements/${today}`);
  expect([early.status, early.json?.type]).toEqual([404, expect.stringContaining('/problems/statement-not-found')]);

  tomorrow();
  await expect.poll(async () => (await cnas.get(`/v1/statements/${today}`)).status, { timeout: 30_000 }).toBe(200);

  const document = await cnas.get(`/v1/statements/${today}`, 'application/json');
  const contract = readContract();
  const operation = must(contract.operations.find(({ operationId }) => operationId === 'getStatement'));
  const headers = Object.fromEntries(Object.entries(document.headers).map(([name, value]) => [name, String(value)]));
  expect(
    openValidation(contract).checkAnswer(operation, {
      ...{ status: 200, headers: { ...headers, 'Request-Id': headers['request-id'] ?? '' } },
      ...{ contentType: 'application/json', bytes: document.bytes },
    }),
  ).toEqual([]);
  const { statement, lines, open } = JSON.parse(document.bytes.toString());
  expect(statement).toMatchObject({
    date: today,
    sequence: 1,
    totals: { settled: { count: 1, amount: '1000.00' }, rejected: { count: 1, amount: '999999.00' } },
    cumulative: { settled: { count: 1, amount: '1000.00' } },
  });
  expect(lines).toMatchObject([
    { outcome: 'SETTLED', endToEndId: 'DAY-1', amount: '1000.00', debitedAccount: expect.stringContaining('***') },
    { outcome: 'REJECTED', endToEndId: 'DAY-2', reasonCode: 'AM14' },
  ]);
  expect(open).toEqual([]);

  const token = (await cnas.get(`/v1/statements/${today}`, 'application/jose')).bytes.toString();
  expect(token).toBe(statement.token);
  const keys = createLocalJWKSet(JSON.parse(JSON.stringify(publicKeySet(await readKeyFolder(bank.config.keyFolder)))));
  const { payload } = await jwtVerify(token, keys, { issuer: bank.config.issuer, audience: 'CNAS' });
  expect(decodeProtectedHeader(token).typ).toBe('statement+jwt');
  const { token: _token, links: _links, ...told } = statement;
  expect(payload).toMatchObject(told);

  for (const file of Object.values<{ mediaType: string; bytes: number; digest: string }>(statement.files)) {
    const reply = await cnas.get(`/v1/statements/${today}`, file.mediaType);
    const digest = createHash('sha256').update(reply.bytes);
    expect([reply.bytes.length, reply.headers['content-digest']]).toEqual([
      file.bytes,
      `sha-256=:${digest.copy().digest('base64')}:`,
    ]);
    expect(digest.digest('base64url')).toBe(file.digest);
  }
  expect((await cnas.get(`/v1/statements/${today}`, 'image/png')).status).toBe(406);

  const other = bank.clientOf('cacobatph');
  await expect.poll(async () => (await other.get(`/v1/statements/${today}`)).status, { timeout: 30_000 }).toBe(200);
  const others = await other.get(`/v1/statements/${today}`, 'application/json');
  expect(JSON.parse(others.bytes.toString())).toMatchObject({ statement: { lineCount: 0 }, lines: [] });
  expect((await other.get(`/v1/statements/${addDays(today, -1)}`)).status).toBe(404);

  const list = await cnas.get('/v1/statements?limit=1');
  expect(list.json).toMatchObject({ statements: [{ date: today, jti: statement.jti }] });
  expect(list.json).not.toHaveProperty('nextCursor');
  expect(bank.breaches).toEqual([]);
});
