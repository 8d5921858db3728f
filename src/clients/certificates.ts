import { X509Certificate } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import { insertCertificate, type RegistrationOutcome } from './clients.sql.ts';

export type CertificateRegistration =
  | { outcome: RegistrationOutcome; thumbprint: string }
  | { outcome: 'REFUSED'; detail: string };

/** Registers a client certificate (PEM) to a creditor; `by` is the staff member's subject. */
export async function registerCertificate(
  db: Queryable,
  { pem, creditorCode, by }: { pem: string; creditorCode: CreditorCode; by: string },
): Promise<CertificateRegistration> {
  const certificate = readCertificate(pem);
  if (certificate === undefined) return { outcome: 'REFUSED', detail: 'this is not a certificate in PEM' };
  const detail = faultOf(certificate);
  if (detail !== undefined) return { outcome: 'REFUSED', detail };
  const thumbprint = thumbprintOfCertificate(certificate);
  const outcome = await insertCertificate(
    db,
    {
      thumbprint,
      creditorCode,
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      serialNumber: serialOf(certificate.serialNumber),
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
    },
    by,
  );
  return { outcome, thumbprint };
}

/** SHA-256 over the DER bytes, lower-case hexadecimal: what a client is registered by. */
export const thumbprintOfCertificate = ({ fingerprint256 }: Pick<X509Certificate, 'fingerprint256'>): string =>
  fingerprint256.replaceAll(':', '').toLowerCase();

/** A serial number in the registry's one form: hexadecimal, lower case, no leading zeros. */
export const serialOf = (hexadecimal: string): string => hexadecimal.toLowerCase().replace(/^0+(?=.)/, '');

/** A name as OpenSSL prints it, whichever of ASN.1's string types it was written in: one line, "C=DZ, O=…". */
export const nameOf = (printed: string): string => printed.trim().split('\n').join(', ');

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const strongCurves = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** The handshake looks at the same once more; here the bank's people learn of it before the creditor does. */
function faultOf({ ca, keyUsage, publicKey }: X509Certificate): string | undefined {
  const { namedCurve = '', modulusLength = 0 } = publicKey.asymmetricKeyDetails ?? {};
  // Node calls the extended usages `keyUsage`; it is absent where the certificate names none.
  const usages: readonly string[] | undefined = keyUsage;
  if (ca) return "this is an authority's certificate, not a client's";
  if (usages?.includes(clientAuthentication) !== true) return 'the certificate is not for client authentication';
  switch (publicKey.asymmetricKeyType) {
    case 'ec':
      return strongCurves.has(namedCurve) ? undefined : 'the curve is none of P-256, P-384 and P-521';
    case 'rsa':
      return modulusLength >= 2048 ? undefined : 'the RSA modulus has less than 2048 bits';
    default:
      return 'the key is neither EC nor RSA';
  }
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
