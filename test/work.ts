import type { Running } from '../src/debits/execute.ts';
import type { DebitSteps } from '../src/debits/steps.ts';
import { debitWorks } from '../src/debits/work.ts';
import type { Work, WorkName } from '../src/jobs/work.ts';

/** One round of what is due now, as the sweep does it, but for the book of failures. Answers how much there was. */
export async function runDue(works: readonly Work[], ...names: WorkName[]): Promise<number> {
  let took = 0;
  for (const work of works.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const ids = await work.due(64);
    took += ids.length;
    for (const { fault } of await work.run(ids)) console.error(fault);
  }
  return took;
}

/** Accepts what is due, and carries on each debit that nobody works on. */
export const resolveUnfinished = (steps: DebitSteps, running: Running): Promise<number> =>
  runDue(debitWorks(steps, running), 'due-dates', 'debits');

export const closeCancelledNames = (steps: DebitSteps): Promise<number> =>
  runDue(debitWorks(steps, new Map()), 'names');
