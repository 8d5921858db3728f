import { verify, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificateList, type Extension, type RevokedCertificate } from '@peculiar/asn1-x509';
import type { Queryable } from '../database/queryable.ts';
import { nameOf, serialOf } from './certificates.ts';
import { insertRevocations, type Revocation } from './clients.sql.ts';

/** A revocation list whose signature is right. That `nextUpdate` has passed is an alarm, not a reason to stop. */
export type RevocationList = {
  issuer: string;
  thisUpdate: Date;
  nextUpdate: Date;
  revocations: readonly Revocation[];
};

export type RevocationReading = { outcome: 'READ'; list: RevocationList } | { outcome: 'REFUSED'; detail: string };

export type RevocationLoading =
  /** `nextUpdate` is the earliest, where the file holds the lists of several authorities. */
  { outcome: 'LOADED'; nextUpdate: Date; added: number } | { outcome: 'REFUSED'; detail: string };

/**
 * Reads revocation lists (a file in DER, or in PEM with one or several) into the registry. What one of them says is
 * taken even where another is refused. Every revocation that was ever read stays.
 */
export async function loadRevocationLists(
  db: Queryable,
  { file, authorities }: { file: string; authorities: readonly X509Certificate[] },
): Promise<RevocationLoading> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return refused('the file can not be read');
  const readings = listsIn(bytes).map((der) => readRevocationList(der, authorities));
  const lists = readings.flatMap((reading) => (reading.outcome === 'READ' ? [reading.list] : []));
  let added = 0;
  for (const { issuer, revocations } of lists) added += await insertRevocations(db, issuer, revocations);
  const fault = readings.find((reading) => reading.outcome === 'REFUSED');
  const [nextUpdate] = lists.map((list) => list.nextUpdate).toSorted((one, other) => one.getTime() - other.getTime());
  if (nextUpdate === undefined || fault !== undefined) return fault ?? refused('the file holds no revocation list');
  return { outcome: 'LOADED', nextUpdate, added };
}

/** Reads a whole revocation list (DER; RFC 5280, section 5) of one of these authorities. */
export function readRevocationList(der: Uint8Array, authorities: readonly X509Certificate[]): RevocationReading {
  const list = parse(der);
  if (list === undefined) return refused('this is no revocation list');
  const authority = authorities.find((candidate) => isSignedBy(list, candidate));
  if (authority === undefined) return refused('no authority that is trusted here has signed this revocation list');
  const { crlExtensions, nextUpdate, thisUpdate, revokedCertificates = [] } = list.tbsCertList;
  // A delta takes back what an earlier list said; an indirect list names another authority's certificates.
  if (crlExtensions?.some(({ extnID }) => extnID === deltaIndicator))
    return refused('this is a delta, not a whole list');
  if (revokedCertificates.some(({ crlEntryExtensions }) => crlEntryExtensions?.some(isCritical)))
    return refused('an entry has a critical extension, as in an indirect list');
  if (nextUpdate === undefined) return refused('the list does not say when the next one comes');
  return {
    outcome: 'READ',
    list: {
      issuer: nameOf(authority.subject),
      thisUpdate: thisUpdate.getTime(),
      nextUpdate: nextUpdate.getTime(),
      revocations: revokedCertificates.map(toRevocation),
    },
  };
}

/** The lists of a file as DER: a PEM file may hold one for each authority. */
export function listsIn(bytes: Buffer): Uint8Array[] {
  // A DER file begins with a SEQUENCE.
  if (bytes[0] === 0x30) return [bytes];
  const blocks = bytes
    .toString('latin1')
    .matchAll(/-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g);
  return [...blocks].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
}

const deltaIndicator = '2.5.29.27';

const hashes: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

function isSignedBy(list: CertificateList, { publicKey }: X509Certificate): boolean {
  const hash = hashes[list.signatureAlgorithm.algorithm];
  if (hash === undefined || list.tbsCertListRaw === undefined) return false;
  return verify(hash, new Uint8Array(list.tbsCertListRaw), publicKey, new Uint8Array(list.signature));
}

function parse(der: Uint8Array): CertificateList | undefined {
  try {
    return AsnConvert.parse(der, CertificateList);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const toRevocation = ({ userCertificate, revocationDate }: RevokedCertificate): Revocation => ({
  serialNumber: serialOf(Buffer.from(userCertificate).toString('hex')),
  revokedAt: revocationDate.getTime(),
});

const isCritical = ({ critical }: Extension): boolean => critical;

const refused = (detail: string) => ({ outcome: 'REFUSED' as const, detail });
