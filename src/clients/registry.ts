import type { Clock } from '../database/clock.ts';
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

const cacheMilliseconds = 1000;
const cacheEntries = 1000;

export function openRegistry({ db, now }: { db: Queryable } & Clock): Registry {
  const certificates = cached(now, (thumbprint: string) => selectCertificate(db, thumbprint));
  const keys = cached(now, (creditorCode: CreditorCode) => signingKeysOf(db, creditorCode));
  return {
    // The dates are compared each time, so that nothing outlives its end in the cache.
    lookUp: async (thumbprint) => outcomeOf(await certificates.read(thumbprint), thumbprint, now()),
    signingKeysOf: keys.read,
    forget() {
      certificates.clear();
      keys.clear();
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

/** Remembers what `read` answered for a second, counted from when it was asked. Callers at once share one question. */
function cached<Key, Value>(now: () => Date, read: (key: Key) => Promise<Value>) {
  const entries = new Map<Key, { askedAt: number; answer: Promise<Value> }>();
  return {
    clear: () => entries.clear(),
    read(key: Key): Promise<Value> {
      const askedAt = now().getTime();
      const entry = entries.get(key);
      // The clock may be set back when it is measured again: then nothing is taken for fresh.
      if (entry !== undefined && askedAt >= entry.askedAt && askedAt < entry.askedAt + cacheMilliseconds)
        return entry.answer;
      if (entries.size >= cacheEntries) entries.clear();
      const answer = read(key);
      entries.set(key, { askedAt, answer });
      // A failure is its caller's to meet, and nobody else's.
      answer.catch(() => entries.get(key)?.answer === answer && entries.delete(key));
      return answer;
    },
  };
}
