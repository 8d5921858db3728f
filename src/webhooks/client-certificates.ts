import { X509Certificate } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readTlsMaterial } from '../contract/tls.ts';
import { type CreditorCode, parseCreditorCode } from '../values/ids.ts';

/** What the gateway presents where a receiver asks for it, PEM. The same object until its file changes. */
export type ClientCertificate = Readonly<{ cert: string; key: string }>;
/** Of a creditor's receiver; undefined where none is presented to it. */
export type ClientCertificateOf = (creditor: CreditorCode) => Promise<ClientCertificate | undefined>;

export type ClientCertificates = ClientCertificateOf & {
  /** When the first of those that are presented ends; undefined where none is. */
  firstEnd: () => Date | undefined;
};

export type CertificateFiles = { certificate: string; key: string };

export type ClientCertificateSettings = {
  /** Holds `CODE.pem`, with its chain, and `CODE-key.pem` for each creditor whose receiver has one of its own. */
  folder: string | undefined;
  /** For all other receivers. */
  others: CertificateFiles | undefined;
  /** Told of files that can't be used, once for each change of theirs. */
  onFault: (fault: unknown) => void;
};

/** `seen`: which files it was read from, as they stood, whether that could be used or not. */
type Kept = { seen: string; presented: ClientCertificate | undefined };

/**
 * The client certificates for the creditors' receivers, read again when a file has changed. Files that can't be used, such
 * as a certificate whose key is not there yet, change nothing: what was presented to that receiver before still is.
 * Throws where they can't be used from the beginning.
 */
export async function openClientCertificates(settings: ClientCertificateSettings): Promise<ClientCertificates> {
  const { others, onFault } = settings;
  const kept = new Map<CreditorCode | 'others', Kept>();
  if (others !== undefined) kept.set('others', { seen: await standing(others), presented: read(others) });
  for (const creditor of await creditorsIn(settings.folder)) {
    const files = filesIn(settings.folder, creditor);
    if (files) kept.set(creditor, { seen: await standing(files), presented: read(files) });
  }

  async function refreshed(
    name: CreditorCode | 'others',
    files: CertificateFiles,
    before: ClientCertificate | undefined,
  ) {
    const known = kept.get(name);
    const presented = known === undefined ? before : known.presented;
    const seen = await standing(files);
    if (known?.seen === seen) return presented;
    const next: Kept = { seen, presented };
    try {
      next.presented = read(files);
    } catch (fault) {
      onFault(fault);
    }
    kept.set(name, next);
    return next.presented;
  }

  const clientOf: ClientCertificateOf = async (creditor) => {
    const shared = others && (await refreshed('others', others, undefined));
    const own = filesIn(settings.folder, creditor);
    if (own !== undefined && (await exists(own.certificate))) return refreshed(creditor, own, shared);
    kept.delete(creditor);
    return shared;
  };
  const firstEnd = () =>
    [...kept.values()]
      .flatMap(({ presented }) => (presented === undefined ? [] : [new X509Certificate(presented.cert).validToDate]))
      .sort((one, other) => one.getTime() - other.getTime())[0];
  return Object.assign(clientOf, { firstEnd });
}

function read({ certificate, key }: CertificateFiles): ClientCertificate {
  const { options } = readTlsMaterial({ certificate, key });
  return { cert: String(options.cert), key: String(options.key) };
}

const filesIn = (folder: string | undefined, creditor: CreditorCode): CertificateFiles | undefined =>
  folder === undefined
    ? undefined
    : { certificate: path.join(folder, `${creditor}.pem`), key: path.join(folder, `${creditor}-key.pem`) };

async function creditorsIn(folder: string | undefined): Promise<CreditorCode[]> {
  if (folder === undefined) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pem') && !name.endsWith('-key.pem'));
  return names.map((name) => {
    const creditor = parseCreditorCode(name.slice(0, -'.pem'.length));
    if (creditor === undefined) throw new Error(`settings: ${path.join(folder, name)} is named after no creditor`);
    return creditor;
  });
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** As the files stand: it is other when one was written, replaced or removed. */
async function standing({ certificate, key }: CertificateFiles): Promise<string> {
  const of = (file: string) =>
    stat(file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'none',
    );
  return (await Promise.all([certificate, key].map(of))).join(',');
}
