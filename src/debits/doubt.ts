import type { CoreProperties, InquiryOutcome, MoveOutcome, VoidOutcome } from '../core-banking/port.ts';

/** What is known of a debit whose outcome is not, beside the core's last word. `now` is read after that word came. */
export type DoubtFacts = {
  core: CoreProperties;
  now: Date;
  /** Also the instruction's `notAfter`. */
  expiresAt: Date;
  resolveBy: Date;
  /** How often it was sent, the first time included. */
  sends: number;
  /** The mandate still lets it be sent: begun under it, and neither suspended nor ended since. */
  mandateAllows: boolean;
  /** The bank stopped it, its creditor's or all debits: it is asked about, and neither sent nor voided. */
  stopped: boolean;
  /** The core has refused a send, or said that it had, and was not believed yet: it is never sent again. */
  refused: boolean;
  /** After a restore the core's own movements show that it has moved: it is asked about, never sent, voided or rejected. */
  shownMoved: boolean;
};

/**
 * SETTLE, REJECT: by the core's word. VOID: so that it can never move, then as the void says. SEND: once more, under
 * the same reference. ASK_LATER: only the core can tell. PEOPLE: it can't tell any more, or not in time; asked on.
 */
export type NextStep = 'SETTLE' | 'REJECT' | 'VOID' | 'SEND' | 'ASK_LATER' | 'PEOPLE';

/**
 * What to do after an inquiry. It follows from what the bus offers (core-banking/port.ts) and is searched exhaustively
 * for every kind of bus (test/protocol): silence and 'unknown' are never read as a no.
 */
export function afterInquiry(facts: DoubtFacts, answer: InquiryOutcome['outcome']): NextStep {
  if (answer === 'MOVED') return 'SETTLE';
  if (answer === 'NO_ANSWER') return untilResolveBy(facts);
  // Its `expiresAt` may be that of a new request, so that nothing tells how long the bus will know it.
  if (facts.shownMoved) return answer === 'UNKNOWN' ? untilResolveBy(facts) : 'PEOPLE';
  if (memoryEnded(facts)) return 'PEOPLE';
  const { core, now, expiresAt, mandateAllows, stopped, refused } = facts;
  switch (answer) {
    case 'VOIDED':
      return 'REJECT';
    case 'REFUSED':
      // A bus that forgets refusals could still execute a copy of ours: the void makes the refusal final.
      if (believesRefusal(core)) return 'REJECT';
      return stopped ? untilResolveBy(facts) : 'VOID';
    case 'UNKNOWN': {
      const mayBeSent = now < expiresAt && mandateAllows && !refused;
      if (stopped || (mayBeSent && !maySend(core, facts.sends))) return untilResolveBy(facts);
      if (mayBeSent) return 'SEND';
      if (core.canVoid) return 'VOID';
      return now < expiresAt ? 'ASK_LATER' : 'PEOPLE';
    }
  }
}

type Times = Pick<DoubtFacts, 'core' | 'now' | 'expiresAt' | 'resolveBy'>;

/** What to do after a void. 'Refused' ends it only where the bus will still know that when a late copy of ours arrives. */
export function afterVoid(facts: Times, answer: VoidOutcome['outcome']): NextStep {
  if (answer === 'MOVED') return 'SETTLE';
  if (answer === 'NO_ANSWER') return untilResolveBy(facts);
  // It could void what it no longer knows to have moved.
  if (memoryEnded(facts)) return 'PEOPLE';
  switch (answer) {
    case 'VOIDED':
      return 'REJECT';
    case 'REFUSED':
      return facts.core.keepsRefusals ? 'REJECT' : untilResolveBy(facts);
  }
}

/** What the core said of a send. LATE: it refuses it for its time alone. */
export type SendAnswer = MoveOutcome['outcome'] | 'LATE';

export const sendAnswer = (moved: MoveOutcome): SendAnswer =>
  moved.outcome === 'REFUSED' && moved.reason === 'TM01' ? 'LATE' : moved.outcome;

/**
 * What to do after a send. A refusal that comes after `expiresAt` may be of a late copy and say nothing of another that
 * has moved: it is asked about first. One that the bus may forget is made final by a void.
 * LATE says as little where it may be sent twice, since the core's clock may be ahead of ours.
 */
export function afterSend(
  { core, now, expiresAt }: Pick<DoubtFacts, 'core' | 'now' | 'expiresAt'>,
  answer: SendAnswer,
): 'SETTLE' | 'REJECT' | 'VOID' | 'ASK_LATER' {
  switch (answer) {
    case 'MOVED':
      return 'SETTLE';
    case 'LATE':
    case 'REFUSED':
      if (now >= expiresAt) return 'ASK_LATER';
      if (!believesRefusal(core)) return 'VOID';
      return answer === 'LATE' && maySend(core, 1) ? 'ASK_LATER' : 'REJECT';
    case 'IN_DOUBT':
      return 'ASK_LATER';
  }
}

/** Where nothing may be done but to ask. */
export const untilResolveBy = ({ now, resolveBy }: Times): 'ASK_LATER' | 'PEOPLE' =>
  now < resolveBy ? 'ASK_LATER' : 'PEOPLE';

/** A refusal is final where the bus keeps it, or where no second copy was ever sent; else only a void makes it so. */
const believesRefusal = (core: CoreProperties): boolean => core.keepsRefusals || !core.canVoid;

/** Sent again only where a copy can't do harm: the bus knows what it refused, or can be told never to move it. */
export const maySend = (core: CoreProperties, sends: number): boolean =>
  sends === 0 || core.keepsRefusals || core.canVoid;

/** The bus's clock is not ours: near its end its memory is not relied on. */
const memoryMarginSeconds = 60;

/** Past its memory a bus says nothing but that it has moved: it may have forgotten that, and refuse or void a copy. */
function memoryEnded({ core, now, expiresAt }: Times): boolean {
  if (core.memory === 'FOR_EVER') return false;
  return now.getTime() >= expiresAt.getTime() + (core.memory.secondsAfterNotAfter - memoryMarginSeconds) * 1000;
}

/**
 * Start-up refuses what no rule makes safe, a bus that forgets and yet may execute late; and one that forgets before
 * `resolveBy`, so that its word would end nothing that people are not called for.
 */
export function propertyFaults(
  core: CoreProperties,
  { resolveWithinSeconds }: { resolveWithinSeconds: number },
): string[] {
  if (core.memory === 'FOR_EVER') return [];
  const needed = resolveWithinSeconds + memoryMarginSeconds;
  return [
    ...(core.honoursNotAfter
      ? []
      : [
          'a core banking system with bounded memory must honour notAfter: it could forget a debit and then execute it',
        ]),
    ...(core.memory.secondsAfterNotAfter >= needed
      ? []
      : [
          `GATEWAY_RESOLVE_WITHIN_SECONDS must be at most ${core.memory.secondsAfterNotAfter - memoryMarginSeconds} with a core banking system that remembers for ${core.memory.secondsAfterNotAfter} s: past its memory only people can end a debit`,
        ]),
  ];
}

/** Seconds, growing; the last is the longest that money in doubt is ever left unasked about. */
const intervals = [1, 2, 4, 8, 15, 30];
export const longestInterval = 60;

/** How long to wait before the next question. */
export const secondsBeforeQuestion = (questions: number): number =>
  intervals[Math.max(questions, 0)] ?? longestInterval;
