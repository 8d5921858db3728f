import { html } from 'hono/html';
import { standing, weekdays } from '../../calendar/calendar.ts';
import { proposeChange, proposeWithdrawal, readCalendar } from '../../calendar/change.ts';
import { type CalendarChange, type CalendarFault, readCoreHours, readFeast, readWeek } from '../../calendar/typed.ts';
import { addDays, algiersDay } from '../../values/dates.ts';
import { checkboxField, dateField, fieldGroup, fieldRow, textField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { buttonLink, type Content, nameText } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { WordKey } from '../words/words.ts';
import {
  type AdministrationParts,
  askingOf,
  factsOfForm,
  notFound,
  page,
  proposed,
  reasonFaults,
  reasonField,
  statusOf,
  textOf,
} from './shared.ts';

export type CalendarForm = 'feasts' | 'weeks' | 'core';

const titles = {
  feasts: 'administration.new-feast',
  weeks: 'administration.new-week',
  core: 'administration.new-core-hours',
} as const satisfies Record<CalendarForm, WordKey>;

/** The form as it is opened: a change of week or hours begins with those that hold today. */
export async function openCalendarForm(
  { db }: AdministrationParts,
  visit: Visit,
  kind: CalendarForm,
): Promise<PageAnswer> {
  if (kind === 'feasts') return calendarForm(visit, kind);
  const calendar = await readCalendar(db);
  const today = algiersDay(visit.now);
  const weekend = standing(calendar.weeks, today)?.weekend ?? [];
  const closed = standing(calendar.hours, today)?.closed;
  const form = new URLSearchParams(
    kind === 'weeks'
      ? weekend.map((weekday): [string, string] => [`weekend-${weekday}`, 'yes'])
      : { closesAt: closed?.from ?? '', opensAt: closed?.to ?? '' },
  );
  return calendarForm({ ...visit, form }, kind);
}

/** A feast, another weekend, or other hours of the core. */
function calendarForm(visit: Visit, kind: CalendarForm, faults: Faults = {}): PageAnswer {
  const { words } = visit;
  const content = form({
    visit,
    action: `/administration/calendar/${kind}/new`,
    content: html`${faultSummary(words, faults)}${fieldsOf[kind](visit, faults)}
${textField({ ...named(visit, faults, 'source'), label: words.say('administration.source'), hint: words.say('administration.source-hint'), maxLength: 300 })}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose') }), buttonLink('/administration/calendar', words.say('common.cancel')))}`,
  });
  return page(visit, 'calendar', words.say(titles[kind]), content, statusOf(faults));
}

export async function postCalendar({ db }: AdministrationParts, visit: Visit, kind: CalendarForm): Promise<PageAnswer> {
  const read = readForm(visit, kind);
  const faults = { ...('faults' in read ? wordsOf(visit, read.faults) : {}), ...reasonFaults(visit) };
  if ('faults' in read || Object.keys(faults).length > 0) return calendarForm(visit, kind, faults);
  return proposed(visit, await proposeChange(db, read.change, askingOf(visit)));
}

const named = ({ form: fields }: Visit, faults: Faults, name: string) => ({
  ...{ name, required: true, value: textOf(fields, name), fault: faults[name] },
});

const fieldsOf: Record<CalendarForm, (visit: Visit, faults: Faults) => Content> = {
  feasts: (visit, faults) => {
    const { words } = visit;
    return html`<p>${words.say('administration.feast-what')}</p>
${dateField({ ...named(visit, faults, 'day'), label: words.say('common.day') })}
${checkboxField({ name: 'everyYear', label: words.say('administration.every-year'), hint: words.say('administration.every-year-hint'), checked: textOf(visit.form, 'everyYear') === 'yes' })}
${textField({ ...named(visit, faults, 'nameFr'), label: words.say('administration.name-fr'), maxLength: 100, size: 'medium' })}
${textField({ ...named(visit, faults, 'nameAr'), label: words.say('administration.name-ar'), maxLength: 100, size: 'medium' })}`;
  },
  weeks: (visit, faults) => {
    const { words, form: fields } = visit;
    return html`${fromDayField(visit, faults)}
${faults.weekend === undefined ? '' : html`<p class="text-danger" id="field-weekend">${faults.weekend}</p>`}
${fieldGroup(
  words.say('administration.weekend'),
  ...weekdays.map((weekday) =>
    checkboxField({
      name: `weekend-${weekday}`,
      label: words.say(`administration.weekday.${weekday}`),
      checked: textOf(fields, `weekend-${weekday}`) === 'yes',
    }),
  ),
)}`;
  },
  core: (visit, faults) => {
    const { words } = visit;
    const time = (name: string) => ({
      ...named(visit, faults, name),
      ...({
        required: false,
        ltr: true,
        size: 'short',
        maxLength: 5,
        hint: words.say('administration.time-hint'),
      } as const),
    });
    return html`<p>${words.say('administration.core-what')}</p>${fromDayField(visit, faults)}
${fieldRow(
  textField({ ...time('closesAt'), label: words.say('administration.closes-at') }),
  textField({ ...time('opensAt'), label: words.say('administration.opens-at') }),
)}`;
  },
};

const fromDayField = (visit: Visit, faults: Faults) =>
  dateField({
    ...named(visit, faults, 'fromDay'),
    label: visit.words.say('administration.from-day'),
    minimum: addDays(algiersDay(visit.now), 0),
  });

type Read = { change: CalendarChange } | { faults: readonly CalendarFault[] };

function readForm({ form: fields, now }: Visit, kind: CalendarForm): Read {
  const text = (name: string) => textOf(fields, name);
  const today = algiersDay(now);
  const source = text('source');
  switch (kind) {
    case 'feasts': {
      const typed = {
        day: text('day'),
        everyYear: text('everyYear') === 'yes',
        nameFr: text('nameFr'),
        nameAr: text('nameAr'),
      };
      return readFeast({ ...typed, source }, today);
    }
    case 'weeks': {
      const weekend = weekdays.filter((weekday) => text(`weekend-${weekday}`) === 'yes').map(String);
      return readWeek({ fromDay: text('fromDay'), weekend, source }, today);
    }
    case 'core':
      return readCoreHours(
        { fromDay: text('fromDay'), closesAt: text('closesAt'), opensAt: text('opensAt'), source },
        today,
      );
  }
}

const wordsOf = ({ words }: Visit, faults: readonly CalendarFault[]): Faults =>
  Object.fromEntries(faults.map(({ field, fault }) => [field, words.say(`administration.fault.${fault}`)]));

/** Takes a feast out that was moved or entered wrongly. */
export async function feastWithdrawal(
  { db }: AdministrationParts,
  visit: Visit,
  faults: Faults = {},
): Promise<PageAnswer> {
  const { words, params } = visit;
  const feast = (await readCalendar(db)).feasts.find(({ feastId }) => feastId === params.feastId);
  if (feast === undefined) return notFound(visit, 'calendar');
  const content = form({
    visit,
    action: `/administration/calendar/feasts/${feast.feastId}/withdrawal`,
    content: html`${faultSummary(words, faults)}
${factsOfForm([
  [words.say('administration.feast'), nameText(words.language === 'ar' ? feast.nameAr : feast.nameFr)],
  [words.say('administration.source'), nameText(feast.source)],
])}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose-withdrawal') }), buttonLink('/administration/calendar', words.say('common.cancel')))}`,
  });
  return page(visit, 'calendar', words.say('administration.withdraw-feast'), content, statusOf(faults));
}

export async function postFeastWithdrawal(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const faults = reasonFaults(visit);
  if (Object.keys(faults).length > 0) return feastWithdrawal(parts, visit, faults);
  const asked = await proposeWithdrawal(parts.db, visit.params.feastId ?? '', askingOf(visit));
  return asked.outcome === 'NOT_FOUND' ? notFound(visit, 'calendar') : proposed(visit, asked);
}
