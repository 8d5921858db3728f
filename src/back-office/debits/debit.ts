import { html } from 'hono/html';
import { proposalsOf } from '../../approvals/look-up.ts';
import type { Proposal } from '../../approvals/proposal.ts';
import { type DebitFile, showDebit } from '../../debits/file.ts';
import { findDebit } from '../../debits/lookup.sql.ts';
import { printReceipt } from '../../debits/receipt.ts';
import { parseDebitId } from '../../values/ids.ts';
import { debitBadge } from '../look/badge.ts';
import { columns, lead, section } from '../look/blocks.ts';
import { messageContent } from '../look/message-page.ts';
import { amountText, buttonLink, type Content, ltr } from '../look/text.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { callouts, contestSection, contradictionSection, coreSection, evidenceSection } from './attention.ts';
import { messageSection } from './messages.ts';
import { type DebitPageParts, debitPath, readers, receiptParts, workers } from './parts.ts';
import { namesFor, peopleIn } from './people.ts';
import { proofSection, requestSection } from './proofs.ts';
import { reversalSection } from './reversals.ts';
import { attemptsSection, lifeSection, termsSection, timesSection } from './sections.ts';

/** A debit's own page and its receipt. */
export const debitPages = (parts: DebitPageParts): BackOfficePage[] => [
  {
    method: 'GET',
    path: debitPath(':debitId'),
    section: 'debits',
    roles: readers,
    run: (visit) => debitPage(parts, visit),
  },
  {
    method: 'GET',
    path: `${debitPath(':debitId')}/receipt`,
    section: 'debits',
    roles: readers,
    run: (visit) => receipt(parts, visit),
  },
];

/** Whoever may see the debit gets its file; everyone else the page that says that there is none. */
export async function withFile(
  parts: DebitPageParts,
  visit: Visit,
  answer: (file: DebitFile) => PageAnswer | Promise<PageAnswer>,
): Promise<PageAnswer> {
  const debitId = parseDebitId(visit.params.debitId ?? '');
  const file = debitId && (await showDebit(parts, debitId, visit.staff.agencies));
  return file === undefined ? noSuchDebit(visit) : answer(file);
}

export const noSuchDebit = ({ words }: Visit): PageAnswer => ({
  answer: 'PAGE',
  status: 404,
  title: words.say('debits.not-found'),
  content: messageContent({
    text: words.say('debits.not-found-advice'),
    actions: [{ href: '/debits', label: words.say('debits.search') }],
  }),
});

const debitPage = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withFile(parts, visit, async (file) => {
    const { words, staff } = visit;
    const { debit, facts, proofs } = file;
    const works = hasRole(staff, workers);
    const proposals = await proposalsOfFile(parts, file);
    const named = await namesFor(parts, peopleIn(file));
    const content = html`${lead(debitBadge(words, debit.state), debit.terms === undefined ? '' : amountText(words, debit.terms.amount), ltr(debit.creditor))}
${callouts(visit, file, proposals)}
${works ? acts(visit, file) : ''}
${columns(termsSection(words, file), timesSection(words, file))}
${section(words.say('debits.life'), lifeSection(words, file.history, named))}
${attemptsSection(words, file)}
${reversalSection(visit, file)}
${contradictionSection(visit, file)}
${contestSection(visit, file, named)}
${coreSection(words, file)}
${await messageSection(parts, visit, debit.debitId)}
${evidenceSection(words, file, named)}
${proofs.map((proof) => proofSection(words, proof, proof.kind === 'confirmation' ? `${debitPath(debit.debitId)}/receipt` : undefined))}
${requestSection(words, facts.request, file.request)}`;
    return {
      answer: 'PAGE',
      title: words.say('debits.debit-title', { reference: debit.endToEndId }),
      content,
      read: [{ kind: 'debit.read', subjectId: debit.debitId }],
    };
  });

/** What waits for a second person about this debit, its contradictions, contests and reversals. */
async function proposalsOfFile({ db }: DebitPageParts, file: DebitFile): Promise<Proposal[]> {
  const subjects = [
    file.debit.debitId,
    ...file.contradictions.map(({ contradictionId }) => contradictionId),
    ...file.contests.map(({ contestId }) => contestId),
    ...file.reversals.map(({ reversalId }) => reversalId),
  ];
  const found = await Promise.all(subjects.map((subject) => proposalsOf(db, subject)));
  return found.flat();
}

function acts({ words }: Visit, { debit, contests }: DebitFile): Content {
  const contested = contests.some(({ endedAt }) => endedAt === undefined);
  const ending = debit.state === 'IN_DOUBT';
  const contest = debit.state === 'SETTLED' && !contested;
  if (!ending && !contest) return '';
  return html`<div class="actions">${ending ? buttonLink(`${debitPath(debit.debitId)}/ending`, words.say('debits.end-by-hand'), 'primary') : ''}${contest ? buttonLink(`${debitPath(debit.debitId)}/contest`, words.say('debits.open-contest')) : ''}</div>`;
}

const receipt = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withFile(parts, visit, async ({ debit: { creditor, endToEndId, debitId } }) => {
    const debit = await findDebit(parts.db, creditor, endToEndId);
    if (debit?.confirmation === undefined) return noSuchDebit(visit);
    return {
      answer: 'FILE',
      type: 'application/pdf',
      name: `${debit.endToEndId}.pdf`,
      content: Buffer.from(await printReceipt(receiptParts(parts), debit)),
      inline: true,
      read: [{ kind: 'debit.read', subjectId: debitId }],
    };
  });
