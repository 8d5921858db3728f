import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { cnas, must, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import {
  askThrough,
  moveBackUnknown,
  moveUnknown,
  putBack,
  readMovements,
  rowsOf,
  startAgain,
  workRound,
} from '../../test/restored-bank.ts';
import { type Reversing, reversalStateOf, reversing } from '../../test/reversals.ts';
import { openAccounts } from '../core-banking/accounts.ts';
import { inTransaction } from '../database/pool.ts';
import { runWork } from '../jobs/run-work.ts';
import { holdStill } from '../stops/stillness.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import { coreReferenceOf, parseEndToEndId } from '../values/ids.ts';
import { selectInstructionsHeld } from './instructions.sql.ts';
import { reversalWork } from './resolve-reversal.ts';

const tomorrow = addDays(algiersDay(new Date()), 1);
const states = (bank: TestBankWithGateway) =>
  rowsOf(bank, 'select end_to_end_id as name, state from debits order by end_to_end_id');
const unexplained = (bank: TestBankWithGateway) =>
  rowsOf(bank, 'select why, ending from unexplained_movements order by booking_reference');

async function reversalRound(bank: TestBankWithGateway, { steps, leasesEnd }: Reversing): Promise<void> {
  await leasesEnd();
  const work = reversalWork(steps, new Map());
  await runWork(work, await work.due(64), {
    db: bank.db.gateway,
    onFault: (name, fault) => expect.fail(`${name}: ${fault}`),
  });
}

test.for([1, 2])(
  'a debit that went back in the lost time, by its try %i, waits for the same request, which claims it; no other try is begun',
  async (attempt) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    await bank.debit({ mandateId, endToEndId: 'R', amount: '1000.00' });
    await moveBackUnknown(bank, mandateId, 'R', attempt);
    const balance = await bank.balance(await bank.debtorOf(mandateId));
    const stopId = await putBack(bank);
    expect(await unexplained(bank)).toEqual([{ why: 'FOREIGN', ending: null }]);
    expect(await startAgain(bank, stopId)).toBe('UNACCOUNTED');
    const rev = reversing(bank);
    expect(reversalStateOf(await rev.reverse({ endToEndId: 'R', attempt: attempt === 1 ? 2 : 1 }))).not.toMatch(
      /REQUESTED|EXECUTING|SETTLED/,
    );
    expect(reversalStateOf(await rev.reverse({ endToEndId: 'R', attempt }))).toBe('IN_DOUBT');
    await reversalRound(bank, rev);
    expect(reversalStateOf(await rev.reverse({ endToEndId: 'R', attempt }))).toBe('SETTLED');
    expect(await states(bank)).toEqual([{ name: 'R', state: 'REVERSED' }]);
    expect(await bank.balance(await bank.debtorOf(mandateId))).toBe(balance);
    expect(await rowsOf(bank, 'select state, sends from reversals')).toEqual([{ state: 'SETTLED', sends: 1 }]);
    expect(await unexplained(bank)).toEqual([{ why: 'FOREIGN', ending: 'CLAIMED' }]);
    expect(await startAgain(bank, stopId)).toBe('DECIDED');
  },
);

test.for([['read after a restore'], ['asked about']] as const)(
  'a reversal that was only asked for, as far as is known, and has moved is in doubt and settles: %s',
  async ([how]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    await bank.debit({ mandateId, endToEndId: 'R', amount: '1000.00' });
    const rev = reversing(bank);
    const killed = { ...rev.steps, claim: () => Promise.reject(new Error('killed')) };
    await expect(rev.reverse({ endToEndId: 'R' }, killed)).rejects.toThrow('killed');
    await moveBackUnknown(bank, mandateId, 'R', 1);
    if (how === 'read after a restore') {
      await putBack(bank);
      expect(await rowsOf(bank, 'select state, sends from reversals')).toEqual([{ state: 'IN_DOUBT', sends: 1 }]);
      expect(await unexplained(bank)).toEqual([]);
    }
    await reversalRound(bank, rev);
    expect(await rowsOf(bank, 'select state, sends from reversals')).toEqual([{ state: 'SETTLED', sends: 1 }]);
    expect(await states(bank)).toEqual([{ name: 'R', state: 'REVERSED' }]);
    expect(await rowsOf(bank, 'select kind from contradictions')).toEqual([]);
  },
);

/** The day of what is dated for tomorrow has come, and its work is done as far as it can be. */
async function tomorrowComes(bank: TestBankWithGateway): Promise<void> {
  bank.clock.set(new Date(startOfAlgiersDay(tomorrow).getTime() + 12 * 3_600_000));
  for (let round = 0; round < 3; round += 1) await workRound(bank);
}

