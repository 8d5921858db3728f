import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MandateModel, mandateAct, mandateCourse, mandateStory, mandateWait } from './mandate-model.ts';
import { expectSoundChain, openMandateScenes, performOn, standing } from './mandate-scene.ts';
import { runs } from './runs.ts';

test('one after the other, every answer to what is done to a mandate, and what it is then, is what the simple model says', async () => {
  await using scenes = await openMandateScenes();
  await fc.assert(
    fc.asyncProperty(fc.boolean(), mandateCourse, async (opened, asked) => {
      const scene = await scenes.next(opened);
      const model = new MandateModel(opened);
      for (const one of asked) {
        expect(await performOn(scene, one)).toBe(model.perform(one));
        expect(await standing(scene)).toEqual(model.standing());
      }
      await expectSoundChain(scene);
    }),
    { numRuns: runs(30) },
  );
});

test('all at once, one mandate of those that replace each other runs at most, certified by four eyes, on a legal way', async () => {
  await using scenes = await openMandateScenes();
  const wave = fc.tuple(
    fc.option(mandateWait, { freq: 3 }),
    fc.array(mandateAct, { minLength: 4, maxLength: 10, size: 'max' }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      mandateStory,
      fc.array(wave, { minLength: 3, maxLength: 6, size: 'max' }),
      async (opened, before, waves) => {
        const scene = await scenes.next(opened);
        for (const one of before) await performOn(scene, one);
        for (const [days, acts] of waves) {
          if (days !== null) await performOn(scene, days);
          await Promise.all(acts.map((one) => performOn(scene, one)));
          await expectSoundChain(scene);
        }
      },
    ),
    { numRuns: runs(20) },
  );
});
