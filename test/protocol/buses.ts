import type { CoreProperties } from '../../src/core-banking/port.ts';
import { propertyFaults } from '../../src/debits/doubt.ts';
import { memory } from './rules.ts';

const both = [true, false];

/** Every kind of bus that there can be. */
export const buses: readonly CoreProperties[] = (['FOR_EVER', memory] as const).flatMap((known) =>
  both.flatMap((keepsRefusals) =>
    both.flatMap((honoursNotAfter) =>
      both.map((canVoid) => ({ memory: known, keepsRefusals, honoursNotAfter, canVoid })),
    ),
  ),
);

/** Whether start-up takes it. */
export const isTaken = (core: CoreProperties): boolean =>
  propertyFaults(core, { resolveWithinSeconds: 900 }).length === 0;

export const busName = (core: CoreProperties): string =>
  [
    core.memory === 'FOR_EVER' ? 'remembers for ever' : 'forgets',
    core.keepsRefusals ? 'keeps refusals' : 'forgets refusals',
    core.honoursNotAfter ? 'honours notAfter' : 'executes late',
    core.canVoid ? 'can void' : 'can not void',
  ].join(', ');
