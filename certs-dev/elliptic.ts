import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type Issued, newSerialNumber, type Validity } from './authority.ts';

/**
 * A server's certificate, EC P-256, for this host's names: its handshakes cost a fortieth of RSA's.
 * node-forge knows neither elliptic keys nor revocation lists; this library does both.
 */
export async function makeServer(authority: Issued, party: Party, validity: Validity): Promise<Issued> {
  return makeElliptic(authority, party, validity, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
    ]),
  ]);
}

/** The certificate with which a server of ours is a client elsewhere: what takes it looks at its name. */
export async function makeServerAsClient(authority: Issued, party: Party, validity: Validity): Promise<Issued> {
  return makeElliptic(authority, party, validity, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
  ]);
}

/** Whose it is: X.500's organisation and common name. */
export type Party = { organisation: string; commonName: string };

async function makeElliptic(
  authority: Issued,
  { organisation, commonName }: Party,
  validity: Validity,
  usages: readonly x509.Extension[],
): Promise<Issued> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: `C=DZ, O=${organisation}, CN=${commonName}`,
    issuer: issuer.subjectName,
    ...validity,
    publicKey: publicKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
    signingKey: signingKeyOf(authority),
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...usages,
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: pkcs8(privateKey) };
}

/** The authority's revocation list, of one certificate. */
export async function makeRevocationList(
  authority: Issued,
  { revoked, thisUpdate, nextUpdate }: { revoked: string; thisUpdate: Date; nextUpdate: Date },
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { serialNumber } = new x509.X509Certificate(revoked);
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate,
    nextUpdate,
    entries: [{ serialNumber, revocationDate: thisUpdate, reason: x509.X509CrlReason.keyCompromise }],
    signingKey: signingKeyOf(authority),
    signingAlgorithm,
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(issuer)],
  });
  // The library's own PEM says "CRL", which openssl does not read; RFC 7468 says "X509 CRL".
  const lines = Buffer.from(list.rawData)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`;
}

/** A creditor's key for its request signatures, EC P-256, PKCS#8. */
export const makeSigningKey = (): string => pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

const signingKeyOf = ({ key }: Issued): webcrypto.CryptoKey =>
  createPrivateKey(key).toCryptoKey(signingAlgorithm, false, ['sign']);

const pkcs8 = (key: ReturnType<typeof createPrivateKey>): string =>
  String(key.export({ type: 'pkcs8', format: 'pem' }));
