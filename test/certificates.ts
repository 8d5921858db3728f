import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

/** A key and its certificate, PEM, as files and as text. */
export type TestCertificate = { cert: string; key: string; certFile: string; keyFile: string };

/** An authority of the test's own, for certificates that a careful one would never issue. */
export type TestAuthority = AsyncDisposable & {
  pem: string;
  file: string;
  folder: string;
  issue: (name: string, wish?: CertificateWish) => Promise<TestCertificate>;
};

export type CertificateWish = {
  use?: 'client' | 'server' | 'nothing said';
  key?: 'P-256' | 'RSA-2048' | 'RSA-1024' | 'Ed25519';
  notBefore?: Date;
  notAfter?: Date;
};

const algorithms = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'RSA-2048': rsa(2048),
  'RSA-1024': rsa(1024),
  Ed25519: { name: 'Ed25519' },
};

function rsa(modulusLength: number) {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) };
}

const usages = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };

const hours = (count: number) => new Date(Date.now() + count * 3_600_000);

export async function openTestAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto);
  const folder = await mkdtemp(path.join(tmpdir(), 'authority-'));
  const keys = await keyPair('P-256');
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    notBefore: hours(-2),
    notAfter: hours(24),
    signingAlgorithm: algorithms['P-256'],
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const file = path.join(folder, 'authority.pem');
  await writeFile(file, authority.toString('pem'));
  return {
    pem: authority.toString('pem'),
    file,
    folder,
    async issue(name, { use = 'client', key = 'P-256', notBefore = hours(-1), notAfter = hours(24) } = {}) {
      const pair = await keyPair(key);
      const certificate = await x509.X509CertificateGenerator.create({
        ...{ subject: `CN=${name}`, issuer: authority.subject, notBefore, notAfter },
        ...{ publicKey: pair.publicKey, signingKey: keys.privateKey, signingAlgorithm: algorithms['P-256'] },
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: 'localhost' },
            { type: 'ip', value: '127.0.0.1' },
          ]),
          ...(use === 'nothing said' ? [] : [new x509.ExtendedKeyUsageExtension([usages[use]])]),
        ],
      });
      const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
      const issued = {
        cert: certificate.toString('pem'),
        key: createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
          .export({ format: 'pem', type: 'pkcs8' })
          .toString(),
        certFile: path.join(folder, `${name}.pem`),
        keyFile: path.join(folder, `${name}-key.pem`),
      };
      await writeFile(issued.certFile, issued.cert);
      await writeFile(issued.keyFile, issued.key);
      return issued;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function keyPair(kind: keyof typeof algorithms): Promise<webcrypto.CryptoKeyPair> {
  const made = await webcrypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify']);
  if (!('privateKey' in made)) throw new Error('not a pair of keys');
  return made;
}
