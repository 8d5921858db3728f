import { reversalWork } from '../src/debits/resolve-reversal.ts';
import type { ReversalSteps } from '../src/debits/reversal-steps.ts';
import { openBank, type TestBankWithGateway } from './bank.ts';
import { type Reversing, reversing } from './reversals.ts';

/** A bank in which one debit, R, has settled. */
export async function settledDebit(): Promise<
  { bank: TestBankWithGateway; balance: () => Promise<bigint> } & Reversing
> {
  const bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'R', declaration: 'DAC-R' });
  const debtor = await bank.debtorOf(mandateId);
  return { bank, balance: () => bank.balance(debtor), ...reversing(bank) };
}

/** As recovery does on any replica: everything whose lease is over. Answers what failed. */
export async function recover(steps: ReversalSteps) {
  const work = reversalWork(steps, new Map());
  return work.run(await work.due(64));
}

/** The last attempt, with the state of its debit. */
export async function attemptRow(bank: TestBankWithGateway) {
  const { rows } = await bank.db.owner.query(
    `select reversals.state, reversals.reason, reversals.sends, reversals.people_since is not null as people, debits.state as debit
       from reversals join debits using (debit_id) order by attempt desc`,
  );
  return rows[0];
}

/** How many rows of a kind the journal has. */
export async function journalled(bank: TestBankWithGateway, kind: string) {
  const { rows } = await bank.db.owner.query('select count(*)::int as told from journal where kind = $1', [kind]);
  return rows[0]?.told;
}
