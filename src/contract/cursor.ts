import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CreditorCode } from '../values/ids.ts';

export type Cursors = {
  /** Opaque, authenticated, and good for this caller and this list alone. */
  seal: (creditor: CreditorCode, list: string, last: string) => string;
  /** What `seal` was given; undefined where it was not made here, for this caller and this list. */
  open: (creditor: CreditorCode, list: string, cursor: string) => string | undefined;
};

/** Page cursors under a key of their own. */
export function openCursors(key: Buffer): Cursors {
  const tag = (creditor: CreditorCode, list: string, last: string) =>
    createHmac('sha256', key).update(`${creditor}\n${list}\n${last}`).digest().subarray(0, 16);
  return {
    seal: (creditor, list, last) => Buffer.concat([tag(creditor, list, last), Buffer.from(last)]).toString('base64url'),
    open(creditor, list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= 16 || bytes.toString('base64url') !== cursor) return undefined;
      const last = bytes.subarray(16).toString();
      return timingSafeEqual(bytes.subarray(0, 16), tag(creditor, list, last)) ? last : undefined;
    },
  };
}
