import { stateAt } from '../../approvals/proposal.ts';
import type { Transition } from '../../journal/history.ts';
import type { Dossier } from '../../mandates/dossier.ts';
import type { RemarkAbout } from '../../mandates/drafts.sql.ts';
import { mandateStates } from '../../mandates/mandate.ts';
import { mandateBadge } from '../look/badge.ts';
import { type TimelineEntry, timeline } from '../look/blocks.ts';
import { type Content, link, ltr, nameText } from '../look/text.ts';
import type { Html } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

/** A member of staff by the name that the identity provider has for the subject. */
export type Named = (subject: string) => Content;

/** Who has a part in it. */
export const peopleIn = ({ history, remarks, proposals, reissues }: Dossier): string[] =>
  [
    ...history.filter(({ side }) => side === 'bank').map(({ actor }) => actor),
    ...remarks.map(({ writtenBy }) => writtenBy),
    ...reissues.map(({ actor }) => actor),
    ...proposals.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy]),
  ].filter((person) => person !== undefined);

/** Everything that happened to the mandate, first to last: its states, what staff wrote, what they proposed of it. */
export function lifeOf(
  words: Words,
  { history, remarks, proposals, reissues }: Dossier,
  { now, named }: { now: Date; named: Named },
): Html {
  const entries: TimelineEntry[] = [
    ...history.map((step) => transition(words, step, named)),
    ...remarks.map(({ writtenAt, writtenBy, about, remark }) => ({
      at: writtenAt,
      what: words.say(remarkWords[about]),
      who: named(writtenBy),
      reason: nameText(remark),
    })),
    ...reissues.map(({ at, actor }) => ({
      at,
      what: words.say('mandates.event.certificate-reissued'),
      who: actor === undefined ? undefined : named(actor),
    })),
    ...proposals.flatMap((proposal) => {
      const what = (key: WordKey): Content =>
        link(
          `/approvals/${proposal.proposalId}`,
          words.say(key, { what: words.say(actTitles[proposal.kind] ?? 'mandates.act') }),
        );
      const made = {
        at: proposal.proposedAt,
        what: what('mandates.event.proposed'),
        who: named(proposal.proposedBy),
      };
      const state = stateAt(proposal, now);
      // What came of an approval is the step itself, just after it.
      if (state === 'WAITING' || state === 'APPROVED') return [made];
      const { decidedAt, decidedBy, endsAt } = proposal;
      const who = decidedBy === undefined ? undefined : named(decidedBy);
      return [made, { at: decidedAt ?? endsAt, what: what(`mandates.event.proposal-${state}`), who }];
    }),
  ];
  return timeline(
    words,
    entries.toSorted((one, other) => one.at.getTime() - other.at.getTime()),
  );
}

const actTitles: Readonly<Record<string, WordKey>> = {
  'mandate.suspension': 'mandates.act.suspension',
  'mandate.resumption': 'mandates.act.resumption',
  'mandate.revocation': 'mandates.act.revocation',
};

const remarkWords: Record<RemarkAbout, WordKey> = {
  'send-back': 'mandates.remark.send-back',
  refusal: 'mandates.remark.refusal',
  'name-difference': 'mandates.remark.name-difference',
  suspension: 'mandates.remark.suspension',
  resumption: 'mandates.remark.resumption',
  revocation: 'mandates.remark.revocation',
};

function transition(
  words: Words,
  { kind, at, from, to, reason, side, actor }: Transition,
  named: Named,
): TimelineEntry {
  const event = events[kind];
  const before = mandateStates.find((state) => state === from);
  const after = mandateStates.find((state) => state === to);
  return {
    at,
    what: event === undefined ? ltr(kind) : words.say(event),
    who: side === 'bank' && actor !== undefined ? named(actor) : words.say(`mandates.side.${side}`),
    from: before === undefined || before === after ? undefined : mandateBadge(words, before),
    to: after === undefined || before === after ? undefined : mandateBadge(words, after),
    reason: reason === undefined ? undefined : reasonWords(words, reason),
  };
}

const events: Readonly<Record<string, WordKey>> = {
  'mandate.entered': 'mandates.event.entered',
  'mandate.opened': 'mandates.event.opened',
  'mandate.changed': 'mandates.event.changed',
  'mandate.submitted': 'mandates.event.submitted',
  'mandate.sent-back': 'mandates.event.sent-back',
  'mandate.refused': 'mandates.event.refused',
  'mandate.certified': 'mandates.event.certified',
  'mandate.shown': 'mandates.event.shown',
  'mandate.accepted': 'mandates.event.accepted',
  'mandate.suspended': 'mandates.event.suspended',
  'mandate.resumed': 'mandates.event.resumed',
  'mandate.revoked': 'mandates.event.revoked',
  'mandate.replaced': 'mandates.event.replaced',
  'mandate.expired': 'mandates.event.expired',
};

/** A code of the creditor's or the bank's, in words where they are known here. */
export const reasonWords = (words: Words, code: string): Content => {
  const key = reasons[code];
  return key === undefined ? ltr(code) : words.say(key);
};

const reasons: Readonly<Record<string, WordKey>> = {
  'employer-request': 'mandates.reason.employer-request',
  'employer-ceased': 'mandates.reason.employer-ceased',
  'employer-data-changed': 'mandates.reason.employer-data-changed',
  dispute: 'mandates.reason.dispute',
  'suspected-fraud': 'mandates.reason.suspected-fraud',
  'issued-in-error': 'mandates.reason.issued-in-error',
  'ceilings-changed': 'mandates.reason.ceilings-changed',
  'account-changed': 'mandates.reason.account-changed',
  'term-ends': 'mandates.reason.term-ends',
  settled: 'mandates.reason.settled',
  'bank-decision': 'mandates.reason.bank-decision',
  'carried-over': 'mandates.reason.carried-over',
  'name-differs': 'mandates.reason.name-differs',
  'scan-attached': 'mandates.reason.scan-attached',
  other: 'mandates.reason.other',
};
