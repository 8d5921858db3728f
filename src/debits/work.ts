import type { Work } from '../jobs/work.ts';
import { parseDebitId } from '../values/ids.ts';
import { longestInterval } from './doubt.ts';
import type { Running } from './execute.ts';
import { closeCancelledNames, resolveDebits } from './resolve.ts';
import type { DebitSteps } from './steps.ts';

/**
 * What happens later to debits: those whose day has come are accepted; those that nobody works on are carried on by the
 * core's word; names that were cancelled are closed at the core too. A debit is never given up: one whose work is dead
 * is accepted or asked about once a minute all the same, and is in the list of what is dead until it has gone well.
 */
export const debitWorks = (steps: DebitSteps, running: Running): Work[] => [
  {
    name: 'due-dates',
    due: (most) => steps.listDue(most),
    async run(ids) {
      await steps.acceptDue(named(ids));
      return [];
    },
    makesDue: ['debits'],
    triedWithinSeconds: longestInterval,
  },
  {
    name: 'debits',
    due: (most) => steps.listUnfinished(most),
    run: (ids) => resolveDebits(steps, running, named(ids)),
    // Each that has gone on makes room for one that waits for its day's turn.
    makesDue: ['due-dates'],
    triedWithinSeconds: longestInterval,
  },
  {
    name: 'names',
    due: (most) => steps.listVoidsDue(most),
    run: (ids) => closeCancelledNames(steps, named(ids)),
  },
];

const named = (ids: readonly string[]) => ids.flatMap((id) => parseDebitId(id) ?? []);
