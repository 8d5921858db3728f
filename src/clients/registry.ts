import type { Clock } from '../database/clock.ts';
import { keptByKey } from '../database/kept.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { ConnectedClient, SigningKey } from './client.ts';
import { type CertificateRow, selectCertificate } from './clients.sql.ts';
import { signingKeysOf } from './signing-keys.ts';

export type ClientLookUp =
  | { outcome: 'REGISTERED'; client: ConnectedClient }
  | { outcome: 'UNREGISTERED' | 'WITHDRAWN' | 'REVOKED' | 'NOT_YET_VALID' | 'EXPIRED' };

/** Who is calling, and with which keys it may sign: asked on every request, read from Postgres once a second at most. */
export type Registry = {
  lookUp: (thumbprint: string) => Promise<ClientLookUp>;
  /** Every key that the creditor ever registered, by its `kid`; dates and withdrawal are for the checker to look at. */
  signingKeysOf: (creditorCode: CreditorCode) => Promise<ReadonlyMap<string, SigningKey>>;
  /** Drops what was read: after a change made in this process. Another replica's is seen within the second. */
  forget: () => void;
};

export function openRegistry({ db, now }: { db: Queryable } & Clock): Registry {
  const certificates = keptByKey((thumbprint: string) => selectCertificate(db, thumbprint), { now }, 1);
  const keys = keptByKey((creditorCode: CreditorCode) => signingKeysOf(db, creditorCode), { now }, 1);
  return {
    // The dates are compared each time, so that nothing outlives its end in the cache.
    lookUp: async (thumbprint) => outcomeOf(await certificates.read(thumbprint), thumbprint, now()),
    signingKeysOf: keys.read,
    forget() {
      certificates.forget();
      keys.forget();
    },
  };
}

function outcomeOf(row: CertificateRow | undefined, thumbprint: string, now: Date): ClientLookUp {
  if (row === undefined) return { outcome: 'UNREGISTERED' };
  if (row.withdrawn_at !== null) return { outcome: 'WITHDRAWN' };
  if (row.revoked_at !== null) return { outcome: 'REVOKED' };
  if (now < row.not_before) return { outcome: 'NOT_YET_VALID' };
  if (now >= row.not_after) return { outcome: 'EXPIRED' };
  const { creditor_code: creditorCode, subject, not_after: notAfter } = row;
  return { outcome: 'REGISTERED', client: { creditorCode, thumbprint, subject, notAfter } };
}
