import { expect, test } from 'vitest';
import { amountOf, openBank, requestFor } from '../../test/bank.ts';
import { expectSound, reasonOf, stateOf } from '../../test/sound.ts';
import { setAccountStatus } from '../core-banking/accounts.ts';
import type { MandateId } from '../values/ids.ts';
import { declarationAnswer } from './declaration.ts';
import { answerDebit } from './execute.ts';

test('a debit moves the money once and ends with its confirmation, its token and its journal rows', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const debtor = await bank.debtorOf(mandateId);
  const outcome = await bank.debit({ mandateId, endToEndId: 'ONCE' });
  expect(stateOf(outcome)).toBe('SETTLED');
  expect(await bank.balance(debtor)).toBe(amountOf('875000.00'));
  const { rows: told } = await bank.db.owner.query('select kind, from_state, to_state from journal order by entry_id');
  expect(told).toEqual([
    { kind: 'debit.received', from_state: null, to_state: 'EXECUTING' },
    { kind: 'debit.settled', from_state: 'EXECUTING', to_state: 'SETTLED' },
  ]);
  await expectSound(bank);
});

test('the same debit asked twenty times at once moves the money once, and all get the same confirmation', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const order = { mandateId, endToEndId: 'TWENTY', declaration: 'DAC-20' };
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => bank.debit(order)));
  expect(new Set(outcomes.map((one) => (one.outcome === 'DEBIT' ? one.debit.confirmation : one.outcome))).size).toBe(1);
  expect(outcomes.filter((one) => one.outcome === 'DEBIT' && !one.replayed)).toHaveLength(1);
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('875000.00'));
  const { rows } = await bank.db.owner.query('select count(*)::int as requests from requests');
  expect(rows).toEqual([{ requests: 20 }]);
  await expectSound(bank);
});

test('the same name with other content is a conflict, and the first debit stays as it was', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'NAME', declaration: 'D-1' });
  expect(stateOf(await bank.debit({ mandateId, endToEndId: 'NAME', declaration: 'D-1', amount: '1.00' }))).toBe(
    'NAME_TAKEN',
  );
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('875000.00'));
  await expectSound(bank);
});

test('a declaration is never paid beyond its amount, also by parallel debits under names of their own', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(Array.from({ length: 4 }, () => bank.addMandate()));
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, name) =>
      bank.debit({
        mandateId: mandates[name % 4] as MandateId,
        endToEndId: `P-${name}`,
        declaration: 'DAC',
        declared: '300000.00',
        amount: '100000.00',
      }),
    ),
  );
  expect(outcomes.map(stateOf).filter((state) => state === 'SETTLED')).toHaveLength(3);
  expect(outcomes.map(stateOf).filter((state) => state === 'DECLARATION_PAID')).toHaveLength(9);
  const conflict = outcomes.find((one) => one.outcome === 'DECLARATION_PAID');
  expect(conflict?.outcome === 'DECLARATION_PAID' && conflict.live).toHaveLength(3);
  await expectSound(bank);
});

test('what goes beyond a declared amount that is partly paid is AM09, another declared amount while one is live a conflict of its own', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, declaration: 'D', declared: '100.00', amount: '60.00' });
  expect(stateOf(await bank.debit({ mandateId, declaration: 'D', declared: '100.00', amount: '60.00' }))).toBe(
    'OVER_DECLARED',
  );
  expect(stateOf(await bank.debit({ mandateId, declaration: 'D', declared: '120.00', amount: '60.00' }))).toBe(
    'DECLARED_DIFFERS',
  );
  expect(stateOf(await bank.debit({ mandateId, declaration: 'D', declared: '100.00', amount: '40.00' }))).toBe(
    'SETTLED',
  );
  await expectSound(bank);
});

