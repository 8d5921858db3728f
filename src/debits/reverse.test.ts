import { expect, test } from 'vitest';
import { amountOf, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { reversalStateOf, reversing } from '../../test/reversals.ts';
import { expectSound, stateOf } from '../../test/sound.ts';
import { openAccounts, setAccountStatus } from '../core-banking/accounts.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import type { CreditorCode } from '../values/ids.ts';
import { declarationAnswer } from './declaration.ts';

const order = { endToEndId: 'R', declaration: 'DAC-R', amount: '125000.00' };
const rows = async (bank: TestBankWithGateway, text: string) => (await bank.db.owner.query(text)).rows;

/** A bank in which one debit has settled. */
async function settledDebit() {
  const bank = await openBank();
  const mandateId = await bank.addMandate();
  expect(stateOf(await bank.debit({ ...order, mandateId }))).toBe('SETTLED');
  return { bank, mandateId, debtor: await bank.debtorOf(mandateId), ...reversing(bank) };
}

test('a reversal gives the whole debit back once, with its token, journal, ceiling and declaration in one statement', async () => {
  const { bank, debtor, reverse } = await settledDebit();
  await using _ = bank;
  const outcome = await reverse({});
  expect(outcome).toMatchObject({
    replayed: false,
    debit: { state: 'REVERSED', confirmation: expect.any(String), holdsDeclaration: false },
    reversal: { state: 'SETTLED', attempt: 1, confirmation: expect.any(String) },
  });
  expect(await bank.balance(debtor)).toBe(amountOf('1000000.00'));
  expect(await rows(bank, 'select kind, from_state, to_state, detail from journal order by entry_id offset 2')).toEqual(
    [
      {
        kind: 'debit.reversal-requested',
        ...{ from_state: 'SETTLED', to_state: 'SETTLED' },
        detail: { attempt: 1, state: 'REQUESTED', asked: 'declaration-corrected' },
      },
      {
        kind: 'debit.reversal-sent',
        ...{ from_state: 'SETTLED', to_state: 'SETTLED', detail: { attempt: 1, state: 'EXECUTING' } },
      },
      { kind: 'debit.reversed', from_state: 'SETTLED', to_state: 'REVERSED', detail: { attempt: 1, state: 'SETTLED' } },
    ],
  );
  expect(await rows(bank, 'select month_used, quarter_used, year_used from mandate_usage')).toEqual([
    { month_used: '0', quarter_used: '0', year_used: '0' },
  ]);
  expect(await rows(bank, 'select live from declarations')).toEqual([{ live: '0' }]);
  await expectSound(bank);
});

test('asked again it answers with the same bytes and moves nothing, by the same signature too', async () => {
  const { bank, debtor, reverse } = await settledDebit();
  await using _ = bank;
  const first = await reverse({ jti: 'the-first-signature' });
  const again = await Promise.all([reverse({}), reverse({ jti: 'the-first-signature' })]);
  for (const one of again) {
    expect(one).toMatchObject({ outcome: 'REVERSAL', reversal: { state: 'SETTLED' } });
    expect(one.outcome === 'REVERSAL' && one.reversal.confirmation).toBe(
      first.outcome === 'REVERSAL' && first.reversal.confirmation,
    );
  }
  expect(again[0]).toMatchObject({ replayed: true });
  expect(reversalStateOf(await reverse({ reason: 'other', jti: 'the-first-signature' }))).toBe('JTI_REUSED');
  expect(reversalStateOf(await reverse({ reason: 'other' }))).toBe('OTHER_ATTEMPT');
  expect(reversalStateOf(await reverse({ attempt: 2 }))).toBe('OTHER_ATTEMPT');
  expect(await bank.balance(debtor)).toBe(amountOf('1000000.00'));
  await expectSound(bank);
});

test('twenty at once on two replicas give the debit back once, and all are told the same', async () => {
  const { bank, debtor, reverse, stepsWith } = await settledDebit();
  await using _ = bank;
  const replicas = [stepsWith({}), stepsWith({})];
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_each, name) => reverse({}, replicas[name % 2])));
  expect(new Set(outcomes.map(reversalStateOf))).toEqual(new Set(['SETTLED']));
  expect(outcomes.filter((one) => one.outcome === 'REVERSAL' && !one.replayed)).toHaveLength(1);
  expect(await bank.balance(debtor)).toBe(amountOf('1000000.00'));
  expect(await rows(bank, 'select count(*)::int as requests from requests')).toEqual([{ requests: 21 }]);
  await expectSound(bank);
});

