import { expect } from 'vitest';
import { type DebitState, statesBefore } from '../../src/debits/debit.ts';
import { openingBalance, type Scene } from './scene.ts';

export type DebitRow = {
  name: number;
  state: DebitState;
  amount: string | null;
  declaration: string | null;
  holds_ceiling: boolean;
  holds_declaration: boolean;
  per_debit_ceiling: string | null;
  proofs: number;
  debit_id: string;
};

export async function debitRows({ bank, run }: Scene): Promise<DebitRow[]> {
  const { rows } = await bank.db.owner.query<DebitRow>(
    `select split_part(end_to_end_id, '-', 2)::int as name, debits.state, amount, declaration, holds_ceiling, holds_declaration,
            per_debit_ceiling, debit_id,
            (select count(*)::int from tokens where subject_id = debit_id
              and kind in ('settlement-confirmation+jwt', 'debit-rejection+jwt')) as proofs
       from debits left join mandates using (mandate_id)
      where end_to_end_id like $1 order by end_to_end_id`,
    [`R${run}-%`],
  );
  return rows;
}

/** What must hold whatever was done in whatever order, while nothing is under way. */
export async function expectInvariants(scene: Scene): Promise<void> {
  const rows = await debitRows(scene);
  await expectCountersToAgree(scene, rows);
  await expectMoneyToAgree(scene, rows);
  for (const row of rows) {
    const settled = row.state === 'SETTLED';
    expect(row.holds_declaration).toBe(settled || row.state === 'IN_DOUBT' || row.state === 'SCHEDULED');
    expect(row.holds_ceiling).toBe(settled || row.state === 'IN_DOUBT');
    expect(row.proofs).toBe(settled || row.state === 'REJECTED' ? 1 : 0);
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
  const { rows: usage } = await bank.db.owner.query<{ month_used: string; quarter_used: string; year_used: string }>(
    'select month_used, quarter_used, year_used from mandate_usage where chain_id = $1',
    [mandates[0]],
  );
  const held = String(sum(rows.filter((row) => row.holds_ceiling)));
  expect(usage).toEqual([{ month_used: held, quarter_used: held, year_used: held }]);
}

/** The core has moved what settled, each once, and what is still in doubt perhaps: the rest is in the account. */
async function expectMoneyToAgree({ bank, mandates }: Scene, rows: readonly DebitRow[]): Promise<void> {
  const accounts = await Promise.all(mandates.map(async (mandate) => bank.balance(await bank.debtorOf(mandate))));
  const left = accounts.reduce((total, balance) => total + balance, 0n);
  const moved = openingBalance * BigInt(mandates.length) - left;
  const settled = sum(rows.filter(({ state }) => state === 'SETTLED'));
  const inDoubt = sum(rows.filter(({ state }) => state === 'IN_DOUBT'));
  expect(moved).toBeGreaterThanOrEqual(settled);
  expect(moved).toBeLessThanOrEqual(settled + inDoubt);
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

const sum = (rows: readonly DebitRow[]): bigint => rows.reduce((total, { amount }) => total + BigInt(amount ?? 0), 0n);
