-- Up Migration

-- The mandate under which a debit was open at a close, as it was when that was counted: a debit that waits runs under
-- whatever stands for its mandate on its day, and a statement that was signed must not follow it there.
alter table statement_open_debits add column mandate_id uuid references mandates;
update statement_open_debits o set mandate_id = debits.mandate_id from debits where debits.debit_id = o.debit_id;

-- An older gateway beside this one leaves it out.
create function keep_open_debits_mandate() returns trigger language plpgsql as $$
begin
  new.mandate_id := (select mandate_id from debits where debit_id = new.debit_id);
  return new;
end $$;
create trigger open_debit_keeps_its_mandate before insert on statement_open_debits
  for each row when (new.mandate_id is null) execute function keep_open_debits_mandate();
-- A line of what is open names its mandate.
alter table statement_open_debits alter column mandate_id set not null;
