-- Up Migration

-- Scheduled debits whose time is over, on a day on which the bank does not work too.
create index debits_to_expire on debits (expires_at) where state = 'SCHEDULED';

-- Whether a day's books name a reversal: asked before each new try.
create index book_differences_of_reversal on book_differences (reversal_id) where reversal_id is not null;
