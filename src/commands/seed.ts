import { parseArgs } from 'node:util';
import { developmentCreditors } from '../clients/development.ts';
import { isProduction, readConfig } from '../config.ts';
import {
  type AccountStatus,
  balanceOf,
  fundAccount,
  type NewAccount,
  openAccounts,
  setAccountStatus,
} from '../core-banking/accounts.ts';
import { openPool } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { type Centimes, parseAmount } from '../values/centimes.ts';
import { maskRib, parseTypedRib, type Rib } from '../values/rib.ts';
import { findLedger } from './databases.ts';
import { readSampleEmployers } from './sample-employers.ts';

const usage = `npm run seed                                 open and fund the sample employers' and creditors' accounts
npm run seed -- balance RIB                  what is on it
npm run seed -- fund RIB AMOUNT REFERENCE    pay in, once a reference: 125000.00, A-Z 0-9 -
npm run seed -- status RIB STATUS            OPEN, BLOCKED or CLOSED`;

export type SeededAccount = { rib: Rib; holder: string; balance: bigint; opened: boolean };

/** What opening a collection account needs of its creditor. */
type CollectionAccount = { nameFr: string; collectionAccount: Rib };

/**
 * Opens the accounts of the sample employers, each with two months of its ceiling on it, and the creditors', empty.
 * What is there stays as it is: doing it again neither opens nor pays anything.
 */
export async function seedAccounts(
  db: Queryable,
  creditors: readonly CollectionAccount[] = developmentCreditors,
): Promise<SeededAccount[]> {
  const employers = await readSampleEmployers();
  const accounts: NewAccount[] = [
    ...creditors.map(({ nameFr, collectionAccount }) => ({
      rib: collectionAccount,
      holder: nameFr,
      kind: 'COLLECTION' as const,
      openingBalance: 0n,
    })),
    ...employers.map(({ rib, nameFr, perMonthCeiling }) => ({
      rib,
      holder: nameFr,
      kind: 'CUSTOMER' as const,
      openingBalance: perMonthCeiling * 2n,
    })),
  ];
  const opened = new Set(await openAccounts(db, accounts));
  return Promise.all(
    accounts.map(async ({ rib, holder }) => ({
      rib,
      holder,
      balance: await balanceOf(db, rib),
      opened: opened.has(rib),
    })),
  );
}

/** Does what the command line says and answers what to print. Throws one line that says what is wrong with it. */
export async function runSeed(db: Queryable, words: readonly string[]): Promise<string[]> {
  const [act, account, what, reference] = words;
  switch (act) {
    case undefined:
      return (await seedAccounts(db)).map(lineOf);
    case 'balance':
      return [`${dinars(await balanceOf(db, ribFrom(account)))} DA`];
    case 'fund': {
      const paid = await fundAccount(db, referenceFrom(reference), ribFrom(account), amountFrom(what));
      return [paid ? 'paid in' : 'this reference was paid in before: nothing was done'];
    }
    case 'status':
      await setAccountStatus(db, ribFrom(account), statusFrom(what));
      return [`${maskRib(ribFrom(account))} is ${what}`];
    default:
      throw new Error(usage);
  }
}

const lineOf = ({ rib, holder, balance, opened }: SeededAccount): string =>
  `${opened ? 'opened ' : 'there  '} ${maskRib(rib)} ${dinars(balance).padStart(15)} DA  ${holder}`;

/** Signed, since an account may be within its overdraft. */
function dinars(balance: bigint): string {
  const digits = (balance < 0n ? -balance : balance).toString().padStart(3, '0');
  return `${balance < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const ribFrom = (text = ''): Rib => parseTypedRib(text) ?? wrong('RIB: 20 digits with their key');
const referenceFrom = (text = ''): string => (/^[A-Z0-9-]{1,27}$/.test(text) ? text : wrong('REFERENCE: A-Z 0-9 -'));
const statusFrom = (text = ''): AccountStatus =>
  text === 'OPEN' || text === 'BLOCKED' || text === 'CLOSED' ? text : wrong('STATUS: OPEN, BLOCKED or CLOSED');

function amountFrom(text = ''): Centimes {
  const amount = parseAmount(text);
  return amount === undefined || amount === 0n ? wrong('AMOUNT: 125000.00') : amount;
}

function wrong(expected: string): never {
  throw new Error(`expected ${expected}\n${usage}`);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  if (isProduction(config, process.env)) throw new Error("refused in production: accounts are the bank's to open");
  const { positionals } = parseArgs({ allowPositionals: true, options: {} });
  await using open = new AsyncDisposableStack();
  const { ledger } = open.use(await findLedger(config));
  const pool = openPool({ url: ledger, applicationName: 'gateway seed', connections: 4 });
  open.defer(() => pool.end());
  for (const line of await runSeed(pool, positionals)) console.log(line);
}

if (import.meta.main) {
  await main().catch((fault: unknown) => {
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  });
}