test('nothing starts again while a movement is unexplained, but by two people who name how many', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  // Its collection account was changed in the lost time: credited to one that no creditor has here.
  await moveUnknown(bank, mandateId, 'N');
  await bank.db.owner.query('alter table collection_accounts disable trigger user');
  await bank.db.owner.query("update collection_accounts set account = '00500102000000000031'");
  const stopId = await putBack(bank);
  expect(await unexplained(bank)).toEqual([{ why: 'FOREIGN', ending: null }]);
  expect(await startAgain(bank, stopId)).toBe('UNACCOUNTED');
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: 2 })).toBe('UNACCOUNTED');
  await expect(
    bank.db.gateway.query("update unexplained_movements set ending = 'EXPLAINED', ended_at = now()"),
  ).rejects.toThrow('violates check constraint');
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: 1 })).toBe('DECIDED');
  expect(await unexplained(bank)).toEqual([{ why: 'FOREIGN', ending: 'EXPLAINED' }]);
});

test('a debit that moved from an account that no mandate of its chain has is neither sent nor rejected, and settles once that mandate is entered again', async () => {
  await using bank = await openBank();
  const old = await bank.addMandate();
  await bank.debit({ mandateId: old, endToEndId: 'S', amount: '1000.00', executionDate: tomorrow });
  const lost = await bank.addMandate({ employerNumber: '0999999912' });
  await moveUnknown(bank, lost, 'S');
  const stopId = await putBack(bank);
  expect(await unexplained(bank)).toEqual([{ why: 'OTHER_ACCOUNT', ending: null }]);
  // Though people explain it, what moved is neither sent again nor rejected.
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: 1 })).toBe('DECIDED');
  await tomorrowComes(bank);
  expect(await states(bank)).toEqual([{ name: 'S', state: 'ACCEPTED' }]);
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [old]);
  const next = await bank.addMandate({ chainId: old });
  await bank.db.owner.query('alter table mandate_debtors disable trigger user');
  await bank.db.owner.query('update mandate_debtors set rib = $1 where mandate_id = $2', [
    await bank.debtorOf(lost),
    next,
  ]);
  await readMovements(bank);
  await workRound(bank);
  expect(await rowsOf(bank, 'select state, mandate_id from debits')).toEqual([{ state: 'SETTLED', mandate_id: next }]);
  expect(await unexplained(bank)).toEqual([{ why: 'OTHER_ACCOUNT', ending: 'MET' }]);
});

const otherAccount = ribOf(9_000_002);

/** In the lost time the creditor had another collection account, which is known to the core alone. */
async function openOtherAccount(bank: TestBankWithGateway): Promise<void> {
  await openAccounts(bank.db.ledger, [{ rib: otherAccount, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
}

test('a debit that moved to an account that its creditor has not, as far as is known, is neither sent nor confirmed, and names that account once it is entered again', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'S', amount: '1000.00', executionDate: tomorrow });
  await openOtherAccount(bank);
  await moveUnknown(bank, mandateId, 'S', '1000.00', otherAccount);
  const stopId = await putBack(bank);
  expect(await unexplained(bank)).toEqual([{ why: 'OTHER_ACCOUNT', ending: null }]);
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: 1 })).toBe('DECIDED');
  await tomorrowComes(bank);
  expect(await states(bank)).toEqual([{ name: 'S', state: 'ACCEPTED' }]);

  await bank.db.owner.query('alter table creditors disable trigger user');
  await bank.db.owner.query('update creditors set collection_account = $1', [otherAccount]);
  await readMovements(bank);
  await workRound(bank);
  expect(await states(bank)).toEqual([{ name: 'S', state: 'SETTLED' }]);
  const [row] = await rowsOf(bank, 'select token from debits join tokens on jti = confirmation_jti');
  expect(decodeJwt(must(row).token).creditedAccount).toBe(`005*************${otherAccount.slice(-4)}`);
  // It goes back from where it went.
  expect(reversalStateOf(await reversing(bank).reverse({ endToEndId: 'S' }))).toBe('SETTLED');
  expect(await bank.balance(otherAccount)).toBe(0n);
});

/** Two people have entered the account that the creditor changed to in the lost time. */
async function enterOtherAccount(bank: TestBankWithGateway): Promise<void> {
  await bank.db.owner.query('alter table creditors disable trigger user');
  await bank.db.owner.query("update creditors set collection_account = $1 where creditor_code = 'CNAS'", [
    otherAccount,
  ]);
  await bank.db.owner.query("insert into collection_accounts values ('CNAS', clock_timestamp(), $1)", [otherAccount]);
}

