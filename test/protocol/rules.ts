import type { CoreProperties, MoveOutcome } from '../../src/core-banking/port.ts';
import { afterInquiry, afterSend, afterVoid, type DoubtFacts, maySend } from '../../src/debits/doubt.ts';
import type { State } from './state.ts';

/**
 * What the gateway does: the decisions of src/debits/doubt.ts themselves, and what the statement that claims a send
 * looks at (src/debits/recovery.sql.ts; its own tests hold it to that).
 */
export type Rules = {
  afterInquiry: typeof afterInquiry;
  afterVoid: typeof afterVoid;
  afterSend: (facts: DoubtFacts, answer: MoveOutcome['outcome']) => ReturnType<typeof afterSend>;
  maySend: typeof maySend;
  claim: { looksAt: ReadonlySet<'state' | 'expiresAt' | 'mandate' | 'stops'> };
  /** What the adapter makes of a duplicate reference. */
  duplicate: 'IN_DOUBT' | 'REFUSED';
};

export const ours: Rules = {
  afterInquiry,
  afterVoid,
  afterSend,
  maySend,
  claim: { looksAt: new Set(['state', 'expiresAt', 'mandate', 'stops']) },
  duplicate: 'IN_DOUBT',
};

const expiresAt = new Date('2026-11-24T10:01:00Z');
const after = (seconds: number) => new Date(expiresAt.getTime() + seconds * 1000);
const resolveBy = after(900);
export const memory = { secondsAfterNotAfter: 3_600 };
const nowAt: Record<State['phase'], Date> = {
  IN_TIME: after(-30),
  EXPIRED: after(30),
  PAST_RESOLVE_BY: after(930),
  PAST_MEMORY: after(3_570),
};

/** The facts as a replica has them: what it read when it took the debit up, and the time of its decision. */
export const factsAt = (core: CoreProperties, { phase, sends }: State, read: State['world'] = 'FREE'): DoubtFacts => ({
  core,
  now: nowAt[phase],
  expiresAt,
  resolveBy,
  sends,
  mandateAllows: read !== 'MANDATE_ENDED',
  stopped: read === 'STOPPED',
});
