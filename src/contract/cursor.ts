import { createHmac, timingSafeEqual } from 'node:crypto';

export type Cursors = {
  /** `caller` is a creditor's code, or a staff member's subject. Opaque, authenticated, and good for this caller and this list alone. */
  seal: (caller: string, list: string, last: string) => string;
  /** What `seal` was given; undefined where it was not made here, for this caller and this list. */
  open: (caller: string, list: string, cursor: string) => string | undefined;
};

/** Page cursors under a key of their own. */
export function openCursors(key: Buffer): Cursors {
  const tag = (caller: string, list: string, last: string) =>
    createHmac('sha256', key).update(`${caller}\n${list}\n${last}`).digest().subarray(0, 16);
  return {
    seal: (caller, list, last) => Buffer.concat([tag(caller, list, last), Buffer.from(last)]).toString('base64url'),
    open(caller, list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= 16 || bytes.toString('base64url') !== cursor) return undefined;
      const last = bytes.subarray(16).toString();
      return timingSafeEqual(bytes.subarray(0, 16), tag(caller, list, last)) ? last : undefined;
    },
  };
}
