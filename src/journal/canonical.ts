import { createHash } from 'node:crypto';

/**
 * A row of the journal, each column as PostgreSQL writes it as text, in this order: `recorded_at` in UTC to the
 * microsecond ("2026-03-01T09:00:00.000001Z"), `detail` as jsonb prints itself. Null where the column is.
 */
export const sealedColumns = [
  'entry_id',
  'transaction_id',
  'recorded_at',
  'kind',
  'subject_id',
  'creditor_code',
  'from_state',
  'to_state',
  'reason',
  'side',
  'actor',
  'token_jti',
  'request_jti',
  'detail',
] as const;
export type SealedColumn = (typeof sealedColumns)[number];
export type EntryText = Readonly<Record<SealedColumn, string | null>>;

/**
 * What a row is sealed by. A field is its value's length in bytes of UTF-8, a colon, the value, a comma; `-,` where
 * there is none. So entry 7 of transaction 751, a mandate's certification, begins
 * `1:7,3:751,27:2026-03-01T09:00:00.000001Z,17:mandate.certified,` and no two rows have the same text.
 */
export const entryBytes = (entry: EntryText): Buffer =>
  Buffer.from(sealedColumns.map((column) => field(entry[column])).join(''), 'utf8');

/** A row's leaf: SHA-256 over its salt (16 random bytes, kept in the seal) and its bytes. */
export const leafOf = (salt: Buffer, entry: EntryText): Buffer =>
  createHash('sha256').update(salt).update(entryBytes(entry)).digest();

/** Where a row stands: numbers begin at 1 in each epoch. Written `1/42`. */
export type Place = { epoch: number; number: number };

export const placeText = ({ epoch, number }: Place): string => `${epoch}/${number}`;

/** The chain: SHA-256 over the hash before it (an epoch's, for its first seal), the leaf, and the place as text. */
export const linkOf = (before: Buffer, leaf: Buffer, place: Place): Buffer =>
  createHash('sha256').update(before).update(leaf).update(placeText(place)).digest();

/** An epoch as it is hashed, each value as text: `began_at` as a row's `recorded_at`. */
export type EpochText = {
  epoch: string;
  began_at: string;
  began_by: string;
  cause: string;
  database_id: string;
  existing_through: string;
};

/** Where an epoch's chain begins: SHA-256 over the last hash before it (nothing, for the first) and its fields. */
export const epochHash = (before: Buffer, epoch: EpochText): Buffer =>
  createHash('sha256')
    .update(before)
    .update(
      [epoch.epoch, epoch.began_at, epoch.began_by, epoch.cause, epoch.database_id, epoch.existing_through]
        .map(field)
        .join(''),
    )
    .digest();

const field = (value: string | null): string => (value === null ? '-,' : `${Buffer.byteLength(value)}:${value},`);
