import type { Branded } from './branded.ts';

/** A calendar day, "2026-01-31": in Africa/Algiers wherever the gateway decides by days. */
export type Day = Branded<string, 'Day'>;

export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? (text as Day) : undefined;
}

/** Algeria keeps UTC+1 all year (no summer time since 1981). */
const algiersOffsetMilliseconds = 3_600_000;

/** The day in Algiers at that instant: 2026-01-31T23:30Z is already 1 February there. */
export const algiersDay = (instant: Date): Day =>
  new Date(instant.getTime() + algiersOffsetMilliseconds).toISOString().slice(0, 10) as Day;

/** The instant at which that day begins in Algiers. */
export const startOfAlgiersDay = (day: Day): Date =>
  new Date(Date.parse(`${day}T00:00:00Z`) - algiersOffsetMilliseconds);

export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10) as Day;

/** Instants on the wire: UTC, milliseconds, "2026-01-31T23:30:00.000Z". */
export const formatInstant = (instant: Date): string => instant.toISOString();

/** Reads an RFC 3339 instant with its offset; anything else is undefined. */
export function parseInstant(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) || parseDay(text.slice(0, 10)) === undefined ? undefined : instant;
}

/** A booking's dates are of its days, bank holidays between: a month apart is a wrong year or month. */
export const isFarApart = (day: Day, instant: Date): boolean =>
  Math.abs(Date.parse(`${day}T12:00:00Z`) - instant.getTime()) > 31 * 86_400_000;
