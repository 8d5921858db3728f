import type pg from 'pg';
import type { ApplyOutcome, Approval } from '../approvals/decide.ts';
import type { Proposal } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import type { Queryable } from '../database/queryable.ts';
import type { StopId } from './stop.ts';
import { endStop, selectRestoreOf, selectStop } from './stops.sql.ts';

/** Two people start again: the kind of proposal by which they do. Its subject is the stop. */
export const startingAgain = 'stop.end';

export type StartAct = { stopId: StopId; reason: string; by: string; from: string; now: Date };

/** Asks for the end of a stop: nothing starts before another person has approved it. */
export async function proposeStart(
  db: Queryable,
  { stopId, ...asked }: StartAct,
): Promise<ProposeOutcome | { outcome: 'NOT_FOUND' | 'ENDED' }> {
  const stop = await selectStop(db, stopId);
  if (stop === undefined) return { outcome: 'NOT_FOUND' };
  if (stop.endedAt !== undefined) return { outcome: 'ENDED' };
  const content = {
    scope: stop.scope,
    creditor: stop.scope === 'ALL' ? null : stop.creditor,
    mandate: stop.scope === 'MANDATE' ? stop.mandateId : null,
  };
  return propose(db, { ...asked, kind: startingAgain, subjectId: stopId, agencyCode: stop.agency, content });
}

/** Starts again, in the transaction of its approval. What waited is taken up by the next sweep. */
export async function applyStart(
  db: pg.PoolClient,
  { subjectId = '', proposalId }: Proposal,
  { by, from }: Approval,
): Promise<ApplyOutcome> {
  const ended = await endStop(db, { stopId: subjectId, endedBy: proposalId, by, from });
  if (ended) return { outcome: 'APPLIED' };
  const restore = await selectRestoreOf(db, subjectId);
  return { outcome: 'IMPOSSIBLE', why: restore?.isRead === false ? 'movements-unread' : 'ended' };
}
