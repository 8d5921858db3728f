/** A body that is too large to be held at once. It can be read again and again, in pieces of some ten thousand bytes. */
export type Upload = {
  bytes: number;
  /** SHA-256. */
  digest: Buffer;
  read: () => AsyncIterable<Buffer>;
};
