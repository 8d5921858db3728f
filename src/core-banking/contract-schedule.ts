import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CoreReference } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import { instructionOf, movementsOf, newReference, openMany, type TestBank, textOf } from './contract-bank.ts';
import type { DebitInstruction, InquiryOutcome, MoveOutcome, ReversalInstruction, VoidOutcome } from './port.ts';

type Operation = { act: 'debit' | 'void' | 'inquire' | 'reverse'; names: readonly number[] };

/** Small enough that names collide, and that the three debtors run out of money. */
const amounts = ['40.00', '30.00', '60.00', '0.01', '50.00', '100.00', '20.00', '70.00', '99.99'];
const openingBalance = 10000n;

const name = fc.nat({ max: amounts.length - 1 });
const operation: fc.Arbitrary<Operation> = fc.record({
  act: fc.constantFrom('debit', 'debit', 'debit', 'void', 'inquire', 'reverse'),
  names: fc.array(name, { minLength: 1, maxLength: 5 }),
});
/** Waves one after the other; the operations of a wave all at once. */
const schedule = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

/** Whatever is sent in whatever order, repeated and raced: money is neither made nor lost, and no word is taken back. */
export function schedulePromises(adapter: string, open: () => Promise<TestBank>): void {
  test(`${adapter}: under any schedule each reference moves at most once, no answer is taken back, money is conserved`, async () => {
    await using bank = await open();
    const { keepsRefusals } = bank.port.properties;
    await fc.assert(
      fc.asyncProperty(schedule, async (waves) => {
        const scene = await openScene(bank);
        const said = new Map<CoreReference, Set<string>>();
        const heard = (reference: CoreReference, answer: MoveOutcome | InquiryOutcome | VoidOutcome) => {
          const final = answer.outcome === 'MOVED' || answer.outcome === 'VOIDED' || answer.outcome === 'REFUSED';
          if (!final || (answer.outcome === 'REFUSED' && !keepsRefusals)) return;
          said.set(reference, (said.get(reference) ?? new Set()).add(textOf(answer)));
        };
        for (const wave of waves) await Promise.all(wave.map((one) => perform(bank, scene, one, heard)));

        const references = [...scene.debits, ...scene.reversals].map(({ reference }) => reference);
        const ends = await bank.port.inquire(references);
        for (const [position, reference] of references.entries()) heard(reference, ends[position] ?? missing());
        for (const words of said.values()) expect([...words]).toHaveLength(1);

        await expectBooksToAgree(bank, scene, references, ends);
      }),
      { numRuns: 25 },
    );
    expect(await bank.imbalances()).toEqual([]);
  });
}

type Scene = {
  accounts: readonly Rib[];
  opening: ReadonlyMap<Rib, bigint>;
  debits: readonly DebitInstruction[];
  reversals: readonly ReversalInstruction[];
};

async function openScene(bank: TestBank): Promise<Scene> {
  const debtors = await openMany(bank, 3, openingBalance);
  const creditors = [await bank.openAccount('COLLECTION', 0n), await bank.openAccount('COLLECTION', 0n)];
  const debits = amounts.map((amount, position) =>
    instructionOf(at(debtors, position % 3), at(creditors, position % 2), amount),
  );
  const reversals = debits.map((debit) => ({ ...debit, reference: newReference(), original: debit.reference }));
  const opening = new Map([
    ...debtors.map((rib): [Rib, bigint] => [rib, openingBalance]),
    ...creditors.map((rib): [Rib, bigint] => [rib, 0n]),
  ]);
  return { accounts: [...debtors, ...creditors], opening, debits, reversals };
}

async function perform(
  { port }: TestBank,
  scene: Scene,
  { act, names }: Operation,
  heard: (reference: CoreReference, answer: MoveOutcome | InquiryOutcome | VoidOutcome) => void,
): Promise<void> {
  if (act === 'void' && !port.properties.canVoid) return;
  const debits = names.map((position) => at(scene.debits, position));
  const reversals = names.map((position) => at(scene.reversals, position));
  const references = debits.map(({ reference }) => reference);
  switch (act) {
    case 'debit':
      return tell(references, await port.debit(debits), heard);
    case 'void':
      return tell(references, await port.void(references), heard);
    case 'inquire':
      return tell(references, await port.inquire(references), heard);
    case 'reverse':
      return tell(
        reversals.map(({ reference }) => reference),
        await port.reverse(reversals),
        heard,
      );
  }
}

function tell<Answer>(
  references: readonly CoreReference[],
  answers: readonly Answer[],
  heard: (reference: CoreReference, answer: Answer) => void,
): void {
  expect(answers).toHaveLength(references.length);
  for (const [position, answer] of answers.entries()) heard(at(references, position), answer);
}

/** Inquiries, movements and balances are three views of one truth. */
async function expectBooksToAgree(
  bank: TestBank,
  { accounts, opening }: Scene,
  references: readonly CoreReference[],
  ends: readonly InquiryOutcome[],
): Promise<void> {
  const moved = references.filter((_, position) => ends[position]?.outcome === 'MOVED');
  const days = ends.flatMap((end) => (end.outcome === 'MOVED' ? [end.booking.bookingDate] : []));
  const movements = (await movementsOf(bank, days)).filter(({ reference }) => references.includes(reference));
  expect(movements.map(({ reference }) => reference).toSorted()).toEqual(moved.toSorted());

  const expected = new Map(opening);
  for (const { debtor, creditor, booking } of movements) {
    expected.set(debtor, (expected.get(debtor) ?? 0n) - booking.amount);
    expected.set(creditor, (expected.get(creditor) ?? 0n) + booking.amount);
  }
  for (const rib of accounts) {
    const balance = await bank.balanceOf(rib);
    expect(balance).toBe(expected.get(rib));
    expect(balance >= 0n).toBe(true);
  }
}

const at = <Item>(items: readonly Item[], position: number): Item => items[position] ?? missing();

function missing(): never {
  throw new Error('fewer than were asked for');
}
