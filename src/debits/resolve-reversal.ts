import type { InquiryOutcome, VoidOutcome } from '../core-banking/port.ts';
import type { Work, WorkFailure } from '../jobs/work.ts';
import {
  afterInquiry,
  afterVoid,
  type DoubtFacts,
  longestInterval,
  type NextStep,
  secondsBeforeQuestion,
  untilResolveBy,
} from './doubt.ts';
import { parseReversalId } from './reversal.ts';
import type { UnfinishedReversal } from './reversal-recovery.sql.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { leaseEnd, type RunningReversals, reject, rejectUnsent, send, settle } from './reverse.ts';

/**
 * Takes up the reversals that nobody works on any more: their process died, or the next question of their doubt is due.
 * It asks the core banking system before anything else, and ends one only by the core's word. Safe to run anywhere, any
 * number of times. Never given up: see debitWorks.
 */
export const reversalWork = (steps: ReversalSteps, running: RunningReversals): Work => ({
  name: 'reversals',
  triedWithinSeconds: longestInterval,
  due: steps.due,
  async run(ids) {
    const takenAt = steps.now();
    const taken = await steps.take(ids.flatMap((id) => parseReversalId(id) ?? []));
    const failures: WorkFailure[] = [];
    await Promise.all(
      taken.map(async (unfinished) => {
        const id = unfinished.reversal.reversalId;
        if (running.has(id)) return;
        await resolve(steps, unfinished, leaseEnd(steps, takenAt)).catch((fault: unknown) =>
          failures.push({ id, fault }),
        );
      }),
    );
    return failures;
  },
});

async function resolve(steps: ReversalSteps, unfinished: UnfinishedReversal, leaseUntil: Date): Promise<void> {
  const { reversal, booking } = unfinished;
  if (booking !== undefined) return settle(steps, reversal, booking);
  const answer = await steps.inquire(reversal.reference);
  if (unfinished.sends === 0 && answer.outcome === 'MOVED') await steps.takeUp(reversal.reversalId);
  const facts = factsOf(steps, unfinished);
  const neverSent = unfinished.sends === 0 && answer.outcome === 'UNKNOWN' && facts.now >= facts.expiresAt;
  // The claim of a send commits before it: where none was claimed until now, none can be any more. After a restore it may
  // have been, in the lost time: under that stop it is only asked about, until the movements tell.
  if (neverSent && !steps.core.canVoid && !unfinished.startsAgain && !unfinished.shownMoved) {
    const ended = await rejectUnsent(steps, reversal);
    return ended ? undefined : askLater(steps, unfinished, untilResolveBy(facts));
  }
  return act(steps, unfinished, leaseUntil, afterInquiry(facts, answer.outcome), answer);
}

async function act(
  steps: ReversalSteps,
  unfinished: UnfinishedReversal,
  leaseUntil: Date,
  step: NextStep,
  answer: InquiryOutcome | VoidOutcome,
): Promise<void> {
  const { reversal, questions } = unfinished;
  // Silence may end yet; what it does not know, or denies, is against its own movements.
  if (unfinished.shownMoved && step === 'PEOPLE' && answer.outcome !== 'NO_ANSWER')
    await steps.contradictOutcome(reversal.reference);
  // The bus may forget it.
  else if (answer.outcome === 'REFUSED' && step !== 'REJECT')
    await steps.keepRefusal(reversal.reversalId, answer.reason);
  switch (step) {
    case 'SETTLE':
      if (answer.outcome === 'MOVED') await settle(steps, reversal, answer.booking);
      return;
    case 'REJECT':
      return reject(steps, reversal, answer.outcome === 'REFUSED' ? answer.reason : (unfinished.coreRefusal ?? 'AB03'));
    case 'VOID': {
      // A stop that was made since it was taken up: it is only asked about.
      if (!(await steps.claimVoid(reversal.reversalId)))
        return askLater(steps, unfinished, untilResolveBy(factsOf(steps, unfinished)));
      const coreRefusal = answer.outcome === 'REFUSED' ? answer.reason : unfinished.coreRefusal;
      const voided = await steps.void(reversal.reference);
      const next = afterVoid(factsOf(steps, unfinished), voided.outcome);
      return act(steps, { ...unfinished, coreRefusal }, leaseUntil, next, voided);
    }
    case 'SEND':
      return send(steps, reversal.reversalId, leaseUntil, questions);
    case 'ASK_LATER':
    case 'PEOPLE':
      return askLater(steps, unfinished, step);
  }
}

const askLater = (
  steps: ReversalSteps,
  { reversal, questions }: UnfinishedReversal,
  step: 'ASK_LATER' | 'PEOPLE',
): Promise<void> => steps.askLater(reversal.reversalId, secondsBeforeQuestion(questions), step === 'PEOPLE');

/** What was begun under a mandate goes back without it: only the debit and the creditor's request count. */
const factsOf = (
  steps: ReversalSteps,
  { reversal, sends, stopped, coreRefusal, shownMoved }: UnfinishedReversal,
): DoubtFacts => ({
  core: steps.core,
  now: steps.now(),
  expiresAt: reversal.expiresAt,
  resolveBy: reversal.resolveBy,
  sends,
  mandateAllows: true,
  stopped,
  refused: coreRefusal !== undefined,
  shownMoved,
});