test.for([
  ['SUSPENDED', {}],
  ['REVOKED', {}],
  ['EXPIRED', { validFrom: '2020-01-01', validTo: '2020-12-31' }],
  ['CERTIFIED', {}],
  ['ACTIVE', { validFrom: '2020-01-01', validTo: '2020-12-31' }],
] as const)(
  'a mandate that is %s, or past its dates, is a signed rejection MD01 that sends nothing',
  async ([state, dates]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate({ state, ...dates });
    const outcome = await bank.debit({ mandateId });
    expect(outcome).toMatchObject({ debit: { state: 'REJECTED', reason: 'MD01', rejection: expect.any(String) } });
    expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('1000000.00'));
    await expectSound(bank);
  },
);

test('an unknown mandate and another creditor’s answer the same and leave no row', async () => {
  await using bank = await openBank();
  const foreign = await bank.addMandate({ creditor: 'CACOBATPH' as never });
  expect(stateOf(await bank.debit({ mandateId: foreign, employerNumber: '0262992312' }))).toBe('MANDATE_NOT_FOUND');
  expect(
    stateOf(
      await bank.debit({
        mandateId: '0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e' as MandateId,
        employerNumber: '0262992312',
      }),
    ),
  ).toBe('MANDATE_NOT_FOUND');
  const { rows } = await bank.db.owner.query(
    'select from debits union all select from requests union all select from journal',
  );
  expect(rows).toEqual([]);
});

test.for([
  ['blocked', 'BLOCKED', 'AC06'],
  ['closed', 'CLOSED', 'AC04'],
] as const)(
  'a debtor’s account that is %s rejects, and gives ceiling and declaration back',
  async ([, status, reason]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    await setAccountStatus(bank.db.ledger, await bank.debtorOf(mandateId), status);
    expect(reasonOf(await bank.debit({ mandateId, declaration: 'D' }))).toBe(reason);
    await setAccountStatus(bank.db.ledger, await bank.debtorOf(mandateId), 'OPEN');
    expect(stateOf(await bank.debit({ mandateId, declaration: 'D' }))).toBe('SETTLED');
    await expectSound(bank);
  },
);

test('a jti that was seen with another name or body is refused, with the same it answers what stands', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const order = { mandateId, endToEndId: 'J-1', declaration: 'J-1', jti: 'jti-0123456789-abcdef' };
  expect(stateOf(await bank.debit(order))).toBe('SETTLED');
  expect(await bank.debit(order)).toMatchObject({ outcome: 'DEBIT', replayed: true });
  expect(stateOf(await bank.debit({ ...order, endToEndId: 'J-2' }))).toBe('JTI_REUSED');
  expect(stateOf(await bank.debit({ ...order, body: 'other' }))).toBe('JTI_REUSED');
});

test('random debits in parallel never pass a ceiling, a declaration or a balance, and every one ends', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(
    Array.from({ length: 5 }, () => bank.addMandate({ perPeriod: '500000.00', balance: '300000.00' })),
  );
  const outcomes = await Promise.all(
    Array.from({ length: 150 }, (_, index) =>
      bank.debit({
        mandateId: mandates[index % 5] as MandateId,
        endToEndId: `R-${index % 120}`,
        declaration: `D-${index % 40}`,
        declared: '90000.00',
        amount: `${((index * 7919) % 80_000) + 1}.00`,
      }),
    ),
  );
  expect(outcomes).toHaveLength(150);
  const { rows: open } = await bank.db.owner.query("select from debits where state not in ('SETTLED', 'REJECTED')");
  expect(open).toEqual([]);
  await expectSound(bank);
});

test('past the intent any fault answers that the outcome is not known, never that nothing was begun', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
  for (const cut of [
    { sign: () => Promise.reject(new Error('signing is away')) },
    { move: async () => ({ outcome: 'IN_DOUBT' as const }), storeReceipt: () => Promise.reject(away) },
  ]) {
    const order = await bank.orderFor({ mandateId });
    const request = requestFor(order, bank.clock.now());
    const asked = answerDebit({ ...bank.steps, ...cut }, new Map(), order, request);
    await expect(asked).rejects.toMatchObject({ kind: 'outcome-unknown' });
  }
});

