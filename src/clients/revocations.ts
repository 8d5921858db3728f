import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Queryable } from '../database/queryable.ts';
import { loadRevocationLists } from './crl.ts';
import type { Registry } from './registry.ts';

export type RevocationParts = {
  db: Queryable;
  registry: Registry;
  /** The authorities' lists, PEM or DER. */
  file: string;
  /** The client authorities' certificates, PEM. */
  authoritiesFile: string;
  /** Told where the lists can't be used: those that were read before stay in force. */
  onRefusal: (detail: string) => void;
};

export type Revocations = {
  /** Reads the lists again into the registry; answers how many revocations were new. */
  read: () => Promise<number>;
  /** When the next list is due, as the last one that was read says. Past it there is an alarm, and no stop. */
  nextUpdate: () => Date | undefined;
};

/** Reads the authorities' revocation lists into the registry, where every request looks. */
export function openRevocations({ db, registry, file, authoritiesFile, onRefusal }: RevocationParts): Revocations {
  let nextUpdate: Date | undefined;
  return {
    nextUpdate: () => nextUpdate,
    async read() {
      const pem = await readFile(authoritiesFile, 'utf8');
      const authorities = (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
        (certificate) => new X509Certificate(certificate),
      );
      const loaded = await loadRevocationLists(db, { file, authorities });
      if (loaded.outcome === 'REFUSED') {
        onRefusal(loaded.detail);
        return 0;
      }
      nextUpdate = loaded.nextUpdate;
      if (loaded.added > 0) registry.forget();
      return loaded.added;
    },
  };
}
