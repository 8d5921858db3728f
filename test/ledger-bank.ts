import {
  balanceOf,
  findImbalances,
  fundAccount,
  openAccounts,
  setAccountStatus,
} from '../src/core-banking/accounts.ts';
import type { TestBank } from '../src/core-banking/contract-bank.ts';
import { ledgerCoreBanking } from '../src/core-banking/ledger.ts';
import { parseRib, type Rib } from '../src/values/rib.ts';
import { freshDatabase, type TestDatabase } from './database.ts';

/** A ledger in a database of the test's own. */
export async function openLedgerBank(): Promise<TestBank> {
  const db = await freshDatabase();
  let opened = 0;
  let funded = 0;
  const nextRib = () => {
    opened += 1;
    return ribOf(opened);
  };
  return {
    port: ledgerCoreBanking(db.ledger),
    async openAccount(kind, openingBalance) {
      const rib = nextRib();
      await openAccounts(db.ledger, [{ rib, holder: `Holder ${opened}`, kind, openingBalance }]);
      return rib;
    },
    unusedRib: nextRib,
    setStatus: (rib, status) => setAccountStatus(db.ledger, rib, status),
    async fund(rib, centimes) {
      funded += 1;
      await fundAccount(db.ledger, `TEST-${funded}`, rib, centimes);
    },
    balanceOf: (rib) => balanceOf(db.ledger, rib),
    imbalances: () => findImbalances(db.ledger),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

/** The RIB of a test's own account by its number, at bank 005, branch 00102. */
export function ribOf(account: number): Rib {
  const branchAndAccount = `00102${String(account).padStart(10, '0')}`;
  const key = 97n - ((BigInt(branchAndAccount) * 100n) % 97n);
  const rib = parseRib(`005${branchAndAccount}${String(key).padStart(2, '0')}`);
  if (rib === undefined) throw new Error('not a RIB');
  return rib;
}

/** A debtor with 100.00 and a creditor's collection account. */
export async function twoAccounts(db: TestDatabase): Promise<{ debtor: Rib; creditor: Rib }> {
  const [debtor, creditor] = [ribOf(1), ribOf(2)];
  await openAccounts(db.ledger, [
    { rib: debtor, holder: 'Debtor', kind: 'CUSTOMER', openingBalance: 10000n },
    { rib: creditor, holder: 'Creditor', kind: 'COLLECTION', openingBalance: 0n },
  ]);
  return { debtor, creditor };
}
