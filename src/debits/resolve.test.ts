import { expect, test } from 'vitest';
import { amountOf, cnas, openBank, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { Killed, killed } from '../../test/killed.ts';
import { closeCancelledNames, resolveUnfinished } from '../../test/work.ts';
import type { CoreBanking } from '../core-banking/port.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { cancel } from './cancel.ts';
import { instructionFor } from './debit.ts';
import type { DebitSteps } from './steps.ts';

/** Runs one debit that ends at a step, as a process does that is killed there; its lease is over at once. */
async function killedAt(
  bank: TestBankWithGateway,
  mandateId: MandateId,
  cut: Partial<DebitSteps>,
  order: object = {},
): Promise<void> {
  await expect(
    bank.debit({ mandateId, endToEndId: 'K', declaration: 'K', ...order }, { ...bank.steps, ...cut }),
  ).rejects.toThrow(Killed);
  await leaseEnds(bank);
}

const leaseEnds = (bank: TestBankWithGateway) =>
  bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
/** Its lease with it, so that it is taken up. */
const timeEnds = (bank: TestBankWithGateway) =>
  bank.db.owner.query(
    "update debits set expires_at = clock_timestamp() - interval '1 s', lease_until = clock_timestamp() - interval '1 s'",
  );
const debitRow = async (bank: TestBankWithGateway) => {
  const { rows } = await bank.db.owner.query(
    'select state, reason, sends, people_since is not null as people, holds_ceiling as holds from debits',
  );
  return rows[0];
};

test.for([
  ['after the intent’s commit', { move: killed }],
  ['after the core’s answer', { settle: killed, storeBooking: killed }],
  ['between signing and settling', { settle: killed }],
] as const)('killed %s, the debit settles without a hand, and the money moves once', async ([, cut]) => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const debtor = await bank.debtorOf(mandateId);
  await killedAt(bank, mandateId, cut);
  expect(await resolveUnfinished(bank.steps, new Map())).toBe(1);
  expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED' });
  expect(await bank.balance(debtor)).toBe(amountOf('875000.00'));
  expect(await bank.debit({ mandateId, endToEndId: 'K', declaration: 'K' })).toMatchObject({
    replayed: true,
    debit: { state: 'SETTLED' },
  });
});

test('a debit that was never sent and whose time has passed is voided, then rejected; a late copy of it moves nothing', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const debtor = await bank.debtorOf(mandateId);
  let late: (() => Promise<unknown>) | undefined;
  const cut = {
    move: (debit: Parameters<DebitSteps['move']>[0]) => {
      late = () => bank.core.debit([instructionFor(debit)]);
      return killed();
    },
  };
  await killedAt(bank, mandateId, cut);
  await timeEnds(bank);
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AB03', holds: false });
  expect(await late?.()).toMatchObject([{ outcome: 'IN_DOUBT' }]);
  expect(await bank.balance(debtor)).toBe(amountOf('1000000.00'));
});

test('a mandate that ended meanwhile lets nothing be sent: voided, rejected with MD01', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await killedAt(bank, mandateId, { move: killed });
  await bank.db.owner.query("update mandates set state = 'REVOKED'");
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'MD01' });
});

test('while the core is silent the debit stays in doubt and holds; past resolveBy people have it, told once; its word still ends it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const silent: CoreBanking = {
    ...bank.core,
    debit: async (instructions) => {
      await bank.core.debit(instructions);
      return instructions.map(() => ({ outcome: 'IN_DOUBT' }));
    },
    inquire: async (references) => references.map(() => ({ outcome: 'NO_ANSWER' })),
    void: async (references) => references.map(() => ({ outcome: 'NO_ANSWER' })),
  };
  const steps = bank.stepsWith({ coreBanking: silent });
  expect(await bank.debit({ mandateId }, steps)).toMatchObject({ debit: { state: 'IN_DOUBT' } });
  await leaseEnds(bank);
  await resolveUnfinished(steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: false, holds: true });
  bank.clock.set(new Date(Date.now() + 3_600_000));
  for (let round = 0; round < 3; round += 1) {
    await leaseEnds(bank);
    await resolveUnfinished(steps, new Map());
  }
  expect(await debitRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: true, holds: true });
  const { rows } = await bank.db.owner.query(
    "select count(*)::int as told from journal where kind = 'debit.for-people'",
  );
  expect(rows).toEqual([{ told: 1 }]);
  await leaseEnds(bank);
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED', people: false });
});

test('where signing is away the booking is stored at once, and recovery settles from it without asking', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const away = { ...bank.steps, sign: () => Promise.reject(new Killed('signing is away')) };
  await expect(bank.debit({ mandateId }, away)).rejects.toThrow(Killed);
  await leaseEnds(bank);
  const askedNobody = { ...bank.steps, inquire: killed };
  await resolveUnfinished(askedNobody, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED' });
});

