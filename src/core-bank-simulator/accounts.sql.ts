import type { Queryable } from '../database/queryable.ts';
import type { Rib } from '../values/rib.ts';

export type AccountRow = {
  rib: string;
  holder: string;
  kind: 'CUSTOMER' | 'COLLECTION';
  status: 'OPEN' | 'BLOCKED' | 'CLOSED';
  /** Centimes. */
  balance: bigint;
};

/** A customer's or a creditor's account; the bank's own vault is none of them. */
export async function selectAccount(db: Queryable, rib: Rib): Promise<AccountRow | undefined> {
  const { rows } = await db.query<Omit<AccountRow, 'balance'> & { balance: string }>({
    name: 'simulator-select-account',
    text: `select rib, holder, kind, status, balance from ledger.accounts where rib = $1 and kind <> 'CASH'`,
    values: [rib],
  });
  const [account] = rows;
  return account && { ...account, balance: BigInt(account.balance) };
}
