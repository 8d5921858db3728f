import type pg from 'pg';
import type { SignedRequest } from '../clients/client.ts';
import { keepRequest } from '../clients/keep-request.ts';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import { wasApplied } from '../journal/history.ts';
import { algiersDay, type Day } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import type { Course } from './course.ts';
import { isVisible, type Mandate, type MandateState, stateOn } from './mandate.ts';
import {
  type Actor,
  changeMandate,
  lockChainOf,
  type MandateEvent,
  noteSigned,
  selectMandate,
} from './mandates.sql.ts';

/** `replayed`: it was so already, nothing changed. */
export type WriteOutcome =
  | { outcome: 'WRITTEN'; mandate: Mandate; replayed: boolean }
  | { outcome: 'NOT_FOUND' | 'JTI_REUSED' | 'OVERTAKEN' | 'CERTIFICATE_INVALID' }
  | { outcome: 'WRONG_STATE'; mandate: Mandate };

export type WriteDesk = Clock & { pool: pg.Pool };

/** What a creditor's write decides on, everything that replaced each other being locked. */
export type Locked = {
  db: pg.PoolClient;
  mandate: Mandate;
  chain: readonly Mandate[];
  state: MandateState;
  at: Date;
  today: Day;
  actor: Actor;
};

export type CreditorWrite = {
  mandateId: MandateId;
  request: SignedRequest;
  /** Whether the request carries a certificate, and if so whether it is this mandate's, and genuine. */
  certificate?: 'NONE' | 'THIS' | 'OTHER';
};

type Change = Extract<Course, { course: 'CHANGE' }>;

/**
 * The way of every creditor's write on a mandate: lock, see whether it may be seen, keep the signed request, then
 * decide by a pure rule and write in the same transaction. A refusal keeps the request too, so that its `jti` is used
 * up; what can't be seen leaves no row.
 */
export async function creditorWrite(
  { pool, now }: WriteDesk,
  { mandateId, request, certificate = 'NONE' }: CreditorWrite,
  rule: (locked: Locked) => Course,
  apply: (locked: Locked, change: Change) => Promise<void>,
): Promise<WriteOutcome> {
  return inTransaction(pool, async (db) => {
    const chain = await lockChainOf(db, mandateId);
    const mandate = chain.find((one) => one.mandateId === mandateId);
    if (mandate === undefined || mandate.creditor !== request.creditorCode) return { outcome: 'NOT_FOUND' };
    if (!isVisible(mandate) && certificate !== 'THIS') return { outcome: 'NOT_FOUND' };
    const kept = await keepRequest(db, request, mandateId);
    if (kept === 'REUSED') return { outcome: 'JTI_REUSED' };
    const at = now();
    const today = algiersDay(at);
    const actor: Actor = { side: 'creditor', by: request.keyThumbprint, requestJti: request.jti };
    const locked: Locked = { db, mandate, chain, state: stateOn(mandate, today), at, today, actor };
    const overtaken = mandate.lastSignedAt !== undefined && request.signedAt < mandate.lastSignedAt;
    if (kept === 'SAME') {
      // Seen before: nothing is written. What was done then is told so, whatever came after; what was not, is not.
      const asked = { subjectId: mandateId, requestJti: request.jti, beside: 'mandate.shown' };
      const done = rule(locked).course === 'UNCHANGED' || (await wasApplied(db, asked));
      if (done) return { outcome: 'WRITTEN', mandate, replayed: true };
      return overtaken ? { outcome: 'OVERTAKEN' } : { outcome: 'WRONG_STATE', mandate };
    }
    if (certificate === 'OTHER') return { outcome: 'CERTIFICATE_INVALID' };
    if (certificate === 'THIS' && mandate.shownAt === undefined)
      await changeMandate(db, mandate, { event: 'shown', to: mandate.state, at, actor, shownAt: at });
    if (overtaken) return { outcome: 'OVERTAKEN' };
    const course = rule(locked);
    if (course.course === 'CHANGE') await apply(locked, course);
    // Also where nothing changed: an older write must not undo what this one asked for.
    if (course.course !== 'IMPOSSIBLE') await noteSigned(db, mandateId, request.signedAt);
    const present = (await selectMandate(db, mandateId)) ?? mandate;
    return course.course === 'IMPOSSIBLE'
      ? { outcome: 'WRONG_STATE', mandate: present }
      : { outcome: 'WRITTEN', mandate: present, replayed: course.course === 'UNCHANGED' };
  });
}

/** Writes a change of state or flags as the rule has found it. */
export const writing =
  (event: MandateEvent, reason: string | undefined) =>
  async ({ db, mandate, at, actor }: Locked, { to, flags }: Change): Promise<void> => {
    await changeMandate(db, mandate, { event, to, at, actor, reason, ...flags });
  };
