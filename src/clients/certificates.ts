import { X509Certificate } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import { insertCertificate, type RegistrationOutcome, type RegistryAct } from './clients.sql.ts';

export type CertificateRegistration =
  | { outcome: RegistrationOutcome; thumbprint: string }
  | { outcome: 'REFUSED'; fault: CertificateFault };

/** PRIVATE_KEY: what a client proves itself with was sent to the bank, so it proves nothing any more. */
export type CertificateFault = 'NOT_A_CERTIFICATE' | 'PRIVATE_KEY' | ClientFault;

/** Why no certificate with that content is a client's. */
export type ClientFault = 'AUTHORITY' | 'WRONG_USAGE' | 'WEAK_KEY';

/** What the registry keeps of a client certificate. */
export type ClientCertificate = {
  thumbprint: string;
  subject: string;
  issuer: string;
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
};

/** Registers a client certificate (PEM) to a creditor. */
export async function registerCertificate(
  db: Queryable,
  { pem, creditorCode, ...act }: { pem: string; creditorCode: CreditorCode } & RegistryAct,
): Promise<CertificateRegistration> {
  const read = readClientCertificate(pem);
  if (read.outcome === 'REFUSED') return read;
  const outcome = await insertCertificate(db, { ...read.certificate, creditorCode }, act);
  return { outcome, thumbprint: read.certificate.thumbprint };
}

/** Reads a certificate as PEM; of several in one text the first, which is the client's own where its issuers follow. */
export function readClientCertificate(
  pem: string,
): { outcome: 'READ'; certificate: ClientCertificate } | { outcome: 'REFUSED'; fault: CertificateFault } {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return { outcome: 'REFUSED', fault: 'PRIVATE_KEY' };
  const certificate = readCertificate(pem);
  if (certificate === undefined) return { outcome: 'REFUSED', fault: 'NOT_A_CERTIFICATE' };
  const fault = clientFaultOf(certificate);
  if (fault !== undefined) return { outcome: 'REFUSED', fault };
  return {
    outcome: 'READ',
    certificate: {
      thumbprint: thumbprintOfCertificate(certificate),
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      serialNumber: serialOf(certificate.serialNumber),
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
    },
  };
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

/** Looked at when it is registered, so that the bank's people learn of it first, and in each handshake. */
export function clientFaultOf({ ca, keyUsage, publicKey }: X509Certificate): ClientFault | undefined {
  const { namedCurve = '', modulusLength = 0 } = publicKey.asymmetricKeyDetails ?? {};
  // Node calls the extended usages `keyUsage`; it is absent where the certificate names none.
  const usages: readonly string[] | undefined = keyUsage;
  if (ca) return 'AUTHORITY';
  if (usages?.includes(clientAuthentication) !== true) return 'WRONG_USAGE';
  switch (publicKey.asymmetricKeyType) {
    case 'ec':
      return strongCurves.has(namedCurve) ? undefined : 'WEAK_KEY';
    case 'rsa':
      return modulusLength >= 2048 ? undefined : 'WEAK_KEY';
    default:
      return 'WEAK_KEY';
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
