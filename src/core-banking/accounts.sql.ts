import type { Queryable } from '../database/queryable.ts';
import type { Rib } from '../values/rib.ts';

export type AccountStatus = 'OPEN' | 'BLOCKED' | 'CLOSED';
export type AccountRow = { rib: Rib; holder: string; kind: 'CUSTOMER' | 'COLLECTION' | 'CASH'; minimumBalance: bigint };

/** Opens those that are not there yet, and tells which they were. */
export async function insertAccounts(db: Queryable, accounts: readonly AccountRow[]): Promise<string[]> {
  const all = <Name extends keyof AccountRow>(name: Name) => accounts.map((account) => account[name]);
  const { rows } = await db.query<{ rib: string }>({
    name: 'ledger-insert-accounts',
    text: `
      insert into ledger.accounts (rib, holder, kind, minimum_balance)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as item (rib, holder, kind, minimum_balance)
       order by rib
      on conflict (rib) do nothing returning rib`,
    values: [all('rib'), all('holder'), all('kind'), all('minimumBalance')],
  });
  return rows.map(({ rib }) => rib);
}

export type Funding = { reference: string; cash: Rib; rib: Rib; amount: bigint };

/** Pays in from the bank's vault, once a reference. Answers the references that were new. */
export async function bookFundings(db: Queryable, fundings: readonly Funding[]): Promise<string[]> {
  const all = <Name extends keyof Funding>(name: Name) => fundings.map((funding) => funding[name]);
  const { rows } = await db.query<{ reference: string }>({
    name: 'ledger-book-fundings',
    text: `
      with item as (
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as item (reference, cash, rib, amount)
      ), account as (
        -- The same lock order as for transfers.
        select rib from ledger.accounts where rib in (select cash from item union select rib from item)
         order by kind <> 'CUSTOMER', rib for no key update
      ), moment as materialized (
        select date_trunc('milliseconds', clock_timestamp()) as decided_at, count(*) as locked from account
      ), numbered as (
        select item.*, decided_at, (decided_at at time zone 'Africa/Algiers')::date as booking_date,
               nextval('ledger.booking_numbers') as booking_id
          from item cross join moment
      ), booked as (
        insert into ledger.bookings (booking_id, reference, kind, outcome, debtor, creditor, amount, decided_at,
               executed_at, booking_date, value_date, booking_reference)
        select booking_id, reference, 'FUNDING', 'MOVED', cash, rib, amount, decided_at, decided_at, booking_date,
               booking_date, 'LB' || to_char(booking_date, 'YYYYMMDD') || '-' || booking_id
          from numbered order by reference
        on conflict (reference) do nothing
        returning *
      ), posted as (
        insert into ledger.postings (booking_id, account, amount)
        select booking_id, debtor, - amount from booked union all select booking_id, creditor, amount from booked
      )
      select reference from booked`,
    values: [all('reference'), all('cash'), all('rib'), all('amount')],
  });
  return rows.map(({ reference }) => reference);
}

export async function updateStatus(db: Queryable, rib: Rib, status: AccountStatus): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'ledger-update-status',
    text: `update ledger.accounts set status = $2 where rib = $1 and kind <> 'CASH'`,
    values: [rib, status],
  });
  return rowCount === 1;
}

export async function selectBalance(db: Queryable, rib: Rib): Promise<bigint | undefined> {
  const { rows } = await db.query<{ balance: string }>({
    name: 'ledger-select-balance',
    text: 'select balance from ledger.accounts where rib = $1',
    values: [rib],
  });
  const [account] = rows;
  return account === undefined ? undefined : BigInt(account.balance);
}

/** Everything that would be wrong in the books, whatever the constraints already hold: for tests and drills. */
export async function selectImbalances(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ fault: string }>({
    text: `
      select 'account ' || rib || ' is not the sum of its postings' as fault
        from ledger.accounts left join ledger.postings on account = rib
       group by rib having balance <> coalesce(sum(amount), 0)
      union all
      select 'account ' || rib || ' is below its permitted balance' from ledger.accounts
       where kind <> 'CASH' and balance < minimum_balance
      union all
      select 'booking ' || reference || ' does not sum to zero in two postings'
        from ledger.bookings left join ledger.postings using (booking_id)
       where outcome = 'MOVED'
       group by booking_id having count(postings.*) <> 2 or sum(postings.amount) <> 0
      union all
      select 'the balances do not sum to zero' from ledger.accounts having sum(balance) <> 0`,
  });
  return rows.map(({ fault }) => fault);
}
