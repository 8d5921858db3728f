import { html } from 'hono/html';
import type { Booking } from '../../core-banking/port.ts';
import { type Document, documentMaximumBytes, type EvidenceFault, readDocument } from '../../debits/evidence.ts';
import { parseTypedAmount } from '../../values/centimes.ts';
import { type Day, parseDay, startOfAlgiersDay } from '../../values/dates.ts';
import { isReasonCode, type ReasonCode } from '../../values/reasons.ts';
import {
  amountField,
  type Choice,
  dateField,
  fieldGroup,
  fieldRow,
  fileField,
  radioField,
  selectField,
  textareaField,
  textField,
} from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { buttonLink } from '../look/text.ts';
import type { BackOfficePage, Html, Visit } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

/** The one file that an ending form takes. */
export const documentUploads: NonNullable<BackOfficePage['uploads']> = {
  fields: ['document'],
  maximumBytes: documentMaximumBytes,
};

/** What the core may have refused a debit for, as its paper says. */
const refusals: readonly ReasonCode[] = ['AC01', 'AC03', 'AC04', 'AC06', 'AC07', 'AM04', 'AB03', 'MS03'];

export type EndingFields = {
  visit: Visit;
  action: string;
  back: string;
  faults: Faults;
  /** What the paper may be. */
  kinds: readonly Choice[];
  /** Whether it may be a refusal, which has a reason. */
  refusable: boolean;
  /** The button's words. */
  submit: string;
};

/** A form for the core's paper: which it is, what it says, the paper itself, and why. Filled in again where it has faults. */
export function endingForm({ visit, action, back, faults, kinds, refusable, submit }: EndingFields): Html {
  const { words, form: sent } = visit;
  const common = (name: string, label: WordKey, hint?: WordKey) => ({
    name,
    label: words.say(label),
    value: sent.get(name) ?? '',
    fault: faults[name],
    hint: hint && words.say(hint),
  });
  const reasons = refusals.map((code) => ({ value: code, label: `${code} – ${words.say(`common.reason.${code}`)}` }));
  return form({
    visit,
    action,
    files: true,
    content: html`${faultSummary(words, faults)}
${radioField({ ...common('kind', 'debits.paper-kind'), choices: kinds, required: true })}
${fieldGroup(
  words.say('debits.booking-group'),
  fieldRow(
    textField({ ...common('bookingReference', 'debits.booking-reference'), ltr: true, maxLength: 70, size: 'medium' }),
    amountField({ ...common('amount', 'debits.amount'), currency: words.say('common.currency') }),
  ),
  fieldRow(
    dateField(common('executedOn', 'debits.executed-on')),
    textField({
      ...common('executedTime', 'debits.executed-time', 'debits.time-hint'),
      ltr: true,
      maxLength: 8,
      size: 'short',
    }),
    dateField(common('bookingDate', 'debits.booking-date')),
    dateField(common('valueDate', 'debits.value-date')),
  ),
)}
${refusable ? fieldGroup(words.say('debits.refusal-group'), selectField({ ...common('reason', 'debits.reason'), choices: reasons, none: words.say('debits.choose') })) : ''}
${fileField({ ...common('document', 'debits.document', 'debits.document-hint'), accept: '.pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg', required: true })}
${textareaField({ ...common('remark', 'debits.why', 'debits.why-hint'), maxLength: 500, required: true })}
${actions(submitButton({ label: submit }), buttonLink(back, words.say('common.cancel')))}`,
  });
}

/** What was filled in, each part or the fault that stands beside it. */
export type ReadEnding = {
  booking: Booking | undefined;
  /** Alone, where the paper gives no other figure of its booking. */
  bookingReference: string | undefined;
  reason: ReasonCode | undefined;
  document: Document | undefined;
  remark: string;
  faults: Record<string, string>;
};

/** Reads what the chosen kind needs: a booking, its reference alone, a reason, or none; the document and the remark always. */
export function readEnding(
  { form: sent, uploads, words }: Visit,
  needs: 'BOOKING' | 'REFERENCE' | 'REASON' | 'NOTHING',
): ReadEnding {
  const faults: Record<string, string> = {};
  const text = (name: string) => (sent.get(name) ?? '').trim();
  const fault = (name: string, key: WordKey): undefined => {
    faults[name] = words.say(key);
  };
  const upload = uploads.get('document');
  const document = upload && readDocument(upload.bytes);
  if (document === undefined)
    fault('document', upload === undefined ? 'debits.fault.no-document' : 'debits.fault.document');
  const remark = text('remark');
  if (remark === '' || remark.length > 500) fault('remark', 'debits.fault.remark');
  const code = text('reason');
  const reason = isReasonCode(code) && refusals.includes(code) ? code : undefined;
  if (needs === 'REASON' && reason === undefined) fault('reason', 'debits.fault.choice');
  const booking = needs === 'BOOKING' ? readBooking(text, fault) : undefined;
  const bookingReference =
    needs === 'REFERENCE'
      ? text('bookingReference') || fault('bookingReference', 'debits.fault.booking-reference')
      : undefined;
  return { booking, bookingReference, reason, document, remark, faults };
}

function readBooking(
  text: (name: string) => string,
  fault: (name: string, key: WordKey) => undefined,
): Booking | undefined {
  const day = (name: string): Day | undefined => parseDay(text(name)) ?? fault(name, 'debits.fault.day');
  const bookingReference = text('bookingReference') || fault('bookingReference', 'debits.fault.booking-reference');
  const amount = parseTypedAmount(text('amount')) ?? fault('amount', 'debits.fault.amount');
  const [executedOn, bookingDate, valueDate] = [day('executedOn'), day('bookingDate'), day('valueDate')];
  const seconds = secondsOf(text('executedTime')) ?? fault('executedTime', 'debits.fault.time');
  if (bookingReference === undefined || amount === undefined || seconds === undefined) return undefined;
  if (executedOn === undefined || bookingDate === undefined || valueDate === undefined) return undefined;
  const executedAt = new Date(startOfAlgiersDay(executedOn).getTime() + seconds * 1000);
  return { bookingReference, amount, executedAt, bookingDate, valueDate };
}

/** "14:05" or "14:05:09", in Algiers. */
function secondsOf(text: string): number | undefined {
  const [, hour, minute, second = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  return hour === undefined || minute === undefined
    ? undefined
    : Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

const faultFields: Record<EvidenceFault, readonly [field: string, key: WordKey]> = {
  AMOUNT: ['amount', 'debits.fault.other-amount'],
  TIME: ['executedTime', 'debits.fault.other-time'],
  BOOKING_REFERENCE: ['bookingReference', 'debits.fault.booking-reference'],
  DATES: ['bookingDate', 'debits.fault.far-dates'],
  DOCUMENT: ['document', 'debits.fault.document'],
  OTHER_ANSWER: ['kind', 'debits.fault.other-answer'],
  OTHER_BOOKING: ['bookingReference', 'debits.fault.other-booking'],
};

/** What the feature found against the paper, beside the fields that say so. */
export const evidenceFaults = (words: Words, faults: readonly EvidenceFault[]): Faults =>
  Object.fromEntries(faults.map((fault) => [faultFields[fault][0], words.say(faultFields[fault][1])]));
