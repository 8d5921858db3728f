import type { Handlers } from '../contract/handler.ts';
import { malformed, Problem, problem } from '../contract/problem.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Sign } from '../signing/signer.ts';
import type { CreditorCode } from '../values/ids.ts';
import { parsePlace, placeText, signEvent } from './event-token.ts';
import type { EventRecord } from './events.sql.ts';
import { readFeed } from './feed.ts';
import type { Readers } from './readers.ts';

export type EventRouteParts = {
  db: Queryable;
  sign: Sign;
  readers: Readers;
  /** The longest that a call waits for an event, whatever it asks for. */
  waitSeconds: number;
  /** Told of a call from past the feed's end: the database may have been put back, and nobody has seen it. */
  onAhead: (creditor: CreditorCode) => void;
};

export function eventRoutes({ db, sign, readers, waitSeconds, onAhead }: EventRouteParts): Handlers<'listEvents'> {
  return {
    async listEvents({ client, query }) {
      const outcome = await readFeed(db, readers, {
        creditor: client.creditorCode,
        after: parsePlace(query.after ?? '0/0') ?? malformed('after', 'not a place'),
        limit: query.limit ?? 100,
        waitSeconds: Math.min(query.wait ?? 0, waitSeconds),
      });
      switch (outcome.outcome) {
        case 'PAGE': {
          const { events, more, last, counts } = outcome;
          const shown = await Promise.all(events.map((event) => eventResource(sign, event)));
          return { status: 200, body: { events: shown, last: placeText(last), more, epochs: counts } };
        }
        case 'AHEAD':
          onAhead(client.creditorCode);
          return problem('event-place-ahead', `The last event is ${placeText(outcome.last)}`);
        case 'BUSY':
          throw new Problem('too-many-requests', 'Too many calls wait for events', {}, { 'Retry-After': '1' });
      }
    },
  };
}

/** The claims beside their token (schema Event): read from it, so that the two can't differ. */
async function eventResource(sign: Sign, event: EventRecord) {
  const { token } = await signEvent(sign, event);
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return { place: placeText(event), claims, token };
}
