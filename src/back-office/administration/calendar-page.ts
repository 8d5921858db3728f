import { html } from 'hono/html';
import {
  type BankCalendar,
  type BankWeek,
  type CoreHours,
  coreIsOpen,
  type Feast,
  isBankingDay,
  nextBankingDay,
  standing,
  type Weekday,
  weekdays,
} from '../../calendar/calendar.ts';
import { readCalendar } from '../../calendar/change.ts';
import { addDays, algiersDay, type Day, parseDay } from '../../values/dates.ts';
import { badge } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { emptyState, table } from '../look/table.ts';
import { buttonLink, dayText, ltr, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type AdministrationParts, exportLink, factSection, isAdministrator, page, withdrawLink } from './shared.ts';

/** The bank's days and the core's hours, as they are and as they will be. */
export async function calendarPage({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const calendar = await readCalendar(db);
  const today = algiersDay(now);
  const may = isAdministrator(visit);
  const next = nextBankingDay(calendar, addDays(today, 1));
  const content = html`
${factSection(words, [
  [
    words.say('administration.today'),
    html`${dayText(words, today)} ${isBankingDay(calendar, today) ? badge('good', words.say('administration.banking-day')) : badge('over', words.say('administration.closed-day'))}`,
  ],
  [words.say('administration.next-banking-day'), next === undefined ? words.say('common.none') : dayText(words, next)],
  [
    words.say('administration.core'),
    coreIsOpen(calendar, now)
      ? badge('good', words.say('administration.core-open'))
      : badge('over', words.say('administration.core-closed')),
  ],
])}
${section(
  words.say('administration.feasts'),
  html`${exportLink(visit, '/administration/calendar/export')}${feastTable(visit, calendar, today)}`,
  may ? buttonLink('/administration/calendar/feasts/new', words.say('administration.new-feast')) : '',
)}
${section(
  words.say('administration.weeks'),
  datedTable(visit, { caption: words.say('administration.weeks'), csv: 'weeks' }, calendar.weeks, today, {
    heading: words.say('administration.weekend'),
    cell: ({ weekend }) => weekendText(words, weekend),
  }),
  may ? buttonLink('/administration/calendar/weeks/new', words.say('administration.new-week')) : '',
)}
${section(
  words.say('administration.core-hours'),
  datedTable(visit, { caption: words.say('administration.core-hours'), csv: 'core-hours' }, calendar.hours, today, {
    heading: words.say('administration.closing'),
    cell: ({ closed }) => closedText(words, closed),
  }),
  may ? buttonLink('/administration/calendar/core/new', words.say('administration.new-core-hours')) : '',
)}`;
  return page(visit, 'calendar', words.say('administration.tab.calendar'), content);
}

export type FeastLine = Feast & { next: Day };

/** The coming ones, the next first: a yearly feast at its next day. */
export const feastLines = ({ feasts }: BankCalendar, today: Day): FeastLine[] =>
  feasts
    .flatMap((feast) => {
      const next = nextOf(feast, today);
      return next === undefined ? [] : [{ ...feast, next }];
    })
    .toSorted((one, other) => (one.next < other.next ? -1 : 1));

function feastTable(visit: Visit, calendar: BankCalendar, today: Day): Html {
  const { words } = visit;
  const rows = feastLines(calendar, today);
  return table<FeastLine>({
    caption: words.say('administration.feasts'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say('administration.no-feasts'),
      advice: words.say('administration.no-feasts-text'),
    }),
    columns: [
      {
        heading: words.say('administration.feast'),
        names: true,
        cell: ({ nameFr, nameAr }) => nameText(words.language === 'ar' ? nameAr : nameFr),
      },
      { heading: words.say('common.day'), cell: ({ next }) => dayText(words, next) },
      {
        heading: words.say('administration.repeats'),
        cell: ({ on }) => words.say('yearly' in on ? 'administration.every-year' : 'administration.that-day'),
      },
      { heading: words.say('administration.source'), cell: ({ source }) => nameText(source) },
      {
        heading: words.say('administration.withdraw'),
        quiet: true,
        cell: ({ feastId, nameFr, nameAr }) =>
          withdrawLink(
            visit,
            `/administration/calendar/feasts/${feastId}/withdrawal`,
            words.language === 'ar' ? nameAr : nameFr,
          ),
      },
    ],
  });
}

/** 29 February comes in some years only. */
function nextOf({ on }: Feast, today: Day): Day | undefined {
  if ('day' in on) return on.day >= today ? on.day : undefined;
  const year = Number(today.slice(0, 4));
  return Array.from({ length: 9 }, (_, ahead) => parseDay(`${year + ahead}-${on.yearly}`)).find(
    (day) => day !== undefined && day >= today,
  );
}

function datedTable<Dated extends BankWeek | CoreHours>(
  { words }: Visit,
  named: { caption: string; csv: string },
  rows: readonly Dated[],
  today: Day,
  what: { heading: string; cell: (row: Dated) => Html | string },
): Html {
  const now = standing(rows, today);
  return table<Dated>({
    ...named,
    captionHidden: true,
    rows,
    empty: emptyState({ title: words.say('common.none'), advice: words.say('administration.no-dated-text') }),
    columns: [
      { heading: words.say('administration.from-day'), names: true, cell: ({ fromDay }) => dayText(words, fromDay) },
      what,
      { heading: words.say('administration.source'), cell: ({ source }) => nameText(source) },
      {
        heading: words.say('administration.standing'),
        cell: (row) =>
          row === now
            ? badge('good', words.say('administration.holds'))
            : row.fromDay > today
              ? badge('going', words.say('administration.will-hold'))
              : badge('over', words.say('administration.held')),
      },
    ],
  });
}

export const weekendText = (words: Words, weekend: readonly Weekday[]): string =>
  weekend.length === 0
    ? words.say('common.none')
    : weekdays
        .filter((weekday) => weekend.includes(weekday))
        .map((weekday) => words.say(`administration.weekday.${weekday}`))
        .join(words.language === 'ar' ? '، ' : ', ');

export const closedText = (words: Words, closed: CoreHours['closed']): Html =>
  closed === undefined
    ? html`${words.say('administration.never-closes')}`
    : html`${ltr(closed.from)} ${words.say('administration.until')} ${ltr(closed.to)}`;
