import { setTimeout as pause } from 'node:timers/promises';
import { coreIsOpen, coreOpensAt } from '../calendar/calendar.ts';
import type { SignedRequest } from '../clients/client.ts';
import type { Booking } from '../core-banking/port.ts';
import { type DebitId, reversalReferenceOf } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { inAnsweringTime } from './answering-time.ts';
import { afterSend, afterVoid, maySend, secondsBeforeQuestion, sendAnswer } from './doubt.ts';
import type { DebitRecord } from './lookup.sql.ts';
import {
  newReversalId,
  type OpenReversal,
  type ReversalId,
  type ReversalOrder,
  type ReversalRecord,
} from './reversal.ts';
import type { ReversalRequest } from './reversal-requests.sql.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { orOutcomeUnknown, outcomeUnknown, surely } from './surely.ts';
import { signReversal } from './tokens.ts';

/** The reversals that this process is carrying, so that the same one asked again waits for it. */
export type RunningReversals = Map<ReversalId, Promise<void>>;

/** REVERSAL: the attempt that was named, as it stands; `replayed` where it was not this request that began it. */
export type ReversalOutcome =
  | { outcome: 'REVERSAL'; debit: DebitRecord; reversal: ReversalRecord; replayed: boolean }
  | { outcome: 'OTHER_ATTEMPT' | 'NOT_SETTLED' | 'WINDOW_PASSED' | 'CONTRADICTED'; debit: DebitRecord }
  | { outcome: 'CORE_CLOSED'; opensAt: Date | undefined }
  | { outcome: 'DEBIT_NOT_FOUND' | 'JTI_REUSED' | 'STOPPED' | 'REVERSALS_A_DAY' | 'AMOUNT_A_DAY' };

/**
 * Gives a settled debit back, at most once. The request is committed before money can move: whatever stops this function
 * later leaves a row that resolve-reversal.ts takes up, asking the core banking system before it does anything else.
 */
export async function reverseDebit(
  steps: ReversalSteps,
  running: RunningReversals,
  order: ReversalOrder,
  request: SignedRequest,
): Promise<ReversalOutcome> {
  const calendar = await steps.calendar();
  const asked = requestOf(steps, order, request, !coreIsOpen(calendar, request.receivedAt));
  const { verdict, debitId, reversalId } = await surely(() => steps.request(asked));
  switch (verdict) {
    case 'REQUESTED':
      await carry(running, asked.reversalId, send(steps, asked.reversalId, leaseEnd(steps, request.receivedAt)));
      return standing(steps, named(debitId), order, false);
    case 'CLAIMED':
      return standing(steps, named(debitId), order, false);
    case 'KNOWN':
      await ended(steps, running, named(debitId), named(reversalId), order);
      // Its own row: the answer to the commit was lost, and the same statement has found what it wrote.
      return standing(steps, named(debitId), order, reversalId !== asked.reversalId);
    case 'OTHER_ATTEMPT':
    case 'NOT_SETTLED':
    case 'WINDOW_PASSED':
    case 'CONTRADICTED':
      return { outcome: verdict, debit: await steps.readDebit(named(debitId)) };
    case 'CORE_CLOSED':
      return { outcome: verdict, opensAt: coreOpensAt(calendar, request.receivedAt) };
    case 'DEBIT_NOT_FOUND':
    case 'JTI_REUSED':
    case 'STOPPED':
    case 'REVERSALS_A_DAY':
    case 'AMOUNT_A_DAY':
      return { outcome: verdict };
  }
}

/** The outcome within the gateway's answering time: past it the reversal as it stands, while the work goes on. */
export async function answerReversal(
  steps: ReversalSteps,
  running: RunningReversals,
  order: ReversalOrder,
  request: SignedRequest,
): Promise<ReversalOutcome> {
  const work = reverseDebit(steps, running, order, request);
  const answer = async (): Promise<ReversalOutcome> => {
    const outcome = await inAnsweringTime(steps.times.answerSeconds, work);
    if (outcome !== 'LATE') return outcome;
    work.catch((fault: unknown) => steps.observe.fault('a reversal after its answer', fault));
    const debit = await steps.findDebit(order.creditor, order.endToEndId);
    const reversal = debit && (await attemptOf(steps, debit.debitId, order.attempt));
    if (debit === undefined || reversal === undefined) throw outcomeUnknown();
    return { outcome: 'REVERSAL', debit, reversal, replayed: reversal.requestJti !== request.jti };
  };
  return orOutcomeUnknown(answer, (fault) => steps.observe.fault('a reversal', fault));
}

/**
 * Sends the money back, the first time or once more, if state, stops and time allow it at this moment, and ends the
 * reversal by the core's word. Only while this process's lease holds: a sleeper that wakes up leaves it to who has it now.
 */
export async function send(
  steps: ReversalSteps,
  reversalId: ReversalId,
  leaseUntil: Date,
  questions = 0,
): Promise<void> {
  if (steps.now() >= leaseUntil) return;
  const takenAt = steps.now();
  const claimed = await steps.claim(reversalId, maySend(steps.core, 1));
  if (claimed === undefined) return steps.askLater(reversalId, secondsBeforeQuestion(questions), false);
  if (steps.now() >= leaseEnd(steps, takenAt)) return;
  const moved = await steps.move(claimed);
  const step = afterSend({ core: steps.core, now: steps.now(), expiresAt: claimed.expiresAt }, sendAnswer(moved));
  if (step === 'SETTLE' && moved.outcome === 'MOVED') return settle(steps, claimed, moved.booking);
  if (step === 'REJECT' && moved.outcome === 'REFUSED') return reject(steps, claimed, moved.reason);
  if (moved.outcome === 'REFUSED') await steps.keepRefusal(reversalId, moved.reason);
  if (step === 'VOID' && moved.outcome === 'REFUSED' && (await endedByVoid(steps, claimed, moved.reason))) return;
  return leaveInDoubt(steps, claimed);
}