test('after a rejection the same attempt stays rejected whatever is retried, and only the next number tries again', async () => {
  const { bank, mandateId, debtor, reverse } = await settledDebit();
  await using _ = bank;
  // The creditor has moved its money elsewhere.
  const [{ account } = { account: '' }] = await rows(
    bank,
    'select collection_account as account from creditors limit 1',
  );
  const elsewhere = ribOf(7_000_001);
  await openAccounts(bank.db.ledger, [{ rib: elsewhere, holder: 'Elsewhere', kind: 'COLLECTION', openingBalance: 0n }]);
  await takeOut(bank, account, elsewhere, '0.01');
  const rejected = await reverse({});
  expect(rejected).toMatchObject({ debit: { state: 'SETTLED' }, reversal: { state: 'REJECTED', reason: 'AM04' } });
  expect(stateOf(await bank.debit({ mandateId, amount: '1.00' }))).toBe('SETTLED');
  expect(await reverse({})).toMatchObject({ replayed: true, reversal: { state: 'REJECTED', attempt: 1 } });
  expect(await bank.balance(debtor)).toBe(amountOf('874999.00'));
  expect(reversalStateOf(await reverse({ attempt: 3 }))).toBe('OTHER_ATTEMPT');
  expect(await reverse({ attempt: 2 })).toMatchObject({ replayed: false, reversal: { state: 'SETTLED', attempt: 2 } });
  // The first one is still what it was, while the debit tells of the last.
  expect(await reverse({})).toMatchObject({
    reversal: { state: 'REJECTED', attempt: 1 },
    debit: { state: 'REVERSED', reversal: { attempt: 2, state: 'SETTLED' } },
  });
  expect(await bank.balance(debtor)).toBe(amountOf('999999.00'));
  expect(await rows(bank, "select reason, detail from journal where kind = 'debit.reversal-rejected'")).toEqual([
    { reason: 'AM04', detail: { attempt: 1, state: 'REJECTED', shown: 'AM04' } },
  ]);
});

test('an account that is blocked is the bank’s to know: the creditor is told what the setting says', async () => {
  const { bank, reverse, stepsWith } = await settledDebit();
  await using _ = bank;
  const [{ account } = { account: '' }] = await rows(
    bank,
    'select collection_account as account from creditors limit 1',
  );
  await setAccountStatus(bank.db.ledger, account, 'BLOCKED');
  expect(await reverse({}, stepsWith({ blockedAccountShownAs: 'MS03' }))).toMatchObject({
    reversal: { state: 'REJECTED', reason: 'MS03' },
  });
  expect(await rows(bank, 'select reason, shown_reason from reversals')).toEqual([
    { reason: 'AC06', shown_reason: 'MS03' },
  ]);
  await expectSound(bank);
});

test('only a settled debit of the creditor’s own is given back; what is refused before leaves no attempt', async () => {
  const { bank, mandateId, reverse } = await settledDebit();
  await using _ = bank;
  await bank.debit({ mandateId, endToEndId: 'TOO-MUCH', amount: '900000.00' });
  expect(reversalStateOf(await reverse({ endToEndId: 'TOO-MUCH' }))).toBe('NOT_SETTLED');
  expect(reversalStateOf(await reverse({ endToEndId: 'NEVER' }))).toBe('DEBIT_NOT_FOUND');
  expect(reversalStateOf(await reverse({ creditor: 'CACOBATPH' as CreditorCode }))).toBe('DEBIT_NOT_FOUND');
  expect(reversalStateOf(await reverse({ attempt: 2 }))).toBe('OTHER_ATTEMPT');
  expect(await rows(bank, 'select from reversals union all select from reversal_days')).toEqual([]);
});

test('a debit is given back up to the last day of the window, in Algiers, and not after it', async () => {
  const { bank, reverse } = await settledDebit();
  await using _ = bank;
  const end = startOfAlgiersDay(addDays(algiersDay(bank.clock.now()), 31));
  bank.clock.set(end);
  expect(reversalStateOf(await reverse({}))).toBe('WINDOW_PASSED');
  bank.clock.set(new Date(end.getTime() - 30_000));
  expect(reversalStateOf(await reverse({}))).toBe('SETTLED');
});

test('a day’s limits hold under concurrency: every try counts, and the amount of what is not rejected', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const names = Array.from({ length: 8 }, (_, name) => `L-${name}`);
  for (const endToEndId of names) await bank.debit({ mandateId, endToEndId, amount: '100.00' });
  const { reverse, stepsWith } = reversing(bank);
  const limits = { windowDays: 30, reversalsADay: 5, amountADay: amountOf('300.00') };
  const replicas = [stepsWith({ limits }), stepsWith({ limits })];
  const outcomes = await Promise.all(names.map((endToEndId, at) => reverse({ endToEndId }, replicas[at % 2])));
  expect(outcomes.map(reversalStateOf).filter((state) => state === 'SETTLED')).toHaveLength(3);
  expect(outcomes.map(reversalStateOf).filter((state) => state === 'AMOUNT_A_DAY')).toHaveLength(5);
  const few = stepsWith({ limits: { ...limits, reversalsADay: 3 } });
  const left = names.filter((_, at) => reversalStateOf(outcomes[at] as never) === 'AMOUNT_A_DAY')[0] ?? '';
  expect(reversalStateOf(await reverse({ endToEndId: left }, few))).toBe('REVERSALS_A_DAY');
  bank.clock.set(startOfAlgiersDay(addDays(algiersDay(bank.clock.now()), 1)));
  expect(reversalStateOf(await reverse({ endToEndId: left }, few))).toBe('SETTLED');
  await expectSound(bank);
});

