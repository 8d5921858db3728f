-- Up Migration

-- A core may count its bookings anew each day, or year: one booking is a reference on its day.
drop index debits_by_booking;
drop index reversals_by_booking;
create unique index debits_by_booking on debits (booking_reference, booking_date) where booking_reference is not null;
create unique index reversals_by_booking on reversals (booking_reference, booking_date) where booking_reference is not null;