/** Settles with the confirmation. Where signing is away the booking is stored at once: recovery signs later. */
export async function settle(steps: ReversalSteps, reversal: OpenReversal, booking: Booking): Promise<void> {
  const confirmation = await signReversal(steps.sign, reversal, booking, steps.now()).catch(async (fault: unknown) => {
    await steps.storeBooking(reversal, booking);
    throw fault;
  });
  switch (await steps.settle(reversal, booking, confirmation)) {
    case 'STORED':
      return steps.observe.ended('settled');
    case 'SAME':
      return;
    case 'CONTRADICTED':
      return steps.observe.ended('contradicted');
  }
}

/** For good: the debit stays settled. No token proves it, since whoever has the money's confirmation lost nothing by it. */
export async function reject(steps: ReversalSteps, reversal: OpenReversal, told: ReasonCode): Promise<void> {
  // A core that calls it late which had come in time tells of the bank's side.
  const reason = told === 'TM01' && reversal.receivedAt < reversal.expiresAt ? 'AB03' : told;
  const shownReason = steps.shown(reason);
  const stored = await steps.reject(reversal, reason, shownReason);
  if (stored === 'STORED') steps.observe.ended('rejected', shownReason);
  else if (stored === 'CONTRADICTED') steps.observe.ended('contradicted');
}

/** As `rejectOnceVoided` of a debit: whether that has ended it. */
async function endedByVoid(steps: ReversalSteps, reversal: OpenReversal, refused: ReasonCode): Promise<boolean> {
  if (!(await steps.claimVoid(reversal.reversalId))) return false;
  const voided = await steps.void(reversal.reference);
  const step = afterVoid({ ...reversal, core: steps.core, now: steps.now() }, voided.outcome);
  if (step === 'SETTLE' && voided.outcome === 'MOVED') await settle(steps, reversal, voided.booking);
  else if (step === 'REJECT') await reject(steps, reversal, voided.outcome === 'REFUSED' ? voided.reason : refused);
  else return false;
  return true;
}

/** The end of one that was never sent. False where a send was claimed meanwhile: its copy may still move. */
export async function rejectUnsent(steps: ReversalSteps, reversal: OpenReversal): Promise<boolean> {
  const stored = await steps.rejectUnsent(reversal, 'AB03', steps.shown('AB03'));
  if (stored === 'STORED') steps.observe.ended('rejected', steps.shown('AB03'));
  return stored !== 'SENT';
}

async function leaveInDoubt(steps: ReversalSteps, reversal: OpenReversal): Promise<void> {
  await steps.askLater(reversal.reversalId, secondsBeforeQuestion(0), false);
  steps.observe.ended('in-doubt');
}

export const leaseEnd = (steps: ReversalSteps, takenAt: Date): Date =>
  new Date(takenAt.getTime() + steps.times.leaseSeconds * 1000);

function requestOf(
  steps: ReversalSteps,
  order: ReversalOrder,
  request: SignedRequest,
  coreIsClosed: boolean,
): ReversalRequest {
  const { receivedAt } = request;
  const expiresAt = new Date(receivedAt.getTime() + steps.times.lifetimeSeconds * 1000);
  return {
    reversalId: newReversalId(receivedAt),
    reference: reversalReferenceOf(order.creditor, order.endToEndId, order.attempt),
    order,
    request,
    expiresAt,
    resolveBy: new Date(expiresAt.getTime() + steps.times.resolveWithinSeconds * 1000),
    coreIsClosed,
  };
}

function carry(running: RunningReversals, reversalId: ReversalId, work: Promise<void>): Promise<void> {
  running.set(reversalId, work);
  return work.finally(() => running.delete(reversalId));
}

/** Waits for who carries it: here the promise itself, elsewhere by looking, until the caller's time is up. */
async function ended(
  steps: ReversalSteps,
  running: RunningReversals,
  debitId: DebitId,
  reversalId: ReversalId,
  order: ReversalOrder,
): Promise<void> {
  await running.get(reversalId);
  const until = steps.now().getTime() + steps.times.answerSeconds * 1000;
  for (let wait = 25; ; wait = Math.min(wait * 2, 500)) {
    const reversal = await attemptOf(steps, debitId, order.attempt);
    if (reversal?.state !== 'REQUESTED' && reversal?.state !== 'EXECUTING') return;
    if (steps.now().getTime() >= until) return;
    await pause(wait);
  }
}

async function standing(
  steps: ReversalSteps,
  debitId: DebitId,
  order: ReversalOrder,
  replayed: boolean,
): Promise<ReversalOutcome> {
  const debit = await steps.readDebit(debitId);
  const reversal = await attemptOf(steps, debitId, order.attempt);
  if (reversal === undefined) throw new Error('a reversal that was named has no row');
  return { outcome: 'REVERSAL', debit, reversal, replayed };
}

const attemptOf = async (
  steps: ReversalSteps,
  debitId: DebitId,
  attempt: number,
): Promise<ReversalRecord | undefined> => (await steps.attempts(debitId)).find((one) => one.attempt === attempt);

function named<Id>(id: Id | undefined): Id {
  if (id === undefined) throw new Error('a verdict names nothing');
  return id;
}