test('while the core is closed nothing is taken in: the creditor is told when it opens', async () => {
  const { bank, reverse } = await settledDebit();
  await using _ = bank;
  const closed = { from: '20:00', to: '06:00' };
  bank.setCalendar({ hours: [{ fromDay: '2020-01-01', closed, source: 'test' }] } as never);
  const midnight = startOfAlgiersDay(addDays(algiersDay(bank.clock.now()), 1));
  bank.clock.set(midnight);
  expect(await reverse({})).toEqual({ outcome: 'CORE_CLOSED', opensAt: new Date(midnight.getTime() + 6 * 3_600_000) });
  expect(await rows(bank, 'select from reversals')).toEqual([]);
  bank.clock.set(new Date(midnight.getTime() + 7 * 3_600_000));
  expect(reversalStateOf(await reverse({}))).toBe('SETTLED');
});

test('the ceiling has its amount back in the period where it was reserved, and a new period owes it nothing', async () => {
  const { bank, mandateId, reverse } = await settledDebit();
  await using _ = bank;
  const nextYear = startOfAlgiersDay(`${Number(algiersDay(bank.clock.now()).slice(0, 4)) + 1}-01-01` as never);
  bank.clock.set(nextYear);
  await bank.debit({ mandateId, endToEndId: 'NEW-YEAR', amount: '50.00' });
  const { stepsWith } = reversing(bank);
  const long = stepsWith({ limits: { windowDays: 400, reversalsADay: 9, amountADay: amountOf('999999.00') } });
  expect(reversalStateOf(await reverse({}, long))).toBe('SETTLED');
  expect(await rows(bank, 'select month_used, quarter_used, year_used from mandate_usage')).toEqual([
    { month_used: '5000', quarter_used: '5000', year_used: '5000' },
  ]);
  await expectSound(bank);
});

test('what was reversed is not paid: its declaration says so, and a new debit pays it under a name of its own', async () => {
  const { bank, mandateId, reverse } = await settledDebit();
  await using _ = bank;
  await reverse({});
  expect(await bank.debit({ ...order, mandateId })).toMatchObject({ replayed: true, debit: { state: 'REVERSED' } });
  const declared = async () => {
    const declaration = await bank.steps.declaration({ ...(await bank.orderFor({ ...order, mandateId })) });
    if (declaration === undefined) throw new Error('no declaration');
    return declarationAnswer(bank.steps.sign, 'CNAS' as CreditorCode, declaration, bank.clock.now());
  };
  expect(await declared()).toMatchObject({ matched: false, settledAmount: '0.00', openAmount: '125000.00' });
  expect(stateOf(await bank.debit({ ...order, mandateId, endToEndId: 'R-2' }))).toBe('SETTLED');
  expect(await declared()).toMatchObject({ matched: true, settledAmount: '125000.00', attemptCount: 2 });
  expect(reversalStateOf(await reverse({ endToEndId: 'R-2' }))).toBe('SETTLED');
  await expectSound(bank);
});

test('the database itself holds to it: no REVERSED without its reversal, none settled beside another state, never two', async () => {
  const { bank, reverse } = await settledDebit();
  await using _ = bank;
  const refused = (text: string) => expect(bank.db.owner.query(text)).rejects.toThrow();
  await refused("update debits set state = 'REVERSED', holds_declaration = false, holds_ceiling = false");
  await reverse({});
  await refused("update debits set state = 'SETTLED', holds_declaration = true, holds_ceiling = true");
  await refused(
    "update reversals set state = 'REJECTED', reason = 'MS03', shown_reason = 'MS03', confirmation_jti = null",
  );
  await refused(
    `insert into reversals (reversal_id, debit_id, creditor_code, attempt, core_reference, amount, asked_reason, request_jti,
       state, ordered_at, received_at, counted_on, expires_at, resolve_by, lease_until)
     select gen_random_uuid(), debit_id, creditor_code, 2, repeat('A', 32), amount, asked_reason, request_jti, 'REQUESTED',
            ordered_at, received_at, counted_on, expires_at, resolve_by, lease_until from reversals`,
  );
  await expectSound(bank);
});

/** The creditor spends what it collected. */
async function takeOut(bank: TestBankWithGateway, from: string, to: string, amount: string): Promise<void> {
  const { outcome } = (
    await bank.core.debit([
      {
        reference: 'ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ' as never,
        debtor: from as never,
        creditor: to as never,
        amount: amountOf(amount),
        notBefore: new Date(),
        notAfter: new Date(Date.now() + 60_000),
      },
    ])
  )[0] ?? { outcome: 'IN_DOUBT' };
  expect(outcome).toBe('MOVED');
}
