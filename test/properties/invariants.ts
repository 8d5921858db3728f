import { expect } from 'vitest';
import { type DebitState, statesBefore } from '../../src/debits/debit.ts';
import { type ReversalState, reversalStatesBefore } from '../../src/debits/reversal.ts';
import { limits } from './model.ts';
import { openingBalance, type Scene } from './scene.ts';

export type DebitRow = {
  name: number;
  state: DebitState;
  amount: string | null;
  declaration: string | null;
  reserved_on: string | null;
  holds_ceiling: boolean;
  holds_declaration: boolean;
  confirmations: number;
  rejections: number;
  reversal_confirmations: number;
  debit_id: string;
  /** The first try first. */
  reversals: { attempt: number; state: ReversalState; counted_on: string }[];
};

export async function debitRows({ bank, run }: Scene): Promise<DebitRow[]> {
  const { rows } = await bank.db.owner.query<DebitRow>(
    `select split_part(end_to_end_id, '-', 2)::int as name, state, amount, declaration, reserved_on::text, holds_ceiling,
            holds_declaration, debit_id, proofs.*,
            (select coalesce(json_agg(json_build_object('attempt', attempt, 'state', r.state, 'counted_on', counted_on) order by attempt), '[]')
               from reversals r where r.debit_id = debits.debit_id) as reversals
       from debits cross join lateral (
         select count(*) filter (where kind = 'settlement-confirmation+jwt')::int as confirmations,
                count(*) filter (where kind = 'debit-rejection+jwt')::int as rejections,
                count(*) filter (where kind = 'reversal-confirmation+jwt')::int as reversal_confirmations
           from tokens where subject_id = debit_id) proofs
      where end_to_end_id like $1 order by end_to_end_id`,
    [`R${run}-%`],
  );
  return rows;
}

/** What must hold whatever was done in whatever order, while nothing is under way. */
export async function expectInvariants(scene: Scene): Promise<void> {
  const rows = await debitRows(scene);
  await expectCountersToAgree(scene, rows);
  await expectDaysToAgree(scene, rows);
  await expectMoneyToAgree(scene, rows);
  for (const row of rows) {
    const [settled, reversed] = [row.state === 'SETTLED', row.state === 'REVERSED'];
    expect(row.holds_declaration).toBe(settled || row.state === 'IN_DOUBT' || row.state === 'SCHEDULED');
    expect(row.holds_ceiling).toBe(settled || row.state === 'IN_DOUBT');
    expect(row.confirmations).toBe(settled || reversed ? 1 : 0);
    expect(row.rejections).toBe(row.state === 'REJECTED' ? 1 : 0);
    expect(row.reversal_confirmations).toBe(reversed ? 1 : 0);
    await expectTriesInOrder(scene, row);
    await expectLegalPath(scene, row);
  }
}

/** Each counter is the sum over the debits that hold it; declared is never passed, and the period's ceiling never was. */
async function expectCountersToAgree({ bank, run, mandates }: Scene, rows: readonly DebitRow[]): Promise<void> {
  const { rows: declarations } = await bank.db.owner.query<{ reference: string; declared: string; live: string }>(
    'select reference, declared, live from declarations where reference like $1',
    [`R${run}-%`],
  );
  for (const { reference, declared, live } of declarations) {
    expect(BigInt(live)).toBe(sum(rows.filter((row) => row.holds_declaration && row.declaration === reference)));
    expect(BigInt(live)).toBeLessThanOrEqual(BigInt(declared));
  }
  const { rows: usage } = await bank.db.owner.query(
    `select month_start::text, month_used, quarter_start::text, quarter_used, year_start::text, year_used
       from mandate_usage where chain_id = $1`,
    [mandates[0]],
  );
  const { month_start, quarter_start, year_start, ...used } = usage[0];
  const since = (start: string) =>
    String(sum(rows.filter(({ holds_ceiling, reserved_on }) => holds_ceiling && (reserved_on ?? '') >= start)));
  expect(used).toEqual({
    month_used: since(month_start),
    quarter_used: since(quarter_start),
    year_used: since(year_start),
  });
}

