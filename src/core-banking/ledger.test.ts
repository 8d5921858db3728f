import { expect, test } from 'vitest';
import { freshDatabase, someoneWaits } from '../../test/database.ts';
import { openLedgerBank, ribOf, twoAccounts } from '../../test/ledger-bank.ts';
import { openPool } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { type Centimes, parseAmount } from '../values/centimes.ts';
import { algiersDay } from '../values/dates.ts';
import type { Rib } from '../values/rib.ts';
import { balanceOf, openAccounts } from './accounts.ts';
import { instructionOf, newReference } from './contract-bank.ts';
import { coreBankingContract } from './contract-suite.ts';
import { ledgerCoreBanking } from './ledger.ts';

coreBankingContract('ledger', openLedgerBank);

test('only what moved is given back, whole and to where it came from', async () => {
  await using bank = await openLedgerBank();
  const [debtor, creditor] = [await bank.openAccount('CUSTOMER', 10000n), await bank.openAccount('COLLECTION', 10000n)];
  const moved = instructionOf(debtor, creditor, '50.00');
  const refused = instructionOf(debtor, creditor, '100.00');
  await bank.port.debit([moved, refused]);
  const back = { ...moved, original: moved.reference };
  const answers = await bank.port.reverse([
    { ...back, reference: newReference(), amount: amount('49.99') },
    { ...back, reference: newReference(), debtor: await bank.openAccount('CUSTOMER', 0n) },
    { ...refused, reference: newReference(), original: refused.reference },
    { ...back, reference: newReference(), original: newReference() },
  ]);
  expect(answers).toEqual(Array(4).fill({ outcome: 'REFUSED', reason: 'MS03' }));
});

test('a permitted overdraft can be used to the centime and no further', async () => {
  await using db = await freshDatabase();
  const [debtor, creditor] = [ribOf(1), ribOf(2)];
  await openAccounts(db.ledger, [
    { rib: debtor, holder: 'Debtor', kind: 'CUSTOMER', openingBalance: 10000n, minimumBalance: -5000n },
    { rib: creditor, holder: 'Creditor', kind: 'COLLECTION', openingBalance: 0n },
  ]);
  const port = ledgerCoreBanking(db.ledger);
  expect(
    await port.debit(['150.01', '150.00', '0.01'].map((text) => instructionOf(debtor, creditor, text))),
  ).toMatchObject([{ outcome: 'REFUSED' }, { outcome: 'MOVED' }, { outcome: 'REFUSED' }]);
  expect(await balanceOf(db.ledger, debtor)).toBe(-5000n);
});

test('data that the books cannot hold leave that item in doubt, and are told', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  const faults: unknown[] = [];
  const port = ledgerCoreBanking(db.ledger, { onFault: (fault) => faults.push(fault) });
  const good = instructionOf(debtor, creditor, '10.00');
  const answers = await port.debit([
    good,
    { ...instructionOf(debtor, creditor, '1.00'), notAfter: new Date(-8.64e15) },
    instructionOf(debtor, creditor, '0.00'),
    instructionOf(debtor, creditor, '20.00'),
  ]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(['MOVED', 'IN_DOUBT', 'IN_DOUBT', 'MOVED']);
  expect(faults).toHaveLength(2);
  expect(await balanceOf(db.ledger, debtor)).toBe(7000n);
});

