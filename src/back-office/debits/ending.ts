import { html } from 'hono/html';
import { type EndingProposed, type Proposer, proposeEnding, type SaidOfDebit } from '../../debits/by-hand.ts';
import { selectDocument } from '../../debits/evidence.sql.ts';
import { type Document, parseEvidenceId } from '../../debits/evidence.ts';
import type { DebitFile } from '../../debits/file.ts';
import type { ReversalEndingProposed } from '../../debits/reversal-by-hand.ts';
import type { Centimes } from '../../values/centimes.ts';
import { type DebitId, parseDebitId } from '../../values/ids.ts';
import { debitBadge } from '../look/badge.ts';
import { callout, lead } from '../look/blocks.ts';
import type { Faults } from '../look/form.ts';
import { amountText } from '../look/text.ts';
import type { BackOfficePage, Html, PageAnswer, Visit } from '../page.ts';
import { noSuchDebit, withFile } from './debit.ts';
import { documentUploads, endingForm, evidenceFaults, type ReadEnding, readEnding } from './ending-form.ts';
import { type DebitPageParts, debitPath, proposalPath, readers, workers } from './parts.ts';
import { paperWords } from './said.ts';

const endingPath = (debitId: string) => `${debitPath(debitId)}/ending`;

/** Where two people begin to end by hand what the core could not tell, and where its papers are read again. */
export function endingPages(parts: DebitPageParts): BackOfficePage[] {
  const ending = { path: endingPath(':debitId'), section: 'debits', roles: workers } as const;
  return [
    {
      ...ending,
      method: 'GET',
      run: (visit) => withFile(parts, visit, (file) => doubtPage(visit, doubtOf(visit, file), {})),
    },
    {
      ...ending,
      method: 'POST',
      uploads: documentUploads,
      run: (visit) => withFile(parts, visit, (file) => sendDebitEnding(parts, visit, file)),
    },
    {
      method: 'GET',
      path: `${debitPath(':debitId')}/evidence/:evidenceId`,
      section: 'debits',
      roles: readers,
      run: (visit) => documentFile(parts, visit),
    },
  ];
}

/** What is in doubt, as its form shows it: a debit, or an attempt to give it back. */
export type Doubt = {
  debitId: DebitId;
  about: 'debit' | 'reversal';
  title: string;
  stands: Html;
  amount: Centimes | undefined;
  waits: boolean;
  expiresAt: Date;
  action: string;
};

const doubtOf = ({ words }: Visit, { debit }: DebitFile): Doubt => ({
  debitId: debit.debitId,
  about: 'debit',
  title: words.say('debits.ending-title', { reference: debit.endToEndId }),
  stands: debitBadge(words, debit.state),
  amount: debit.terms?.amount,
  waits: debit.state === 'IN_DOUBT',
  expiresAt: debit.expiresAt,
  action: endingPath(debit.debitId),
});

const tooEarly = { debit: 'debits.ending-early', reversal: 'debits.reversal-ending-early' } as const;
const notInDoubt = { debit: 'debits.not-in-doubt', reversal: 'debits.reversal-not-in-doubt' } as const;

/** The form for the core's paper about what is in doubt; nothing but a booking while it may still be sent. */
export function doubtPage(visit: Visit, doubt: Doubt, faults: Faults): PageAnswer {
  const { words } = visit;
  const { about, waits } = doubt;
  const beforeExpiry = visit.now < doubt.expiresAt;
  const fields = {
    ...{ visit, faults, action: doubt.action, back: debitPath(doubt.debitId), refusable: !beforeExpiry },
    kinds: doubtPapers
      .filter((paper) => paper === 'BOOKING' || !beforeExpiry)
      .map((paper) => ({
        value: paper,
        label: words.say(paperWords[paper]),
        hint: words.say(about === 'debit' ? `debits.evidence.${paper}-hint` : `debits.evidence.${paper}-reversal-hint`),
      })),
    submit: words.say('debits.propose-ending'),
  };
  const rule = beforeExpiry ? tooEarly[about] : 'debits.ending-advice';
  return {
    answer: 'PAGE',
    status: !waits ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: doubt.title,
    content: html`${lead(doubt.stands, doubt.amount === undefined ? '' : amountText(words, doubt.amount))}
${waits ? html`${callout('info', words.say('debits.ending-rule'), words.say(rule))}${endingForm(fields)}` : callout('warning', words.say(notInDoubt[about]))}`,
    read: [{ kind: 'debit.read', subjectId: doubt.debitId }],
  };
}

const sendDebitEnding = (parts: DebitPageParts, visit: Visit, file: DebitFile): Promise<PageAnswer> =>
  sendEnding(visit, doubtOf(visit, file), (said, document, proposer) =>
    proposeEnding(parts, file.debit.debitId, said, document, proposer),
  );

/** Reads the form and proposes what it says, or shows it again with what is wrong. */
export async function sendEnding(
  visit: Visit,
  doubt: Doubt,
  propose: (
    said: SaidOfDebit,
    document: Document,
    proposer: Proposer,
  ) => Promise<EndingProposed | ReversalEndingProposed>,
): Promise<PageAnswer> {
  const { words } = visit;
  const { about } = doubt;
  const kind = doubtPapers.find((paper) => paper === visit.form.get('kind'));
  const read = readEnding(visit, kind === 'BOOKING' ? 'BOOKING' : kind === 'REFUSAL' ? 'REASON' : 'NOTHING');
  const said = kind && saidOfDebit(kind, read);
  if (kind === undefined) read.faults.kind = words.say('debits.fault.choice');
  if (said === undefined || read.document === undefined || Object.keys(read.faults).length > 0)
    return doubtPage(visit, doubt, read.faults);
  const proposed = await propose(said, read.document, proposerOf(visit, read.remark));
  switch (proposed.outcome) {
    case 'PROPOSED':
      return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.proposed') };
    case 'ALREADY_WAITING':
      return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.already-proposed') };
    case 'FAULTS':
      return doubtPage(visit, doubt, evidenceFaults(words, proposed.faults));
    case 'TOO_EARLY':
      return doubtPage(visit, doubt, { kind: words.say(tooEarly[about]) });
    case 'NOT_FOUND':
      return noSuchDebit(visit);
    case 'WRONG_STATE':
      return { answer: 'GO', to: debitPath(doubt.debitId), notice: words.say(notInDoubt[about]) };
  }
}

const doubtPapers = ['BOOKING', 'VOID', 'REFUSAL'] as const;

function saidOfDebit(kind: SaidOfDebit['kind'], { booking, reason }: ReadEnding): SaidOfDebit | undefined {
  switch (kind) {
    case 'BOOKING':
      return booking && { kind, booking };
    case 'REFUSAL':
      return reason && { kind, reason };
    case 'VOID':
      return { kind };
  }
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