test('a declaration is told while refused debits still wait for their signature', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ perDebit: '50.00', perPeriod: '80.00' });
  await bank.debit({ mandateId, declaration: 'D', declared: '100.00', amount: '40.00' });
  const away = { ...bank.steps, sign: () => Promise.reject(new Error('signing is away')) };
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(
      bank.debit({ mandateId, declaration: 'D', declared: '100.00', amount: '55.00' }, away),
    ).rejects.toThrow();
  const order = await bank.orderFor({ mandateId, declaration: 'D' });
  const declaration = await bank.steps.declaration(order);
  if (declaration === undefined) throw new Error('it was asked for');
  expect(await declarationAnswer(bank.steps.sign, order.creditor, declaration, bank.clock.now())).toMatchObject({
    settledAmount: '40.00',
    pendingAmount: '0.00',
    openAmount: '60.00',
  });
});

test('a signature that was answered with a conflict is used up: the same again is told the same, another name nothing', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, declaration: 'D', amount: '10.00' });
  const again = { mandateId, declaration: 'D', amount: '10.00', endToEndId: 'PAID', jti: 'jti-of-a-conflict-1' };
  expect(stateOf(await bank.debit(again))).toBe('DECLARATION_PAID');
  expect(stateOf(await bank.debit(again))).toBe('DECLARATION_PAID');
  expect(stateOf(await bank.debit({ ...again, endToEndId: 'OTHER', declaration: 'E' }))).toBe('JTI_REUSED');
  const other = {
    mandateId,
    employerNumber: '9999999999',
    endToEndId: 'O-1',
    declaration: 'F',
    jti: 'jti-of-a-conflict-2',
  };
  expect(stateOf(await bank.debit(other))).toBe('OTHER_EMPLOYER');
  expect(stateOf(await bank.debit({ mandateId, endToEndId: 'O-2', declaration: 'F', jti: other.jti }))).toBe(
    'JTI_REUSED',
  );
});

test('refusals and reservations of two replicas on the same mandates never deadlock', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(Array.from({ length: 4 }, () => bank.addMandate({ balance: '10.00' })));
  const replicas = [1, 2].map(() => bank.stepsWith({ fundsRefusalsADay: 100_000, debitsADay: 100_000 }));
  const outcomes = await Promise.all(
    Array.from({ length: 120 }, (_, index) =>
      bank.debit(
        {
          mandateId: mandates[index % 4] as MandateId,
          declaration: `D-${index % 3}`,
          declared: '900000.00',
          amount: '100.00',
        },
        replicas[index % 2],
      ),
    ),
  );
  expect(outcomes.map(reasonOf).filter((reason) => reason !== 'AM04')).toEqual([]);
  const { rows } = await bank.db.owner.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: 0 }]);
  await expectSound(bank);
});

test('a debit that commits while the same one waits for its mandate is known to it, and no stranger in its way', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, declaration: 'D', amount: '1.00', endToEndId: 'BEFORE' });
  await bank.db.owner.query(
    "update debits set state = 'CANCELLED', holds_declaration = false, holds_ceiling = false, confirmation_jti = null",
  );
  await bank.db.owner.query('update declarations set live = 0');
  // Both statements have begun, and see no such name, when the mandate's row is free.
  const holder = await bank.db.owner.connect();
  await holder.query('begin');
  await holder.query('select from mandates for update');
  const order = { mandateId, declaration: 'D', endToEndId: 'SAME' };
  const asked = [1, 2].map(() => bank.debit(order, bank.stepsWith({})));
  for (let waiting = 0; waiting < 2; ) {
    const { rows } = await bank.db.owner.query<{ waits: number }>(
      `select count(*)::int as waits from pg_locks join pg_stat_activity using (pid)
        where not granted and datname = current_database()`,
    );
    waiting = rows[0]?.waits ?? 0;
  }
  await holder.query('commit');
  holder.release();
  const outcomes = await Promise.all(asked);
  expect(outcomes.map(stateOf)).toEqual(['SETTLED', 'SETTLED']);
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('874999.00'));
});
