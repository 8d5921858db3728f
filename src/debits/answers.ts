import type { Answer } from '../contract/handler.ts';
import { Problem, problem } from '../contract/problem.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';

/** Limits by the day end with it, in Algiers. */
export function untilTomorrow(now: Date): { 'Retry-After': string } {
  const tomorrow = startOfAlgiersDay(addDays(algiersDay(now), 1));
  return { 'Retry-After': String(Math.ceil((tomorrow.getTime() - now.getTime()) / 1000)) };
}

export const jtiReused = (): Answer => problem('jti-reused', 'This jti was used before: sign again with a new one');

export function noDebit(): never {
  throw new Problem('debit-not-found', 'No such debit');
}
