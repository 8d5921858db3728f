import { expect, test } from 'vitest';
import { amountOf, cacobatph, cnas, must, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import {
  type DebitId,
  type MandateId,
  newDebitId,
  parseDeclarationReference,
  parseEmployerNumber,
  parseEndToEndId,
} from '../values/ids.ts';
import { type DebitSearch, findMandateOnAccount, searchDebits, selectCreditorCodes } from './search.sql.ts';

const found = async (bank: TestBankWithGateway, search: Partial<DebitSearch>): Promise<string[]> =>
  (await searchDebits(bank.db.gateway, { agencies: 'ALL', ...search }, { limit: 100 })).map(
    (debit) => debit.endToEndId,
  );

test('each filter finds exactly its debits, the newest first, and no other', async () => {
  await using bank = await openBank();
  const own = await bank.addMandate({ employerNumber: '0000000001', perPeriod: '9000000.00' });
  const other = await bank.addMandate({ employerNumber: '0000000002', creditor: cacobatph, state: 'REVOKED' });
  await bank.debit({ mandateId: own, endToEndId: 'A-1', declaration: 'DAC-1', declared: '250000.00' });
  await bank.debit({ mandateId: own, endToEndId: 'A-2', declaration: 'DAC-1', declared: '250000.00' });
  await bank.debit({ mandateId: other, endToEndId: 'B-1', declaration: 'DAC-2', creditor: cacobatph });
  const today = algiersDay(bank.clock.now());

  expect(await found(bank, {})).toEqual(['B-1', 'A-2', 'A-1']);
  expect(await found(bank, { endToEndId: must(parseEndToEndId('A-2')) })).toEqual(['A-2']);
  expect(await found(bank, { employerNumber: must(parseEmployerNumber('0000000002')) })).toEqual(['B-1']);
  expect(await found(bank, { declaration: must(parseDeclarationReference('DAC-1')) })).toEqual(['A-2', 'A-1']);
  expect(await found(bank, { creditor: cacobatph })).toEqual(['B-1']);
  expect(await found(bank, { mandateId: own })).toEqual(['A-2', 'A-1']);
  expect(await found(bank, { state: 'SETTLED' })).toEqual(['A-2', 'A-1']);
  expect(await found(bank, { state: 'REJECTED', reason: 'MD01' })).toEqual(['B-1']);
  expect(await found(bank, { reason: 'AM04' })).toEqual([]);
  expect(await found(bank, { from: today, to: today })).toEqual(['B-1', 'A-2', 'A-1']);
  expect(await found(bank, { from: addDays(today, 1) })).toEqual([]);
  expect(await found(bank, { to: addDays(today, -1) })).toEqual([]);
  expect(await found(bank, { creditor: cnas, state: 'REJECTED' })).toEqual([]);
  expect(await selectCreditorCodes(bank.db.gateway)).toEqual(['CACOBATPH', 'CNAS']);
});

test("a creditor's own list by employer holds that employer's debits with it, and no other's", async () => {
  await using bank = await openBank();
  const own = await bank.addMandate({ employerNumber: '0000000001' });
  const other = await bank.addMandate({ employerNumber: '0000000002' });
  const elsewhere = await bank.addMandate({ employerNumber: '0000000001', creditor: cacobatph });
  await bank.debit({ mandateId: own, endToEndId: 'OWN-1' });
  await bank.debit({ mandateId: other, endToEndId: 'OTHER-1' });
  await bank.debit({ mandateId: elsewhere, endToEndId: 'ELSEWHERE-1', creditor: cacobatph });
  const employerNumber = must(parseEmployerNumber('0000000001'));
  const listed = await bank.steps.list({ creditor: cnas, employerNumber, limit: 10 });
  expect(listed.map(({ endToEndId }) => endToEndId)).toEqual(['OWN-1']);
});

test('a RIB finds the debits of every mandate on that account, by a mandate that stands for it', async () => {
  await using bank = await openBank();
  const first = await bank.addMandate({ perPeriod: '9000000.00' });
  const second = await bank.addMandate({ perPeriod: '9000000.00' });
  const elsewhere = await bank.addMandate();
  const rib = await bank.debtorOf(first);
  await bank.db.owner.query('alter table mandate_debtors disable trigger user');
  await bank.db.owner.query('update mandate_debtors set rib = $1 where mandate_id = $2', [rib, second]);
  await bank.debit({ mandateId: first, endToEndId: 'ON-1' });
  await bank.debit({ mandateId: second, endToEndId: 'ON-2' });
  await bank.debit({ mandateId: elsewhere, endToEndId: 'OFF-1' });
  const accountOf = must(await findMandateOnAccount(bank.db.gateway, rib, 'ALL'));
  expect(await found(bank, { accountOf })).toEqual(['ON-2', 'ON-1']);
  expect(await findMandateOnAccount(bank.db.gateway, rib, ['00999'])).toBeUndefined();
});

test('staff find the debits of their agencies alone, and a burnt name is found by whoever sees all', async () => {
  await using bank = await openBank();
  await bank.debit({ mandateId: await bank.addMandate(), endToEndId: 'HERE-1' });
  await insertBurnt(bank, 'BURNT-1');
  expect(await found(bank, { agencies: ['00102'] })).toEqual(['HERE-1']);
  expect(await found(bank, { agencies: ['00999'] })).toEqual([]);
  expect(await found(bank, { agencies: [] })).toEqual([]);
  expect(await found(bank, {})).toEqual(['BURNT-1', 'HERE-1']);
});

test('a day in Algiers is from its midnight to the next, to the millisecond', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const day = algiersDay(bank.clock.now());
  const midnight = startOfAlgiersDay(day).getTime();
  const next = startOfAlgiersDay(addDays(day, 1)).getTime();
  for (const [name, at] of [
    ['BEFORE', midnight - 1],
    ['FIRST', midnight],
    ['LAST', next - 1],
    ['AFTER', next],
  ] as const)
    await insertRejected(bank, mandateId, name, new Date(at));
  expect(await found(bank, { from: day, to: day })).toEqual(['LAST', 'FIRST']);
});

