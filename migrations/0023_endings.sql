-- Up Migration

-- An answer that was never believed moves nothing and returns nothing: it ends by the core's own explanation, which says
-- what is right of the debit (or of its reversal) that it was about. And a reversal in doubt ends by hand as a debit does.
alter table debit_evidence
  -- What is right, as the core's explanation says: only that which stands ends anything.
  add column right_answer text check (right_answer in ('MOVED', 'REFUSED', 'VOIDED')),
  -- The reversal that it ends; null where it ends the debit itself, or a contradiction.
  add column reversal_id uuid references reversals,
  drop constraint debit_evidence_kind_check,
  drop constraint debit_evidence_check1,
  drop constraint debit_evidence_check2,
  add constraint debit_evidence_kind_check
    check (kind in ('BOOKING', 'VOID', 'REFUSAL', 'RETURN', 'CORRECTION', 'EXPLANATION')),
  add constraint debit_evidence_booking check (case when kind in ('BOOKING', 'RETURN', 'CORRECTION')
    then booking_reference is not null and executed_at is not null and booking_date is not null
         and value_date is not null and amount is not null
    -- An explanation names the booking that is right, and no other figure of it.
    else (booking_reference is not null) = (right_answer is not distinct from 'MOVED') and executed_at is null
         and booking_date is null and value_date is null and amount is null end),
  add constraint debit_evidence_contradiction
    check ((kind in ('RETURN', 'CORRECTION', 'EXPLANATION')) = (contradiction_id is not null)),
  add constraint debit_evidence_explanation check ((kind = 'EXPLANATION') = (right_answer is not null)),
  add constraint debit_evidence_reversal check (reversal_id is null or kind in ('BOOKING', 'VOID', 'REFUSAL')),
  add constraint debit_evidence_named unique (evidence_id, contradiction_id, kind);

alter table contradictions
  drop constraint contradictions_ending_check,
  add constraint contradictions_ending_check check (ending in ('RETURNED', 'CORRECTED', 'EXPLAINED')),
  -- As src/debits/contradiction-endings.ts has it: a test compares the two.
  add constraint contradictions_corrected check (ending <> 'CORRECTED' or kind = 'MOVED_AFTER_REJECTION'),
  add constraint contradictions_returned check (ending <> 'RETURNED' or kind <> 'REFUSED_AFTER_SETTLEMENT'),
  add constraint contradictions_explained check (ending <> 'EXPLAINED' or kind in ('OTHER_AMOUNT', 'OTHER_CURRENCY',
    'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'REFUSED_AFTER_SETTLEMENT', 'OTHER_REVERSAL_AMOUNT')),
  -- It is ended by a paper that was attached to it, and of the kind that ends so.
  add column ended_by_kind text generated always as (case ending when 'RETURNED' then 'RETURN' when 'CORRECTED' then 'CORRECTION'
    when 'EXPLAINED' then 'EXPLANATION' end) stored,
  add constraint contradictions_ended_by foreign key (ended_by_evidence, contradiction_id, ended_by_kind)
    references debit_evidence (evidence_id, contradiction_id, kind);

-- What is said of a reversal is not the same thing as what is said of its debit, or of another try.
drop index contradictions_open;
create unique index contradictions_open on contradictions (debit_id, kind, booking_reference, reversal_id) nulls not distinct;

-- In doubt nothing is right yet: an explanation ends nothing until the debit, or the reversal, has ended by the core's word.
create function explained_after_the_end() returns trigger language plpgsql as $$
begin
  if (select state not in ('SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED') from debits where debit_id = new.debit_id)
     or exists (select from reversals where reversal_id = new.reversal_id and state not in ('SETTLED', 'REJECTED')) then
    raise check_violation using message = 'a contradiction is explained only where what it is about has ended';
  end if;
  return new;
end $$;
create trigger contradiction_explained before update of ending on contradictions
  for each row when (new.ending = 'EXPLAINED') execute function explained_after_the_end();
