import type { Course } from './course.ts';
import { type CreditorWrite, creditorWrite, type Locked, type WriteDesk, type WriteOutcome } from './creditor-write.ts';
import type { Mandate } from './mandate.ts';
import { changeMandate } from './mandates.sql.ts';
import { replacedBy } from './replacement.ts';

/**
 * The creditor accepts a certified mandate: it is ACTIVE. Where it replaces another, that one is REPLACED in the same
 * transaction, its suspension flags carry over, and the chain goes on with one counter of its ceilings.
 */
export async function acceptMandate(desk: WriteDesk, write: CreditorWrite): Promise<WriteOutcome> {
  return creditorWrite(desk, write, accepting, async ({ db, mandate, chain, at, today, actor }) => {
    const ending = replacedBy(mandate, chain, today) ?? [];
    // The old ones first: a chain has one that runs, at every moment.
    for (const old of ending)
      await changeMandate(db, old, {
        event: 'replaced',
        to: 'REPLACED',
        at,
        actor,
        reason: mandate.replaceReason,
        detail: { replacedBy: mandate.mandateId },
      });
    const accepted = await changeMandate(db, mandate, { event: 'accepted', to: 'ACTIVE', at, actor, acceptedAt: at });
    await carrySuspension({ db, at }, accepted, ending);
  });
}

function accepting({ mandate, chain, state, today }: Locked): Course {
  // It was accepted before: whether it is suspended since makes no difference.
  if (state === 'ACTIVE' || state === 'SUSPENDED') return { course: 'UNCHANGED' };
  if (state !== 'CERTIFIED' || replacedBy(mandate, chain, today) === undefined) return { course: 'IMPOSSIBLE' };
  return { course: 'CHANGE', to: 'ACTIVE', flags: {} };
}

/** What was suspended stays so under its new ceilings, until the side that did it lifts it. */
async function carrySuspension(
  { db, at }: Pick<Locked, 'db' | 'at'>,
  accepted: Mandate,
  ending: readonly Mandate[],
): Promise<void> {
  const suspended = ending.filter(({ state }) => state === 'SUSPENDED');
  if (suspended.length === 0) return;
  await changeMandate(db, accepted, {
    event: 'suspended',
    to: 'SUSPENDED',
    at,
    actor: { side: 'gateway' },
    reason: 'carried-over',
    suspendedByBank: suspended.some(({ suspendedByBank }) => suspendedByBank),
    suspendedByCreditor: suspended.some(({ suspendedByCreditor }) => suspendedByCreditor),
  });
}
