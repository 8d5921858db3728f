import type { JournalKind } from './kinds.ts';

/** What an event is about, which says how its subject is named. */
export type EventSubject = 'mandate' | 'debit' | 'statement' | 'reconciliation' | 'creditor';

/** What an event may show beside its kind, number, time, side and subject; nothing else of a row leaves the bank. */
export type EventMember =
  | 'states'
  | 'reason'
  | 'token'
  | 'certificate'
  | 'dueOn'
  | 'replacedBy'
  | 'thumbprint'
  | 'date'
  | 'reconciliation'
  | 'reversal';

export type EventRule = { about: EventSubject; shows: readonly EventMember[] };

const mandate = (...shows: EventMember[]): EventRule => ({ about: 'mandate', shows: ['states', ...shows] });
const debit = (...shows: EventMember[]): EventRule => ({ about: 'debit', shows: ['states', ...shows] });
const creditor = (...shows: EventMember[]): EventRule => ({ about: 'creditor', shows });

/**
 * Every kind of the journal: an event for the creditor that its row names, with what it shows, or the bank's own. A kind
 * that stands in neither list does not compile. What a creditor is told of a mandate begins when it may see it (its own
 * request, or the first showing of the certificate); reasons are the creditor's, never the bank's.
 */
export const eventRules: Readonly<Record<JournalKind, EventRule | 'NOT_TOLD'>> = {
  'mandate.entered': 'NOT_TOLD',
  'mandate.opened': mandate(),
  'mandate.changed': 'NOT_TOLD',
  'mandate.submitted': mandate(),
  'mandate.sent-back': mandate('reason'),
  'mandate.refused': mandate('reason'),
  'mandate.certified': mandate('token', 'certificate'),
  'mandate.certificate-reissued': 'NOT_TOLD',
  'mandate.shown': mandate(),
  'mandate.accepted': mandate('reason'),
  'mandate.suspended': mandate('reason'),
  'mandate.resumed': mandate('reason'),
  'mandate.revoked': mandate('reason'),
  'mandate.replaced': mandate('replacedBy'),
  'mandate.expired': mandate(),
  'mandate.read': 'NOT_TOLD',
  'mandates.read': 'NOT_TOLD',
  'account.read': 'NOT_TOLD',
  // Its row names why the reservation was refused, as the bank knows it: the rejection that follows tells the reason.
  'debit.received': debit(),
  'debit.scheduled': debit(),
  'debit.accepted': debit(),
  'debit.authorised': debit(),
  // It went out with the answer that it stands for.
  'debit.receipt-issued': 'NOT_TOLD',
  'debit.settled': debit('token'),
  'debit.rejected': debit('reason', 'token'),
  'debit.cancelled': debit(),
  'debit.burnt': debit(),
  'debit.in-doubt': debit(),
  'debit.for-people': debit(),
  'debit.evidence-attached': 'NOT_TOLD',
  'debit.ended-by-hand': 'NOT_TOLD',
  'debit.corrected': debit('token'),
  'debit.found-moved': debit(),
  'debit.contested': debit('dueOn'),
  'debit.contest-refused': debit(),
  'debit.contest-reversed': debit(),
  'debit.reversal-requested': debit('reversal'),
  // Within a moment of its request, and nothing that a creditor acts on.
  'debit.reversal-sent': 'NOT_TOLD',
  'debit.reversal-in-doubt': debit('reversal'),
  'debit.reversal-for-people': debit('reversal'),
  'debit.reversal-rejected': debit('reversal', 'reason'),
  // What it came to is told by its own row, just before.
  'debit.reversal-ended-by-hand': 'NOT_TOLD',
  'debit.reversed': debit('reversal', 'token'),
  'debit.read': 'NOT_TOLD',
  'debits.read': 'NOT_TOLD',
  // The bank's own until two people end it: a correction is told as such.
  'contradiction.found': 'NOT_TOLD',
  'contradiction.ended': 'NOT_TOLD',
  'statement.closed': { about: 'statement', shows: ['token', 'date'] },
  // Its creditor has sent it, and looks at it by its name.
  'reconciliation.received': 'NOT_TOLD',
  'reconciliation.matched': { about: 'reconciliation', shows: ['states', 'token', 'reconciliation'] },
  // Between the bank and its own core: a creditor is told of what becomes of its debit.
  'books.compared': 'NOT_TOLD',
  'books.asked-again': 'NOT_TOLD',
  'books.difference-found': 'NOT_TOLD',
  'proposal.made': 'NOT_TOLD',
  'proposal.approved': 'NOT_TOLD',
  'proposal.refused': 'NOT_TOLD',
  'proposal.withdrawn': 'NOT_TOLD',
  'proposal.expired': 'NOT_TOLD',
  // Who asks for a debit is told (503); whom the bank has stopped, and why, is its own.
  'stop.made': 'NOT_TOLD',
  'stop.ended': 'NOT_TOLD',
  'restore.movements-read': 'NOT_TOLD',
  'creditor.registered': 'NOT_TOLD',
  'creditor.account-changed': creditor(),
  'client.registered': creditor('thumbprint'),
  'client.withdrawn': creditor('thumbprint'),
  'client.revoked': creditor('thumbprint'),
  'signing-key.registered': creditor('thumbprint'),
  'signing-key.withdrawn': creditor('thumbprint'),
  'webhook.asked': creditor(),
  'webhook.registered': creditor(),
  'webhook.ended': creditor(),
  'webhook.paused': creditor(),
  'webhook.resumed': creditor(),
  'delivery.retried': 'NOT_TOLD',
  'calendar.feast-entered': 'NOT_TOLD',
  'calendar.feast-withdrawn': 'NOT_TOLD',
  'calendar.week-entered': 'NOT_TOLD',
  'calendar.core-entered': 'NOT_TOLD',
  'job.died': 'NOT_TOLD',
  'job.retried': 'NOT_TOLD',
  'staff.signed-in': 'NOT_TOLD',
  'staff.signed-in-again': 'NOT_TOLD',
  'staff.signed-out': 'NOT_TOLD',
  'staff.turned-away': 'NOT_TOLD',
  'audit.exported': 'NOT_TOLD',
};

/** The kinds that creditors are told of, all of them or those of one subject. */
export const toldKinds = (about?: EventSubject): JournalKind[] =>
  told()
    .filter(({ rule }) => about === undefined || rule.about === about)
    .map(({ kind }) => kind);

/** What a program numbers by: the kinds that it has a rule for, those that a creditor is told of, those about a mandate. */
export type EventKinds = Readonly<Record<'known' | 'told' | 'ofMandates', readonly string[]>>;

export const eventKinds: EventKinds = {
  known: Object.keys(eventRules),
  told: toldKinds(),
  ofMandates: toldKinds('mandate'),
};

/** False of what only a newer program has a rule for: what it may show, and whether at all, is not known here. */
export const isKnownKind = (kind: string): boolean => Object.hasOwn(eventRules, kind);

function told() {
  return Object.entries(eventRules).flatMap(([kind, rule]) =>
    rule === 'NOT_TOLD' ? [] : [{ kind: kind as JournalKind, rule }],
  );
}
