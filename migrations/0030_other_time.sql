-- Up Migration

-- A booking whose time or dates can't be those of what was asked is not believed: its confirmation would be the proof of
-- when an employer has paid.
alter table core_message_differences
  drop constraint core_message_differences_difference_check,
  add constraint core_message_differences_difference_check check (difference in ('OTHER_AMOUNT', 'OTHER_CURRENCY',
    'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME'));
alter table contradictions
  drop constraint contradictions_kind_check,
  add constraint contradictions_kind_check check (kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION',
    'OTHER_BOOKING', 'OTHER_AMOUNT', 'OTHER_CURRENCY', 'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME',
    'REFUSED_AFTER_SETTLEMENT', 'REVERSED_AFTER_REJECTION', 'OTHER_REVERSAL_BOOKING', 'OTHER_REVERSAL_AMOUNT')),
  drop constraint contradictions_explained,
  add constraint contradictions_explained check (ending <> 'EXPLAINED' or kind in ('OTHER_AMOUNT', 'OTHER_CURRENCY',
    'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'OTHER_TIME', 'REFUSED_AFTER_SETTLEMENT', 'OTHER_REVERSAL_AMOUNT'));
