import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import type { Reply } from '../src/commands/client.ts';
import { insertMandate } from './bank.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';

const json = (reply: Reply) => reply.json ?? {};
const asked = { attempt: 1, reason: 'declaration-corrected' };

/** A gateway with one debit of CNAS's that has settled. */
async function withDebit(settings: Record<string, string> = {}, endToEndId = 'REV-1') {
  const bank = await openTestGateway(settings);
  const cnas = bank.clientOf('cnas');
  const mandateId = await insertMandate(bank.db, new Date(), {});
  const order = {
    ...{ mandateId, employerNumber: '0262992312', amount: '125000.00', currency: 'DZD' },
    declaration: { reference: 'DAC-REV', declaredAmount: '125000.00' },
  };
  const paid = await cnas.put(`/v1/debits/${endToEndId}`, order);
  expect(paid.status).toBe(201);
  return { bank, cnas, order, paid };
}

test('a settled debit is given back over the wire: 201 with its own confirmation, 200 byte for byte when asked again', async () => {
  const { bank, cnas, order, paid } = await withDebit();
  await using _ = bank;
  const path = '/v1/debits/REV-1/reversal';
  expect((await cnas.get(path)).status).toBe(404);
  const reversed = await cnas.put(path, asked);
  expect([reversed.status, reversed.headers.location]).toEqual([201, path]);
  const again = await cnas.put(path, asked);
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
  expect(again.bytes.equals(reversed.bytes)).toBe(true);
  expect((await cnas.get(path)).bytes.equals(reversed.bytes)).toBe(true);
  const token = String(json(reversed).confirmation);
  expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'reversal-confirmation+jwt', alg: 'ES256' });
  const settlement = decodeJwt(String(json(paid).confirmation));
  expect(decodeJwt(token)).toMatchObject({
    ...{ aud: 'CNAS', endToEndId: 'REV-1', attempt: 1, reason: 'declaration-corrected', amount: '125000.00' },
    settlement: { confirmationJti: settlement.jti, bookingReference: settlement.bookingReference },
    ...{ debitedAccount: settlement.creditedAccount, creditedAccount: settlement.debitedAccount },
  });
  expect(decodeJwt(token).jti).not.toBe(settlement.jti);

  expect(json(await cnas.get('/v1/debits/REV-1'))).toMatchObject({
    state: 'REVERSED',
    reversal: { state: 'SETTLED', attempt: 1, confirmation: token },
    links: { reversal: path },
  });
  // The settlement's own proof stays what it was.
  expect((await cnas.get('/v1/debits/REV-1/confirmation')).bytes.toString()).toBe(json(paid).confirmation);
  const ended = await cnas.put('/v1/debits/REV-1', order);
  expect([ended.status, String(json(ended).type).split('/').at(-1)]).toEqual([409, 'debit-ended']);
  expect(json(await cnas.get('/v1/declarations/DAC-REV?employerNumber=0262992312'))).toMatchObject({ matched: false });
  expect((await cnas.put('/v1/debits/REV-2', order)).status).toBe(201);
  expect(json(await cnas.get('/v1/debits?state=REVERSED'))).toMatchObject({ debits: [{ endToEndId: 'REV-1' }] });
  expect(bank.breaches).toEqual([]);
});

test('a rejected reversal is a 402 with its reason, the same when retried; the next attempt is a new try', async () => {
  const { bank, cnas } = await withDebit();
  await using _ = bank;
  await takeCollected(bank, 'BLOCKED');
  const path = '/v1/debits/REV-1/reversal';
  const rejected = await cnas.put(path, asked);
  expect([rejected.status, json(rejected).reasonCode, json(rejected).retry]).toEqual([402, 'AC06', 'next-attempt']);
  await takeCollected(bank, 'OPEN');
  const retried = await cnas.put(path, asked);
  expect([retried.status, retried.headers['idempotent-replayed'], kindOf(retried)]).toEqual([
    402,
    'true',
    'reversal-rejected',
  ]);
  expect(json(await cnas.get('/v1/debits/REV-1'))).toMatchObject({ state: 'SETTLED', reversal: { state: 'REJECTED' } });
  expect(kindOf(await cnas.put(path, { ...asked, attempt: 3 }))).toBe('reversal-conflict');
  expect((await cnas.put(path, { ...asked, attempt: 2 })).status).toBe(201);
  expect(kindOf(await cnas.put(path, { ...asked, attempt: 3 }))).toBe('reversal-conflict');
  expect(kindOf(await cnas.put(path, { ...asked, attempt: 2, reason: 'other' }))).toBe('reversal-conflict');
  expect(bank.breaches).toEqual([]);
});

