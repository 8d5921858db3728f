import type { components } from '../contract/generated.ts';
import type { Handlers } from '../contract/handler.ts';
import { malformed, optional } from '../contract/problem.ts';
import type { Clock } from '../database/clock.ts';
import { addDays, algiersDay, type Day, formatInstant, parseDay } from '../values/dates.ts';
import { type BankCalendar, coreOpensAt, feastOn, isBankingDay, standing } from './calendar.ts';
import type { ReadCalendar } from './open-calendar.ts';

/** The bank's days as staff have entered them, for whoever dates a debit. */
export function calendarRoutes({ calendar, clock }: { calendar: ReadCalendar; clock: Clock }): Handlers<'getCalendar'> {
  return {
    async getCalendar({ query }) {
      const now = clock.now();
      const from = optional(query.from, parseDay, 'from', 'not a day') ?? algiersDay(now);
      if (from > addDays(algiersDay(now), 3660)) malformed('from', 'at most ten years ahead');
      const known = await calendar();
      const opensAt = coreOpensAt(known, now);
      return {
        status: 200,
        body: {
          timeZone: 'Africa/Algiers',
          coreIsOpen: opensAt === undefined,
          ...(opensAt && { coreOpensAt: formatInstant(opensAt), coreOpensOn: algiersDay(opensAt) }),
          serverTime: formatInstant(now),
          days: Array.from({ length: query.days ?? 61 }, (_, ahead) => dayOf(known, addDays(from, ahead))),
        },
      };
    },
  };
}

function dayOf(calendar: BankCalendar, day: Day): components['schemas']['CalendarDay'] {
  const feast = feastOn(calendar, day);
  const closed = standing(calendar.hours, day)?.closed;
  return {
    day,
    isBankingDay: isBankingDay(calendar, day),
    ...(feast && { feast: { nameFr: feast.nameFr, nameAr: feast.nameAr, source: feast.source } }),
    ...(closed && { coreCloses: { from: closed.from, to: closed.to } }),
  };
}
