import { html } from 'hono/html';
import type { GatewayKey } from '../../signing/keys.ts';
import { formatInstant } from '../../values/dates.ts';
import { type CsvColumn, csvFile } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { emptyState, table } from '../look/table.ts';
import { instantText, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { WordKey } from '../words/words.ts';
import { type AdministrationParts, exportLink, page, untilText } from './shared.ts';

/** The gateway's own keys and certificates: looked at here, changed by who runs it, in the key folder. */
export async function ownKeysPage({ keys, ownCertificates }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const certificates = certificatesIn(ownCertificates());
  const standing = (key: GatewayKey) => badge(standingOf(key, now).tone, words.say(standingOf(key, now).word));
  const content = html`
<p>${words.say('administration.own-keys-text')}</p>
${section(
  words.say('administration.own-keys'),
  table<GatewayKey>({
    caption: words.say('administration.own-keys'),
    captionHidden: true,
    rows: inOrder(keys),
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
  exportLink(visit, '/administration/keys/export'),
)}
${section(
  words.say('administration.own-certificates'),
  table<(typeof certificates)[number]>({
    caption: words.say('administration.own-certificates'),
    captionHidden: true,
    rows: certificates,
    empty: emptyState({
      title: words.say('administration.no-certificates'),
      advice: words.say('administration.own-keys-text'),
    }),
    columns: [
      {
        heading: words.say('administration.certificate-of'),
        names: true,
        cell: ([name]) => words.say(`administration.certificate.${name}`),
      },
      { heading: words.say('administration.valid-until'), cell: ([, until]) => untilText(words, until, now) },
    ],
  }),
  exportLink(visit, '/administration/keys/export'),
)}`;
  return page(visit, 'keys', words.say('administration.tab.keys'), content);
}

/** Both tables as one file: keys by their thumbprint, certificates by their door. */
export async function exportOwnKeys(
  { keys, ownCertificates }: AdministrationParts,
  { words, now }: Visit,
): Promise<PageAnswer> {
  type Line = { what: WordKey; name: string; from: Date | undefined; until: Date | undefined; standing: string };
  const columns: CsvColumn<Line>[] = [
    { title: words.say('administration.use'), kind: 'TEXT', of: ({ what }) => words.say(what) },
    { title: words.say('administration.thumbprint'), kind: 'CODE', of: ({ name }) => name },
    {
      title: words.say('administration.signs-from'),
      kind: 'TEXT',
      of: ({ from }) => (from ? formatInstant(from) : ''),
    },
    {
      title: words.say('administration.valid-until'),
      kind: 'TEXT',
      of: ({ until }) => (until ? formatInstant(until) : ''),
    },
    { title: words.say('administration.standing'), kind: 'TEXT', of: ({ standing }) => standing },
  ];
  return csvFile(words, 'keys.csv', columns, [
    ...inOrder(keys).map((key) => ({
      what: `administration.use.${key.use}` as const,
      ...{ name: key.kid, from: key.from, until: key.until, standing: words.say(standingOf(key, now).word) },
    })),
    ...certificatesIn(ownCertificates()).map(([name, until]) => ({
      what: `administration.certificate.${name}` as const,
      ...{ name: '', from: undefined, until, standing: words.say('administration.own-certificates') },
    })),
  ]);
}

const inOrder = (keys: readonly GatewayKey[]): GatewayKey[] =>
  keys.toSorted((one, other) => one.use.localeCompare(other.use) || other.from.getTime() - one.from.getTime());

/** Those that are in use, by name. */
export const certificatesIn = (until: ReturnType<AdministrationParts['ownCertificates']>) =>
  (['api', 'public', 'back-office', 'bus', 'webhooks'] as const).flatMap((name) => {
    const ends = until[name];
    return ends === undefined ? [] : [[name, ends] as const];
  });

function standingOf({ from, until, private: half }: GatewayKey, now: Date) {
  if (from > now) return { tone: 'going', word: 'administration.standing.NOT_YET' } as const;
  return half === undefined || (until !== undefined && until <= now)
    ? ({ tone: 'over', word: 'administration.verifies-only' } as const)
    : ({ tone: 'good', word: 'administration.signs-now' } as const);
}
