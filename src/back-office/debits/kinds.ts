import type { Apply } from '../../approvals/decide.ts';
import type { Prepare } from '../../approvals/decide-when-ready.ts';
import type { Proposal } from '../../approvals/proposal.ts';
import { endingKind, evidenceOf, prepareEnding } from '../../debits/by-hand.ts';
import { selectContest } from '../../debits/contest.sql.ts';
import { applyContestRefusal, contestRefusalKind, parseContestId } from '../../debits/contest.ts';
import { selectContradiction } from '../../debits/contradiction.sql.ts';
import { contradictionEndingKind, prepareContradictionEnd } from '../../debits/end-contradiction.ts';
import type { ContradictionId, Evidence } from '../../debits/evidence.ts';
import { showDebit } from '../../debits/file.ts';
import { prepareReversalEnding, reversalEndingKind } from '../../debits/reversal-by-hand.ts';
import type { ApprovalKind, Description } from '../approvals/kind.ts';
import { debitBadge, reasonText } from '../look/badge.ts';
import { amountText, dayText, instantText, ltr } from '../look/text.ts';
import type { Visit } from '../page.ts';
import type { WordKey } from '../words/words.ts';
import { contestEntries, documentLink } from './attention.ts';
import { type DebitPageParts, debitPath } from './parts.ts';
import { namesFor, peopleOf } from './people.ts';
import { contradictionWords, coreSaid, employerName, paperOf, paperWords } from './said.ts';

/** What two people do to debits, reversals, contradictions and contests. */
export function debitKinds(parts: DebitPageParts): ApprovalKind[] {
  const ending: Prepare = (proposal) => prepareEnding(parts, proposal);
  const reversal: Prepare = (proposal) => prepareReversalEnding(parts, proposal);
  const contradiction: Prepare = (proposal) => prepareContradictionEnd(parts, proposal);
  const common = { approve: ['supervisor'], see: ['officer', 'supervisor', 'auditor'], impossible } as const;
  return [
    {
      ...common,
      kind: endingKind,
      title: 'debits.kind.ending',
      describe: (visit, proposal) => describePaper(parts, visit, proposal),
      apply: preparing(ending),
      prepare: ending,
    },
    {
      ...common,
      kind: reversalEndingKind,
      title: 'debits.kind.reversal-ending',
      describe: (visit, proposal) => describePaper(parts, visit, proposal),
      apply: preparing(reversal),
      prepare: reversal,
    },
    {
      ...common,
      kind: contradictionEndingKind,
      title: 'debits.kind.contradiction',
      describe: (visit, proposal) => describePaper(parts, visit, proposal),
      apply: preparing(contradiction),
      prepare: contradiction,
    },
    {
      ...common,
      kind: contestRefusalKind,
      title: 'debits.kind.contest-refusal',
      describe: (visit, proposal) => describeContest(parts, visit, proposal),
      apply: applyContestRefusal,
    },
  ];
}

/** For whoever applies without preparing first: the same, while the transaction waits. */
const preparing =
  (prepare: Prepare): Apply =>
  async (db, proposal, approval) => {
    const ready = await prepare(proposal);
    return ready.outcome === 'READY' ? ready.apply(db, proposal, approval) : ready;
  };

