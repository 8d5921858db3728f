import { html } from 'hono/html';
import { proposeEnding, type SaidOfDebit } from '../../debits/by-hand.ts';
import { type Contradiction, selectContradiction } from '../../debits/contradiction.sql.ts';
import { isCorrectable, proposeContradictionEnd, type SaidOfContradiction } from '../../debits/end-contradiction.ts';
import { selectDocument } from '../../debits/evidence.sql.ts';
import { parseContradictionId, parseEvidenceId } from '../../debits/evidence.ts';
import type { DebitFile } from '../../debits/file.ts';
import { parseDebitId } from '../../values/ids.ts';
import { debitBadge } from '../look/badge.ts';
import { callout, lead } from '../look/blocks.ts';
import type { Choice } from '../look/fields.ts';
import type { Faults } from '../look/form.ts';
import { amountText, ltr } from '../look/text.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { contradictionAdvice } from './attention.ts';
import { noSuchDebit, withFile } from './debit.ts';
import { documentUploads, endingForm, evidenceFaults, type ReadEnding, readEnding } from './ending-form.ts';
import { type DebitPageParts, debitPath, proposalPath, readers, workers } from './parts.ts';
import { contradictionWords, evidenceWords } from './said.ts';

const endingPath = (debitId: string) => `${debitPath(debitId)}/ending`;
const contradictionPath = (debitId: string, contradictionId: string) =>
  `${debitPath(debitId)}/contradictions/${contradictionId}`;

/** Where two people begin to end by hand what the core could not tell, and where its papers are read again. */
export function endingPages(parts: DebitPageParts): BackOfficePage[] {
  const ending = { path: endingPath(':debitId'), section: 'debits', roles: workers } as const;
  const contradiction = { ...ending, path: contradictionPath(':debitId', ':contradictionId') } as const;
  return [
    { ...ending, method: 'GET', run: (visit) => withFile(parts, visit, (file) => endingPage(visit, file, {})) },
    { ...ending, method: 'POST', uploads: documentUploads, run: (visit) => sendEnding(parts, visit) },
    {
      ...contradiction,
      method: 'GET',
      run: (visit) => withContradiction(parts, visit, (met) => contradictionPage(visit, met, {})),
    },
    { ...contradiction, method: 'POST', uploads: documentUploads, run: (visit) => sendContradictionEnd(parts, visit) },
    {
      method: 'GET',
      path: `${debitPath(':debitId')}/evidence/:evidenceId`,
      section: 'debits',
      roles: readers,
      run: (visit) => documentFile(parts, visit),
    },
  ];
}

function endingPage(visit: Visit, { debit }: DebitFile, faults: Faults): PageAnswer {
  const { words } = visit;
  const waits = debit.state === 'IN_DOUBT';
  const beforeExpiry = visit.now < debit.expiresAt;
  const kinds = choices(words, beforeExpiry ? ['BOOKING'] : ['BOOKING', 'VOID', 'REFUSAL']);
  return {
    answer: 'PAGE',
    status: !waits ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('debits.ending-title', { reference: debit.endToEndId }),
    content: html`${lead(debitBadge(words, debit.state), debit.terms === undefined ? '' : amountText(words, debit.terms.amount))}
${
  waits
    ? html`${callout('info', words.say('debits.ending-rule'), words.say(beforeExpiry ? 'debits.ending-early' : 'debits.ending-advice'))}${endingForm(
        {
          visit,
          action: endingPath(debit.debitId),
          back: debitPath(debit.debitId),
          faults,
          kinds,
          refusable: !beforeExpiry,
          submit: words.say('debits.propose-ending'),
        },
      )}`
    : callout('warning', words.say('debits.not-in-doubt'))
}`,
    read: [{ kind: 'debit.read', subjectId: debit.debitId }],
  };
}

const sendEnding = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withFile(parts, visit, async (file) => {
    const { words } = visit;
    const { debit } = file;
    const kind = visit.form.get('kind') ?? '';
    const read = readEnding(visit, kind === 'BOOKING' ? 'BOOKING' : kind === 'REFUSAL' ? 'REASON' : 'NOTHING');
    const said = saidOfDebit(kind, read);
    if (said === undefined && !['BOOKING', 'VOID', 'REFUSAL'].includes(kind))
      read.faults.kind = words.say('debits.fault.choice');
    if (said === undefined || read.document === undefined || Object.keys(read.faults).length > 0)
      return endingPage(visit, file, read.faults);
    const proposed = await proposeEnding(parts, debit.debitId, said, read.document, proposerOf(visit, read.remark));
    switch (proposed.outcome) {
      case 'PROPOSED':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.proposed') };
      case 'ALREADY_WAITING':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.already-proposed') };
      case 'FAULTS':
        return endingPage(visit, file, evidenceFaults(words, proposed.faults));
      case 'TOO_EARLY':
        return endingPage(visit, file, { kind: words.say('debits.ending-early') });
      case 'NOT_FOUND':
        return noSuchDebit(visit);
      case 'WRONG_STATE':
        return { answer: 'GO', to: debitPath(debit.debitId), notice: words.say('debits.not-in-doubt') };
    }
  });

