import { html } from 'hono/html';
import { type DebitState, debitStates } from '../../debits/debit.ts';
import type { DebitFile } from '../../debits/file.ts';
import type { DebitRecord } from '../../debits/lookup.sql.ts';
import type { Transition } from '../../journal/history.ts';
import { isReasonCode } from '../../values/reasons.ts';
import { debitBadge, reasonText } from '../look/badge.ts';
import { descriptions, section, timeline } from '../look/blocks.ts';
import { addressWith, table } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr, ribText } from '../look/text.ts';
import type { Named } from '../mandates/life.ts';
import type { Html } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';
import { debitPath, mandatePath } from './parts.ts';
import { employerName, eventText, journalReason } from './said.ts';

type Entry = readonly [string, Content];

/** Only where there is a value. */
const where = <Value>(label: string, value: Value | undefined, show: (value: Value) => Content): Entry[] =>
  value === undefined ? [] : [[label, show(value)]];

/** What was asked, of whom, for whom, and what it came to. */
export function termsSection(words: Words, { debit, facts }: DebitFile): Html {
  const { terms, settled, ceiling } = debit;
  const { employer, creditor, unsignedBooking } = facts;
  const booking = settled ?? unsignedBooking;
  return section(
    words.say('debits.terms'),
    descriptions([
      [words.say('debits.end-to-end-id'), ltr(debit.endToEndId)],
      [words.say('debits.creditor'), html`${employerName(words, creditor)} (${ltr(debit.creditor)})`],
      ...where(words.say('debits.employer'), employer, (known) => employerName(words, known)),
      ...where(words.say('debits.employer-number'), terms, ({ employerNumber }) =>
        link(addressWith('/debits', new URLSearchParams(), { employer: employerNumber }), ltr(employerNumber)),
      ),
      ...where(words.say('debits.debited-account'), employer, ({ rib }) => ribText(rib)),
      [words.say('debits.credited-account'), ribText(creditor.collectionAccount)],
      ...where(words.say('debits.amount'), terms, ({ amount }) => amountText(words, amount)),
      ...where(words.say('debits.declaration'), terms, ({ declaration }) =>
        link(addressWith('/debits', new URLSearchParams(), { declaration }), ltr(declaration)),
      ),
      ...where(words.say('debits.declared'), terms, ({ declared }) => amountText(words, declared)),
      ...where(words.say('debits.period'), terms?.periodLabel, ltr),
      ...where(words.say('debits.due-date'), terms?.dueDate, (day) => dayText(words, day)),
      ...where(words.say('debits.mandate'), terms, ({ mandateId }) => link(mandatePath(mandateId), ltr(mandateId))),
      ...where(words.say('debits.retry-of'), debit.retryOf, (name) =>
        link(addressWith('/debits', new URLSearchParams(), { reference: name }), ltr(name)),
      ),
      ...where(words.say('debits.bank-reason'), facts.reason, (reason) => reasonText(words, reason)),
      ...where(words.say('debits.told-reason'), debit.reason, (reason) => reasonText(words, reason)),
      ...where(words.say('debits.ceiling'), ceiling, ({ limit, left, ceiling: which }) =>
        words.say(which === 'PER_DEBIT' ? 'debits.ceiling-per-debit' : 'debits.ceiling-per-period', {
          limit: words.amount(limit),
          left: words.amount(left),
        }),
      ),
      ...where(words.say('debits.booking-reference'), booking, ({ bookingReference }) => ltr(bookingReference)),
      [words.say('debits.core-reference'), ltr(facts.reference)],
    ]),
  );
}

/** The times of a debit beside each other: they are the employer's defence against a penalty. */
export function timesSection(words: Words, { debit, facts }: DebitFile): Html {
  const booking = debit.settled ?? facts.unsignedBooking;
  const instant = (key: WordKey, value: Date | undefined) =>
    where(words.say(key), value, (known) => instantText(words, known));
  const day = (key: WordKey, value: DebitRecord['executionDate']) =>
    where(words.say(key), value, (known) => dayText(words, known));
  return section(
    words.say('debits.times'),
    descriptions([
      ...instant('debits.ordered-at', debit.orderedAt),
      ...instant('debits.received-at', debit.receivedAt),
      ...day('debits.execution-date', debit.executionDate),
      ...instant('debits.authorised-at', debit.authorisedAt),
      ...instant('debits.executed-at', booking?.executedAt),
      ...day('debits.booking-date', booking?.bookingDate),
      ...day('debits.value-date', booking?.valueDate),
      ...instant('debits.ended-at', debit.endedAt),
      ...(debit.terms === undefined ? [] : instant('debits.expires-at', debit.expiresAt)),
      ...(debit.terms === undefined ? [] : instant('debits.resolve-by', debit.resolveBy)),
    ]),
  );
}

const sides: Record<Transition['side'], WordKey> = {
  creditor: 'debits.side.creditor',
  bank: 'debits.side.bank',
  gateway: 'debits.side.gateway',
};

export const lifeSection = (words: Words, history: readonly Transition[], named: Named): Html =>
  timeline(
    words,
    history.map(({ kind, at, from, to, reason, side, actor }) => ({
      at,
      what: eventText(words, kind),
      who: html`${words.say(sides[side])}${side === 'bank' && actor !== undefined ? html` (${named(actor)})` : ''}`,
      from: from === to ? undefined : stateText(words, from),
      to: from === to ? undefined : stateText(words, to),
      reason:
        reason === undefined
          ? undefined
          : isReasonCode(reason)
            ? reasonText(words, reason)
            : journalReason(words, reason),
    })),
  );

const stateText = (words: Words, state: string | undefined): Content | undefined => {
  const known: DebitState | undefined = debitStates.find((name) => name === state);
  return known && debitBadge(words, known);
};

/** Every debit for the same declaration, and what it has come to. */
export function attemptsSection(words: Words, { debit, declaration }: DebitFile): Content {
  if (declaration === undefined) return '';
  return section(
    words.say('debits.declaration-title', { reference: declaration.reference }),
    table<DebitRecord>({
      csv: 'records',
      caption: words.say('debits.attempts'),
      captionHidden: true,
      rows: declaration.debits,
      empty: '',
      columns: [
        {
          heading: words.say('debits.end-to-end-id'),
          names: true,
          cell: (attempt) =>
            attempt.debitId === debit.debitId
              ? html`<strong>${ltr(attempt.endToEndId)}</strong>`
              : link(debitPath(attempt.debitId), ltr(attempt.endToEndId)),
        },
        { heading: words.say('debits.received-at'), cell: (attempt) => instantText(words, attempt.receivedAt) },
        {
          heading: words.say('debits.amount'),
          numeric: true,
          cell: ({ terms }) => (terms === undefined ? '–' : amountText(words, terms.amount)),
        },
        { heading: words.say('debits.state'), cell: (attempt) => debitBadge(words, attempt.state) },
        {
          heading: words.say('debits.reason'),
          cell: ({ reason }) => (reason === undefined ? '–' : reasonText(words, reason)),
        },
      ],
    }),
    declaration.declared === undefined
      ? ''
      : html`<span>${words.say('debits.declared')} ${amountText(words, declaration.declared)}</span>`,
  );
}
