import { formatAmount } from '../values/centimes.ts';
import { type MandateId, parseTokenId, type TokenId } from '../values/ids.ts';
import type { AuthorisationRequest, Period } from './mandate.ts';

/** Who issues: what every certificate says of the bank. */
export type CertificateIssuer = { issuer: string; environment: string };

/** Where a certificate's status stands in the public lists. */
export type StatusPlace = { list: number; index: number };

/** A status list holds 2^20 entries. */
export const statusListSize = 1_048_576;

/** A token up to this length is read back from a QR code of 60 mm at level M. */
export const certificateLimit = 999;

const periodLetters: Record<Period, string> = { MONTH: 'M', QUARTER: 'Q', YEAR: 'Y' };

/** The certificate's own claims, under the short names of the contract: a QR code must hold them. */
export function certificateClaims(request: AuthorisationRequest, status: StatusPlace): Record<string, unknown> {
  const { debtor } = request;
  return {
    ...(request.replaces === undefined ? {} : { rep: shortId(request.replaces) }),
    emp: request.employerNumber,
    nam: debtor.nameFr,
    nar: debtor.nameAr,
    rib: debtor.rib,
    cap: [
      formatAmount(request.perDebitCeiling),
      formatAmount(request.periodCeiling),
      periodLetters[request.period],
      'DZD',
    ],
    val: `${request.validFrom}/${request.validTo}`,
    st: [status.list, status.index],
  };
}

/** A mandate has one certificate for ever, so the mandate's id names it too. */
export function certificateIdOf(mandateId: MandateId): TokenId {
  const jti = parseTokenId(mandateId);
  if (jti === undefined) throw new RangeError('a mandate id is a UUID');
  return jti;
}

/** How long the token will be at most, so that names which don't fit are told when they are entered. */
export function certificateLength(request: AuthorisationRequest, { issuer, environment }: CertificateIssuer): number {
  const header = { alg: 'ES256', kid: 'k'.repeat(43), typ: 'mandate-certificate+jwt' };
  const common = { iss: issuer, aud: request.creditor, iat: 9_999_999_999, jti: '0'.repeat(36), environment };
  const claims = { ...common, ...certificateClaims(request, { list: 999, index: statusListSize - 1 }) };
  const signatureLength = 86;
  return encodedLength(header) + 1 + encodedLength(claims) + 1 + signatureLength;
}

const encodedLength = (value: object): number => Math.ceil((Buffer.byteLength(JSON.stringify(value)) * 4) / 3);

/** A UUID's 16 bytes in base64url: 22 characters for 36. */
const shortId = (mandateId: MandateId): string =>
  Buffer.from(mandateId.replaceAll('-', ''), 'hex').toString('base64url');
