import { coreIsOpen, firstDateOf, isBankingDay } from '../calendar/calendar.ts';
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
import type { Centimes } from '../values/centimes.ts';
import { algiersDay } from '../values/dates.ts';
import type { CoreReference, CreditorCode, DebitId, EndToEndId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { type Authorisation, authoriseDebits } from './authorise.sql.ts';
import type { CancellationVerdict } from './cancel.sql.ts';
import { type Cancellation, cancelDebit, endVoids, selectVoidsDue, takeVoidsDue, type VoidDue } from './cancel.sql.ts';
import { type EndingDebit, instructionFor, limitsOf, type OpenDebit } from './debit.ts';
import {
  leaveInDoubt,
  type Rejection,
  type RejectOutcome,
  rejectDebits,
  type Settlement,
  type SettleOutcome,
  settleDebits,
  storeBooking,
  storeReceipt,
} from './debits.sql.ts';
import { secondsBeforeQuestion } from './doubt.ts';
import { acceptDueDebits, selectDueDebits, selectOverdueDebits } from './due-dates.sql.ts';
import { sendInTime } from './in-time.ts';
import { recordContradiction, recordDenial } from './keep-contradiction.sql.ts';
import {
  type DebitFilter,
  type DebitRecord,
  type Declaration,
  findDebit,
  findDeclaration,
  listDebits,
  readDebit,
} from './lookup.sql.ts';
import { couldHaveRun } from './lost-time.ts';
import {
  askLater,
  claimSend,
  claimVoid,
  keepRefusal,
  selectUnfinished,
  takeUnfinished,
  type Unfinished,
} from './recovery.sql.ts';
import { type Reservation, type ReservationOutcome, reserveDebits } from './reserve.sql.ts';
import { selectRestoreBegins } from './restore.sql.ts';
import { openTurns, type Turns } from './turns.ts';
import { keepUnheard } from './unheard.ts';

/** Every effect that a debit has, each a named step: what the use cases are written in. */
export type DebitSteps = {
  reserve: (reservation: Reservation) => Promise<ReservationOutcome>;
  /** Sends it, unless its time is over when its turn comes: that is silence too. */
  move: (debit: OpenDebit) => Promise<MoveOutcome>;
  sign: Sign;
  settle: (settlement: Settlement) => Promise<SettleOutcome>;
  reject: (rejection: Rejection & { debit: EndingDebit }) => Promise<RejectOutcome>;
  leaveInDoubt: (debitId: DebitId) => Promise<void>;
  /** False, as of `contradict`: there is no such debit. */
  storeBooking: (debitId: DebitId, booking: Booking) => Promise<boolean>;
  storeReceipt: (debitId: DebitId, receipt: SignedToken) => Promise<void>;
  contradict: (debitId: DebitId, booking: Booking) => Promise<boolean>;
  /** The core denies what its own movements show, which is told and changes nothing. */
  contradictOutcome: (reference: CoreReference) => Promise<void>;
  /** Money moved for a debit that a restore has lost. */
  keepUnheard: (debit: OpenDebit, booking: Booking) => Promise<void>;
  read: (debitId: DebitId) => Promise<DebitRecord>;
  find: (creditor: CreditorCode, endToEndId: EndToEndId) => Promise<DebitRecord | undefined>;
  list: (filter: DebitFilter) => Promise<DebitRecord[]>;
  declaration: (
    order: Pick<EndingDebit, 'creditor' | 'employerNumber' | 'declaration'>,
  ) => Promise<Declaration | undefined>;
  /** Who waits until a debit of the same mandate has ended. */
  turns: Turns;
  cancel: (cancellation: Cancellation) => Promise<{ verdict: CancellationVerdict; debitId: DebitId }>;
  inquire: (reference: CoreReference) => Promise<InquiryOutcome>;
  void: (reference: CoreReference) => Promise<VoidOutcome>;
  /** Debits that nobody works on, and those of them that are this caller's now. */
  listUnfinished: (most: number) => Promise<DebitId[]>;
  takeUnfinished: (debitIds: readonly DebitId[]) => Promise<Unfinished[]>;
  authorise: (debit: EndingDebit) => Promise<Authorisation>;
  claimSend: (debitId: DebitId, repeatable: boolean) => Promise<OpenDebit | undefined>;
  /** Claims a void just before it: false where a stop stands, or where it has ended. */
  claimVoid: (debitId: DebitId) => Promise<boolean>;
  /** What the core refused and may forget, or refuse of one copy alone. */
  keepRefusal: (debitId: DebitId, reason: ReasonCode) => Promise<void>;
  askLater: (debitId: DebitId, seconds: number, forPeople: boolean) => Promise<void>;
  /** Scheduled debits whose day has come. */
  listDue: (most: number) => Promise<DebitId[]>;
  acceptDue: (debitIds: readonly DebitId[]) => Promise<void>;
  /** Cancelled names that the core banking system has still to close. */
  listVoidsDue: (most: number) => Promise<DebitId[]>;
  takeVoidsDue: (debitIds: readonly DebitId[]) => Promise<VoidDue[]>;
  endVoids: (debitIds: readonly DebitId[]) => Promise<void>;
  now: () => Date;
  calendar: ReadCalendar;
  core: CoreProperties;
  /** What a creditor is told of a reason: the same, but where a setting hides it. */
  shown: (reason: ReasonCode) => ReasonCode;
  times: DebitTimes;
  /** Told of an outcome, and of a fault in work that nobody waits for. */
  observe: DebitObserver;
};

export type DebitTimes = {
  /** A request without `expiresAt` ends so long after its receipt. */
  lifetimeSeconds: number;
  /** From `expiresAt` to `resolveBy`. */
  resolveWithinSeconds: number;
  /** When a debit that has not ended is answered with 202. */
  answerSeconds: number;
  leaseSeconds: number;
};

export type DebitObserver = {
  ended: (outcome: 'settled' | 'rejected' | 'in-doubt' | 'contradicted' | 'cancelled', reason?: ReasonCode) => void;
  /** From its receipt to its end. */
  took: (seconds: number) => void;
  set: (step: 'reserve' | 'move' | 'settle' | 'reject', size: number) => void;
  fault: (during: string, fault: unknown) => void;
};

export type DebitParts = {
  db: Queryable;
  coreBanking: CoreBanking;
  sign: Sign;
  clock: Clock;
  calendar: ReadCalendar;
  times: DebitTimes;
  debitMaximum: Centimes;
  fundsRefusalsADay: number;
  debitsADay: number;
  insufficientFundsShownAs: 'AM04' | 'MS03';
  blockedAccountShownAs: 'AC06' | 'MS03';
  observe: DebitObserver;
};

/** The steps as they are in production: sets for what every debit does, one statement for what few do. */
export function debitSteps(parts: DebitParts): DebitSteps {
  const { db, coreBanking, sign, clock, times, observe } = parts;
  const { leaseSeconds } = times;
  const limits = {
    debitMaximum: parts.debitMaximum,
    leaseSeconds,
    fundsRefusalsADay: parts.fundsRefusalsADay,
    debitsADay: parts.debitsADay,
  };
  const ending = ({ debit }: { debit: EndingDebit }) => [
    `chain ${debit.chainId}`,
    `declaration ${debit.creditor} ${debit.employerNumber} ${debit.declaration}`,
  ];
  const contradict = batched(
    (met: readonly { debitId: DebitId; booking: Booking }[]) =>
      Promise.all(met.map(({ debitId, booking }) => recordContradiction(db, debitId, booking))),
    { most: 1 },
  );
  const coreIsClosed = async () => !coreIsOpen(await parts.calendar(), clock.now());
  /** Today, and whether scheduled debits run now: the bank works today, and its core at this moment. */
  const day = async () => {
    const calendar = await parts.calendar();
    const today = algiersDay(clock.now());
    const runs = isBankingDay(calendar, today) && coreIsOpen(calendar, clock.now());
    return { today, firstDate: firstDateOf(calendar, today), runs };
  };
  /** Whether the core may have refused a debit in the time that a restore has lost, and forgotten it. */
  const refusalsLost = async (): Promise<(debit: EndingDebit) => boolean> => {
    if (coreBanking.properties.keepsRefusals) return () => false;
    const begins = await selectRestoreBegins(db);
    const calendar = await parts.calendar();
    // So long a process of before may still have sent.
    const lateSeconds = leaseSeconds + times.lifetimeSeconds;
    return (debit) =>
      begins.some(
        (begun) =>
          debit.receivedAt < begun && couldHaveRun(calendar, debit, new Date(begun.getTime() + lateSeconds * 1000)),
      );
  };
  return {
    // Two debits under one limit never share a set: a running sum would count the refused one.
    reserve: batched((reservations) => reserveDebits(db, limits, reservations), {
      keysOf: ({ order }) => limitsOf(order),
      onSet: (size) => observe.set('reserve', size),
    }),
    move: batched((debits) => sendInTime(clock, debits, (sent) => coreBanking.debit(sent.map(instructionFor))), {
      keysOf: ({ debtor }) => [debtor],
      onSet: (size) => observe.set('move', size),
    }),
    sign,
    settle: batched((settlements) => settleDebits(db, settlements), { onSet: (size) => observe.set('settle', size) }),
    reject: batched((rejections: readonly (Rejection & { debit: EndingDebit })[]) => rejectDebits(db, rejections), {
      keysOf: ending,
      onSet: (size) => observe.set('reject', size),
    }),
    leaveInDoubt: (debitId) => leaveInDoubt(db, debitId, secondsBeforeQuestion(0)),
    storeBooking: (debitId, booking) => storeBooking(db, debitId, booking),
    storeReceipt: (debitId, receipt) => storeReceipt(db, debitId, receipt),
    // Run again after a deadlock: a contradiction that is lost is never met again.
    contradict: async (debitId, booking) => contradict({ debitId, booking }),
    contradictOutcome: (reference) => recordDenial(db, reference),
    keepUnheard: (debit, booking) =>
      keepUnheard(db, debit, booking, (debitId, said) => contradict({ debitId, booking: said })),
    read: (debitId) => readDebit(db, debitId),
    find: (creditor, endToEndId) => findDebit(db, creditor, endToEndId),
    list: (filter) => listDebits(db, filter),
    declaration: ({ creditor, employerNumber, declaration }) =>
      findDeclaration(db, creditor, employerNumber, declaration),
    turns: openTurns(),
    // Each by itself, and run again where it lost the race for a new name: it then sees who won.
    cancel: batched((cancellations) => Promise.all(cancellations.map((one) => cancelDebit(db, one))), {
      most: 1,
      concurrent: 8,
    }),
    inquire: batched((references) => coreBanking.inquire(references), { keysOf: (reference) => [reference] }),
    void: batched((references) => coreBanking.void(references), { keysOf: (reference) => [reference] }),
    listUnfinished: async (most) => selectUnfinished(db, most, await coreIsClosed()),
    takeUnfinished: async (debitIds) => takeUnfinished(db, debitIds, leaseSeconds, await coreIsClosed()),
    authorise: batched(
      async (debits) => {
        const refusals = await refusalsLost();
        const weighed = debits.map((debit) => ({ debitId: debit.debitId, maybeRefused: refusals(debit) }));
        return authoriseDebits(db, algiersDay(clock.now()), leaseSeconds, limits, weighed);
      },
      { keysOf: ({ chainId }) => [chainId] },
    ),
    claimSend: (debitId, repeatable) => claimSend(db, debitId, repeatable, leaseSeconds),
    claimVoid: (debitId) => claimVoid(db, debitId, leaseSeconds),
    keepRefusal: (debitId, reason) => keepRefusal(db, debitId, reason),
    askLater: (debitId, seconds, forPeople) => askLater(db, debitId, seconds, forPeople),
    async listDue(most) {
      const { today, firstDate, runs } = await day();
      const overdue = await selectOverdueDebits(db, firstDate, most);
      if (!runs || overdue.length === most) return overdue;
      const due = await selectDueDebits(db, today, most - overdue.length, limits.fundsRefusalsADay);
      return [...new Set([...overdue, ...due])];
    },
    acceptDue: async (debitIds) => acceptDueDebits(db, await day(), debitIds),
    listVoidsDue: (most) => selectVoidsDue(db, most),
    takeVoidsDue: (debitIds) => takeVoidsDue(db, debitIds, leaseSeconds),
    endVoids: (debitIds) => endVoids(db, debitIds),
    now: () => clock.now(),
    calendar: parts.calendar,
    core: coreBanking.properties,
    shown: (reason) =>
      reason === 'AM04' ? parts.insufficientFundsShownAs : reason === 'AC06' ? parts.blockedAccountShownAs : reason,
    times,
    observe,
  };
}
