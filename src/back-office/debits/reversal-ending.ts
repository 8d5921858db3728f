import { proposeReversalEnding } from '../../debits/reversal-by-hand.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { noSuchDebit, withFile } from './debit.ts';
import { type Doubt, doubtPage, sendEnding } from './ending.ts';
import { documentUploads } from './ending-form.ts';
import { type DebitPageParts, reversalEndingPath, workers } from './parts.ts';
import { reversalBadge } from './reversals.ts';

/** Where two people begin to end by hand a reversal of which the core could not tell. */
export function reversalEndingPages(parts: DebitPageParts): BackOfficePage[] {
  const page = { path: reversalEndingPath(':debitId', ':attempt'), section: 'debits', roles: workers } as const;
  return [
    {
      ...page,
      method: 'GET',
      run: (visit) => withReversal(parts, visit, async (doubt) => doubtPage(visit, doubt, {})),
    },
    {
      ...page,
      method: 'POST',
      uploads: documentUploads,
      run: (visit) =>
        withReversal(parts, visit, (doubt, named) =>
          sendEnding(visit, doubt, (said, document, proposer) =>
            proposeReversalEnding(parts, named, said, document, proposer),
          ),
        ),
    },
  ];
}

const withReversal = (
  parts: DebitPageParts,
  visit: Visit,
  answer: (doubt: Doubt, named: { debitId: Doubt['debitId']; attempt: number }) => Promise<PageAnswer>,
): Promise<PageAnswer> =>
  withFile(parts, visit, ({ debit, reversals }) => {
    const { words } = visit;
    const { debitId } = debit;
    const reversal = reversals.find(({ attempt }) => String(attempt) === visit.params.attempt);
    if (reversal === undefined) return noSuchDebit(visit);
    const { attempt, state, expiresAt } = reversal;
    const doubt: Doubt = {
      debitId,
      about: 'reversal',
      title: words.say('debits.reversal-ending-title', { reference: debit.endToEndId, attempt }),
      stands: reversalBadge(words, state),
      amount: debit.terms?.amount,
      waits: state === 'IN_DOUBT',
      expiresAt,
      action: reversalEndingPath(debitId, attempt),
    };
    return answer(doubt, { debitId, attempt });
  });
