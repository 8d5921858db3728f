import type { CreditorCode, EmployerNumber, Jws, TokenId } from '../values/ids.ts';
import { type BilingualName, breakableName, type Environment, fileDate } from './presentation.ts';

/** What every document tells of the token that it carries, of the bank that signed it, and of whom it concerns. */
export type SheetContent = {
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
};

/** The same as the templates read it: `id` is the file's own, `at` the time of what it tells, and so the file's. */
export const sheetData = (
  content: SheetContent,
  { id, at, attachment }: { id: string; at: Date; attachment: string },
) => ({
  id,
  date: fileDate(at),
  specimen: content.environment !== 'production',
  bank: content.bank,
  kid: content.keyThumbprint,
  jti: content.jti,
  attachment,
  keysAddress: content.keysAddress,
  creditor: { code: content.creditor.code, ...breakableName(content.creditor) },
  employer: { number: content.employer.number, ...breakableName(content.employer) },
});
