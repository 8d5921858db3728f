import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type {
  CreditorCode,
  DeclarationReference,
  EmployerNumber,
  EndToEndId,
  Jws,
  MandateId,
  TokenId,
} from '../values/ids.ts';
import { maskRib, type Rib } from '../values/rib.ts';
import {
  accountGroups,
  type BilingualName,
  breakableName,
  type Environment,
  fileDate,
  printedAmount,
  printedDay,
  printedInstant,
} from './presentation.ts';
import type { Typesetter } from './typesetter.ts';

/** The name under which a receipt's PDF carries its token. */
const receiptAttachment = 'settlement-confirmation.jws';

/** What the paper of a settlement confirmation tells, and the token that it carries. */
export type ReceiptContent = {
  token: Jws;
  jti: TokenId;
  /** RFC 7638 thumbprint of the key that signed. */
  keyThumbprint: string;
  environment: Environment;
  bank: BilingualName;
  /** Where the public keys are: what the signature is checked with. */
  keysAddress: string;
  creditor: BilingualName & { code: CreditorCode };
  employer: BilingualName & { number: EmployerNumber };
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
};

/** Sets the receipt as a PDF/A-3 file with the token inside, as an attached file and, where it is short enough, a QR code. */
export async function renderReceipt(typeset: Typesetter['typeset'], content: ReceiptContent): Promise<Uint8Array> {
  return typeset({ template: 'receipt', token: content.token, data: receiptData(content) });
}

const receiptData = (content: ReceiptContent): object => ({
  id: content.endToEndId,
  date: fileDate(content.executedAt),
  specimen: content.environment !== 'production',
  bank: content.bank,
  kid: content.keyThumbprint,
  jti: content.jti,
  attachment: receiptAttachment,
  keysAddress: content.keysAddress,
  creditor: { code: content.creditor.code, ...breakableName(content.creditor) },
  employer: { number: content.employer.number, ...breakableName(content.employer) },
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
});