test('a ledger that does not answer in time leaves doubt, and what it had begun never moves by itself', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  const other = { ...instructionOf(debtor, creditor, '1.00'), debtor: ribOf(3) };
  const impatient = openPool({ url: db.url.ledger, applicationName: 'impatient', statementSeconds: 0.2 });
  const port = ledgerCoreBanking(impatient);
  const holder = await db.ledgerOwner.connect();
  await holder.query('begin; lock table ledger.accounts, ledger.bookings in access exclusive mode');
  const instruction = instructionOf(debtor, creditor, '10.00');
  const { reference } = instruction;
  expect(await port.debit([instruction, other, instruction])).toEqual(Array(3).fill({ outcome: 'IN_DOUBT' }));
  expect(await port.reverse([{ ...instruction, original: reference }])).toEqual([{ outcome: 'IN_DOUBT' }]);
  expect(await port.inquire([reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await port.void([reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await port.lookUpAccount(debtor)).toEqual({ outcome: 'UNREACHABLE' });
  await holder.query('rollback');
  holder.release();
  expect(await ledgerCoreBanking(db.ledger).inquire([reference])).toEqual([{ outcome: 'UNKNOWN' }]);
  await impatient.end();
});

test('a ledger that is away leaves doubt, and is no answer about an account', async () => {
  const nowhere = openPool({ url: 'postgresql://ledger_runtime@127.0.0.1:1/ledger', applicationName: 'nowhere' });
  const port = ledgerCoreBanking(nowhere);
  const instruction = instructionOf(ribOf(1), ribOf(2), '10.00');
  expect(await port.debit([instruction])).toEqual([{ outcome: 'IN_DOUBT' }]);
  expect(await port.inquire([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await port.void([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await port.lookUpAccount(instruction.debtor)).toEqual({ outcome: 'UNREACHABLE' });
  await expect(port.movements(algiersDay(new Date()))).rejects.toThrow();
  await nowhere.end();
});

test('a connection that is lost on the way leaves doubt, which an inquiry ends', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  const instruction = instructionOf(debtor, creditor, '10.00');
  // The money moves, and the answer is lost.
  const losing: Queryable = {
    async query(statement) {
      await db.ledger.query(statement);
      throw new Error('Connection terminated unexpectedly');
    },
  };
  expect(await ledgerCoreBanking(losing).debit([instruction])).toEqual([{ outcome: 'IN_DOUBT' }]);
  const port = ledgerCoreBanking(db.ledger);
  expect(await port.inquire([instruction.reference])).toMatchObject([{ outcome: 'MOVED' }]);
  expect(await balanceOf(db.ledger, debtor)).toBe(9000n);
});

test('an instruction that waited for an account past its notAfter is refused', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  const holder = await db.ledgerOwner.connect();
  await holder.query('begin');
  await holder.query('select from ledger.accounts where rib = $1 for update', [debtor]);
  const notAfter = new Date(Date.now() + 2_000);
  const debit = ledgerCoreBanking(db.ledger).debit([{ ...instructionOf(debtor, creditor, '10.00'), notAfter }]);
  // A role sees what its own sessions wait for.
  await expect.poll(() => someoneWaits({ gateway: db.ledger })).toBe(true);
  await holder.query(`select pg_sleep_until($1::timestamptz + interval '50 milliseconds')`, [notAfter]);
  await holder.query('rollback');
  holder.release();
  expect(await debit).toEqual([{ outcome: 'REFUSED', reason: 'TM01' }]);
});

test('a deadlock runs again; what is no fault of the bus is thrown', async () => {
  await using db = await freshDatabase();
  const { debtor, creditor } = await twoAccounts(db);
  let deadlocks = 2;
  const unlucky: Queryable = {
    async query(statement) {
      deadlocks -= 1;
      if (deadlocks >= 0) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      return db.ledger.query(statement);
    },
  };
  const instruction = instructionOf(debtor, creditor, '10.00');
  expect(await ledgerCoreBanking(unlucky).debit([instruction])).toMatchObject([{ outcome: 'MOVED' }]);
  // The gateway's own role has no business in the ledger.
  await expect(ledgerCoreBanking(db.gateway).debit([instruction])).rejects.toThrow(/permission denied/);
});

test('the vault is no account that can be debited or looked up', async () => {
  await using db = await freshDatabase();
  const { creditor } = await twoAccounts(db);
  const { rows } = await db.ledger.query<{ rib: Rib }>({ text: `select rib from ledger.accounts where kind = 'CASH'` });
  const vault = rows[0]?.rib ?? ribOf(9);
  const port = ledgerCoreBanking(db.ledger);
  expect(await port.lookUpAccount(vault)).toEqual({ outcome: 'UNKNOWN' });
  expect(await port.debit([instructionOf(vault, creditor, '1.00')])).toEqual([{ outcome: 'REFUSED', reason: 'AC01' }]);
});

const amount = (text: string): Centimes => {
  const parsed = parseAmount(text);
  if (parsed === undefined) throw new Error('not an amount');
  return parsed;
};
