import type { Mandate, MandateState } from './mandate.ts';

/** Who suspends: each side has a flag of its own and lifts no other. */
export type SuspendingSide = 'bank' | 'creditor';

/** What is to be written; UNCHANGED where it is so already; IMPOSSIBLE where the state does not allow it. */
export type Course =
  | { course: 'CHANGE'; to: MandateState; flags: { suspendedByBank?: boolean; suspendedByCreditor?: boolean } }
  | { course: 'UNCHANGED' }
  | { course: 'IMPOSSIBLE' };

type Flags = Pick<Mandate, 'suspendedByBank' | 'suspendedByCreditor'>;

const flagOf = (side: SuspendingSide): keyof Flags => (side === 'bank' ? 'suspendedByBank' : 'suspendedByCreditor');

/** Raises that side's flag. `state` is the one that holds today: what has expired is not suspended. */
export function suspending(mandate: Flags, state: MandateState, side: SuspendingSide): Course {
  if (state !== 'ACTIVE' && state !== 'SUSPENDED') return { course: 'IMPOSSIBLE' };
  if (mandate[flagOf(side)]) return { course: 'UNCHANGED' };
  return { course: 'CHANGE', to: 'SUSPENDED', flags: { [flagOf(side)]: true } };
}

/** Takes that side's flag down: ACTIVE again only when no other is up, and never once it has ended. */
export function resuming(mandate: Flags, state: MandateState, side: SuspendingSide): Course {
  if (state !== 'ACTIVE' && state !== 'SUSPENDED') return { course: 'IMPOSSIBLE' };
  if (!mandate[flagOf(side)]) return { course: 'UNCHANGED' };
  const other = mandate[flagOf(side === 'bank' ? 'creditor' : 'bank')];
  return { course: 'CHANGE', to: other ? 'SUSPENDED' : 'ACTIVE', flags: { [flagOf(side)]: false } };
}

/** Ends it before its date, for ever. */
export function revoking(state: MandateState): Course {
  switch (state) {
    case 'CERTIFIED':
    case 'ACTIVE':
    case 'SUSPENDED':
      return { course: 'CHANGE', to: 'REVOKED', flags: {} };
    case 'REVOKED':
      return { course: 'UNCHANGED' };
    case 'DRAFT':
    case 'PENDING_CERTIFICATION':
    case 'REPLACED':
    case 'REFUSED':
    case 'EXPIRED':
      return { course: 'IMPOSSIBLE' };
  }
}
