import type pg from 'pg';
import type { ApplyOutcome, Approval } from '../approvals/decide.ts';
import type { Proposal } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import type { Queryable } from '../database/queryable.ts';
import type { StopId, Unaccounted } from './stop.ts';
import { endStop, selectRestoreOf, selectStop } from './stops.sql.ts';

/** Two people start again: the kind of proposal by which they do. Its subject is the stop. */
export const startingAgain = 'stop.end';

const none: Unaccounted = { unclaimed: 0, unexplained: 0 };

/** What a proposal to start again names as unaccounted for. */
export const unaccountedOf = ({ unclaimed, unexplained }: Proposal['content']): Unaccounted => ({
  unclaimed: Number(unclaimed ?? 0),
  unexplained: Number(unexplained ?? 0),
});

/** `despite`: what of a restore's movements the proposer has seen unaccounted for, and starts with all the same. */
export type StartAct = {
  stopId: StopId;
  reason: string;
  by: string;
  from: string;
  now: Date;
  despite?: Unaccounted | undefined;
};

/**
 * Asks for the end of a stop: nothing starts before another person has approved it. UNACCOUNTED: movements are unclaimed or
 * unexplained, and not exactly these were named; the proposal names them, so that its approval does.
 */
export async function proposeStart(
  db: Queryable,
  { stopId, despite = none, ...asked }: StartAct,
): Promise<ProposeOutcome | { outcome: 'NOT_FOUND' | 'ENDED' | 'UNACCOUNTED' }> {
  const stop = await selectStop(db, stopId);
  if (stop === undefined) return { outcome: 'NOT_FOUND' };
  if (stop.endedAt !== undefined) return { outcome: 'ENDED' };
  const { unclaimed, unexplained } = (await selectRestoreOf(db, stopId)) ?? none;
  if (unclaimed !== despite.unclaimed || unexplained !== despite.unexplained) return { outcome: 'UNACCOUNTED' };
  const content = {
    scope: stop.scope,
    creditor: stop.scope === 'ALL' ? null : stop.creditor,
    mandate: stop.scope === 'MANDATE' ? stop.mandateId : null,
    ...(unclaimed > 0 && { unclaimed }),
    ...(unexplained > 0 && { unexplained }),
  };
  return propose(db, { ...asked, kind: startingAgain, subjectId: stopId, agencyCode: stop.agency, content });
}

/** Starts again, in the transaction of its approval. What waited is taken up by the next sweep. */
export async function applyStart(
  db: pg.PoolClient,
  { subjectId = '', proposalId, content }: Proposal,
  { by, from }: Approval,
): Promise<ApplyOutcome> {
  const named = unaccountedOf(content);
  const ended = await endStop(db, { stopId: subjectId, endedBy: proposalId, by, from, named });
  if (ended) return { outcome: 'APPLIED' };
  const restore = await selectRestoreOf(db, subjectId);
  if (restore?.isRead === false) return { outcome: 'IMPOSSIBLE', why: 'movements-unread' };
  const more = restore && (restore.unclaimed > named.unclaimed || restore.unexplained > named.unexplained);
  return { outcome: 'IMPOSSIBLE', why: more === true ? 'movements-unaccounted' : 'ended' };
}
