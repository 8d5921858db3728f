import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';

/** Where a door's certificate stands, PEM. With client authorities, every connection needs a certificate of one of them. */
export type TlsFiles = { certificate: string; key: string; clientAuthorities?: string };

/** SECURITY.md, 'TLS'. Named one by one: Node's defaults offer nine further suites of TLS 1.2 and other groups. */
const tlsProfile = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  honorCipherOrder: true,
  // Compression and early data are off in Node; renegotiation is not.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies TlsOptions;

/** The same for what we connect to. */
export const outgoingTls = {
  minVersion: tlsProfile.minVersion,
  maxVersion: tlsProfile.maxVersion,
  ciphers: tlsProfile.ciphers,
  ecdhCurve: tlsProfile.ecdhCurve,
} as const;

export type TlsMaterial = { options: TlsOptions; notAfter: Date };

/** Reads certificate, key and authorities as one. Throws where they can't be used or don't belong together. */
export function readTlsMaterial(files: TlsFiles): TlsMaterial {
  const cert = readFileSync(files.certificate);
  const key = readFileSync(files.key);
  const leaf = new X509Certificate(cert);
  if (!leaf.checkPrivateKey(createPrivateKey(key)))
    throw new Error(`${files.key} is not the key of ${files.certificate}`);
  const ca = files.clientAuthorities === undefined ? undefined : readAuthorities(files.clientAuthorities);
  return { options: { ...tlsProfile, cert, key, ...(ca === undefined ? {} : { ca }) }, notAfter: leaf.validToDate };
}

/** Each by itself: an empty or broken bundle would leave Node to trust the system's store, so anyone whom that trusts. */
function readAuthorities(file: string): string[] {
  const found = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error(`${file} holds no certificate`);
  for (const pem of found)
    if (!new X509Certificate(pem).ca) throw new Error(`${file} holds a certificate that is no authority's`);
  return found;
}
