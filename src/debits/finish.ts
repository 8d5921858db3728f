import type { Booking } from '../core-banking/port.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { EndingDebit, OpenDebit, Refusal } from './debit.ts';
import { afterVoid } from './doubt.ts';
import type { DebitRecord } from './lookup.sql.ts';
import type { DebitSteps } from './steps.ts';
import { outcomeUnknown } from './surely.ts';
import { signConfirmation, signRejection } from './tokens.ts';

/**
 * Settles a debit whose money has moved, with its confirmation. Where signing is away the booking is stored at once:
 * recovery signs later, and asks nobody. What contradicts what stands was kept, by the statement that says so, as a
 * thing of its own, and so is what the database has lost since.
 */
export async function settle(steps: DebitSteps, debit: OpenDebit, booking: Booking): Promise<DebitRecord> {
  // Another amount is never confirmed, so nothing is signed either: people have it, and the core is asked on.
  if (booking.amount !== debit.amount) {
    const known = await steps.contradict(debit.debitId, booking);
    return known ? contradicted(steps, debit) : unheard(steps, debit, booking);
  }
  const confirmation = await signConfirmation(steps.sign, debit, booking, steps.now()).catch(async (fault: unknown) => {
    const known = await steps.storeBooking(debit.debitId, booking);
    if (!known) return unheard(steps, debit, booking);
    throw fault;
  });
  const stored = await steps.settle({ debitId: debit.debitId, booking, confirmation });
  switch (stored) {
    case 'STORED':
      steps.observe.ended('settled');
      steps.observe.took((steps.now().getTime() - debit.receivedAt.getTime()) / 1000);
      return {
        ...record(debit),
        state: 'SETTLED',
        holdsDeclaration: true,
        settled: booking,
        confirmation: confirmation.token,
        confirmationJti: confirmation.jti,
        endedAt: confirmation.issuedAt,
      };
    case 'SAME':
      // Only the token that was stored first may ever be shown.
      return steps.read(debit.debitId);
    case 'CONTRADICTED':
      return contradicted(steps, debit);
    case 'ABSENT':
      return unheard(steps, debit, booking);
  }
}

/** Asked again by its creditor, it is taken for what has moved. */
async function unheard(steps: DebitSteps, debit: OpenDebit, booking: Booking): Promise<never> {
  steps.observe.ended('contradicted');
  await steps.keepUnheard(debit, booking);
  throw outcomeUnknown();
}

async function contradicted(steps: DebitSteps, debit: OpenDebit): Promise<DebitRecord> {
  steps.observe.ended('contradicted');
  await steps.leaveInDoubt(debit.debitId);
  return steps.read(debit.debitId);
}

/** Rejects a debit for good, with its signed rejection; ceiling and declaration are given back where it held them. */
export async function reject(
  steps: DebitSteps,
  debit: EndingDebit,
  { reason: told, ceiling }: Refusal,
  onlyUnsent = false,
): Promise<DebitRecord> {
  const reason = reasonOf(debit, told);
  const shownReason = steps.shown(reason);
  const rejection = await signRejection(steps.sign, debit, shownReason, ceiling, steps.now());
  const stored = await steps.reject({ debit, debitId: debit.debitId, reason, shownReason, rejection, onlyUnsent });
  if (stored === 'CONTRADICTED') steps.observe.ended('contradicted');
  if (stored !== 'STORED') return steps.read(debit.debitId);
  steps.observe.ended('rejected', shownReason);
  return {
    ...record(debit),
    state: 'REJECTED',
    reason: shownReason,
    ceiling,
    rejection: rejection.token,
    rejectionJti: rejection.jti,
    endedAt: rejection.issuedAt,
  };
}

/**
 * Rejects what the core has refused and may forget to have refused: its reference is voided first, so that no copy can
 * move any more. Undefined where a stop stands, or where the void ends nothing: it is asked about.
 */
export async function rejectOnceVoided(
  steps: DebitSteps,
  debit: OpenDebit,
  refused: ReasonCode,
): Promise<DebitRecord | undefined> {
  if (!(await steps.claimVoid(debit.debitId))) return undefined;
  const voided = await steps.void(debit.reference);
  const step = afterVoid({ ...debit, core: steps.core, now: steps.now() }, voided.outcome);
  if (step === 'SETTLE' && voided.outcome === 'MOVED') return settle(steps, debit, voided.booking);
  const reason = voided.outcome === 'REFUSED' ? voided.reason : refused;
  return step === 'REJECT' ? reject(steps, debit, { reason, ceiling: undefined }) : undefined;
}

/** Rejects by our own refusal what was never sent: what a restore's reading has found to have moved meanwhile goes on. */
export const rejectUnsent = (steps: DebitSteps, debit: EndingDebit, refusal: Refusal): Promise<DebitRecord> =>
  reject(steps, debit, refusal, true);

/** A core that calls a debit late which had come in time tells of the bank's side: time is the employer's defence. */
const reasonOf = ({ receivedAt, expiresAt }: EndingDebit, reason: ReasonCode): ReasonCode =>
  reason === 'TM01' && receivedAt < expiresAt ? 'AB03' : reason;

/** Silence is neither yes nor no: the reservation stays, and only the core banking system's word may end it. */
export async function leaveInDoubt(steps: DebitSteps, debit: OpenDebit): Promise<DebitRecord> {
  await steps.leaveInDoubt(debit.debitId);
  steps.observe.ended('in-doubt');
  return steps.read(debit.debitId);
}

/** What is known of a debit that this process has carried itself, so that the answer needs no reading back. */
function record(debit: EndingDebit | OpenDebit): Omit<DebitRecord, 'state'> {
  const { mandateId, employerNumber, declaration, declared, periodLabel, dueDate, amount } = debit;
  return {
    debitId: debit.debitId,
    creditor: debit.creditor,
    endToEndId: debit.endToEndId,
    terms: { mandateId, employerNumber, declaration, declared, periodLabel, dueDate, amount },
    executionDate: debit.executionDate,
    retryOf: debit.retryOf,
    reason: undefined,
    ceiling: undefined,
    orderedAt: debit.orderedAt,
    receivedAt: debit.receivedAt,
    authorisedAt: 'authorisedAt' in debit ? debit.authorisedAt : undefined,
    expiresAt: debit.expiresAt,
    resolveBy: debit.resolveBy,
    endedAt: undefined,
    holdsDeclaration: false,
    settled: undefined,
    receipt: undefined,
    confirmation: undefined,
    rejection: undefined,
    confirmationJti: undefined,
    rejectionJti: undefined,
    reversal: undefined,
    request: debit.request,
  };
}
