import type { CoreProperties, VoidOutcome } from '../../src/core-banking/port.ts';
import {
  afterInquiry,
  afterSend,
  afterVoid,
  type DoubtFacts,
  maySend,
  type NextStep,
  type SendAnswer,
} from '../../src/debits/doubt.ts';
import { phases, type State } from './state.ts';

/**
 * What the gateway does: the decisions of src/debits/doubt.ts themselves, and what the statements that claim a send or a
 * void look at and keep (src/debits/recovery.sql.ts; its own tests hold it to that).
 */
export type Rules = {
  afterInquiry: typeof afterInquiry;
  afterVoid: (facts: DoubtFacts, answer: VoidOutcome['outcome']) => NextStep;
  afterSend: (facts: DoubtFacts, answer: SendAnswer) => ReturnType<typeof afterSend>;
  maySend: typeof maySend;
  claim: { looksAt: ReadonlySet<'state' | 'expiresAt' | 'mandate' | 'stops' | 'refusal' | 'movements'> };
  voidClaim: { looksAt: ReadonlySet<'stops' | 'movements'> };
  /** What becomes of a refusal that was heard and is not believed yet. */
  refusal: 'KEPT' | 'DROPPED';
  /** What the adapter makes of a duplicate reference. */
  duplicate: 'IN_DOUBT' | 'REFUSED';
};

export const ours: Rules = {
  afterInquiry,
  afterVoid,
  afterSend,
  maySend,
  claim: { looksAt: new Set(['state', 'expiresAt', 'mandate', 'stops', 'refusal', 'movements']) },
  voidClaim: { looksAt: new Set(['stops', 'movements']) },
  refusal: 'KEPT',
  duplicate: 'IN_DOUBT',
};

const expiresAt = new Date('2026-11-24T10:01:00Z');
const after = (seconds: number) => new Date(expiresAt.getTime() + seconds * 1000);
const resolveBy = after(900);
export const memory = { secondsAfterNotAfter: 3_600 };
const secondsOf = (core: CoreProperties): number => (core.memory === 'FOR_EVER' ? 0 : core.memory.secondsAfterNotAfter);
const nowAt = (core: CoreProperties): Record<State['phase'], Date> => ({
  IN_TIME: after(-30),
  EXPIRED: after(30),
  PAST_RESOLVE_BY: after(930),
  PAST_MEMORY: after(secondsOf(core) - 30),
});

/** In the order in which they pass. */
export const phasesOf = (core: CoreProperties): readonly State['phase'][] =>
  core.memory === 'FOR_EVER' || secondsOf(core) > 930
    ? phases
    : ['IN_TIME', 'EXPIRED', 'PAST_MEMORY', 'PAST_RESOLVE_BY'];

export const isPast = (core: CoreProperties, phase: State['phase'], other: State['phase']): boolean =>
  phasesOf(core).indexOf(phase) >= phasesOf(core).indexOf(other);

/** The facts as a replica has them: what it read when it took the debit up, and the time of its decision. */
export const factsAt = (
  core: CoreProperties,
  { phase, sends, shownMoved }: State,
  { world, refused }: Pick<State, 'world' | 'refused'>,
): DoubtFacts => ({
  core,
  now: nowAt(core)[phase],
  expiresAt,
  resolveBy,
  sends,
  mandateAllows: world !== 'MANDATE_ENDED',
  stopped: world === 'STOPPED',
  refused,
  shownMoved,
});
