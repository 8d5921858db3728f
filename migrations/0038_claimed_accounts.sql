-- Up Migration

-- The account that an unclaimed movement was credited to. Its creditor may have another by the time that it is claimed: what
-- is confirmed, and held against the core's word, is the one that it went to. Null in what an older gateway has kept since.
alter table unclaimed_movements add column creditor text check (creditor ~ '^\d{20}$');

-- Until now only what went to the creditor's account of that moment was kept.
alter table unclaimed_movements disable trigger keep_movement;
update unclaimed_movements u set creditor = (
  select account from collection_accounts c
   where c.creditor_code = u.creditor_code and c.since <= u.found_at order by c.since desc limit 1);
alter table unclaimed_movements enable trigger keep_movement;
