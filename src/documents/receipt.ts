import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { DeclarationReference, EndToEndId, MandateId } from '../values/ids.ts';
import { maskRib, type Rib } from '../values/rib.ts';
import { accountGroups, printedAmount, printedDay, printedInstant } from './presentation.ts';
import { type SheetContent, sheetData } from './sheet.ts';
import type { Typesetter } from './typesetter.ts';

/** The name under which a receipt's PDF carries its token. */
const receiptAttachment = 'settlement-confirmation.jws';

/** What the paper of a settlement confirmation tells, and the token that it carries. */
export type ReceiptContent = SheetContent & {
  mandateId: MandateId;
  endToEndId: EndToEndId;
  declarationReference: DeclarationReference;
  amount: Centimes;
  /** Both accounts are printed masked. */
  debitedAccount: Rib;
  creditedAccount: Rib;
  receivedAt: Date;
  executedAt: Date;
  bookingDate: Day;
  valueDate: Day;
  bookingReference: string;
  /** The debit was given back since: the paper proves a payment that stands no more. */
  reversed: { executedAt: Date; bookingReference: string } | undefined;
};

/** Sets the receipt as a PDF/A-3 file with the token inside, as an attached file and, where it is short enough, a QR code. */
export async function renderReceipt(typeset: Typesetter['typeset'], content: ReceiptContent): Promise<Uint8Array> {
  return typeset({ template: 'receipt', token: content.token, data: receiptData(content) });
}

const receiptData = (content: ReceiptContent): object => ({
  ...sheetData(content, { id: content.endToEndId, at: content.executedAt, attachment: receiptAttachment }),
  mandateId: content.mandateId,
  declarationReference: content.declarationReference,
  amount: printedAmount(content.amount),
  debitedAccount: accountGroups(maskRib(content.debitedAccount)),
  creditedAccount: accountGroups(maskRib(content.creditedAccount)),
  received: printedInstant(content.receivedAt),
  executed: printedInstant(content.executedAt),
  bookingDate: printedDay(content.bookingDate),
  valueDate: printedDay(content.valueDate),
  bookingReference: content.bookingReference,
  reversed: content.reversed
    ? { executed: printedInstant(content.reversed.executedAt), bookingReference: content.reversed.bookingReference }
    : null,
});
