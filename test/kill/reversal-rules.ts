/** One rule of DESIGN, as the rows that break it: each with a column `broken` that names what. */
export type Rule = { rule: string; broken: string };

/** What holds of debits that are given back. */
export const reversalRules: readonly Rule[] = [
  {
    rule: 'a debit is REVERSED if and only if one reversal of it has settled, and then it holds nothing',
    broken: `select end_to_end_id || ' ' || d.state || ' ' || settled as broken
               from debits d cross join lateral (
                 select count(*) as settled from reversals r where r.debit_id = d.debit_id and r.state = 'SETTLED'
               ) given_back
              where settled <> case d.state when 'REVERSED' then 1 else 0 end
                 or d.state = 'REVERSED' and (holds_ceiling or holds_declaration)`,
  },
  {
    rule: 'a reversal is SETTLED if and only if the ledger moved the whole debit back between its accounts, once',
    broken: `select d.end_to_end_id || ' ' || r.attempt || ' ' || r.state || ' ' || coalesce(b.outcome, 'nothing') as broken
               from reversals r join debits d using (debit_id) join mandate_debtors m using (mandate_id)
               join creditors c on c.creditor_code = d.creditor_code
               left join ledger.bookings b on b.reference = r.core_reference
              where (r.state = 'SETTLED') <> coalesce(b.outcome = 'MOVED', false)
                 or r.state = 'SETTLED'
                and (b.kind, b.original, b.debtor, b.creditor, b.amount, b.booking_reference, b.executed_at, b.booking_date, b.value_date)
                    is distinct from
                    ('REVERSAL', d.core_reference, c.collection_account, m.rib, d.amount, r.booking_reference, r.executed_at,
                     r.booking_date, r.value_date)
             union all
             select 'given back twice ' || original from ledger.bookings
              where kind = 'REVERSAL' and outcome = 'MOVED' group by original having count(*) > 1`,
  },
  {
    rule: 'a rejected reversal was never sent, or was refused or voided in the ledger, for the reason that stands',
    broken: `select r.core_reference || ' ' || r.reason || ' ' || coalesce(b.outcome, 'nothing') as broken
               from reversals r left join ledger.bookings b on b.reference = r.core_reference
              where r.state = 'REJECTED' and not case
                      when b.outcome = 'REFUSED' then b.reason = r.reason or (b.reason = 'TM01' and r.reason = 'AB03')
                      when b.outcome = 'VOIDED' then r.reason = 'AB03'
                      else b.reference is null and r.sends = 0 and r.reason = 'AB03' end`,
  },
  {
    rule: 'each reversal is told of in the journal of its debit: asked for once, ended once, and settled with its token',
    broken: `select r.core_reference || ' ' || r.state || ' ' || told.kinds as broken
               from reversals r cross join lateral (
                 select coalesce(string_agg(kind, ' ' order by entry_id), 'nothing') as kinds,
                        count(*) filter (where kind = 'debit.reversal-requested') as asked,
                        count(*) filter (where kind = 'debit.reversed' and token_jti = r.confirmation_jti) as settled,
                        count(*) filter (where kind = 'debit.reversal-rejected') as rejected
                   from journal where subject_id = r.debit_id and detail ->> 'attempt' = r.attempt::text
               ) told
              where (asked, settled, rejected) is distinct from
                    (1, case r.state when 'SETTLED' then 1 else 0 end, case r.state when 'REJECTED' then 1 else 0 end)`,
  },
  {
    rule: "a day's limits count every try, and the amounts of those that were not rejected",
    broken: `select coalesce(d.creditor_code, s.creditor_code) || ' ' || coalesce(d.asked, 0) || ' for ' || coalesce(s.asked, 0) as broken
               from reversal_days d full join (
                 select creditor_code, counted_on as day, count(*) as asked,
                        coalesce(sum(amount) filter (where state <> 'REJECTED'), 0) as amount
                   from reversals group by 1, 2
               ) s using (creditor_code, day)
              where (d.asked, d.amount) is distinct from (s.asked, s.amount)`,
  },
  {
    rule: 'what the creditor signed is kept with the debit that it gave back',
    broken: `select r.core_reference as broken from reversals r
               left join requests q on q.creditor_code = r.creditor_code and q.jti = r.request_jti
              where q.subject_id is distinct from r.debit_id`,
  },
];
