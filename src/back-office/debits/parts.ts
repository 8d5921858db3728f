import type { ReceiptParts } from '../../debits/receipt.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Role } from '../staff.ts';

/** What the debits' pages are made of. */
export type DebitPageParts = Pick<
  BackOfficeParts,
  | 'db'
  | 'cursors'
  | 'keys'
  | 'issuer'
  | 'environment'
  | 'registry'
  | 'steps'
  | 'reversing'
  | 'typeset'
  | 'bank'
  | 'keysAddress'
> & { config: Pick<BackOfficeParts['config'], 'contestTermDays'> };

/** Who looks at debits, and who does something about them. */
export const readers: readonly Role[] = ['officer', 'supervisor', 'auditor'];
export const workers: readonly Role[] = ['officer', 'supervisor'];

export const receiptParts = (parts: DebitPageParts): ReceiptParts => parts;

export const debitPath = (debitId: string): string => `/debits/${debitId}`;
/** Where two people end that attempt to give a debit back. */
export const reversalEndingPath = (debitId: string, attempt: number | string): string =>
  `${debitPath(debitId)}/reversals/${attempt}/ending`;
export const mandatePath = (mandateId: string): string => `/mandates/${mandateId}`;
export const proposalPath = (proposalId: string): string => `/approvals/${proposalId}`;
