import {
  type AccountStatus,
  findImbalances,
  fundAccount,
  openAccounts,
  setAccountStatus,
} from '../core-banking/accounts.ts';
import type { Queryable } from '../database/queryable.ts';
import { formatAmount, parseAmount } from '../values/centimes.ts';
import { parseRib, type Rib } from '../values/rib.ts';
import { selectAccount } from './accounts.sql.ts';
import type { Rule } from './behaviour.ts';
import { type Entry, selectBooks } from './books.sql.ts';
import type { BusKind } from './kind.ts';
import type { Rules } from './rules.ts';
import type { RefusedMessage, Tally } from './tally.ts';

/** An account to open. Amounts as everywhere outside: "125000.00". */
export type AccountToOpen = { rib: string; holder: string; kind: 'CUSTOMER' | 'COLLECTION'; openingBalance: string };

export type AccountShown = { rib: string; holder: string; kind: string; status: AccountStatus; balance: string };

/** One row of the books, as a checker reads it. Accounts are those of the posting: of a reversal swapped. */
export type BookRow = Omit<Entry, 'number' | 'amount' | 'decidedAt' | 'executedAt'> & {
  number: string;
  amount: string | null;
  decidedAt: string;
  executedAt: string | null;
};

/** Told where what was asked can't be: shown to whoever asked, as a 400. */
export class AdministrationFault extends Error {}

/** Everything that can be told to the simulator and asked of it, beside the bus itself: the admin API's calls. */
export type Administration = {
  rules: () => ReturnType<Rules['list']>;
  putRule: (name: string, rule: Rule) => void;
  /** All of these in that order, and no other. */
  putRules: (rules: Readonly<Record<string, Rule>>) => void;
  /** False where there is none of that name. */
  removeRule: (name: string) => boolean;
  clearRules: () => void;
  kind: () => BusKind;
  /** From the next message on; what is booked stays. */
  setKind: (kind: BusKind) => void;
  counts: () => ReturnType<Tally['read']>;
  refusedMessages: () => readonly RefusedMessage[];
  /** The RIBs that were new: what is there already is left as it is. */
  openAccounts: (accounts: readonly AccountToOpen[]) => Promise<string[]>;
  account: (rib: string) => Promise<AccountShown | undefined>;
  setStatus: (rib: string, status: AccountStatus) => Promise<void>;
  /** Pays in, once a reference; false where it was paid in before. */
  fund: (rib: string, funding: { reference: string; amount: string }) => Promise<boolean>;
  /** All of the books in the order of booking, as they are read. */
  books: () => AsyncGenerator<BookRow>;
  /** Whatever does not add up in them. */
  imbalances: () => Promise<string[]>;
};

type Parts = { db: Queryable; rules: Rules; tally: Tally; kind: { now: BusKind } };

export function openAdministration({ db, rules, tally, kind }: Parts): Administration {
  return {
    rules: rules.list,
    putRule: rules.put,
    putRules(all) {
      rules.clear();
      for (const [name, rule] of Object.entries(all)) rules.put(name, rule);
    },
    removeRule: rules.remove,
    clearRules: rules.clear,
    kind: () => kind.now,
    setKind(next) {
      kind.now = next;
    },
    counts: tally.read,
    refusedMessages: tally.lastRefused,
    openAccounts: (accounts) =>
      openAccounts(
        db,
        accounts.map(({ rib, openingBalance, ...rest }) => ({
          ...rest,
          rib: ribOf(rib),
          openingBalance: centimesOf(openingBalance),
        })),
      ),
    async account(text) {
      const account = await selectAccount(db, ribOf(text));
      return account && { ...account, balance: signedAmount(account.balance) };
    },
    async setStatus(text, status) {
      const rib = ribOf(text);
      if ((await selectAccount(db, rib)) === undefined) throw new AdministrationFault('no account with this RIB');
      await setAccountStatus(db, rib, status);
    },
    async fund(text, { reference, amount }) {
      const rib = ribOf(text);
      if ((await selectAccount(db, rib)) === undefined) throw new AdministrationFault('no account with this RIB');
      return fundAccount(db, reference, rib, centimesOf(amount));
    },
    async *books() {
      for (let after = 0n; ; ) {
        const entries = await selectBooks(db, after, 1000);
        yield* entries.map(bookRowOf);
        const last = entries.at(-1);
        if (last === undefined) return;
        after = last.number;
      }
    },
    imbalances: () => findImbalances(db),
  };
}

const bookRowOf = ({ number, amount, decidedAt, executedAt, ...entry }: Entry): BookRow => ({
  number: number.toString(),
  ...entry,
  amount: amount === null ? null : formatAmount(amount),
  decidedAt: decidedAt.toISOString(),
  executedAt: executedAt?.toISOString() ?? null,
});

function ribOf(text: string): Rib {
  const rib = parseRib(text);
  if (rib === undefined) throw new AdministrationFault('a RIB has 20 digits, and a key that fits');
  return rib;
}

function centimesOf(text: string): bigint {
  const amount = parseAmount(text);
  if (amount === undefined) throw new AdministrationFault('an amount is written "125000.00"');
  return amount;
}

/** A balance may be below zero, within a permitted overdraft. */
function signedAmount(centimes: bigint): string {
  const digits = (centimes < 0n ? -centimes : centimes).toString().padStart(3, '0');
  return `${centimes < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
