import { html } from 'hono/html';
import { feastOn } from '../../calendar/calendar.ts';
import { readCalendar } from '../../calendar/change.ts';
import { creditorsOf } from '../../clients/look-up.ts';
import { standingStops } from '../../stops/look-up.ts';
import { addDays, algiersDay } from '../../values/dates.ts';
import { type Tile, tiles } from '../look/blocks.ts';
import { dayText } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { type AdministrationParts, page } from './shared.ts';
import { stopLine } from './stop-words.ts';

/** Where administration begins: what stands, what ends soon. */
export async function homePage({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now, staff } = visit;
  const stops = await standingStops(db, staff.agencies);
  const creditors = await creditorsOf(db);
  const calendar = await readCalendar(db);
  const today = algiersDay(now);
  const ahead = Array.from({ length: 366 }, (_, days) => addDays(today, days)).find((day) => feastOn(calendar, day));
  const feast = ahead && feastOn(calendar, ahead);
  const soon = new Date(now.getTime() + 30 * 86_400_000);
  const ending = creditors.filter((creditor) =>
    [creditor.certificateUntil, creditor.signingKeyUntil].some((until) => until === undefined || until < soon),
  );
  const entries: Tile[] = [
    {
      label: words.say('administration.tab.stops'),
      value: words.number(stops.length),
      note: stops[0] === undefined ? words.say('administration.nothing-stopped') : stopLine(visit, stops[0]),
      href: '/stops',
      tone: stops.length > 0 ? 'bad' : undefined,
    },
    {
      label: words.say('administration.tab.creditors'),
      value: words.number(creditors.length),
      note: words.say('administration.ending-soon', { count: ending.length }),
      href: '/administration/creditors',
      tone: ending.length > 0 ? 'attention' : undefined,
    },
    {
      label: words.say('administration.tab.calendar'),
      value: ahead === undefined ? words.say('common.none') : dayText(words, ahead),
      note: feast === undefined ? undefined : html`<bdi>${words.language === 'ar' ? feast.nameAr : feast.nameFr}</bdi>`,
      href: '/administration/calendar',
    },
  ];
  return page(visit, 'home', words.say('administration.title'), tiles(entries));
}
