import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate with its private key, both in PEM. */
export type Issued = { certificate: string; key: string };

export type Validity = { notBefore: Date; notAfter: Date };

/** The certificate authority of the development PKI: RSA, since node-forge knows no elliptic curves. */
export async function makeAuthority(validity: Validity): Promise<Issued> {
  const keys = await newKeys();
  const certificate = certificateOf(keys.publicKey, subject('Development CA', 'CNAS debit gateway'), validity);
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return toPem(certificate, keys.privateKey);
}

/** A client certificate: RSA-2048, which every tool can load; the client signs with it, so it costs the gateway little. */
export async function makeClient(
  authority: Issued,
  { name, organisation, validity }: { name: string; organisation: string; validity: Validity },
): Promise<Issued> {
  const keys = await newKeys();
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const certificate = certificateOf(keys.publicKey, subject(name, organisation), validity);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true },
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return toPem(certificate, keys.privateKey);
}

/** The client's key, its certificate and the authority's in one PKCS#12, as AES-256: Java 17, curl and Windows load it. */
export function toPkcs12(client: Issued, authority: Issued, { name, password }: { name: string; password: string }) {
  const chain = [client, authority].map(({ certificate }) => forge.pki.certificateFromPem(certificate));
  const key = forge.pki.privateKeyFromPem(client.key);
  const options = { algorithm: 'aes256' as const, friendlyName: name, count: 10_000 };
  const container = forge.pkcs12.toPkcs12Asn1(key, chain, password, options);
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'latin1');
}

/** By Node, which takes a tenth of a second where node-forge's own arithmetic takes several, and on another thread. */
async function newKeys(): Promise<{ publicKey: forge.pki.rsa.PublicKey; privateKey: forge.pki.rsa.PrivateKey }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey: forge.pki.privateKeyFromPem(privateKey) };
}

function certificateOf(
  publicKey: forge.pki.rsa.PublicKey,
  attributes: forge.pki.CertificateField[],
  { notBefore, notAfter }: Validity,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = newSerialNumber();
  certificate.validity.notBefore = notBefore;
  certificate.validity.notAfter = notAfter;
  certificate.setSubject(attributes);
  return certificate;
}

/** 16 random bytes as a positive number without leading zeros: DER has one form for it. */
export function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const subject = (commonName: string, organisation: string): forge.pki.CertificateField[] => [
  { shortName: 'C', value: 'DZ' },
  { shortName: 'O', value: organisation },
  { shortName: 'CN', value: commonName },
];

function toPem(certificate: forge.pki.Certificate, key: forge.pki.rsa.PrivateKey): Issued {
  const info = forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key));
  return { certificate: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyInfoToPem(info) };
}