test('another creditor’s debit answers as one that never was, byte for byte, and leaves nothing', async () => {
  const { bank } = await withDebit();
  await using _ = bank;
  const foreign = bank.clientOf('cacobatph');
  const answers = await Promise.all([
    foreign.put('/v1/debits/REV-1/reversal', asked),
    foreign.put('/v1/debits/NEVER/reversal', asked),
    foreign.get('/v1/debits/REV-1/reversal'),
    foreign.get('/v1/debits/NEVER/reversal'),
  ]);
  const bytes = answers.map((reply) => reply.bytes.toString().replace(/"requestId":"[^"]*"/, ''));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect(new Set(bytes).size).toBe(1);
  const { rows } = await bank.db.owner.query("select from requests where creditor_code = 'CACOBATPH'");
  expect(rows).toEqual([]);
  expect(bank.breaches).toEqual([]);
});

test('only a key with the scope of reversals gives back: any other is a 403', async () => {
  const { bank } = await withDebit();
  await using _ = bank;
  await bank.db.owner.query("update signing_keys set scopes = '{mandates,debits}' where creditor_code = 'CNAS'");
  bank.gateway.registry.forget();
  const refused = await bank.clientOf('cnas').put('/v1/debits/REV-1/reversal', asked);
  expect([refused.status, kindOf(refused)]).toEqual([403, 'signature-scope']);
  const unsigned = await bank.clientOf('cnas').get('/v1/debits/REV-1/reversal');
  expect(unsigned.status).toBe(404);
  expect(bank.breaches).toEqual([]);
});

test('limits and states are told by type: not settled and too late 409, the day’s limits 429 with Retry-After', async () => {
  const { bank, cnas, order } = await withDebit({
    GATEWAY_REVERSALS_A_DAY: '1',
    GATEWAY_REVERSAL_AMOUNT_A_DAY: '100000.00',
  });
  await using _ = bank;
  const limited = await cnas.put('/v1/debits/REV-1/reversal', asked);
  expect([limited.status, kindOf(limited), Number(limited.headers['retry-after']) > 0]).toEqual([
    429,
    'reversal-limit',
    true,
  ]);
  const small = { ...order, amount: '10.00', declaration: { reference: 'DAC-SMALL', declaredAmount: '10.00' } };
  await cnas.put('/v1/debits/SMALL', small);
  expect((await cnas.put('/v1/debits/SMALL/reversal', asked)).status).toBe(201);
  await cnas.put('/v1/debits/SMALL-2', {
    ...small,
    declaration: { reference: 'DAC-SMALL-2', declaredAmount: '10.00' },
  });
  expect(kindOf(await cnas.put('/v1/debits/SMALL-2/reversal', asked))).toBe('reversal-limit');
  const tooMuch = { ...order, amount: '900000.00', declaration: { reference: 'DAC-BIG', declaredAmount: '900000.00' } };
  expect((await cnas.put('/v1/debits/BIG', tooMuch)).status).toBe(402);
  expect(kindOf(await cnas.put('/v1/debits/BIG/reversal', asked))).toBe('debit-not-settled');
  await bank.db.owner.query(
    "update debits set executed_at = executed_at - interval '31 days' where end_to_end_id = 'REV-1'",
  );
  expect(kindOf(await cnas.put('/v1/debits/REV-1/reversal', asked))).toBe('reversal-window-passed');
  expect(kindOf(await cnas.put('/v1/debits/REV-1/reversal', { reason: 'because' }))).toBe('malformed');
  expect(bank.breaches).toEqual([]);
});

test('what the core said against what stands is a 503 with the debit and a time to ask again, and nothing is begun', async () => {
  const { bank, cnas } = await withDebit();
  await using _ = bank;
  await bank.db.owner.query(
    `insert into contradictions (contradiction_id, debit_id, creditor_code, kind)
     select gen_random_uuid(), debit_id, creditor_code, 'REFUSED_AFTER_SETTLEMENT' from debits`,
  );
  const refused = await cnas.put('/v1/debits/REV-1/reversal', asked);
  expect([refused.status, kindOf(refused), refused.headers['retry-after']]).toEqual([
    503,
    'reversal-contradicted',
    '3600',
  ]);
  expect(json(refused)).toMatchObject({ retry: 'after', debit: { endToEndId: 'REV-1', state: 'SETTLED' } });
  expect((await bank.db.owner.query('select from reversals')).rowCount).toBe(0);
  expect(bank.breaches).toEqual([]);
});

test('a core that does not answer in time is a 202 with resolveBy, and the reversal goes on to its end', async () => {
  let answer: (() => void) | undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await using bank = await openTestGateway(
    { GATEWAY_ANSWER_SECONDS: '3', GATEWAY_CORE_CALL_SECONDS: '2', GATEWAY_STATEMENT_SECONDS: '2.5' },
    {
      wrapReversalSteps: (steps) => ({
        ...steps,
        async move(reversal) {
          await answered;
          return steps.move(reversal);
        },
      }),
    },
  );
  const cnas = bank.clientOf('cnas');
  const mandateId = await insertMandate(bank.db, new Date(), {});
  await cnas.put('/v1/debits/SLOW', {
    ...{ mandateId, employerNumber: '0262992312', amount: '1.00', currency: 'DZD' },
    declaration: { reference: 'DAC-SLOW', declaredAmount: '1.00' },
  });
  const pending = await cnas.put('/v1/debits/SLOW/reversal', asked);
  expect([pending.status, json(pending).state, json(pending).confirmation]).toEqual([202, 'EXECUTING', undefined]);
  expect(json(pending)).toMatchObject({ resolveBy: expect.any(String) });
  answer?.();
  await expect.poll(async () => json(await cnas.get('/v1/debits/SLOW/reversal')).state).toBe('SETTLED');
  expect((await cnas.put('/v1/debits/SLOW/reversal', asked)).status).toBe(200);
  expect(bank.breaches).toEqual([]);
});

const kindOf = (reply: Reply): string => String(json(reply).type).split('/').at(-1) ?? '';

/** Blocks the creditor's collection account, or opens it again. */
async function takeCollected({ db }: TestGateway, status: 'OPEN' | 'BLOCKED'): Promise<void> {
  const { rows } = await db.owner.query<{ account: string }>(
    "select collection_account as account from creditors where creditor_code = 'CNAS'",
  );
  await db.ledgerOwner.query('update ledger.accounts set status = $2 where rib = $1', [rows[0]?.account, status]);
}
