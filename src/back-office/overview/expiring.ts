import { creditorsOf } from '../../clients/look-up.ts';
import { serviceEnds } from '../../signing/keys.ts';
import { certificatesIn } from '../administration/own-keys.ts';
import { badge } from '../look/badge.ts';
import { emptyState, table } from '../look/table.ts';
import { type Content, instantText, link, ltr } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { WordKey } from '../words/words.ts';

/** Something that ends: a certificate or a key. Without `until` there is none in use. `of` is a code, or words. */
export type Ending = { what: WordKey; of: string | { word: WordKey }; until: Date | undefined; href: string };

const warnedDays = 60;
const urgentDays = 14;
const day = 86_400_000;

/** What ends within the warned days, or has ended, the first to end first. Of a creditor the one that lasts longest counts. */
export async function endingSoon(
  { db, ownCertificates, keys, config }: Pick<BackOfficeParts, 'db' | 'ownCertificates' | 'keys' | 'config'>,
  now: Date,
): Promise<Ending[]> {
  const all: Ending[] = [
    ...certificatesIn(ownCertificates()).map(([name, until]) => ({
      ...{
        what: 'overview.own-certificate' as const,
        of: { word: `administration.certificate.${name}` as const },
        until,
      },
      href: '/administration/keys',
    })),
    ...serviceEnds(keys, config.signingKeyDays).map(({ use, until }) => ({
      ...{ what: 'overview.own-key' as const, of: { word: `administration.use.${use}` as const }, until },
      href: '/administration/keys',
    })),
    ...(await creditorsOf(db)).flatMap(({ creditorCode: of, certificateUntil, signingKeyUntil }) => {
      const href = `/administration/creditors/${of}`;
      return [
        { what: 'overview.client-certificate' as const, of, until: certificateUntil, href },
        { what: 'overview.signing-key' as const, of, until: signingKeyUntil, href },
      ];
    }),
  ];
  const last = now.getTime() + warnedDays * day;
  const time = ({ until }: Ending) => until?.getTime() ?? 0;
  return all.filter((one) => time(one) < last).sort((one, other) => time(one) - time(other));
}

export function endingTable({ words, now }: Visit, endings: readonly Ending[]): Html {
  return table<Ending>({
    csv: 'expiring',
    caption: words.say('overview.expiring'),
    captionHidden: true,
    rows: endings,
    empty: emptyState({
      title: words.say('overview.nothing-expires', { days: warnedDays }),
      advice: words.say('overview.nothing-expires-advice'),
    }),
    mark: ({ until }) => (daysTo(until, now) < urgentDays ? 'danger' : 'warning'),
    columns: [
      { heading: words.say('overview.what-ends'), names: true, cell: ({ what, href }) => link(href, words.say(what)) },
      {
        heading: words.say('overview.of-whom'),
        cell: ({ of }) => (typeof of === 'string' ? ltr(of) : words.say(of.word)),
      },
      {
        heading: words.say('overview.ends'),
        cell: ({ until }) => (until === undefined ? '–' : instantText(words, until)),
      },
      { heading: words.say('overview.left'), cell: ({ until }) => leftOf(until) },
    ],
  });

  function leftOf(until: Date | undefined): Content {
    if (until === undefined) return badge('bad', words.say('overview.none-in-use'));
    const days = daysTo(until, now);
    if (until <= now) return badge('bad', words.say('overview.ended'));
    return badge(days < urgentDays ? 'bad' : 'attention', words.say('overview.days-left', { days }));
  }
}

const daysTo = (until: Date | undefined, now: Date): number =>
  until === undefined ? -1 : Math.floor((until.getTime() - now.getTime()) / day);
