import type { Queryable } from '../database/queryable.ts';
import { insertCoreAnswer } from './core-answers.sql.ts';
import type { DebitSteps } from './steps.ts';

/**
 * The same steps, whose questions to the core banking system leave what it said, so that people see it. What can't be
 * kept is told and changes nothing: the answer itself decides.
 */
export const hearing = (db: Queryable, steps: DebitSteps): DebitSteps => ({
  ...steps,
  async inquire(reference) {
    const answer = await steps.inquire(reference);
    await insertCoreAnswer(db, reference, 'inquire', answer).catch(told(steps));
    return answer;
  },
  async void(reference) {
    const answer = await steps.void(reference);
    await insertCoreAnswer(db, reference, 'void', answer).catch(told(steps));
    return answer;
  },
});

const told = (steps: DebitSteps) => (fault: unknown) => steps.observe.fault("keeping the core's answer", fault);