test('pages neither lose nor repeat a debit, also while others are received', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const instant = bank.clock.now();
  for (let number = 0; number < 7; number += 1) await insertRejected(bank, mandateId, `PAGE-${number}`, instant);
  const seen: string[] = [];
  let after: DebitId | undefined;
  for (let turn = 0; turn < 10; turn += 1) {
    const page = await searchDebits(bank.db.gateway, { agencies: ['00102'] }, { after, limit: 3 });
    seen.push(...page.map(({ endToEndId }) => endToEndId));
    await insertRejected(bank, mandateId, `LATER-${turn}`, bank.clock.now());
    if (page.length < 3) break;
    after = page.at(-1)?.debitId;
  }
  expect(seen.toSorted()).toEqual(Array.from({ length: 7 }, (_, number) => `PAGE-${number}`));
});

async function insertRejected(bank: TestBankWithGateway, mandateId: MandateId, name: string, receivedAt: Date) {
  await bank.db.owner.query(
    `with signed as (
       insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
       values ($1::uuid, 'CNAS', 'debit-rejection+jwt', $1::uuid, 'key', $4, 'a.b.c')
     )
     insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration, declared, amount,
       content, request_jti, state, reason, shown_reason, ordered_at, received_at, expires_at, resolve_by, lease_until, rejection_jti, ended_at)
     values ($1, 'CNAS', $2, translate(upper(substr(md5($2), 1, 32)), '0189', 'WXYZ'), $3, '0262992312', 'DAC', $5, $5, sha256('x'), 'jti', 'REJECTED',
       'MD01', 'MD01', $4, $4, $4::timestamptz + interval '60 s', $4::timestamptz + interval '90 s', $4, $1, $4)`,
    [newDebitId(receivedAt), name, mandateId, receivedAt, amountOf('100.00')],
  );
}

async function insertBurnt(bank: TestBankWithGateway, name: string) {
  const now = bank.clock.now();
  await bank.db.owner.query(
    `insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, request_jti, state, ordered_at, received_at, expires_at, resolve_by, lease_until)
     values ($1, 'CNAS', $2, repeat('B', 32), 'jti', 'CANCELLED', $3, $3, $3, $3::timestamptz + interval '1 s', $3)`,
    [newDebitId(now), name, now],
  );
}
