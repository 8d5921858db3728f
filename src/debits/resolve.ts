import type { InquiryOutcome, VoidOutcome } from '../core-banking/port.ts';
import type { WorkFailure } from '../jobs/work.ts';
import type { DebitId } from '../values/ids.ts';
import type { VoidDue } from './cancel.sql.ts';
import { isOpen } from './debit.ts';
import {
  afterInquiry,
  afterSend,
  afterVoid,
  type DoubtFacts,
  maySend,
  type NextStep,
  secondsBeforeQuestion,
  sendAnswer,
  untilResolveBy,
} from './doubt.ts';
import { leaseEnd, move, type Running } from './execute.ts';
import { reject, rejectUnsent, settle } from './finish.ts';
import type { Unfinished } from './recovery.sql.ts';
import type { DebitSteps } from './steps.ts';

/**
 * Takes up those of these debits that nobody works on any more: their process died, their doubt's next question is due,
 * or their day has come. It asks the core banking system before anything else, and ends a debit only by the core's word.
 * Safe to run anywhere, any number of times. Answers which could not be carried on; they stay where they are.
 */
export async function resolveDebits(
  steps: DebitSteps,
  running: Running,
  debitIds: readonly DebitId[],
): Promise<WorkFailure[]> {
  const leaseUntil = leaseEnd(steps, steps.now());
  const taken = await steps.takeUnfinished(debitIds);
  return failuresOf(
    taken
      .filter(({ debit }) => !running.has(debit.debitId))
      .map((unfinished) => ({ id: unfinished.debit.debitId, work: () => resolve(steps, unfinished, leaseUntil) })),
  );
}

/** Closes cancelled names at the core banking system too. What it says has moved is a contradiction. */
export async function closeCancelledNames(steps: DebitSteps, debitIds: readonly DebitId[]): Promise<WorkFailure[]> {
  const taken = await steps.takeVoidsDue(debitIds);
  return failuresOf(taken.map((name) => ({ id: name.debitId, work: () => closeName(steps, name) })));
}

async function closeName(steps: DebitSteps, { debitId, reference }: VoidDue): Promise<void> {
  const answer = await steps.void(reference);
  switch (answer.outcome) {
    case 'MOVED':
      await steps.contradict(debitId, answer.booking);
      return steps.endVoids([debitId]);
    case 'VOIDED':
      return steps.endVoids([debitId]);
    case 'REFUSED':
      // One that forgets it could still execute a late copy: asked again until it is voided.
      return steps.core.keepsRefusals ? steps.endVoids([debitId]) : undefined;
    case 'NO_ANSWER':
      return;
  }
}

/** Each by itself, so that one that fails holds up no other. */
async function failuresOf(tasks: readonly { id: DebitId; work: () => Promise<void> }[]): Promise<WorkFailure[]> {
  const ends = await Promise.all(
    tasks.map(({ id, work }) =>
      work().then(
        () => [],
        (fault: unknown) => [{ id, fault }],
      ),
    ),
  );
  return ends.flat();
}

async function resolve(steps: DebitSteps, unfinished: Unfinished, leaseUntil: Date): Promise<void> {
  const { debit, open, refusal, booking } = unfinished;
  if (refusal !== undefined) return void (await rejectUnsent(steps, debit, refusal));
  if (open === undefined) return authorise(steps, unfinished, leaseUntil);
  if (booking !== undefined) return void (await settle(steps, open, booking));
  const answer = await steps.inquire(debit.reference);
  await act(steps, unfinished, afterInquiry(factsOf(steps, unfinished), answer.outcome), answer);
}

/** An accepted debit: its ceilings are weighed now, and it goes the way of every other. */
async function authorise(steps: DebitSteps, { debit }: Unfinished, leaseUntil: Date): Promise<void> {
  const authorised = await steps.authorise(debit);
  switch (authorised.verdict) {
    case 'RESERVED':
      return void (await move(steps, authorised.debit, leaseUntil));
    case 'REFUSED':
      return void (await rejectUnsent(steps, debit, authorised.refusal));
    case 'LATER':
    case 'GONE':
      return;
  }
}

async function act(
  steps: DebitSteps,
  unfinished: Unfinished,
  step: NextStep,
  answer: InquiryOutcome | VoidOutcome,
): Promise<void> {
  const { debit, open } = unfinished;
  // Silence may end yet; what it does not know, or denies, is against its own movements.
  if (unfinished.shownMoved && step === 'PEOPLE' && answer.outcome !== 'NO_ANSWER')
    await steps.contradictOutcome(debit.reference);
  // The bus may forget it.
  else if (answer.outcome === 'REFUSED' && step !== 'REJECT') await steps.keepRefusal(debit.debitId, answer.reason);
  switch (step) {
    case 'SETTLE':
      if (open === undefined || answer.outcome !== 'MOVED') return;
      if (isOpen((await settle(steps, open, answer.booking)).state))
        await steps.askLater(debit.debitId, secondsBeforeQuestion(unfinished.questions), true);
      return;
    case 'REJECT': {
      const refused = answer.outcome === 'REFUSED' ? answer.reason : unfinished.coreRefusal;
      const voided = unfinished.mandateAllows ? 'AB03' : 'MD01';
      await reject(steps, debit, { reason: refused ?? voided, ceiling: undefined });
      return;
    }
    case 'VOID': {
      // A stop that was made since it was taken up: it is only asked about.
      if (!(await steps.claimVoid(debit.debitId)))
        return askLater(steps, unfinished, untilResolveBy(factsOf(steps, unfinished)));
      const coreRefusal = answer.outcome === 'REFUSED' ? answer.reason : unfinished.coreRefusal;
      const voided = await steps.void(debit.reference);
      const next = afterVoid(factsOf(steps, unfinished), voided.outcome);
      return act(steps, { ...unfinished, coreRefusal }, next, voided);
    }
    case 'SEND':
      return send(steps, unfinished);
    case 'ASK_LATER':
    case 'PEOPLE':
      return askLater(steps, unfinished, step);
  }
}

const askLater = (steps: DebitSteps, { debit, questions }: Unfinished, step: 'ASK_LATER' | 'PEOPLE'): Promise<void> =>
  steps.askLater(debit.debitId, secondsBeforeQuestion(questions), step === 'PEOPLE');

/** Once more, under the same reference, if state, mandate, stops and time still allow it at this moment. */
async function send(steps: DebitSteps, unfinished: Unfinished): Promise<void> {
  const claimed = await steps.claimSend(unfinished.debit.debitId, maySend(steps.core, 1));
  if (claimed === undefined) return askLater(steps, unfinished, 'ASK_LATER');
  const moved = await steps.move(claimed);
  if (moved.outcome === 'IN_DOUBT') return askLater(steps, unfinished, 'ASK_LATER');
  const next = afterSend(factsOf(steps, unfinished), sendAnswer(moved));
  return act(steps, { ...unfinished, debit: claimed, open: claimed }, next, moved);
}

const factsOf = (
  steps: DebitSteps,
  { debit, sends, mandateAllows, stopped, coreRefusal, shownMoved }: Unfinished,
): DoubtFacts => ({
  core: steps.core,
  now: steps.now(),
  expiresAt: debit.expiresAt,
  resolveBy: debit.resolveBy,
  sends,
  mandateAllows,
  stopped,
  refused: coreRefusal !== undefined,
  shownMoved,
});