test('a sleeper that wakes up after its debit was rejected moves nothing and is not believed', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const about = Promise.withResolvers<void>();
  const asleep = Promise.withResolvers<void>();
  const sleeper: DebitSteps = {
    ...bank.steps,
    async move(debit) {
      about.resolve();
      await asleep.promise;
      const [answer] = await bank.core.debit([instructionFor(debit)]);
      return answer ?? expect.fail('no answer');
    },
  };
  const work = bank.debit({ mandateId, endToEndId: 'S' }, sleeper);
  await Promise.race([about.promise, work.then(() => expect.fail('it has ended before it was sent'))]);
  await timeEnds(bank);
  await resolveUnfinished(bank.steps, new Map());
  asleep.resolve();
  expect(await work).toMatchObject({ debit: { state: 'REJECTED' } });
  expect(await debitRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AB03', sends: 1 });
  expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(amountOf('1000000.00'));
});

test('money that moved against a signed rejection becomes a contradiction that holds ceiling and declaration again', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const lying: CoreBanking = {
    ...bank.core,
    debit: async (instructions) => {
      await bank.core.debit(instructions);
      return instructions.map(() => ({ outcome: 'REFUSED', reason: 'AM04' }));
    },
  };
  await bank.debit({ mandateId, endToEndId: 'L', declaration: 'L' }, bank.stepsWith({ coreBanking: lying }));
  const { rows } = await bank.db.owner.query<{ debit_id: string }>('select debit_id from debits');
  const [answer] = await bank.core.inquire([
    (await bank.db.owner.query('select core_reference from debits')).rows[0].core_reference,
  ]);
  if (answer?.outcome !== 'MOVED') throw new Error('the ledger did move');
  for (let met = 0; met < 2; met += 1) await bank.steps.contradict(rows[0]?.debit_id as never, answer.booking);
  const { rows: found } = await bank.db.owner.query('select kind from contradictions');
  expect(found).toEqual([{ kind: 'MOVED_AFTER_REJECTION' }]);
  expect(await debitRow(bank)).toMatchObject({ state: 'REJECTED' });
  expect(await bank.debit({ mandateId, declaration: 'L' })).toMatchObject({ outcome: 'DECLARATION_PAID' });
});

test('a settlement that comes after a signed rejection keeps the contradiction in its own statement, once', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const lying = { ...bank.steps, inquire: async () => ({ outcome: 'REFUSED', reason: 'AM04' }) as const };
  const overtaken: DebitSteps = {
    ...bank.steps,
    async settle(settlement) {
      await leaseEnds(bank);
      await resolveUnfinished(lying, new Map());
      expect(await bank.steps.settle(settlement)).toBe('CONTRADICTED');
      return bank.steps.settle(settlement);
    },
    contradict: killed,
  };
  const outcome = await bank.debit({ mandateId, endToEndId: 'L', declaration: 'L', amount: '10.00' }, overtaken);
  expect(outcome).toMatchObject({ debit: { state: 'REJECTED', reason: 'AM04', confirmation: undefined } });
  const { rows } = await bank.db.owner.query(
    `select kind, amount, month_used, live, contradicted,
            (select count(*)::int from journal where journal.kind = 'contradiction.found') as told
       from contradictions, mandate_usage, declarations`,
  );
  const row = { kind: 'MOVED_AFTER_REJECTION', amount: '1000', month_used: '1000', live: '0', contradicted: '1000' };
  expect(rows).toEqual([{ ...row, told: 1 }]);
});

test('a scheduled debit runs on its day, in that day’s period, under the mandate that stands for the chain then', async () => {
  await using bank = await openBank();
  const first = await bank.addMandate();
  const date = addDays(algiersDay(bank.clock.now()), 3);
  expect(await bank.debit({ mandateId: first, executionDate: date, endToEndId: 'LATER' })).toMatchObject({
    debit: { state: 'SCHEDULED' },
  });
  expect(await resolveUnfinished(bank.steps, new Map())).toBe(0);
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [first]);
  const second = await bank.addMandate({ chainId: first });
  bank.clock.set(new Date(Date.now() + 3 * 86_400_000));
  expect(await resolveUnfinished(bank.steps, new Map())).toBeGreaterThan(0);
  await resolveUnfinished(bank.steps, new Map());
  const { rows } = await bank.db.owner.query('select state, mandate_id, reserved_on from debits');
  expect(rows).toEqual([{ state: 'SETTLED', mandate_id: second, reserved_on: date }]);
});

