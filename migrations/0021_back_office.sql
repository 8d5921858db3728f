-- Up Migration

-- Why a mandate is to replace another: a code, which the creditor is told in the history of the one that is replaced,
-- and the bank's own words, which never get into the journal. Null where the creditor asked for it, or before this.
alter table mandates
  add column replace_reason text check (replace_reason ~ '^[a-z-]{3,40}$'),
  add column replace_remark text check (length(replace_remark) between 3 and 500),
  add check (replaces is not null or (replace_reason is null and replace_remark is null));

-- The approved proposal by which the bank last suspended, resumed or revoked it.
alter table mandates add column bank_act_as uuid references proposals;

-- The bank's flag goes up and down under four eyes, here where no code path can forget them: by a proposal of that act
-- on that mandate, approved by another person in this very transaction, so that none serves twice. A flag that goes on
-- from the mandate that is replaced in it is as it was. A revocation is the creditor's alone too, and only ends: it is held
-- to its approval by the use case.
create function hold_bank_flag() returns trigger language plpgsql as $$
begin
  if new.suspended_by_bank
     and exists (select from mandates old_one
                  where old_one.chain_id = new.chain_id and old_one.mandate_id <> new.mandate_id
                    and old_one.state = 'REPLACED' and old_one.suspended_by_bank
                    and old_one.xmin = pg_current_xact_id()::xid) then
    return new;
  end if;
  if not exists (select from proposals
                  where proposal_id = new.bank_act_as and state = 'APPROVED' and decided_by <> proposed_by
                    and kind = case when new.suspended_by_bank then 'mandate.suspension' else 'mandate.resumption' end
                    and subject_id = new.mandate_id::text
                    and proposals.xmin = pg_current_xact_id()::xid) then
    raise exception 'this needs two people' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger two_people_suspend before update on mandates
  for each row when (new.suspended_by_bank <> old.suspended_by_bank) execute function hold_bank_flag();
