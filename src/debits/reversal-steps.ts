import type { ReadCalendar } from '../calendar/open-calendar.ts';
import type {
  Booking,
  CoreBanking,
  CoreProperties,
  InquiryOutcome,
  MoveOutcome,
  VoidOutcome,
} from '../core-banking/port.ts';
import { batched } from '../database/batched.ts';
import type { Clock } from '../database/clock.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Sign, SignedToken } from '../signing/signer.ts';
import type { CoreReference, CreditorCode, DebitId, EndToEndId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { StoreOutcome } from './debits.sql.ts';
import { hearing } from './hear.ts';
import { sendInTime } from './in-time.ts';
import { recordDenial } from './keep-contradiction.sql.ts';
import { type DebitRecord, findDebit, readDebit } from './lookup.sql.ts';
import { type OpenReversal, type ReversalId, type ReversalRecord, reversalInstructionFor } from './reversal.ts';
import { rejectReversal, settleReversal, storeReversalBooking } from './reversal-end.sql.ts';
import { selectReversals } from './reversal-record.sql.ts';
import {
  askReversalLater,
  claimReversal,
  claimReversalVoid,
  keepReversalRefusal,
  selectReversalsDue,
  takeReversals,
  takeUpReversal,
  type UnfinishedReversal,
} from './reversal-recovery.sql.ts';
import {
  type ReversalLimits,
  type ReversalRequest,
  type ReversalRequested,
  requestReversal,
} from './reversal-requests.sql.ts';
import type { DebitTimes } from './steps.ts';

/** Every effect that a reversal has, each a named step: what its use cases are written in. */
export type ReversalSteps = {
  request: (request: ReversalRequest) => Promise<ReversalRequested>;
  /** Claims one send just before it: state, stops and time are looked at again. Undefined where nothing may be sent. */
  claim: (reversalId: ReversalId, repeatable: boolean) => Promise<OpenReversal | undefined>;
  /** The same of a void: false where a stop stands, or where it has ended. */
  claimVoid: (reversalId: ReversalId) => Promise<boolean>;
  /** What the core refused and may forget, or refuse of one copy alone. */
  keepRefusal: (reversalId: ReversalId, reason: ReasonCode) => Promise<void>;
  move: (reversal: OpenReversal) => Promise<MoveOutcome>;
  sign: Sign;
  settle: (reversal: OpenReversal, booking: Booking, confirmation: SignedToken) => Promise<StoreOutcome>;
  reject: (reversal: OpenReversal, reason: ReasonCode, shownReason: ReasonCode) => Promise<StoreOutcome | 'SENT'>;
  /** The same of one that was never sent: SENT, and nothing is done, where a send was claimed meanwhile. */
  rejectUnsent: (reversal: OpenReversal, reason: ReasonCode, shownReason: ReasonCode) => Promise<StoreOutcome | 'SENT'>;
  storeBooking: (reversal: OpenReversal, booking: Booking) => Promise<void>;
  /** The core denies what its own movements show, which is told and changes nothing. */
  contradictOutcome: (reference: CoreReference) => Promise<void>;
  /** It has moved though it was only asked for, as far as is known here: in doubt from now on. */
  takeUp: (reversalId: ReversalId) => Promise<void>;
  askLater: (reversalId: ReversalId, seconds: number, forPeople: boolean) => Promise<void>;
  inquire: (reference: CoreReference) => Promise<InquiryOutcome>;
  void: (reference: CoreReference) => Promise<VoidOutcome>;
  due: (most: number) => Promise<readonly ReversalId[]>;
  take: (reversalIds: readonly ReversalId[]) => Promise<UnfinishedReversal[]>;
  readDebit: (debitId: DebitId) => Promise<DebitRecord>;
  findDebit: (creditor: CreditorCode, endToEndId: EndToEndId) => Promise<DebitRecord | undefined>;
  /** Every attempt, the first one first. */
  attempts: (debitId: DebitId) => Promise<ReversalRecord[]>;
  now: () => Date;
  calendar: ReadCalendar;
  core: CoreProperties;
  /** What a creditor is told of a reason: the same, but where a setting hides it. */
  shown: (reason: ReasonCode) => ReasonCode;
  times: DebitTimes;
  observe: ReversalObserver;
};

export type ReversalObserver = {
  ended: (outcome: 'settled' | 'rejected' | 'in-doubt' | 'contradicted', reason?: ReasonCode) => void;
  fault: (during: string, fault: unknown) => void;
};

export type ReversalParts = {
  db: Queryable;
  coreBanking: CoreBanking;
  sign: Sign;
  clock: Clock;
  calendar: ReadCalendar;
  times: DebitTimes;
  limits: Omit<ReversalLimits, 'leaseSeconds'>;
  blockedAccountShownAs: 'AC06' | 'MS03';
  observe: ReversalObserver;
};

/** The steps as they are in production: each by itself, since reversals are few. */
export function reversalSteps(parts: ReversalParts): ReversalSteps {
  const { db, coreBanking, sign, clock, times, observe } = parts;
  const limits = { ...parts.limits, leaseSeconds: times.leaseSeconds };
  // Each by itself, and run again after a deadlock or where it lost the race for an attempt: it then sees who won.
  const oneByOne = { most: 1, concurrent: 8 };
  const settle = batched(
    (items: readonly { reversal: OpenReversal; booking: Booking; confirmation: SignedToken }[]) =>
      Promise.all(
        items.map(({ reversal, booking, confirmation }) => settleReversal(db, reversal, booking, confirmation)),
      ),
    oneByOne,
  );
  const reject = batched(
    (items: readonly { reversal: OpenReversal; reason: ReasonCode; shownReason: ReasonCode; onlyUnsent: boolean }[]) =>
      Promise.all(
        items.map(({ reversal, reason, shownReason, onlyUnsent }) =>
          rejectReversal(db, reversal, reason, shownReason, onlyUnsent),
        ),
      ),
    oneByOne,
  );
  const storeBooking = batched(
    (items: readonly { reversal: OpenReversal; booking: Booking }[]) =>
      Promise.all(items.map(({ reversal, booking }) => storeReversalBooking(db, reversal, booking))),
    oneByOne,
  );
  return hearing(db, {
    request: batched(
      (requests: readonly ReversalRequest[]) => Promise.all(requests.map((one) => requestReversal(db, limits, one))),
      oneByOne,
    ),
    claim: (reversalId, repeatable) => claimReversal(db, reversalId, repeatable, times.leaseSeconds),
    claimVoid: (reversalId) => claimReversalVoid(db, reversalId, times.leaseSeconds),
    keepRefusal: (reversalId, reason) => keepReversalRefusal(db, reversalId, reason),
    // Out of one collection account one after the other, as the books want them.
    move: batched(
      (reversals) => sendInTime(clock, reversals, (sent) => coreBanking.reverse(sent.map(reversalInstructionFor))),
      {
        keysOf: ({ collectionAccount }) => [collectionAccount],
      },
    ),
    sign,
    settle: (reversal, booking, confirmation) => settle({ reversal, booking, confirmation }),
    reject: (reversal, reason, shownReason) => reject({ reversal, reason, shownReason, onlyUnsent: false }),
    rejectUnsent: (reversal, reason, shownReason) => reject({ reversal, reason, shownReason, onlyUnsent: true }),
    storeBooking: (reversal, booking) => storeBooking({ reversal, booking }),
    contradictOutcome: (reference) => recordDenial(db, reference),
    takeUp: (reversalId) => takeUpReversal(db, reversalId),
    askLater: (reversalId, seconds, forPeople) => askReversalLater(db, reversalId, seconds, forPeople),
    inquire: async (reference) => first(await coreBanking.inquire([reference])),
    void: async (reference) => first(await coreBanking.void([reference])),
    due: (most) => selectReversalsDue(db, most),
    take: (reversalIds) => takeReversals(db, reversalIds, times.leaseSeconds),
    readDebit: (debitId) => readDebit(db, debitId),
    findDebit: (creditor, endToEndId) => findDebit(db, creditor, endToEndId),
    attempts: (debitId) => selectReversals(db, debitId),
    now: () => clock.now(),
    calendar: parts.calendar,
    core: coreBanking.properties,
    // AM04 is said of the creditor's own account here, which is no secret to it.
    shown: (reason) => (reason === 'AC06' ? parts.blockedAccountShownAs : reason),
    times,
    observe,
  });
}

function first<Outcome>(answers: readonly Outcome[]): Outcome {
  const [answer] = answers;
  if (answer === undefined) throw new Error('the core banking system answered nothing');
  return answer;
}
