import { html } from 'hono/html';
import type { Proposal } from '../../approvals/proposal.ts';
import type { Contest } from '../../debits/contest.sql.ts';
import type { Contradiction } from '../../debits/contradiction.sql.ts';
import { endingsOf } from '../../debits/contradiction-endings.ts';
import type { CoreAnswer } from '../../debits/core-answers.sql.ts';
import type { Evidence } from '../../debits/evidence.ts';
import type { DebitFile } from '../../debits/file.ts';
import { reasonText } from '../look/badge.ts';
import { callout, descriptions, section } from '../look/blocks.ts';
import { table } from '../look/table.ts';
import {
  amountText,
  buttonLink,
  type Content,
  dayText,
  instantText,
  link,
  ltr,
  nameText,
  printLink,
} from '../look/text.ts';
import type { Named } from '../mandates/life.ts';
import type { Html, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import type { WordKey, Words } from '../words/words.ts';
import { debitPath, proposalPath, workers } from './parts.ts';
import { contradictionEndingWords, contradictionWords, coreSaid, operationWords, paperOf, paperWords } from './said.ts';

/** What somebody must know before anything else on the page. */
export function callouts(
  { words, now }: Visit,
  { debit, facts, coreAnswers }: DebitFile,
  proposals: readonly Proposal[],
): Content[] {
  const waiting = proposals.filter(({ state, endsAt }) => state === 'WAITING' && endsAt >= now);
  const [last] = coreAnswers;
  const said = last === undefined ? words.say('debits.no-answer-yet') : coreSaid(words, last);
  const entries: Content[] = [];
  if (debit.state === 'IN_DOUBT')
    entries.push(
      callout(
        facts.forPeopleSince === undefined ? 'warning' : 'danger',
        words.say(facts.forPeopleSince === undefined ? 'debits.doubt-title' : 'debits.people-title'),
        html`<p>${words.say('debits.doubt-advice')}</p>${descriptions([
          [words.say('debits.last-answer'), said],
          [words.say('debits.next-question'), instantText(words, facts.nextQuestionAt)],
          [words.say('debits.resolve-by'), instantText(words, debit.resolveBy)],
        ])}`,
      ),
    );
  for (const { proposalId } of waiting)
    entries.push(
      callout(
        'info',
        words.say('debits.proposal-waits'),
        link(proposalPath(proposalId), words.say('debits.see-proposal')),
      ),
    );
  return entries;
}

/** What the core said against what stood, and how it ended. */
export function contradictionSection({ words, staff }: Visit, { debit, contradictions }: DebitFile): Content[] {
  const works = hasRole(staff, workers);
  return contradictions.map((met) =>
    section(
      words.say('debits.contradiction-title'),
      html`${met.endedAt === undefined ? callout('danger', words.say(contradictionWords[met.kind]), words.say(contradictionAdvice(met))) : ''}${descriptions(entriesOf(words, met))}${met.endedAt === undefined && works ? html`<div class="actions">${buttonLink(`${debitPath(debit.debitId)}/contradictions/${met.contradictionId}`, words.say('debits.end-contradiction'), 'primary')}</div>` : ''}`,
    ),
  );
}

/** What to do about one that is open: it follows from what can end it. */
export function contradictionAdvice(met: Contradiction): WordKey {
  const papers = endingsOf(met);
  if (papers.length === 0) return 'debits.contradiction-waits';
  if (papers.includes('EXPLANATION')) return 'debits.contradiction-advice-explain';
  return papers.includes('CORRECTION') ? 'debits.contradiction-advice' : 'debits.contradiction-advice-other';
}

const entriesOf = (
  words: Words,
  { kind, foundAt, said, endedAt, ending, about }: Contradiction,
): (readonly [string, Content])[] => [
  [words.say('debits.what'), words.say(contradictionWords[kind])],
  ...(about.attempt === undefined
    ? []
    : ([[words.say('debits.reversals'), words.say('debits.reversal-of', { attempt: about.attempt })]] as const)),
  [words.say('debits.found-at'), instantText(words, foundAt)],
  ...(said === undefined
    ? []
    : ([
        [words.say('debits.booking-reference'), ltr(said.bookingReference)],
        [words.say('debits.amount'), said.amount === undefined ? '–' : amountText(words, said.amount)],
        [words.say('debits.executed-at'), said.executedAt === undefined ? '–' : instantText(words, said.executedAt)],
      ] as const)),
  ...(endedAt === undefined || ending === undefined
    ? []
    : ([
        [words.say('debits.ended-at'), instantText(words, endedAt)],
        [words.say('debits.how-ended'), words.say(contradictionEndingWords[ending])],
      ] as const)),
];

/** What the debtor says against the debit, and what came of it. */
export function contestSection({ words, staff }: Visit, { debit, contests }: DebitFile, named: Named): Content[] {
  const works = hasRole(staff, workers);
  return contests.map((contest) =>
    section(
      words.say('debits.contest-title'),
      html`${descriptions(contestEntries(words, contest, named))}${contest.endedAt === undefined && works ? html`<div class="actions">${buttonLink(`${debitPath(debit.debitId)}/contests/${contest.contestId}`, words.say('debits.refuse-contest'))}</div>` : ''}`,
    ),
  );
}

export const contestEntries = (words: Words, contest: Contest, named: Named): (readonly [string, Content])[] => [
  [words.say('debits.contest-claim'), nameText(contest.claim)],
  [words.say('debits.opened-at'), instantText(words, contest.openedAt)],
  [words.say('debits.opened-by'), named(contest.openedBy)],
  [words.say('debits.due-on'), dayText(words, contest.dueOn)],
  ...(contest.endedAt === undefined
    ? []
    : ([
        [words.say('debits.ended-at'), instantText(words, contest.endedAt)],
        [
          words.say('debits.how-ended'),
          words.say(contest.ending === 'REVERSED' ? 'debits.contest-reversed' : 'debits.contest-refused'),
        ],
      ] as const)),
  ...(contest.refusal === undefined ? [] : ([[words.say('debits.refusal'), nameText(contest.refusal)]] as const)),
];

/** What the core said each time that it was asked, the last first. Nothing where nothing was ever asked. */
export function coreSection(words: Words, { coreAnswers, facts }: DebitFile): Content {
  if (coreAnswers.length === 0) return '';
  return section(
    words.say('debits.core-answers'),
    table<CoreAnswer>({
      csv: 'core-answers',
      caption: words.say('debits.core-answers'),
      captionHidden: true,
      rows: coreAnswers,
      empty: '',
      columns: [
        { heading: words.say('debits.asked-at'), names: true, cell: ({ askedAt }) => instantText(words, askedAt) },
        {
          heading: words.say('debits.question'),
          cell: ({ operation, attempt }) =>
            attempt === undefined
              ? words.say(operationWords[operation])
              : html`${words.say(operationWords[operation])} (${words.say('debits.reversal-of', { attempt })})`,
        },
        { heading: words.say('debits.answer'), cell: (answer) => coreSaid(words, answer) },
      ],
    }),
    html`<span>${words.say('debits.asked-and-sent', { questions: facts.questions, sends: facts.sends })}</span>`,
  );
}

/** The core's papers that people attached. */
export function evidenceSection(words: Words, { evidence, debit }: DebitFile, named: Named): Content {
  if (evidence.length === 0) return '';
  return section(
    words.say('debits.evidence-title'),
    table<Evidence>({
      csv: 'evidence',
      caption: words.say('debits.evidence-title'),
      captionHidden: true,
      rows: evidence,
      empty: '',
      columns: [
        { heading: words.say('debits.what'), names: true, cell: (paper) => saidOnPaper(words, paper) },
        {
          heading: words.say('debits.attached-by'),
          cell: (paper) => html`${named(paper.attachedBy)}<br>${instantText(words, paper.attachedAt)}`,
        },
        {
          heading: words.say('debits.digest'),
          cell: (paper) => html`<span class="text-break">${ltr(paper.digest.toString('hex'))}</span>`,
        },
        { heading: words.say('debits.document'), cell: (paper) => documentLink(words, debit.debitId, paper) },
      ],
    }),
  );
}

const saidOnPaper = (words: Words, { said, reversal }: Evidence): Html => {
  const paper = words.say(paperWords[paperOf(said)]);
  const what =
    reversal === undefined ? paper : html`${words.say('debits.reversal-of', { attempt: reversal.attempt })}: ${paper}`;
  if (said.kind === 'EXPLANATION')
    return said.bookingReference === undefined ? html`${what}` : html`${what} (${ltr(said.bookingReference)})`;
  if (said.kind === 'REFUSAL') return html`${what} (${reasonText(words, said.reason)})`;
  return 'booking' in said
    ? html`${what} (${ltr(said.booking.bookingReference)}, ${amountText(words, said.booking.amount)})`
    : html`${what}`;
};

export const documentLink = (words: Words, debitId: string, { evidenceId }: Evidence): Html =>
  printLink(words, `${debitPath(debitId)}/evidence/${evidenceId}`, words.say('debits.open-document'));