/** The creditor's day knows each try, and holds the amounts of those that were not rejected, within its limits. */
async function expectDaysToAgree({ bank }: Scene, rows: readonly DebitRow[]): Promise<void> {
  const { rows: days } = await bank.db.owner.query<{ day: string; asked: number; amount: string }>(
    'select day::text, asked, amount from reversal_days order by day',
  );
  const tries = rows.flatMap(({ reversals, amount }) => reversals.map((one) => ({ ...one, amount })));
  expect(days.map(({ day }) => day)).toEqual([...new Set(tries.map(({ counted_on }) => counted_on))].toSorted());
  for (const { day, asked, amount } of days) {
    const ofDay = tries.filter(({ counted_on }) => counted_on === day);
    expect(asked).toBe(ofDay.length);
    expect(BigInt(amount)).toBe(sum(ofDay.filter(({ state }) => state !== 'REJECTED')));
    expect(asked).toBeLessThanOrEqual(limits.reversalsADay);
    expect(BigInt(amount)).toBeLessThanOrEqual(limits.amountADay);
  }
}

/** The core has moved what settled, each once, and what is still in doubt perhaps: the rest is in the accounts. */
async function expectMoneyToAgree({ bank, entered }: Scene, rows: readonly DebitRow[]): Promise<void> {
  const accounts = await Promise.all(entered.map(async (mandate) => bank.balance(await bank.debtorOf(mandate))));
  const left = accounts.reduce((total, balance) => total + balance, 0n);
  const moved = openingBalance * BigInt(entered.length) - left;
  const settled = sum(rows.filter(({ state }) => state === 'SETTLED'));
  const inDoubt = sum(rows.filter(({ state }) => state === 'IN_DOUBT'));
  const perhapsBack = sum(rows.filter(({ reversals }) => reversals.some(({ state }) => state === 'IN_DOUBT')));
  expect(moved).toBeGreaterThanOrEqual(settled - perhapsBack);
  expect(moved).toBeLessThanOrEqual(settled + inDoubt);
}

/** Numbered from 1, each after a rejection; the debit is REVERSED if and only if one has settled. */
async function expectTriesInOrder({ bank }: Scene, { debit_id, state, reversals }: DebitRow): Promise<void> {
  expect(reversals.map(({ attempt }) => attempt)).toEqual(reversals.map((_, before) => before + 1));
  expect(reversals.slice(0, -1).every((one) => one.state === 'REJECTED')).toBe(true);
  expect(reversals.some((one) => one.state === 'SETTLED')).toBe(state === 'REVERSED');
  for (const { attempt, state: end } of reversals) {
    const { rows } = await bank.db.owner.query<{ state: ReversalState }>(
      `select detail ->> 'state' as state from journal
        where subject_id = $1 and detail ->> 'attempt' = $2 and detail ? 'state' order by entry_id`,
      [debit_id, String(attempt)],
    );
    const path = rows.map((row) => row.state).filter((one, position, all) => one !== all[position - 1]);
    expect(path[0]).toBe('REQUESTED');
    expect(path.at(-1)).toBe(end);
    for (const [position, to] of path.slice(1).entries()) expect(reversalStatesBefore(to)).toContain(path[position]);
  }
}

/** The journal tells a way through the table of states, step by step, that ends in the state that stands. */
async function expectLegalPath({ bank }: Scene, { debit_id, state }: DebitRow): Promise<void> {
  const { rows } = await bank.db.owner.query<{ from_state: DebitState | null; to_state: DebitState }>(
    `select from_state, to_state from journal
      where subject_id = $1 and to_state is not null and from_state is distinct from to_state order by entry_id`,
    [debit_id],
  );
  const [first, ...steps] = rows;
  expect(first?.from_state).toBeNull();
  let stands = first?.to_state;
  for (const { from_state, to_state } of steps) {
    expect(from_state).toBe(stands);
    expect(statesBefore(to_state)).toContain(from_state);
    stands = to_state;
  }
  expect(stands).toBe(state);
}

const sum = (rows: readonly Pick<DebitRow, 'amount'>[]): bigint =>
  rows.reduce((total, { amount }) => total + BigInt(amount ?? 0), 0n);
