-- Up Migration

-- The back office's list of one state, newest first: without these it went through all that the creditor was ever sent.
create index deliveries_read on event_deliveries (creditor_code, epoch, sequence) where state = 'READ';
create index deliveries_delivered on event_deliveries (creditor_code, epoch, sequence) where state = 'DELIVERED';
