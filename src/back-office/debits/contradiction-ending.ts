import { html } from 'hono/html';
import { type Contradiction, selectContradiction } from '../../debits/contradiction.sql.ts';
import { endingsOf, explains } from '../../debits/contradiction-endings.ts';
import { proposeContradictionEnd, type SaidOfContradiction } from '../../debits/end-contradiction.ts';
import { type ContradictionId, parseContradictionId, rightAnswers } from '../../debits/evidence.ts';
import { debitBadge } from '../look/badge.ts';
import { callout, lead } from '../look/blocks.ts';
import type { Faults } from '../look/form.ts';
import { amountText, ltr } from '../look/text.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { contradictionAdvice } from './attention.ts';
import { noSuchDebit } from './debit.ts';
import { proposerOf } from './ending.ts';
import { documentUploads, endingForm, evidenceFaults, type ReadEnding, readEnding } from './ending-form.ts';
import { type DebitPageParts, debitPath, proposalPath, workers } from './parts.ts';
import { contradictionWords, type Paper, paperWords } from './said.ts';

const contradictionPath = (debitId: string, contradictionId: string) =>
  `${debitPath(debitId)}/contradictions/${contradictionId}`;

/** Where two people begin to end a contradiction by the core's own paper. */
export function contradictionPages(parts: DebitPageParts): BackOfficePage[] {
  const page = { path: contradictionPath(':debitId', ':contradictionId'), section: 'debits', roles: workers } as const;
  return [
    {
      ...page,
      method: 'GET',
      run: (visit) => withContradiction(parts, visit, async (met) => contradictionPage(visit, met, {})),
    },
    { ...page, method: 'POST', uploads: documentUploads, run: (visit) => sendContradictionEnd(parts, visit) },
  ];
}

function contradictionPage(visit: Visit, met: Contradiction, faults: Faults): PageAnswer {
  const { words } = visit;
  const action = contradictionPath(met.debitId, met.contradictionId);
  const open = met.endedAt === undefined;
  const papers = open ? papersOf(met) : [];
  const kinds = papers.map((paper) => ({
    value: paper,
    label: words.say(paperWords[paper]),
    hint: words.say(`debits.evidence.${paper}-hint`),
  }));
  return {
    answer: 'PAGE',
    status: papers.length === 0 ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('debits.contradiction-ending-title', { reference: met.endToEndId }),
    content: html`${lead(debitBadge(words, met.state), met.said === undefined ? '' : html`${ltr(met.said.bookingReference)} ${met.said.amount === undefined ? '' : amountText(words, met.said.amount)}`)}
${callout('danger', words.say(contradictionWords[met.kind]), words.say(open ? contradictionAdvice(met) : 'debits.contradiction-ended'))}
${papers.length > 0 ? endingForm({ visit, action, back: debitPath(met.debitId), faults, kinds, refusable: false, submit: words.say('debits.propose-ending') }) : ''}`,
    read: [{ kind: 'debit.read', subjectId: met.debitId }],
  };
}

type ContradictionPaper = Extract<Paper, 'RETURN' | 'CORRECTION' | `EXPLANATION-${string}`>;

/** What the core's paper may be: of the explanations, those alone that say what stands. */
const papersOf = (met: Contradiction): ContradictionPaper[] =>
  endingsOf(met).flatMap((paper): ContradictionPaper[] =>
    paper === 'EXPLANATION'
      ? rightAnswers
          .filter((right) => explains(right, met.about.stands))
          .map((right) => `EXPLANATION-${right}` as const)
      : [paper],
  );

const needs: Record<ContradictionPaper, 'BOOKING' | 'REFERENCE' | 'NOTHING'> = {
  RETURN: 'BOOKING',
  CORRECTION: 'BOOKING',
  'EXPLANATION-MOVED': 'REFERENCE',
  'EXPLANATION-REFUSED': 'NOTHING',
  'EXPLANATION-VOIDED': 'NOTHING',
};

function saidOf(
  paper: ContradictionPaper,
  contradictionId: ContradictionId,
  { booking, bookingReference }: ReadEnding,
): SaidOfContradiction | undefined {
  switch (paper) {
    case 'RETURN':
    case 'CORRECTION':
      return booking && { kind: paper, contradictionId, booking };
    case 'EXPLANATION-MOVED':
      return bookingReference === undefined
        ? undefined
        : { kind: 'EXPLANATION', contradictionId, right: 'MOVED', bookingReference };
    case 'EXPLANATION-REFUSED':
      return { kind: 'EXPLANATION', contradictionId, right: 'REFUSED', bookingReference: undefined };
    case 'EXPLANATION-VOIDED':
      return { kind: 'EXPLANATION', contradictionId, right: 'VOIDED', bookingReference: undefined };
  }
}

const sendContradictionEnd = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withContradiction(parts, visit, async (met) => {
    const { words } = visit;
    const { contradictionId, debitId } = met;
    const paper = papersOf(met).find((one) => one === visit.form.get('kind'));
    const read = readEnding(visit, paper === undefined ? 'NOTHING' : needs[paper]);
    const { document, remark, faults } = read;
    const said = paper && saidOf(paper, contradictionId, read);
    if (paper === undefined) faults.kind = words.say('debits.fault.choice');
    if (said === undefined || document === undefined || Object.keys(faults).length > 0)
      return contradictionPage(visit, met, faults);
    const proposed = await proposeContradictionEnd(parts, said, document, proposerOf(visit, remark));
    switch (proposed.outcome) {
      case 'PROPOSED':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.proposed') };
      case 'ALREADY_WAITING':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.already-proposed') };
      case 'FAULTS':
        return contradictionPage(visit, met, evidenceFaults(words, proposed.faults));
      case 'NOT_BY_THIS':
        return contradictionPage(visit, met, { kind: words.say('debits.fault.choice') });
      case 'NOT_FOUND':
        return noSuchDebit(visit);
      case 'ENDED':
        return { answer: 'GO', to: debitPath(debitId), notice: words.say('debits.contradiction-ended') };
    }
  });

async function withContradiction(
  { db }: DebitPageParts,
  visit: Visit,
  answer: (met: Contradiction) => PageAnswer | Promise<PageAnswer>,
): Promise<PageAnswer> {
  const contradictionId = parseContradictionId(visit.params.contradictionId ?? '');
  const met = contradictionId && (await selectContradiction(db, contradictionId, visit.staff.agencies));
  return met === undefined || met.debitId !== visit.params.debitId ? noSuchDebit(visit) : answer(met);
}
