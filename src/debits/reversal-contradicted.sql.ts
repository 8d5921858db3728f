/**
 * Whether what the core has said or booked of a debit, or of a try to give it back, contradicts what stands here, and nobody
 * has ended that yet: an open contradiction, or the latest comparison of a day's books. `exceptOf`: not by that try's own.
 */
export const isContradicted = (debit: string, exceptOf?: string): string => `
  (exists (select from contradictions met where met.debit_id = ${debit} and met.ended_at is null
              ${exceptOf === undefined ? '' : `and met.reversal_id is distinct from ${exceptOf}`})
   or exists (
     select from reversals tried join book_differences differing on differing.reversal_id = tried.reversal_id
       join book_comparisons compared using (comparison_id)
      where tried.debit_id = ${debit} and differing.kind = 'NOT_SETTLED_HERE'
        ${exceptOf === undefined ? '' : `and tried.reversal_id <> ${exceptOf}`}
        and not exists (select from book_comparisons later
                         where later.day = compared.day and later.attempt > compared.attempt and later.compared_at is not null)))`;
