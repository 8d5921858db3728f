import type { Queryable } from '../database/queryable.ts';
import { parseRib, type Rib } from '../values/rib.ts';
import { type AccountStatus, bookFundings, insertAccounts, selectBalance, updateStatus } from './accounts.sql.ts';

export { type AccountStatus, selectImbalances as findImbalances } from './accounts.sql.ts';

/** An account of the ledger as it is opened: for the seed, the demonstration and tests, never for the gateway. */
export type NewAccount = {
  rib: Rib;
  holder: string;
  /** COLLECTION: a creditor's, credited by many at once, and locked last. */
  kind: 'CUSTOMER' | 'COLLECTION';
  /** Centimes, paid in from the bank's vault. */
  openingBalance: bigint;
  /** Centimes, 0 or less. */
  minimumBalance?: bigint;
};

/** Opens and funds what is not there yet; answers the RIBs that were new. Doing it again changes nothing. */
export async function openAccounts(db: Queryable, accounts: readonly NewAccount[]): Promise<Rib[]> {
  const cash = new Set(accounts.map(({ rib }) => cashAccountOf(rib)));
  const opened = await insertAccounts(db, [
    ...[...cash].map((rib) => ({ rib, holder: 'Caisse', kind: 'CASH' as const, minimumBalance: 0n })),
    ...accounts.map(({ rib, holder, kind, minimumBalance = 0n }) => ({ rib, holder, kind, minimumBalance })),
  ]);
  // Under one reference an account, so that an account which was opened and not funded yet is funded now.
  await bookFundings(
    db,
    accounts
      .filter(({ openingBalance }) => openingBalance > 0n)
      .map(({ rib, openingBalance }) => ({
        reference: `OPENING-${rib}`,
        cash: cashAccountOf(rib),
        rib,
        amount: openingBalance,
      })),
  );
  return accounts.map(({ rib }) => rib).filter((rib) => opened.includes(rib));
}

/** Pays in `amount` centimes. The same reference again pays nothing more, and answers false. */
export async function fundAccount(db: Queryable, reference: string, rib: Rib, amount: bigint): Promise<boolean> {
  const booked = await bookFundings(db, [{ reference: `FUNDING-${reference}`, cash: cashAccountOf(rib), rib, amount }]);
  return booked.length === 1;
}

/** Blocks, closes or reopens. Throws where the account is not known. */
export async function setAccountStatus(db: Queryable, rib: Rib, status: AccountStatus): Promise<void> {
  if (!(await updateStatus(db, rib, status))) throw new Error('the ledger does not know this account');
}

/** In centimes, negative within a permitted overdraft. Throws where the account is not known. */
export async function balanceOf(db: Queryable, rib: Rib): Promise<bigint> {
  const balance = await selectBalance(db, rib);
  if (balance === undefined) throw new Error('the ledger does not know this account');
  return balance;
}

/** The vault of the account's bank: account 1 of its branch 0, whose key is 94. */
function cashAccountOf(rib: Rib): Rib {
  const cash = parseRib(`${rib.slice(0, 3)}00000000000000194`);
  if (cash === undefined) throw new Error("the vault's RIB has a wrong key");
  return cash;
}
