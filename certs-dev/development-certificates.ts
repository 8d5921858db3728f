import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listsIn, readRevocationList } from '../src/clients/crl.ts';
import { type Issued, makeAuthority, makeClient, toPkcs12, type Validity } from './authority.ts';
import { makeRevocationList, makeServer, makeServerAsClient, makeSigningKey, type Party } from './elliptic.ts';
import { holdFolder } from './hold-folder.ts';

export const developmentFolder = fileURLToPath(new URL('out', import.meta.url));

/** Of every NAME.p12. No secret: what it opens is good for this machine's own gateway only. */
export const developmentPassword = 'development';

const clients = {
  cnas: 'CNAS',
  cacobatph: 'CACOBATPH',
  unregistered: 'CNAS',
  expired: 'CNAS',
  revoked: 'CNAS',
} as const;

const gateway: Party = { organisation: 'CNAS debit gateway', commonName: 'localhost' };
/** The core banking bus, and the gateway as its client: the bus takes orders from this name alone. */
const coreBank: Party = { organisation: 'Core banking', commonName: 'localhost' };
const coreBankClient: Party = { organisation: 'CNAS debit gateway', commonName: 'core-bank-client' };

const day = 86_400_000;
const renewedBefore = 30 * day;

/**
 * Makes what is missing of the development PKI, or has less than 30 days left, and keeps the rest; answers the names of
 * the files that it made. Two programs that start at once wait for each other.
 */
export async function ensureDevelopmentCertificates(folder = developmentFolder, now = new Date()): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await using _hold = await holdFolder(folder);
  const store = openStore(folder, now);
  const authority = await store.pair('ca', undefined, () => makeAuthority(from(now, 3650)));
  const makeOne = async ([name, organisation]: [string, string]) => {
    const validity = name === 'expired' ? expiredAt(now) : from(now, 397);
    const client = await store.pair(name, authority, () => makeClient(authority, { name, organisation, validity }));
    await store.pkcs12(name, client, authority);
    await store.signingKey(name);
  };
  const validity = from(now, 397);
  await Promise.all([
    store.pair('server', authority, () => makeServer(authority, gateway, validity)),
    store.pair('core-bank', authority, () => makeServer(authority, coreBank, validity)),
    store.pair('core-bank-client', authority, () => makeServerAsClient(authority, coreBankClient, validity)),
    ...Object.entries(clients).map(makeOne),
  ]);
  await store.revocationList(authority);
  return store.made;
}

// An hour back, for clocks that differ.
const from = (now: Date, days: number): Validity => ({
  notBefore: new Date(now.getTime() - 3_600_000),
  notAfter: new Date(now.getTime() + days * day),
});

const expiredAt = (now: Date): Validity => ({
  notBefore: new Date(now.getTime() - 60 * day),
  notAfter: new Date(now.getTime() - 30 * day),
});

/** The folder's files, each made only where the one that is there is no good; what hangs on a new one is made anew. */
function openStore(folder: string, now: Date) {
  const made: string[] = [];
  const read = (name: string) => readFile(path.join(folder, name), 'utf8').catch(() => undefined);
  const write = async (name: string, content: string | Uint8Array) => {
    // Whole or not at all: a program that is ended meanwhile leaves no half key.
    const partial = path.join(folder, `.${name}.partial`);
    await writeFile(partial, content, { mode: 0o600 });
    await rename(partial, path.join(folder, name));
    made.push(name);
  };
  return {
    made,
    async pair(name: string, authority: Issued | undefined, make: () => Promise<Issued>): Promise<Issued> {
      const [certificate, key] = await Promise.all([read(`${name}.pem`), read(`${name}-key.pem`)]);
      const kept = certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
      if (kept !== undefined && isGood(kept, { authority, now, past: name === 'expired' })) return kept;
      const issued = await make();
      await write(`${name}-key.pem`, issued.key);
      await write(`${name}.pem`, issued.certificate);
      return issued;
    },
    async pkcs12(name: string, client: Issued, authority: Issued): Promise<void> {
      if (!made.includes(`${name}.pem`) && (await read(`${name}.p12`)) !== undefined) return;
      await write(`${name}.p12`, toPkcs12(client, authority, { name, password: developmentPassword }));
    },
    async signingKey(name: string): Promise<void> {
      if ((await read(`${name}-signing-key.pem`)) === undefined)
        await write(`${name}-signing-key.pem`, makeSigningKey());
    },
    async revocationList(authority: Issued): Promise<void> {
      const [kept, revoked = ''] = await Promise.all([read('crl.pem'), read('revoked.pem')]);
      const [der = new Uint8Array()] = listsIn(Buffer.from(kept ?? ''));
      const list = readRevocationList(der, [new X509Certificate(authority.certificate)]);
      const nextUpdate = new Date(now.getTime() + 365 * day);
      // Made anew at half its life, when the gateway begins to warn.
      const isFresh =
        list.outcome === 'READ' &&
        list.list.nextUpdate.getTime() - now.getTime() > 182 * day &&
        !made.includes('revoked.pem');
      if (!isFresh)
        await write('crl.pem', await makeRevocationList(authority, { revoked, thisUpdate: now, nextUpdate }));
    },
  };
}

/** Of this authority, for this key, with time left; or with none, where that is what it is for. */
function isGood(
  { certificate: pem, key }: Issued,
  { authority, now, past }: { authority: Issued | undefined; now: Date; past: boolean },
): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const issuer = authority === undefined ? certificate : new X509Certificate(authority.certificate);
    if (!certificate.verify(issuer.publicKey) || !certificate.checkPrivateKey(createPrivateKey(key))) return false;
    const leftMilliseconds = certificate.validToDate.getTime() - now.getTime();
    return past ? leftMilliseconds < 0 : leftMilliseconds > renewedBefore;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
