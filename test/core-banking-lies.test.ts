import { expect, test } from 'vitest';
import { bestKind } from '../src/core-bank-simulator/kind.ts';
import { instructionFor, type OpenDebit } from '../src/debits/debit.ts';
import { settle } from '../src/debits/finish.ts';
import type { DebitSteps } from '../src/debits/steps.ts';
import { formatAmount } from '../src/values/centimes.ts';
import type { CoreReference, DebitId } from '../src/values/ids.ts';
import { amountOf, openBank, type TestBankWithGateway } from './bank.ts';
import { openIso20022Bank } from './iso20022-bank.ts';
import { ribOf } from './ledger-bank.ts';
import { resolveUnfinished } from './work.ts';

/** The gateway's debits over the iso20022 adapter, and the simulator's bank that lies as it is told. */
async function openLiar(kind: Partial<typeof bestKind> = {}) {
  await using open = new AsyncDisposableStack();
  const bank = open.use(await openBank());
  const bus = open.use(await openIso20022Bank({ ...bestKind, ...kind }));
  const { administration } = bus.simulator;
  const mandateId = await bank.addMandate();
  const account = (rib: ReturnType<typeof ribOf>, accountKind: 'CUSTOMER' | 'COLLECTION', balance: string) =>
    administration.openAccounts([
      { rib, holder: 'Holder', kind: accountKind, openingBalance: formatAmount(amountOf(balance)) },
    ]);
  const debtor = await bank.debtorOf(mandateId);
  await account(debtor, 'CUSTOMER', '1000000.00');
  await account(ribOf(9_000_001), 'COLLECTION', '0.00');
  const steps = bank.stepsWith({ coreBanking: bus.port });
  const closing = open.move();
  return {
    ...{ bank, bus, steps, administration, mandateId },
    moved: async () => 100_000_000n - (await bus.balanceOf(debtor)),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const amount = 12_500_000n;
const stateOf = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query('select state from debits')).rows[0]?.state;
const contradictions = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query('select kind, amount, holds from contradictions order by found_at')).rows;
const named = async ({ db }: TestBankWithGateway) => {
  const { rows } = await db.owner.query<{ debit_id: DebitId; core_reference: CoreReference }>(
    'select debit_id, core_reference from debits',
  );
  return rows[0] ?? expect.fail('no debit');
};
async function round({ bank, steps }: { bank: TestBankWithGateway; steps: DebitSteps }): Promise<void> {
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await resolveUnfinished(steps, bank.running);
}

test('refused, and moved all the same: what was signed stays, and the money holds ceiling and declaration until people end it', async () => {
  await using scene = await openLiar();
  const { bank, bus, steps, administration, mandateId } = scene;
  administration.putRule('lie', {
    when: { message: 'pacs.003' },
    times: 1,
    behaviour: { do: 'says-refused', reason: 'AC04', movesAfterMs: 50 },
  });
  await bank.debit({ mandateId, declaration: 'L' }, steps);
  expect(await stateOf(bank)).toBe('REJECTED');
  const { debit_id, core_reference } = await named(bank);
  await expect
    .poll(async () => (await bus.port.inquire([core_reference]))[0]?.outcome, { timeout: 20_000 })
    .toBe('MOVED');
  const [answer] = await bus.port.inquire([core_reference]);
  if (answer?.outcome !== 'MOVED') return expect.fail('it has moved');
  for (let met = 0; met < 2; met += 1) await steps.contradict(debit_id, answer.booking);
  expect(await stateOf(bank)).toBe('REJECTED');
  expect(await contradictions(bank)).toEqual([{ kind: 'MOVED_AFTER_REJECTION', amount: String(amount), holds: true }]);
  expect(await bank.debit({ mandateId, declaration: 'L' }, steps)).toMatchObject({ outcome: 'DECLARATION_PAID' });
  expect(await scene.moved()).toBe(amount);
});

test('voided, and a late copy moves all the same: the rejection stays, and its contradiction is kept by who hears of it', async () => {
  await using scene = await openLiar({ honoursNotAfter: false });
  const { bank, bus, steps, administration, mandateId } = scene;
  administration.putRule('lie', { when: { message: 'camt.056' }, behaviour: { do: 'says-voided' } });
  let late: OpenDebit | undefined;
  const delayed: DebitSteps = {
    ...steps,
    move: async (debit) => {
      late = debit;
      return { outcome: 'IN_DOUBT' };
    },
  };
  await bank.debit({ mandateId }, delayed);
  bank.clock.set(new Date(Date.now() + 120_000));
  await round(scene);
  expect(await stateOf(bank)).toBe('REJECTED');
  if (late === undefined) return expect.fail('it was sent');
  const [answer] = await bus.port.debit([instructionFor(late)]);
  if (answer?.outcome !== 'MOVED') return expect.fail(answer?.outcome);
  await settle(steps, late, answer.booking);
  expect(await stateOf(bank)).toBe('REJECTED');
  expect(await contradictions(bank)).toEqual([{ kind: 'MOVED_AFTER_REJECTION', amount: String(amount), holds: true }]);
  expect(await scene.moved()).toBe(amount);
});