async function describePaper(parts: DebitPageParts, visit: Visit, proposal: Proposal): Promise<Description> {
  const { words } = visit;
  const evidence = await evidenceOf(parts, proposal);
  const file = await showDebit(parts, evidence.debitId, visit.staff.agencies);
  if (file === undefined) return { rows: [], subject: undefined };
  const { debit, facts, coreAnswers } = file;
  const { said, reversal } = evidence;
  const about = 'contradictionId' in said ? await contradictionRows(parts, visit, said.contradictionId) : undefined;
  const attempt = reversal?.attempt ?? about?.attempt;
  const last = coreAnswers.find((answer) => answer.attempt === attempt);
  return {
    rows: [
      ...(attempt === undefined
        ? []
        : [{ label: words.say('debits.reversals'), value: words.say('debits.reversal-of', { attempt }) }]),
      ...(about?.rows ?? []),
      { label: words.say('debits.state'), value: debitBadge(words, debit.state) },
      ...(facts.employer === undefined
        ? []
        : [{ label: words.say('debits.employer'), value: employerName(words, facts.employer) }]),
      ...(debit.terms === undefined
        ? []
        : [{ label: words.say('debits.debit-amount'), value: amountText(words, debit.terms.amount) }]),
      {
        label: words.say('debits.last-answer'),
        value: last === undefined ? words.say('debits.no-answer-yet') : coreSaid(words, last),
      },
      ...paperRows(visit, evidence),
      { label: words.say('debits.document'), value: documentLink(words, debit.debitId, evidence) },
      { label: words.say('debits.digest'), value: ltr(evidence.digest.toString('hex')) },
    ],
    subject: { text: debit.endToEndId, to: debitPath(debit.debitId) },
    read: [{ kind: 'debit.read', subjectId: debit.debitId }],
  };
}

/** What the core said that is to end, and of what. */
async function contradictionRows(
  { db }: DebitPageParts,
  { words, staff }: Visit,
  contradictionId: ContradictionId,
): Promise<{ rows: Description['rows']; attempt: number | undefined } | undefined> {
  const met = await selectContradiction(db, contradictionId, staff.agencies);
  if (met === undefined) return undefined;
  const rows = [{ label: words.say('debits.what'), value: words.say(contradictionWords[met.kind]) }];
  return { rows, attempt: met.about.attempt };
}

function paperRows({ words }: Visit, { said }: Evidence): Description['rows'] {
  const rows = [{ label: words.say('debits.paper-kind'), value: words.say(paperWords[paperOf(said)]) }];
  if (said.kind === 'REFUSAL')
    return [...rows, { label: words.say('debits.reason'), value: reasonText(words, said.reason) }];
  if (said.kind === 'EXPLANATION' && said.bookingReference !== undefined)
    return [...rows, { label: words.say('debits.booking-reference'), value: ltr(said.bookingReference) }];
  if (!('booking' in said)) return rows;
  const { booking } = said;
  return [
    ...rows,
    { label: words.say('debits.booking-reference'), value: ltr(booking.bookingReference) },
    { label: words.say('debits.amount'), value: amountText(words, booking.amount) },
    { label: words.say('debits.executed-at'), value: instantText(words, booking.executedAt) },
    { label: words.say('debits.booking-date'), value: dayText(words, booking.bookingDate) },
    { label: words.say('debits.value-date'), value: dayText(words, booking.valueDate) },
  ];
}

async function describeContest(parts: DebitPageParts, visit: Visit, { subjectId }: Proposal): Promise<Description> {
  const contestId = parseContestId(subjectId ?? '');
  const contest = contestId && (await selectContest(parts.db, contestId, visit.staff.agencies));
  if (contest === undefined) return { rows: [], subject: undefined };
  const { words } = visit;
  const named = await namesFor(parts, peopleOf([contest]));
  return {
    rows: [
      { label: words.say('debits.employer'), value: employerName(words, contest.employer) },
      { label: words.say('debits.amount'), value: amountText(words, contest.amount) },
      ...contestEntries(words, contest, named).map(([label, value]) => ({ label, value })),
    ],
    subject: { text: contest.endToEndId, to: debitPath(contest.debitId) },
    read: [{ kind: 'debit.read', subjectId: contest.debitId }],
  };
}

const impossibles: Readonly<Record<string, WordKey>> = {
  CORE_MOVED: 'debits.impossible.CORE_MOVED',
  CORE_REFUSED: 'debits.impossible.CORE_REFUSED',
  CORE_VOIDED: 'debits.impossible.CORE_VOIDED',
  CORE_UNKNOWN: 'debits.impossible.CORE_UNKNOWN',
  RETURNED: 'debits.impossible.RETURNED',
  DECLARATION_PAID: 'debits.impossible.DECLARATION_PAID',
};

const impossible = (why: string): WordKey => impossibles[why] ?? 'debits.impossible.OVERTAKEN';
