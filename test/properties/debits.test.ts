import fc from 'fast-check';
import { expect, test } from 'vitest';
import { debitRows, expectInvariants } from './invariants.ts';
import { type Act, declared, Model } from './model.ts';
import { openScenes, perDebit, perform, perPeriod, type Scene } from './scene.ts';

const centimes = fc.constantFrom(100_00n, 120_00n, 250_00n, 400_00n, 400_01n);
const name = fc.nat({ max: 7 });
const debit = fc.record({
  act: fc.constant('debit' as const),
  name,
  declaration: fc.nat({ max: declared.length - 1 }),
  amount: centimes,
  bus: fc.constantFrom('MOVES', 'MOVES', 'MOVES', 'REFUSES', 'LOST', 'SILENT'),
  later: fc.constantFrom(false, false, false, true),
  mandate: fc.constantFrom('LAST', 'LAST', 'LAST', 'FIRST'),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: debit },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('cancel' as const), name }) },
  { weight: 1, arbitrary: fc.constant({ act: 'suspend' as const }) },
  { weight: 2, arbitrary: fc.constant({ act: 'resume' as const }) },
  { weight: 2, arbitrary: fc.constant({ act: 'resolve' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('replace' as const),
      perDebit: fc.constantFrom(120_00n, 400_00n),
      perPeriod: fc.constantFrom(500_00n, 1_500_00n),
    }),
  },
);

test('one after the other, every answer, every state and every counter is what the simple model says', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 16 }), async (acts) => {
      const scene = await scenes.next();
      const model = new Model(perDebit, perPeriod);
      for (const one of acts) {
        expect(await perform(scene, one)).toBe(model.perform(one));
        await expectAsModelled(scene, model);
      }
      await perform(scene, { act: 'resolve' });
      await expectInvariants(scene);
    }),
    { numRuns: 20 },
  );
});

test('all at once, on two replicas, no ceiling and no declaration is passed, and each counter is the sum of what it counts', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 2, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      async (waves) => {
        const scene = await scenes.next();
        const ceilings = [perPeriod, ...waves.flat().flatMap((one) => (one.act === 'replace' ? [one.perPeriod] : []))];
        for (const wave of waves) {
          // A replacement is one at a time, by the lock that its own statement takes; all else races.
          const [replacements, others] = [wave.filter(isReplacement), wave.filter((one) => !isReplacement(one))];
          for (const one of replacements) await perform(scene, one);
          await Promise.all(others.map((one, position) => perform(scene, one, position)));
          await expectInvariants(scene);
          await expectWithin(
            scene,
            ceilings.reduce((most, one) => (one > most ? one : most)),
          );
        }
        await perform(scene, { act: 'resume' });
        await perform(scene, { act: 'resolve' });
        await expectInvariants(scene);
        expect((await debitRows(scene)).filter(({ state }) => state === 'IN_DOUBT')).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});

test('as many as may be asked for at once under one mandate, exactly what fits its ceiling settles', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 20 }), async (count) => {
      const scene = await scenes.next();
      const asked = Array.from(
        { length: count },
        (_, position): Act => ({
          ...{ act: 'debit', name: position, declaration: 0, amount: 100_00n, bus: 'MOVES', later: false },
          mandate: 'LAST',
        }),
      );
      const answers = await Promise.all(asked.map((one, position) => perform(scene, one, position)));
      const fits = Math.min(count, Number(perPeriod / 100_00n));
      expect(answers.filter((answer) => answer === 'SETTLED')).toHaveLength(fits);
      await expectInvariants(scene);
    }),
    { numRuns: 6 },
  );
});

const isReplacement = (one: Act): boolean => one.act === 'replace';

async function expectAsModelled(scene: Scene, model: Model): Promise<void> {
  const rows = await debitRows(scene);
  expect(new Map(rows.map(({ name: number, state }) => [number, state]))).toEqual(
    new Map([...model.states()].toSorted(([one], [other]) => one - other)),
  );
  const { rows: usage } = await scene.bank.db.owner.query(
    `select month_used,
            array(select coalesce((select live from declarations where reference = $2 || d), 0) from generate_series(0, 2) d) as live
       from mandate_usage where chain_id = $1`,
    [scene.mandates[0], `R${scene.run}-D`],
  );
  expect(usage).toEqual([
    { month_used: String(model.used()), live: declared.map((_, declaration) => String(model.live(declaration))) },
  ]);
}

/** Under whichever mandate it was reserved: the highest ceiling that any of the chain's has had. */
async function expectWithin({ bank, mandates }: Scene, highest: bigint): Promise<void> {
  const { rows } = await bank.db.owner.query<{ month_used: string }>(
    'select month_used from mandate_usage where chain_id = $1',
    [mandates[0]],
  );
  expect(BigInt(rows[0]?.month_used ?? 0)).toBeLessThanOrEqual(highest);
  const { rows: over } = await bank.db.owner.query(
    'select from debits join mandates using (mandate_id) where chain_id = $1 and holds_ceiling and amount > per_debit_ceiling',
    [mandates[0]],
  );
  expect(over).toEqual([]);
}
