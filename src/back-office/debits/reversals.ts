import { html } from 'hono/html';
import type { DebitFile } from '../../debits/file.ts';
import type { ReversalReason, ReversalRecord, ReversalState } from '../../debits/reversal.ts';
import { badge, reasonText, type Tone } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { table } from '../look/table.ts';
import { buttonLink, type Content, instantText, ltr } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import type { WordKey, Words } from '../words/words.ts';
import { reversalEndingPath, workers } from './parts.ts';

const states: Record<ReversalState, readonly [Tone, WordKey]> = {
  REQUESTED: ['going', 'debits.reversal.REQUESTED'],
  EXECUTING: ['going', 'debits.reversal.EXECUTING'],
  IN_DOUBT: ['attention', 'debits.reversal.IN_DOUBT'],
  SETTLED: ['good', 'debits.reversal.SETTLED'],
  REJECTED: ['bad', 'debits.reversal.REJECTED'],
};

const reasons: Record<ReversalReason, WordKey> = {
  'employer-request': 'debits.reversal-reason.employer-request',
  'declaration-corrected': 'debits.reversal-reason.declaration-corrected',
  'paid-otherwise': 'debits.reversal-reason.paid-otherwise',
  'asked-in-error': 'debits.reversal-reason.asked-in-error',
  'contest-accepted': 'debits.reversal-reason.contest-accepted',
  other: 'debits.reversal-reason.other',
};

export function reversalBadge(words: Words, state: ReversalState): Html {
  const [tone, word] = states[state];
  return badge(tone, words.say(word));
}

/** Every try of the creditor's to give the debit back, and where people end one in doubt. Nothing where it never asked. */
export function reversalSection({ words, staff }: Visit, { debit, reversals }: DebitFile): Content {
  if (reversals.length === 0) return '';
  const instantOr = (value: Date | undefined) => (value === undefined ? '–' : instantText(words, value));
  return section(
    words.say('debits.reversals'),
    table<ReversalRecord>({
      csv: 'reversals',
      caption: words.say('debits.reversals'),
      captionHidden: true,
      rows: reversals,
      empty: '',
      columns: [
        {
          heading: words.say('debits.reversal-attempt'),
          names: true,
          cell: ({ attempt }) => words.number(attempt),
        },
        {
          heading: words.say('debits.state'),
          cell: ({ state }) => reversalBadge(words, state),
        },
        { heading: words.say('debits.reversal-why'), cell: ({ askedReason }) => words.say(reasons[askedReason]) },
        { heading: words.say('debits.received-at'), cell: ({ receivedAt }) => instantText(words, receivedAt) },
        { heading: words.say('debits.executed-at'), cell: ({ settled }) => instantOr(settled?.executedAt) },
        {
          heading: words.say('debits.booking-reference'),
          cell: ({ settled }) => (settled === undefined ? '–' : ltr(settled.bookingReference)),
        },
        {
          heading: words.say('debits.told-reason'),
          cell: ({ reason }) => (reason === undefined ? '–' : reasonText(words, reason)),
        },
        { heading: words.say('debits.resolve-by'), cell: ({ resolveBy }) => instantText(words, resolveBy) },
      ],
    }),
    html`${reversals
      .filter(({ state }) => state === 'IN_DOUBT' && hasRole(staff, workers))
      .map(
        ({ attempt }) =>
          html`<div class="actions">${buttonLink(reversalEndingPath(debit.debitId, attempt), words.say('debits.end-reversal-by-hand'), 'primary')}</div>`,
      )}`,
  );
}
