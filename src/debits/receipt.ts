import type { Queryable } from '../database/queryable.ts';
import type { BilingualName, Environment } from '../documents/presentation.ts';
import { renderReceipt } from '../documents/receipt.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import type { DebitRecord } from './lookup.sql.ts';
import { selectReceiptParties, selectTokenKey } from './receipt.sql.ts';

export type ReceiptParts = {
  db: Queryable;
  typeset: Typesetter['typeset'];
  bank: BilingualName;
  environment: Environment;
  /** Where the public keys are. */
  keysAddress: () => string;
};

/** The printed receipt of a settled debit, made anew from what is stored: the same debit, the same bytes. One that was given back says so. */
export async function printReceipt(parts: ReceiptParts, debit: DebitRecord): Promise<Uint8Array> {
  const { terms, settled, confirmation, confirmationJti } = debit;
  if (terms === undefined || settled === undefined || confirmation === undefined || confirmationJti === undefined)
    throw new Error('only a settled debit has a receipt');
  const [parties, keyThumbprint] = await Promise.all([
    selectReceiptParties(parts.db, debit.debitId),
    selectTokenKey(parts.db, confirmationJti),
  ]);
  return renderReceipt(parts.typeset, {
    token: confirmation,
    jti: confirmationJti,
    keyThumbprint,
    environment: parts.environment,
    bank: parts.bank,
    keysAddress: parts.keysAddress(),
    creditor: { ...parties.creditor, code: debit.creditor },
    employer: { ...parties.employer, number: terms.employerNumber },
    mandateId: terms.mandateId,
    endToEndId: debit.endToEndId,
    declarationReference: terms.declaration,
    amount: terms.amount,
    debitedAccount: parties.debitedAccount,
    creditedAccount: parties.creditedAccount,
    receivedAt: debit.receivedAt,
    reversed: debit.state === 'REVERSED' ? debit.reversal?.settled : undefined,
    ...settled,
  });
}
