-- Up Migration

-- Whether the creditor itself said when it expires. Where it did not, a scheduled debit ends with the day on which it
-- runs, and that day moves when a feast is announced the night before.
alter table debits add column expiry_given boolean not null default true;