test.for([['before it is claimed'], ['once it is claimed']] as const)(
  'what moved to an account that its creditor has changed since is claimed with that account, and explained by nothing else: read again %s',
  async ([when]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    const [creditors] = await rowsOf(bank, "select collection_account from creditors where creditor_code = 'CNAS'");
    const account = must(creditors).collection_account;
    await openOtherAccount(bank);
    await moveUnknown(bank, mandateId, 'X');
    const stopId = await putBack(bank);
    await enterOtherAccount(bank);
    const readAgain = async () => {
      expect(await startAgain(bank, stopId)).not.toBe('DECIDED');
      await rowsOf(bank, "update proposals set state = 'WITHDRAWN', decided_by = proposed_by, decided_at = now()");
      await readMovements(bank);
      expect(await unexplained(bank)).toEqual([]);
    };
    if (when === 'before it is claimed') await readAgain();
    const reference = coreReferenceOf(cnas, must(parseEndToEndId('X')));
    const waits = { ...bank.steps, times: { ...bank.steps.times, answerSeconds: 0 } };
    expect(await bank.debit({ mandateId, endToEndId: 'X', amount: '1000.00' }, waits)).toMatchObject({
      debit: { state: 'EXECUTING' },
    });
    if (when === 'once it is claimed') {
      await rowsOf(bank, 'update restores set movements_read_at = null');
      await readMovements(bank);
      expect(await unexplained(bank)).toEqual([]);
    }
    expect((await selectInstructionsHeld(bank.db.gateway, [reference])).get(reference)?.creditor).toBe(account);
    await workRound(bank);
    expect(await states(bank)).toEqual([{ name: 'X', state: 'SETTLED' }]);
    const [row] = await rowsOf(bank, 'select token from debits join tokens on jti = confirmation_jti');
    expect(decodeJwt(must(row).token).creditedAccount).toBe(`005*************${account.slice(-4)}`);
    expect(await startAgain(bank, stopId)).toBe('DECIDED');
    expect(await unexplained(bank)).toEqual([]);
    // It goes back from where it went.
    expect(reversalStateOf(await reversing(bank).reverse({ endToEndId: 'X' }))).toBe('SETTLED');
    expect([await bank.balance(account), await bank.balance(otherAccount)]).toEqual([0n, 0n]);
  },
);

test('what moved to an account that its creditor had is claimed with it, though another was entered before it was read', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await openOtherAccount(bank);
  await moveUnknown(bank, mandateId, 'A');
  await moveUnknown(bank, mandateId, 'B', '1000.00', otherAccount);
  await enterOtherAccount(bank);
  await putBack(bank);
  expect(await unexplained(bank)).toEqual([]);
  for (const endToEndId of ['A', 'B']) await askThrough(bank, bank.debit({ mandateId, endToEndId, amount: '1000.00' }));
  const tokens = await rowsOf(
    bank,
    'select token from debits join tokens on jti = confirmation_jti order by end_to_end_id',
  );
  expect(tokens.map(({ token }) => String(decodeJwt(token).creditedAccount).slice(-4))).toEqual([
    ribOf(9_000_001).slice(-4),
    otherAccount.slice(-4),
  ]);
});

test('no collection account is changed while the movements since a restore are unread', async () => {
  await using bank = await openBank();
  await putBack(bank, { settleSeconds: 3600 });
  const still = () => inTransaction(bank.db.gateway, (db) => holdStill(db, cnas));
  expect(await still()).toBe('UNDER_WAY');
  await readMovements(bank);
  expect(await still()).toBe('STILL');
});

test('a debit in doubt that moved to another account than it names is not confirmed, and people have it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit(
    { mandateId, endToEndId: 'D', amount: '1000.00' },
    { ...bank.steps, move: async () => ({ outcome: 'IN_DOUBT' }) },
  );
  await openOtherAccount(bank);
  await moveUnknown(bank, mandateId, 'D', '1000.00', otherAccount);
  await putBack(bank);
  expect(await unexplained(bank)).toEqual([{ why: 'OTHER_ACCOUNT', ending: null }]);
  await bank.db.owner.query("update debits set lease_until = now() - interval '1 second'");
  await workRound(bank);
  expect(await rowsOf(bank, 'select state, people_since is not null as people from debits')).toEqual([
    { state: 'IN_DOUBT', people: true },
  ]);
  expect(await rowsOf(bank, 'select kind from contradictions')).toEqual([{ kind: 'OTHER_BOOKING' }]);
  expect(await rowsOf(bank, "select from tokens where kind = 'settlement-confirmation+jwt'")).toEqual([]);
});

test('a debit that moved with another amount than is known is in doubt, and people have it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'S', amount: '1000.00', executionDate: tomorrow });
  await moveUnknown(bank, mandateId, 'S', '999.99');
  await putBack(bank);
  await workRound(bank);
  expect(await rowsOf(bank, 'select state, people_since is not null as people from debits')).toEqual([
    { state: 'IN_DOUBT', people: true },
  ]);
  expect(await rowsOf(bank, 'select kind from contradictions')).toEqual([{ kind: 'OTHER_AMOUNT' }]);
});
