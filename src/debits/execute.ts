import { setTimeout as pause } from 'node:timers/promises';
import { type BankCalendar, coreOpensAt, nextBankingDay } from '../calendar/calendar.ts';
import type { SignedRequest } from '../clients/client.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { coreReferenceOf, type DebitId, newDebitId } from '../values/ids.ts';
import { inAnsweringTime } from './answering-time.ts';
import { contentOf, type DebitOrder, isOpen, type OpenDebit } from './debit.ts';
import { afterSend, sendAnswer } from './doubt.ts';
import { leaveInDoubt, reject, rejectOnceVoided, rejectUnsent, settle } from './finish.ts';
import type { DebitRecord } from './lookup.sql.ts';
import type { DebitOutcome } from './outcome.ts';
import type { Reservation } from './reserve.sql.ts';
import type { DebitSteps } from './steps.ts';
import { orOutcomeUnknown, outcomeUnknown, surely } from './surely.ts';
import { signReceipt } from './tokens.ts';

/** The debits that this process is carrying, so that the same one asked again waits for it and not for the database. */
export type Running = Map<DebitId, Promise<DebitRecord>>;

/**
 * Executes one debit, at most once. `reserve` commits before money can move: whatever stops this function later
 * leaves a row that resolve.ts takes up, asking the core banking system before it does anything else.
 */
export async function executeDebit(
  steps: DebitSteps,
  running: Running,
  order: DebitOrder,
  request: SignedRequest,
): Promise<DebitOutcome> {
  const reservation = reservationOf(steps, order, request, await steps.calendar());
  const reserved = await surely(() => steps.reserve(reservation));
  // Its mandate's turn is passed on when it has ended.
  const carried = (work: Promise<DebitRecord>) =>
    carry(running, reservation.debitId, work).finally(() => steps.turns.pass(order.mandateId));
  switch (reserved.verdict) {
    case 'RESERVED':
      return {
        outcome: 'DEBIT',
        debit: await carried(move(steps, reserved.debit, leaseEnd(steps, request.receivedAt))),
        replayed: false,
      };
    case 'REFUSED':
      return {
        outcome: 'DEBIT',
        debit: await carry(running, reserved.debit.debitId, rejectUnsent(steps, reserved.debit, reserved.refusal)),
        replayed: false,
      };
    case 'SCHEDULED':
    case 'WAITS':
      return { outcome: 'DEBIT', debit: await steps.read(reserved.debitId), replayed: false };
    case 'CLAIMED':
      // Recovery asks the core, as for every debit that was sent and has no answer.
      return { outcome: 'DEBIT', debit: await outcomeOf(steps, running, reserved.debitId), replayed: false };
    case 'KNOWN':
      return {
        outcome: 'DEBIT',
        debit: await outcomeOf(steps, running, reserved.debitId),
        // Its own row: the answer to the commit was lost, and the same statement has found what it wrote.
        replayed: reserved.debitId !== reservation.debitId,
      };
    case 'LATER':
      if (steps.now().getTime() >= request.receivedAt.getTime() + steps.times.answerSeconds * 1000)
        return { outcome: 'OTHERS_UNDER_WAY' };
      await steps.turns.wait(order.mandateId);
      return executeDebit(steps, running, order, request);
    case 'NAME_TAKEN':
      return { outcome: 'NAME_TAKEN', endToEndId: order.endToEndId };
    case 'DECLARED_DIFFERS':
    case 'DECLARATION_PAID':
    case 'OVER_DECLARED': {
      const live = await liveDebits(steps, order);
      // The debit that stands in its way is itself, committed while this statement waited: asked again it is known.
      const isItself = live.some(({ endToEndId }) => endToEndId === order.endToEndId);
      return isItself ? executeDebit(steps, running, order, request) : { outcome: reserved.verdict, live };
    }
    case 'JTI_REUSED':
    case 'MANDATE_NOT_FOUND':
    case 'STOPPED':
    case 'OTHER_EMPLOYER':
    case 'DATE_OUT_OF_RANGE':
    case 'EXPIRY_OUT_OF_RANGE':
    case 'DEBITS_A_DAY':
    case 'FUNDS_REFUSALS':
      return { outcome: reserved.verdict };
  }
}

/**
 * Sends the money and ends the debit by the core's word. It is sent only while this process's lease holds, counted
 * from before the statement that gave it: a sleeper that wakes up later leaves the debit to who has it now.
 */
