import type { InquiryOutcome, VoidOutcome } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference } from '../values/ids.ts';
import { insertCoreAnswer } from './core-answers.sql.ts';

/** The questions of a debit's steps, or of a reversal's. */
type Asking = {
  inquire: (reference: CoreReference) => Promise<InquiryOutcome>;
  void: (reference: CoreReference) => Promise<VoidOutcome>;
  observe: { fault: (during: string, fault: unknown) => void };
};

/**
 * The same steps, whose questions to the core banking system leave what it said, so that people see it. What can't be
 * kept is told and changes nothing: the answer itself decides.
 */
export const hearing = <Steps extends Asking>(db: Queryable, steps: Steps): Steps => ({
  ...steps,
  async inquire(reference: CoreReference) {
    const answer = await steps.inquire(reference);
    await insertCoreAnswer(db, reference, 'inquire', answer).catch(told(steps));
    return answer;
  },
  async void(reference: CoreReference) {
    const answer = await steps.void(reference);
    await insertCoreAnswer(db, reference, 'void', answer).catch(told(steps));
    return answer;
  },
});

const told = (steps: Asking) => (fault: unknown) => steps.observe.fault("keeping the core's answer", fault);
