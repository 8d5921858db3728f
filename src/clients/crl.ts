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
  | { outcome: 'LOADED'; issuer: string; thisUpdate: Date; nextUpdate: Date; added: number }
  | { outcome: 'REFUSED'; detail: string };

/** Reads a revocation list (a file in PEM) into the registry. Every revocation that it has ever held stays. */
export async function loadRevocationList(
  db: Queryable,
  { file, authorities }: { file: string; authorities: readonly X509Certificate[] },
): Promise<RevocationLoading> {
  const pem = await readFile(file, 'utf8').catch(() => undefined);
  if (pem === undefined) return { outcome: 'REFUSED', detail: 'the revocation list can not be read' };
  const read = readRevocationList(pem, authorities);
  if (read.outcome === 'REFUSED') return read;
  const { issuer, thisUpdate, nextUpdate, revocations } = read.list;
  const added = await insertRevocations(db, issuer, revocations);
  return { outcome: 'LOADED', issuer, thisUpdate, nextUpdate, added };
}

/** Reads a whole revocation list (RFC 5280, section 5) of one of these authorities. */
export function readRevocationList(pem: string, authorities: readonly X509Certificate[]): RevocationReading {
  const list = parse(pem);
  if (list === undefined) return refused('this is no revocation list in PEM (BEGIN X509 CRL)');
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

function parse(pem: string): CertificateList | undefined {
  const [, base64] = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(pem) ?? [];
  if (base64 === undefined) return undefined;
  try {
    return AsnConvert.parse(Buffer.from(base64, 'base64'), CertificateList);
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
