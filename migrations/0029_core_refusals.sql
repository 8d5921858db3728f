-- Up Migration

-- The core's refusal that was heard and could not be believed yet: the core may forget it, or have moved another copy.
-- Kept, so that what was refused is never sent again, and is rejected with the core's own reason.
alter table debits add column core_refusal text check (core_refusal ~ '^[A-Z]{2}\d{2}$');
alter table reversals add column core_refusal text check (core_refusal ~ '^[A-Z]{2}\d{2}$');
