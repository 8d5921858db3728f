import { html } from 'hono/html';
import type { ContradictionEnding, ContradictionKind } from '../../debits/contradiction-endings.ts';
import type { CoreAnswer, CoreOperation } from '../../debits/core-answers.sql.ts';
import type { EvidenceKind, RightAnswer, Said } from '../../debits/evidence.ts';
import { isReasonCode } from '../../values/reasons.ts';
import { reasonText } from '../look/badge.ts';
import { amountText, type Content, ltr, nameText } from '../look/text.ts';
import type { Html } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

/** A person or a firm, in the reader's script. */
export const employerName = (words: Words, employer: { nameFr: string; nameAr: string } | undefined): Content =>
  employer === undefined ? '–' : nameText(words.language === 'ar' ? employer.nameAr : employer.nameFr);

/** What the core banking system said, in words: with the reason or the booking where it named one. */
export function coreSaid(
  words: Words,
  answer: Pick<CoreAnswer, 'answer' | 'reason' | 'bookingReference' | 'amount'>,
): Html {
  const { reason, bookingReference, amount } = answer;
  return html`${words.say(answerWords[answer.answer])}${reason === undefined ? '' : html` (${reasonText(words, reason)})`}${bookingReference === undefined ? '' : html` (${ltr(bookingReference)}${amount === undefined ? '' : html`, ${amountText(words, amount)}`})`}`;
}

export const answerWords: Record<CoreAnswer['answer'], WordKey> = {
  MOVED: 'debits.core.MOVED',
  REFUSED: 'debits.core.REFUSED',
  VOIDED: 'debits.core.VOIDED',
  UNKNOWN: 'debits.core.UNKNOWN',
  NO_ANSWER: 'debits.core.NO_ANSWER',
};

export const operationWords: Record<CoreOperation, WordKey> = {
  inquire: 'debits.operation.inquire',
  void: 'debits.operation.void',
};

export const contradictionWords: Record<ContradictionKind, WordKey> = {
  MOVED_AFTER_REJECTION: 'debits.contradiction.MOVED_AFTER_REJECTION',
  MOVED_AFTER_CANCELLATION: 'debits.contradiction.MOVED_AFTER_CANCELLATION',
  OTHER_BOOKING: 'debits.contradiction.OTHER_BOOKING',
  OTHER_AMOUNT: 'debits.contradiction.OTHER_AMOUNT',
  OTHER_CURRENCY: 'debits.contradiction.OTHER_CURRENCY',
  OTHER_ACCOUNT: 'debits.contradiction.OTHER_ACCOUNT',
  OTHER_REFERENCE: 'debits.contradiction.OTHER_REFERENCE',
  OTHER_OUTCOME: 'debits.contradiction.OTHER_OUTCOME',
  OTHER_TIME: 'debits.contradiction.OTHER_TIME',
  SHARED_BOOKING: 'debits.contradiction.SHARED_BOOKING',
  REFUSED_AFTER_SETTLEMENT: 'debits.contradiction.REFUSED_AFTER_SETTLEMENT',
  REVERSED_AFTER_REJECTION: 'debits.contradiction.REVERSED_AFTER_REJECTION',
  OTHER_REVERSAL_BOOKING: 'debits.contradiction.OTHER_REVERSAL_BOOKING',
  OTHER_REVERSAL_AMOUNT: 'debits.contradiction.OTHER_REVERSAL_AMOUNT',
};

/** What a paper of the core's may be, as it is chosen and shown: an explanation by what it calls right. */
export type Paper = Exclude<EvidenceKind, 'EXPLANATION'> | `EXPLANATION-${RightAnswer}`;

export const paperOf = (said: Said): Paper => (said.kind === 'EXPLANATION' ? `EXPLANATION-${said.right}` : said.kind);

export const paperWords: Record<Paper, WordKey> = {
  BOOKING: 'debits.evidence.BOOKING',
  VOID: 'debits.evidence.VOID',
  REFUSAL: 'debits.evidence.REFUSAL',
  RETURN: 'debits.evidence.RETURN',
  CORRECTION: 'debits.evidence.CORRECTION',
  'EXPLANATION-MOVED': 'debits.evidence.EXPLANATION-MOVED',
  'EXPLANATION-REFUSED': 'debits.evidence.EXPLANATION-REFUSED',
  'EXPLANATION-VOIDED': 'debits.evidence.EXPLANATION-VOIDED',
};

