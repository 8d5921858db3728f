import type { CoreProperties, InquiryOutcome, VoidOutcome } from '../core-banking/port.ts';

/** What is known of a debit whose outcome is not, beside the core's last word. */
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
};

/**
 * SETTLE, REJECT: by the core's word. VOID: so that it can never move, then as the void says. SEND: once more, under
 * the same reference. ASK_LATER: only the core can tell. PEOPLE: it can't tell any more, or not in time; asked on.
 */
export type NextStep = 'SETTLE' | 'REJECT' | 'VOID' | 'SEND' | 'ASK_LATER' | 'PEOPLE';

/**
 * What to do after an inquiry. It follows from what the bus offers (core-banking/port.ts) and was searched
 * exhaustively for every kind of bus: silence and 'unknown' are never read as a no.
 */
export function afterInquiry(facts: DoubtFacts, answer: InquiryOutcome['outcome']): NextStep {
  const { core, now, expiresAt } = facts;
  switch (answer) {
    case 'MOVED':
      return 'SETTLE';
    case 'VOIDED':
      return 'REJECT';
    case 'REFUSED':
      // A bus that forgets refusals could still execute a copy of ours: the void makes the refusal final.
      if (core.keepsRefusals || !core.canVoid) return 'REJECT';
      return memoryEnded(facts) ? 'PEOPLE' : 'VOID';
    case 'UNKNOWN':
      if (memoryEnded(facts)) return 'PEOPLE';
      if (now < expiresAt && facts.mandateAllows && maySend(core, facts.sends)) return 'SEND';
      if (core.canVoid && (now >= expiresAt || !facts.mandateAllows)) return 'VOID';
      return now < expiresAt ? 'ASK_LATER' : 'PEOPLE';
    case 'NO_ANSWER':
      return untilResolveBy(facts);
  }
}

/** What to do after a void. 'Refused' ends it only where the bus will still know that when a late copy of ours arrives. */
export function afterVoid(facts: DoubtFacts, answer: VoidOutcome['outcome']): NextStep {
  switch (answer) {
    case 'MOVED':
      return 'SETTLE';
    case 'VOIDED':
      return 'REJECT';
    case 'REFUSED':
      return facts.core.keepsRefusals ? 'REJECT' : untilResolveBy(facts);
    case 'NO_ANSWER':
      return untilResolveBy(facts);
  }
}

const untilResolveBy = ({ now, resolveBy }: DoubtFacts): NextStep => (now < resolveBy ? 'ASK_LATER' : 'PEOPLE');

/** What a refusal that came in answer to the send itself is worth: on the same grounds as one that was asked for. */
export const believesRefusal = (core: CoreProperties): boolean => core.keepsRefusals || !core.canVoid;

/** Sent again only where a copy can't do harm: the bus knows what it refused, or can be told never to move it. */
export const maySend = (core: CoreProperties, sends: number): boolean =>
  sends === 0 || core.keepsRefusals || core.canVoid;

/** Past its memory a bus that says 'unknown' says nothing. */
function memoryEnded({ core, now, expiresAt }: DoubtFacts): boolean {
  if (core.memory === 'FOR_EVER') return false;
  return now.getTime() >= expiresAt.getTime() + core.memory.secondsAfterNotAfter * 1000;
}

/** Start-up refuses what no rule makes safe: a bus that forgets and yet may execute late. */
export function propertyFaults(core: CoreProperties): string[] {
  return core.memory !== 'FOR_EVER' && !core.honoursNotAfter
    ? ['a core banking system with bounded memory must honour notAfter: it could forget a debit and then execute it']
    : [];
}

/** Seconds, growing; the last is the longest that money in doubt is ever left unasked about. */
const intervals = [1, 2, 4, 8, 15, 30];
export const longestInterval = 60;

/** How long to wait before the next question. */
export const secondsBeforeQuestion = (questions: number): number =>
  intervals[Math.max(questions, 0)] ?? longestInterval;
