import { html } from 'hono/html';
import type { GatewayKey } from '../../signing/keys.ts';
import { badge } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { emptyState, table } from '../look/table.ts';
import { instantText, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { type AdministrationParts, page, untilText } from './shared.ts';

/** The gateway's own keys and certificates: looked at here, changed by who runs it, in the key folder. */
export async function ownKeysPage({ keys, doorCertificates }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const until = doorCertificates();
  const doors = (['api', 'public', 'back-office'] as const).map((door) => [door, until[door]] as const);
  const certificates = doors.filter(([, ends]) => ends !== undefined);
  const rows = keys.toSorted(
    (one, other) => one.use.localeCompare(other.use) || other.from.getTime() - one.from.getTime(),
  );
  const standing = ({ from, until, private: half }: GatewayKey) =>
    from > now
      ? badge('going', words.say('administration.standing.NOT_YET'))
      : half === undefined || (until !== undefined && until <= now)
        ? badge('over', words.say('administration.verifies-only'))
        : badge('good', words.say('administration.signs-now'));
  const content = html`
<p>${words.say('administration.own-keys-text')}</p>
${section(
  words.say('administration.own-keys'),
  table<GatewayKey>({
    caption: words.say('administration.own-keys'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say('administration.no-own-keys'),
      advice: words.say('administration.own-keys-text'),
    }),
    columns: [
      {
        heading: words.say('administration.use'),
        names: true,
        cell: ({ use }) => words.say(`administration.use.${use}`),
      },
      { heading: words.say('administration.thumbprint'), cell: ({ kid }) => ltr(kid) },
      { heading: words.say('administration.signs-from'), cell: ({ from }) => instantText(words, from) },
      {
        heading: words.say('administration.signs-until'),
        cell: ({ until }) =>
          until === undefined ? words.say('administration.no-successor') : instantText(words, until),
      },
      { heading: words.say('administration.standing'), cell: standing },
    ],
  }),
)}
${section(
  words.say('administration.door-certificates'),
  table<(typeof certificates)[number]>({
    caption: words.say('administration.door-certificates'),
    captionHidden: true,
    rows: certificates,
    empty: emptyState({
      title: words.say('administration.no-certificates'),
      advice: words.say('administration.own-keys-text'),
    }),
    columns: [
      {
        heading: words.say('administration.door'),
        names: true,
        cell: ([door]) => words.say(`administration.door.${door}`),
      },
      { heading: words.say('administration.valid-until'), cell: ([, until]) => untilText(words, until, now) },
    ],
  }),
)}`;
  return page(visit, 'keys', words.say('administration.tab.keys'), content);
}
