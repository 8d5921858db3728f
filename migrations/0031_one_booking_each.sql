-- Up Migration

-- One booking is of one debit, or of one reversal: told of two, it is believed of the one that was settled with it first.
create unique index debits_by_booking on debits (booking_reference) where booking_reference is not null;
create unique index reversals_by_booking on reversals (booking_reference) where booking_reference is not null;

alter table core_message_differences
  drop constraint core_message_differences_difference_check,
  add constraint core_message_differences_difference_check check (difference in ('OTHER_AMOUNT', 'OTHER_CURRENCY',
    'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME', 'SHARED_BOOKING'));
alter table contradictions
  drop constraint contradictions_kind_check,
  add constraint contradictions_kind_check check (kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION',
    'OTHER_BOOKING', 'OTHER_AMOUNT', 'OTHER_CURRENCY', 'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME',
    'SHARED_BOOKING', 'REFUSED_AFTER_SETTLEMENT', 'REVERSED_AFTER_REJECTION', 'OTHER_REVERSAL_BOOKING', 'OTHER_REVERSAL_AMOUNT')),
  drop constraint contradictions_explained,
  add constraint contradictions_explained check (ending <> 'EXPLAINED' or kind in ('OTHER_AMOUNT', 'OTHER_CURRENCY',
    'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME', 'SHARED_BOOKING', 'REFUSED_AFTER_SETTLEMENT',
    'OTHER_REVERSAL_AMOUNT'));
