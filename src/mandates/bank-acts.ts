import type pg from 'pg';
import type { Apply } from '../approvals/decide.ts';
import { maySee } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import { algiersDay } from '../values/dates.ts';
import { type MandateId, parseMandateId } from '../values/ids.ts';
import { agencyOf } from '../values/rib.ts';
import { type Course, resuming, revoking, suspending } from './course.ts';
import { selectDebtor } from './debtors.sql.ts';
import { insertRemark } from './drafts.sql.ts';
import { type Mandate, type MandateState, stateOn } from './mandate.ts';
import { changeMandate, lockMandate, type MandateEvent, selectMandate } from './mandates.sql.ts';

/** What the bank does to a mandate that runs, each under four eyes: proposals of the kind `mandate.<act>`. */
export const bankActs = ['suspension', 'resumption', 'revocation'] as const;
export type BankAct = (typeof bankActs)[number];

export const proposalKindOf = (act: BankAct): `mandate.${BankAct}` => `mandate.${act}`;

const events: Record<BankAct, MandateEvent> = {
  suspension: 'suspended',
  resumption: 'resumed',
  revocation: 'revoked',
};

/**
 * What the creditor is told of why: a code, in the mandate's history. Why the bank decided what it decided stands in the
 * remark, and an account's state in neither (bank secrecy).
 */
export const bankReasons = {
  suspension: ['employer-request', 'employer-data-changed', 'dispute', 'bank-decision'],
  resumption: ['employer-request', 'employer-data-changed', 'settled', 'issued-in-error', 'bank-decision'],
  revocation: ['employer-request', 'employer-ceased', 'employer-data-changed', 'issued-in-error', 'bank-decision'],
} as const satisfies Record<BankAct, readonly string[]>;

export type BankReason = (typeof bankReasons)[BankAct][number];

export const parseBankReason = (act: BankAct, text: string): BankReason | undefined =>
  bankReasons[act].find((reason) => reason === text);

/** What would become of the mandate; `state` is the one that holds today. */
export function courseOf(act: BankAct, mandate: Mandate, state: MandateState): Course {
  switch (act) {
    case 'suspension':
      return suspending(mandate, state, 'bank');
    case 'resumption':
      return resuming(mandate, state, 'bank');
    case 'revocation':
      return revoking(state);
  }
}

/** The acts that can be proposed of it now. */
export const possibleActs = (mandate: Mandate, state: MandateState): BankAct[] =>
  bankActs.filter((act) => courseOf(act, mandate, state).course === 'CHANGE');

export type ProposingAct = {
  mandateId: MandateId;
  act: BankAct;
  reason: BankReason;
  /** Why, for the bank's own people. */
  remark: string;
  by: string;
  from: string;
  agencies: 'ALL' | readonly string[];
  now: Date;
};

/** NOT_POSSIBLE: its state does not allow it, or it is so already. */
export type ProposeActOutcome =
  | ProposeOutcome
  | { outcome: 'NOT_FOUND' }
  | { outcome: 'NOT_POSSIBLE'; state: MandateState };

/** Asks a second person to let the bank act on the mandate. */
export async function proposeAct(pool: pg.Pool, asked: ProposingAct): Promise<ProposeActOutcome> {
  const { mandateId, act, reason, remark, by, from, now } = asked;
  const mandate = await selectMandate(pool, mandateId);
  if (mandate === undefined) return { outcome: 'NOT_FOUND' };
  const agencyCode = agencyOf((await selectDebtor(pool, mandateId)).rib);
  if (!maySee({ agencyCode }, asked.agencies)) return { outcome: 'NOT_FOUND' };
  const state = stateOn(mandate, algiersDay(now));
  if (courseOf(act, mandate, state).course !== 'CHANGE') return { outcome: 'NOT_POSSIBLE', state };
  const kind = proposalKindOf(act);
  return propose(pool, { kind, subjectId: mandateId, agencyCode, content: { reason }, reason: remark, by, from, now });
}

/** What a proposal of ours says. Throws on what was never written so. */
export function readProposedAct(
  act: BankAct,
  { subjectId, content }: Parameters<Apply>[1],
): { mandateId: MandateId; reason: BankReason } {
  const mandateId = parseMandateId(subjectId ?? '');
  const reason = typeof content.reason === 'string' ? parseBankReason(act, content.reason) : undefined;
  if (mandateId === undefined || reason === undefined) throw new Error(`a proposal of ${act} that does not read`);
  return { mandateId, reason };
}

/**
 * Does what was approved: the mandate is locked and judged again, since a day may lie between. The journal names both
 * people; the proposer's words are kept beside the mandate. IMPOSSIBLE names the state that holds instead.
 */
export const applyAct =
  (act: BankAct): Apply =>
  async (db, proposal, { by, from, now }) => {
    const { mandateId, reason } = readProposedAct(act, proposal);
    const mandate = await lockMandate(db, mandateId);
    if (mandate === undefined) throw new Error('a proposal names no mandate');
    const state = stateOn(mandate, algiersDay(now));
    const course = courseOf(act, mandate, state);
    if (course.course !== 'CHANGE') return { outcome: 'IMPOSSIBLE', why: state };
    await changeMandate(db, mandate, {
      event: events[act],
      to: course.to,
      at: now,
      actor: { side: 'bank', by, from },
      reason,
      proposalId: proposal.proposalId,
      detail: { proposedBy: proposal.proposedBy },
      ...course.flags,
    });
    await insertRemark(db, mandateId, { writtenBy: proposal.proposedBy, about: act, remark: proposal.reason });
    return { outcome: 'APPLIED' };
  };
