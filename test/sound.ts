import { expect } from 'vitest';
import type { DebitOutcome } from '../src/debits/outcome.ts';
import type { TestBankWithGateway } from './bank.ts';

/** What every test ends with: counters equal the debits that they count, money equals the confirmations. */
export async function expectSound({ db }: TestBankWithGateway): Promise<void> {
  const { rows: declarations } = await db.owner.query(
    `select d.reference from declarations d
      where live <> (select coalesce(sum(amount), 0) from debits
        where holds_declaration and declaration = d.reference and employer_number = d.employer_number and creditor_code = d.creditor_code)`,
  );
  expect(declarations).toEqual([]);
  const { rows: usage } = await db.owner.query(
    `select chain_id from mandate_usage u
      where year_used <> (select coalesce(sum(amount), 0) from debits join mandates using (mandate_id)
        where mandates.chain_id = u.chain_id and holds_ceiling and date_trunc('year', reserved_on) = u.year_start)`,
  );
  expect(usage).toEqual([]);
  const { rows: untold } = await db.owner.query(
    `select debit_id from debits where not exists (select from journal where subject_id = debit_id and to_state = debits.state)`,
  );
  expect(untold).toEqual([]);
  const { rows: money } = await db.owner.query<{ debits: string }>(
    `select coalesce(sum(amount), 0)::text as debits from debits where state in ('SETTLED', 'REVERSED')`,
  );
  const { rows: moved } = await db.ledgerOwner.query<{ moved: string }>(
    `select coalesce(sum(amount), 0)::text as moved from ledger.bookings where outcome = 'MOVED' and kind = 'DEBIT'`,
  );
  expect(moved[0]?.moved).toBe(money[0]?.debits);
  const { rows: given } = await db.owner.query<{ debits: string; reversals: string; proofs: number; debts: number }>(
    `select (select coalesce(sum(amount), 0)::text from debits where state = 'REVERSED') as debits,
            (select coalesce(sum(amount), 0)::text from reversals where state = 'SETTLED') as reversals,
            (select count(*)::int from tokens where kind = 'reversal-confirmation+jwt') as proofs,
            (select count(*)::int from debits where state = 'REVERSED') as debts`,
  );
  const { rows: back } = await db.ledgerOwner.query<{ moved: string }>(
    `select coalesce(sum(amount), 0)::text as moved from ledger.bookings where outcome = 'MOVED' and kind = 'REVERSAL'`,
  );
  expect(given).toEqual([
    { debits: back[0]?.moved, reversals: back[0]?.moved, proofs: given[0]?.debts, debts: given[0]?.debts },
  ]);
  const { rows: days } = await db.owner.query(
    `select day from reversal_days d
      where (asked, amount) <> all (select count(*), coalesce(sum(amount) filter (where state <> 'REJECTED'), 0)
        from reversals r where r.creditor_code = d.creditor_code and r.counted_on = d.day)`,
  );
  expect(days).toEqual([]);
}

export const stateOf = (outcome: DebitOutcome) => (outcome.outcome === 'DEBIT' ? outcome.debit.state : outcome.outcome);
export const reasonOf = (outcome: DebitOutcome) =>
  outcome.outcome === 'DEBIT' ? outcome.debit.reason : outcome.outcome;
