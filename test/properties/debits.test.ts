import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Act, act, course, declared, periods, wait } from './acts.ts';
import { type Answered, expectAnswersKept } from './answers.ts';
import { debitRows, expectInvariants } from './invariants.ts';
import { Model } from './model.ts';
import { finish, perform } from './perform.ts';
import { runs } from './runs.ts';
import { beginning, openScenes, perDebit, perPeriod, type Scene } from './scene.ts';

const lastly: Act[] = [{ act: 'start' }, { act: 'resolve' }];

test('one after the other, every answer, every state and every counter is what the simple model says', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(beginning, course, async (begins, acts) => {
      const scene = await scenes.next(begins);
      const model = new Model(begins.firstDay, { perDebit, perPeriod, period: begins.period });
      for (const one of [...acts, ...lastly]) {
        expect(await perform(scene, one)).toBe(model.perform(one));
        await expectAsModelled(scene, model);
      }
      await expectInvariants(scene);
    }),
    { numRuns: runs(20) },
  );
});

test('all at once, on two replicas, no ceiling and no declaration is passed, each counter is the sum of what it counts, and what was answered stands', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(
      beginning,
      fc.array(fc.tuple(fc.option(wait, { freq: 3 }), fc.array(act, { minLength: 2, maxLength: 12, size: 'max' })), {
        minLength: 1,
        maxLength: 4,
      }),
      async (begins, waves) => {
        const scene = await scenes.next(begins);
        const answered: Answered[] = [];
        for (const [days, wave] of waves) {
          if (days !== null) await perform(scene, days);
          answered.push(...(await Promise.all(wave.map((one, position) => asked(scene, one, position)))));
          await expectInvariants(scene);
          await expectWithin(scene);
        }
        await finish(scene);
        await expectInvariants(scene);
        const rows = await debitRows(scene);
        expectAnswersKept(rows, answered);
        const open = rows.flatMap(({ state, reversals }) => [state, ...reversals.map((r) => r.state)]);
        expect(
          open.filter((state) => !['SCHEDULED', 'SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'].includes(state)),
        ).toEqual([]);
      },
    ),
    { numRuns: runs(20) },
  );
});

test('as many as may be asked for at once under one mandate, exactly what fits its ceiling settles', async () => {
  await using scenes = await openScenes();
  await fc.assert(
    fc.asyncProperty(beginning, fc.integer({ min: 2, max: 20 }), async (begins, count) => {
      const scene = await scenes.next(begins);
      const debits = Array.from(
        { length: count },
        (_, position): Act => ({
          ...{ act: 'debit', name: position, declaration: 0, amount: 100_00n, bus: 'MOVES', later: false },
          mandate: 'LAST',
        }),
      );
      const answers = await Promise.all(debits.map((one, position) => asked(scene, one, position)));
      const fits = Math.min(count, Number(perPeriod / 100_00n));
      expect(answers.filter(({ answer }) => answer === 'SETTLED')).toHaveLength(fits);
      await expectInvariants(scene);
      expectAnswersKept(await debitRows(scene), answers);
    }),
    { numRuns: runs(6) },
  );
});

const asked = async (scene: Scene, one: Act, position: number): Promise<Answered> => ({
  act: one,
  answer: await perform(scene, one, position),
});

async function expectAsModelled(scene: Scene, model: Model): Promise<void> {
  const rows = await debitRows(scene);
  expect(new Map(rows.map(({ name, state, reversals }) => [name, [state, ...reversals.map((r) => r.state)]]))).toEqual(
    model.states(),
  );
  const { rows: usage } = await scene.bank.db.owner.query(
    `select month_used, quarter_used, year_used,
            array(select coalesce((select live from declarations where reference = $2 || d), 0) from generate_series(0, 2) d) as live
       from mandate_usage where chain_id = $1`,
    [scene.mandates[0], `R${scene.run}-D`],
  );
  const [month, quarter, year] = periods.map((period) => String(model.used(period)));
  expect(usage).toEqual([
    {
      month_used: month,
      quarter_used: quarter,
      year_used: year,
      live: declared.map((_, declaration) => String(model.live(declaration))),
    },
  ]);
}

/**
 * Under whichever mandate it was reserved: the highest ceiling that any of the chain's has had, in the shortest period that
 * any of them went by. What the longer ones allow, a replacement may have been given beside what was used before it.
 */
async function expectWithin({ bank, mandates }: Scene): Promise<void> {
  const { rows: over } = await bank.db.owner.query(
    `select from mandate_usage u cross join lateral (
              select max(period_ceiling) as ceiling, bool_or(period = 'MONTH') as by_month, bool_or(period = 'QUARTER') as by_quarter
                from mandates m where m.chain_id = u.chain_id and accepted_at is not null) most
      where chain_id = $1 and ceiling < case when by_month then month_used when by_quarter then quarter_used else year_used end
     union all
     select from debits join mandates using (mandate_id) where chain_id = $1 and holds_ceiling and amount > per_debit_ceiling`,
    [mandates[0]],
  );
  expect(over).toEqual([]);
}
