import type { Booking } from '../core-banking/port.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';

/** A booking's columns in a row that has it. */
export type BookingRow = {
  booking_reference: string;
  executed_at: Date;
  booking_date: Day;
  value_date: Day;
  amount: string;
};

/** The same where it may not have moved yet, or was burnt. */
export type MaybeBookingRow = { [Column in keyof BookingRow]: BookingRow[Column] | null };

export const bookingOf = (row: BookingRow): Booking => ({
  bookingReference: row.booking_reference,
  executedAt: row.executed_at,
  bookingDate: row.booking_date,
  valueDate: row.value_date,
  amount: centimesFromDatabase(row.amount),
});

/** Undefined where any of it is missing. */
export function bookingIn(row: MaybeBookingRow): Booking | undefined {
  const { booking_reference, executed_at, booking_date, value_date, amount } = row;
  if (booking_reference === null || executed_at === null || booking_date === null) return undefined;
  if (value_date === null || amount === null) return undefined;
  return bookingOf({ booking_reference, executed_at, booking_date, value_date, amount });
}
