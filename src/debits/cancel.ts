import type { SignedRequest } from '../clients/client.ts';
import { type CreditorCode, coreReferenceOf, type EndToEndId, newDebitId } from '../values/ids.ts';
import type { CancellationVerdict, NothingDone } from './cancel.sql.ts';
import type { DebitRecord } from './lookup.sql.ts';
import type { DebitSteps } from './steps.ts';

export type CancellationOutcome =
  | { verdict: Exclude<CancellationVerdict, 'JTI_REUSED' | NothingDone>; debit: DebitRecord }
  | { verdict: 'JTI_REUSED' | NothingDone };

/** Withdraws a debit before it is sent, or burns a name that never arrived; then closes it at the core too (resolve.ts). */
export async function cancel(
  steps: DebitSteps,
  creditor: CreditorCode,
  endToEndId: EndToEndId,
  request: SignedRequest,
): Promise<CancellationOutcome> {
  const { verdict, debitId } = await steps.cancel({
    debitId: newDebitId(request.receivedAt),
    reference: coreReferenceOf(creditor, endToEndId),
    creditor,
    endToEndId,
    request,
    canVoid: steps.core.canVoid,
  });
  if (verdict === 'CANCELLED') steps.observe.ended('cancelled');
  switch (verdict) {
    case 'JTI_REUSED':
    case 'UNREAD':
    case 'UNCLAIMED':
      return { verdict };
    case 'CANCELLED':
    case 'BURNT':
    case 'ALREADY':
    case 'TOO_LATE':
      return { verdict, debit: await steps.read(debitId) };
  }
}