function saidOfDebit(kind: string, { booking, reason }: ReadEnding): SaidOfDebit | undefined {
  if (kind === 'BOOKING') return booking && { kind, booking };
  if (kind === 'REFUSAL') return reason && { kind, reason };
  return kind === 'VOID' ? { kind } : undefined;
}

function contradictionPage(visit: Visit, met: Contradiction, faults: Faults): PageAnswer {
  const { words } = visit;
  const action = contradictionPath(met.debitId, met.contradictionId);
  const kinds = choices(words, isCorrectable(met) ? ['RETURN', 'CORRECTION'] : ['RETURN']);
  const open = met.endedAt === undefined;
  return {
    answer: 'PAGE',
    status: !open ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('debits.contradiction-ending-title', { reference: met.endToEndId }),
    content: html`${lead(debitBadge(words, met.state), met.said === undefined ? '' : html`${ltr(met.said.bookingReference)} ${amountText(words, met.said.amount)}`)}
${callout('danger', words.say(contradictionWords[met.kind]), words.say(open ? contradictionAdvice(met) : 'debits.contradiction-ended'))}
${open ? endingForm({ visit, action, back: debitPath(met.debitId), faults, kinds, refusable: false, submit: words.say('debits.propose-ending') }) : ''}`,
    read: [{ kind: 'debit.read', subjectId: met.debitId }],
  };
}

const sendContradictionEnd = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withContradiction(parts, visit, async (met) => {
    const { words } = visit;
    const { contradictionId, debitId } = met;
    const chosen = visit.form.get('kind');
    const kind = chosen === 'RETURN' || chosen === 'CORRECTION' ? chosen : undefined;
    const { booking, document, remark, faults } = readEnding(visit, 'BOOKING');
    if (kind === undefined) faults.kind = words.say('debits.fault.choice');
    if (kind === undefined || booking === undefined || document === undefined || Object.keys(faults).length > 0)
      return contradictionPage(visit, met, faults);
    const said: SaidOfContradiction = { kind, contradictionId, booking };
    const proposed = await proposeContradictionEnd(parts, said, document, proposerOf(visit, remark));
    switch (proposed.outcome) {
      case 'PROPOSED':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.proposed') };
      case 'ALREADY_WAITING':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.already-proposed') };
      case 'FAULTS':
        return contradictionPage(visit, met, evidenceFaults(words, proposed.faults));
      case 'NOT_CORRECTABLE':
        return contradictionPage(visit, met, { kind: words.say('debits.fault.not-correctable') });
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

async function documentFile({ db }: DebitPageParts, visit: Visit): Promise<PageAnswer> {
  const debitId = parseDebitId(visit.params.debitId ?? '');
  const evidenceId = parseEvidenceId(visit.params.evidenceId ?? '');
  if (debitId === undefined || evidenceId === undefined) return noSuchDebit(visit);
  const document = await selectDocument(db, { debitId, evidenceId, agencies: visit.staff.agencies });
  if (document === undefined) return noSuchDebit(visit);
  const extension = document.mediaType === 'application/pdf' ? 'pdf' : document.mediaType.slice('image/'.length);
  return {
    answer: 'FILE',
    type: document.mediaType,
    name: `${evidenceId}.${extension}`,
    content: document.bytes,
    inline: true,
    foreign: true,
    read: [{ kind: 'debit.read', subjectId: debitId }],
  };
}

/** Who proposes, and why in their own words. */
export const proposerOf = ({ staff, from, now }: Visit, reason: string) => ({
  by: staff.subject,
  from,
  agencies: staff.agencies,
  reason,
  now,
});

const choices = (words: Words, kinds: readonly (keyof typeof evidenceWords)[]): Choice[] =>
  kinds.map((kind) => ({
    value: kind,
    label: words.say(evidenceWords[kind]),
    hint: words.say(`debits.evidence.${kind}-hint`),
  }));