test('a scheduled debit is cancelled and gives its declaration back; once sent it is too late', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const date = addDays(algiersDay(bank.clock.now()), 3);
  await bank.debit({ mandateId, executionDate: date, endToEndId: 'C-1', declaration: 'C' });
  const ask = (name: string) =>
    cancel(
      bank.steps,
      cnas,
      name as never,
      requestFor({ creditor: cnas, endToEndId: name as never }, bank.clock.now()),
    );
  expect(await ask('C-1')).toMatchObject({ verdict: 'CANCELLED', debit: { state: 'CANCELLED' } });
  expect(await ask('C-1')).toMatchObject({ verdict: 'ALREADY' });
  expect(await bank.debit({ mandateId, endToEndId: 'C-2', declaration: 'C' })).toMatchObject({
    debit: { state: 'SETTLED' },
  });
  expect(await ask('C-2')).toMatchObject({ verdict: 'TOO_LATE', debit: { state: 'SETTLED' } });
});

test('an id that never arrived is burnt: its debit answers that it was cancelled, and the core can never move it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const request = requestFor({ creditor: cnas, endToEndId: 'BURNT' as never }, bank.clock.now());
  expect(await cancel(bank.steps, cnas, 'BURNT' as never, request)).toMatchObject({ verdict: 'BURNT' });
  expect(await bank.debit({ mandateId, endToEndId: 'BURNT' })).toMatchObject({
    outcome: 'DEBIT',
    debit: { state: 'CANCELLED' },
  });
  expect(await closeCancelledNames(bank.steps)).toBe(1);
  expect(await closeCancelledNames(bank.steps)).toBe(0);
  const { rows } = await bank.db.owner.query('select core_reference from debits');
  expect(await bank.core.inquire([rows[0].core_reference])).toEqual([{ outcome: 'VOIDED' }]);
});

test('two replicas never take up the same debit', async () => {
  await using bank = await openBank();
  const mandates = await Promise.all(Array.from({ length: 10 }, () => bank.addMandate()));
  await Promise.all(
    mandates.map((mandateId) =>
      expect(bank.debit({ mandateId }, { ...bank.steps, move: killed })).rejects.toThrow(Killed),
    ),
  );
  await leaseEnds(bank);
  const all = await bank.steps.listUnfinished(64);
  const taken = await Promise.all([1, 2, 3, 4].map(() => bank.steps.takeUnfinished(all)));
  const ids = taken.flat().map(({ debit }) => debit.debitId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(10);
});

test('a scheduled debit that no longer fits the ceiling on its day is rejected with AM14, and its declaration is given back', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ perPeriod: '500000.00' });
  const date = addDays(algiersDay(bank.clock.now()), 3);
  await bank.debit({ mandateId, executionDate: date, endToEndId: 'LATER', declaration: 'D', amount: '300000.00' });
  bank.clock.set(new Date(Date.now() + 3 * 86_400_000));
  await bank.debit({ mandateId, amount: '300000.00' });
  await resolveUnfinished(bank.steps, new Map());
  const { rows } = await bank.db.owner.query(
    "select state, reason, refusal_detail from debits where end_to_end_id = 'LATER'",
  );
  expect(rows).toMatchObject([
    { state: 'REJECTED', reason: 'AM14', refusal_detail: { ceiling: 'PER_PERIOD', left: '20000000' } },
  ]);
  expect(await bank.debit({ mandateId, amount: '200000.00', declared: '300000.00', declaration: 'D' })).toMatchObject({
    debit: { state: 'SETTLED' },
  });
});

test('what was begun under a mandate that was replaced goes on only while the one that stands for it runs', async () => {
  await using bank = await openBank();
  const first = await bank.addMandate();
  await killedAt(bank, first, { move: killed });
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [first]);
  const second = await bank.addMandate({ chainId: first });
  await bank.db.owner.query("update mandates set state = 'REVOKED' where mandate_id = $1", [second]);
  await resolveUnfinished(bank.steps, new Map());
  expect(await debitRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'MD01', sends: 1 });
});

test('scheduled debits do not go round the limit of refusals for funds: past it none is sent, and no reason given', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '10.00' });
  const date = addDays(algiersDay(bank.clock.now()), 1);
  for (let number = 0; number < 5; number += 1) await bank.debit({ mandateId, amount: '100.00', executionDate: date });
  bank.clock.set(new Date(Date.now() + 86_400_000));
  const oneByOne: DebitSteps = { ...bank.steps, listUnfinished: () => bank.steps.listUnfinished(1) };
  for (let round = 0; round < 6; round += 1) await resolveUnfinished(oneByOne, new Map());
  const { rows } = await bank.db.owner.query(
    'select reason, count(*)::int as debits from debits group by reason order by reason',
  );
  expect(rows).toEqual([
    { reason: 'AM04', debits: 3 },
    { reason: 'MS03', debits: 2 },
  ]);
});