export const contradictionEndingWords: Record<ContradictionEnding, WordKey> = {
  RETURNED: 'debits.returned',
  CORRECTED: 'debits.corrected',
  EXPLAINED: 'debits.explained',
};

const eventWords: Readonly<Record<string, WordKey>> = {
  'debit.received': 'debits.event.received',
  'debit.scheduled': 'debits.event.scheduled',
  'debit.accepted': 'debits.event.accepted',
  'debit.authorised': 'debits.event.authorised',
  'debit.in-doubt': 'debits.event.in-doubt',
  'debit.for-people': 'debits.event.for-people',
  'debit.settled': 'debits.event.settled',
  'debit.rejected': 'debits.event.rejected',
  'debit.cancelled': 'debits.event.cancelled',
  'debit.burnt': 'debits.event.burnt',
  'debit.reversal-requested': 'debits.event.reversal-requested',
  'debit.reversal-sent': 'debits.event.reversal-sent',
  'debit.reversal-in-doubt': 'debits.event.reversal-in-doubt',
  'debit.reversal-for-people': 'debits.event.reversal-for-people',
  'debit.reversal-rejected': 'debits.event.reversal-rejected',
  'debit.reversed': 'debits.event.reversed',
  'debit.contest-reversed': 'debits.event.contest-reversed',
  'debit.receipt-issued': 'debits.event.receipt-issued',
  'debit.corrected': 'debits.event.corrected',
  'debit.ended-by-hand': 'debits.event.ended-by-hand',
  'debit.reversal-ended-by-hand': 'debits.event.reversal-ended-by-hand',
  'debit.contested': 'debits.event.contested',
  'debit.contest-refused': 'debits.event.contest-refused',
  'contradiction.found': 'debits.event.contradiction-found',
  'contradiction.ended': 'debits.event.contradiction-ended',
};

/** What happened, in words; a kind that this page does not know yet as it is. */
export const eventText = (words: Words, kind: string): Content => {
  const key = eventWords[kind];
  return key === undefined ? ltr(kind) : words.say(key);
};

const otherReasons: Readonly<Record<string, WordKey>> = {
  ...contradictionEndingWords,
  'MOVED-AFTER-REJECTION': contradictionWords.MOVED_AFTER_REJECTION,
  'MOVED-AFTER-CANCELLATION': contradictionWords.MOVED_AFTER_CANCELLATION,
  'OTHER-BOOKING': contradictionWords.OTHER_BOOKING,
  'OTHER-AMOUNT': contradictionWords.OTHER_AMOUNT,
  'OTHER-CURRENCY': contradictionWords.OTHER_CURRENCY,
  'OTHER-ACCOUNT': contradictionWords.OTHER_ACCOUNT,
  'OTHER-REFERENCE': contradictionWords.OTHER_REFERENCE,
  'OTHER-OUTCOME': contradictionWords.OTHER_OUTCOME,
  'OTHER-TIME': contradictionWords.OTHER_TIME,
  'SHARED-BOOKING': contradictionWords.SHARED_BOOKING,
  'REFUSED-AFTER-SETTLEMENT': contradictionWords.REFUSED_AFTER_SETTLEMENT,
  'REVERSED-AFTER-REJECTION': contradictionWords.REVERSED_AFTER_REJECTION,
  'OTHER-REVERSAL-BOOKING': contradictionWords.OTHER_REVERSAL_BOOKING,
  'OTHER-REVERSAL-AMOUNT': contradictionWords.OTHER_REVERSAL_AMOUNT,
};

export const journalReason = (words: Words, reason: string): Content => {
  // The journal's codes have no underscore where SQL replaced it.
  const key = otherReasons[reason.replaceAll('_', '-')];
  if (key !== undefined) return words.say(key);
  return isReasonCode(reason) ? reasonText(words, reason) : ltr(reason);
};

/** About how long, in its largest whole unit. */
export function durationText(words: Words, from: Date, to: Date): string {
  const minutes = Math.max(0, Math.floor((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 120) return words.say('debits.minutes', { count: minutes });
  if (minutes < 48 * 60) return words.say('debits.hours', { count: Math.floor(minutes / 60) });
  return words.say('debits.days', { count: Math.floor(minutes / 1440) });
}
