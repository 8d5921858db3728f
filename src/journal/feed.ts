import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import { isBefore } from './event-token.ts';
import {
  type EventPlace,
  type EventRecord,
  type FeedStanding,
  noteRead,
  selectEvent,
  selectEventsAfter,
  selectFeedStanding,
} from './events.sql.ts';
import { isKnownKind } from './events.ts';
import type { Readers } from './readers.ts';

export type { EventPlace, EventRecord } from './events.sql.ts';

export type FeedRequest = { creditor: CreditorCode; after: EventPlace; limit: number; waitSeconds: number };

/** AHEAD: the feed does not go so far. BUSY: too many calls of this creditor wait already. */
export type FeedOutcome =
  | { outcome: 'PAGE'; events: EventRecord[]; more: boolean; last: EventPlace; counts: FeedStanding['counts'] }
  | { outcome: 'AHEAD'; last: EventPlace }
  | { outcome: 'BUSY' };

/**
 * The events that follow on a place; where there is none yet, waits for one. To ask for what comes after a place is to
 * say that everything up to it was read. A place of an earlier epoch may be past that epoch's end: what stood there was
 * told before the database went back to an earlier time. The page ends before an event of a kind that this program does
 * not know, which another replica, a newer one, has numbered: that one tells of it.
 */
export async function readFeed(db: Queryable, readers: Readers, request: FeedRequest): Promise<FeedOutcome> {
  const { creditor, after, limit, waitSeconds } = request;
  const standing = await selectFeedStanding(db, creditor);
  const end = { epoch: standing.epoch, sequence: countOf(standing, standing.epoch) };
  if (isBefore(end, after)) return { outcome: 'AHEAD', last: end };
  if (isBefore(standing.read, after)) await noteRead(db, creditor, after);
  // One more than asked for tells whether there is more.
  let found = await selectEventsAfter(db, creditor, after, limit + 1);
  const [first] = found;
  if ((first === undefined || !isKnownKind(first.kind)) && waitSeconds > 0) {
    // Who can't be told of what is there waits for what comes behind it: else it would ask again at once, and again.
    const waited = await readers.wait(creditor, first === undefined ? after : end, waitSeconds);
    if (waited === 'FULL') return { outcome: 'BUSY' };
    if (waited === 'CAME') found = await selectEventsAfter(db, creditor, after, limit + 1);
  }
  const unknown = found.findIndex(({ kind }) => !isKnownKind(kind));
  if (unknown >= 0) found = found.slice(0, unknown);
  const events = found.slice(0, limit);
  const { counts } = found.length === 0 ? standing : await selectFeedStanding(db, creditor);
  return { outcome: 'PAGE', events, more: found.length > limit, last: events.at(-1) ?? after, counts };
}

const countOf = ({ counts }: FeedStanding, epoch: number): number =>
  counts.find((count) => count.epoch === epoch)?.last ?? 0;

/** The furthest that the creditor has said to have read. */
export const readSoFar = async (db: Queryable, creditor: CreditorCode): Promise<EventPlace> =>
  (await selectFeedStanding(db, creditor)).read;

/** One event of a creditor's, by its place. */
export const eventAt = (db: Queryable, creditor: CreditorCode, place: EventPlace): Promise<EventRecord | undefined> =>
  selectEvent(db, creditor, place);
