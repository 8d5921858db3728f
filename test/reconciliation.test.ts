import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../src/commands/sample-employers.ts';
import { readContract } from '../src/contract/contract-document.ts';
import { openValidation } from '../src/contract/validation.ts';
import { publicKeySet, readKeyFolder } from '../src/signing/keys.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import { insertMandate, must } from './bank.ts';
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