export async function move(steps: DebitSteps, debit: OpenDebit, leaseUntil: Date): Promise<DebitRecord> {
  if (steps.now() >= leaseUntil) return steps.read(debit.debitId);
  const moved = await steps.move(debit);
  if (moved.outcome === 'MOVED') return settle(steps, debit, moved.booking);
  if (moved.outcome === 'IN_DOUBT') return leaveInDoubt(steps, debit);
  const { reason } = moved;
  const next = afterSend({ core: steps.core, now: steps.now(), expiresAt: debit.expiresAt }, sendAnswer(moved));
  if (next === 'REJECT') return reject(steps, debit, { reason, ceiling: undefined });
  await steps.keepRefusal(debit.debitId, reason);
  const ended = next === 'VOID' ? await rejectOnceVoided(steps, debit, reason) : undefined;
  return ended ?? leaveInDoubt(steps, debit);
}

/**
 * The outcome within the gateway's answering time: past it the debit as it stands, while the work goes on. An open
 * debit carries its receipt, signed once.
 */
export async function answerDebit(
  steps: DebitSteps,
  running: Running,
  order: DebitOrder,
  request: SignedRequest,
): Promise<DebitOutcome> {
  const work = executeDebit(steps, running, order, request);
  const answer = async (): Promise<DebitOutcome> => {
    const outcome = await inAnsweringTime(steps.times.answerSeconds, work);
    if (outcome !== 'LATE') return withReceipt(steps, outcome);
    work.catch((fault: unknown) => steps.observe.fault('debit after its answer', fault));
    const debit = await steps.find(order.creditor, order.endToEndId);
    if (debit === undefined) throw outcomeUnknown();
    return withReceipt(steps, { outcome: 'DEBIT', debit, replayed: debit.request.jti !== request.jti });
  };
  return orOutcomeUnknown(answer, (fault) => steps.observe.fault('a debit', fault));
}

export const leaseEnd = (steps: DebitSteps, takenAt: Date): Date =>
  new Date(takenAt.getTime() + steps.times.leaseSeconds * 1000);

/** A receipt is signed the first time that an answer must say 'not yet', and is the same ever after. */
async function withReceipt(steps: DebitSteps, outcome: DebitOutcome): Promise<DebitOutcome> {
  if (outcome.outcome !== 'DEBIT') return outcome;
  const { debit } = outcome;
  if (debit.terms === undefined || !isOpen(debit.state) || debit.receipt !== undefined) return outcome;
  const receipt = await signReceipt(steps.sign, { ...debit, ...debit.terms }, steps.now());
  await steps.storeReceipt(debit.debitId, receipt);
  return { ...outcome, debit: await steps.read(debit.debitId) };
}

function reservationOf(
  steps: DebitSteps,
  order: DebitOrder,
  request: SignedRequest,
  calendar: BankCalendar,
): Reservation {
  const { receivedAt } = request;
  const runsOn = order.executionDate && (nextBankingDay(calendar, order.executionDate) ?? order.executionDate);
  const opensAt = coreOpensAt(calendar, receivedAt);
  const expiresAt = order.expiresAt ?? expiryOf(steps, receivedAt, runsOn ?? (opensAt && algiersDay(opensAt)));
  const after = Math.max(expiresAt.getTime(), receivedAt.getTime());
  return {
    debitId: newDebitId(receivedAt),
    reference: coreReferenceOf(order.creditor, order.endToEndId),
    order,
    content: contentOf(order),
    request,
    expiresAt,
    resolveBy: new Date(after + steps.times.resolveWithinSeconds * 1000),
    runsOn,
    opensAt,
  };
}

/** Where the creditor does not say: the end of the day for one that is scheduled or waits, else a minute. */
const expiryOf = ({ times }: DebitSteps, receivedAt: Date, day: Day | undefined): Date =>
  day === undefined
    ? new Date(receivedAt.getTime() + times.lifetimeSeconds * 1000)
    : startOfAlgiersDay(addDays(day, 1));

function carry(running: Running, debitId: DebitId, work: Promise<DebitRecord>): Promise<DebitRecord> {
  running.set(debitId, work);
  return work.finally(() => running.delete(debitId));
}

/** Waits for who carries it: here the promise itself, elsewhere by looking, until the caller's time is up. */
async function outcomeOf(steps: DebitSteps, running: Running, debitId: DebitId): Promise<DebitRecord> {
  await running.get(debitId);
  const until = steps.now().getTime() + steps.times.answerSeconds * 1000;
  for (let wait = 25; ; wait = Math.min(wait * 2, 500)) {
    const debit = await steps.read(debitId);
    if (debit.state !== 'EXECUTING' || steps.now().getTime() >= until) return debit;
    await pause(wait);
  }
}

async function liveDebits(steps: DebitSteps, order: DebitOrder): Promise<DebitRecord[]> {
  const declaration = await steps.declaration(order);
  return (declaration?.debits ?? []).filter(({ state }) => isOpen(state) || state === 'SETTLED');
}
