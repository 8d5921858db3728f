import type { Queryable } from '../../src/database/queryable.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { fundsRefusalsADay, type KillBank } from './kill-bank.ts';
import { type Rule, reversalRules } from './reversal-rules.ts';

const rules: readonly Rule[] = [
  ...reversalRules,
  {
    rule: 'every debit is final, every reversal too, and none waits for people',
    broken: `select end_to_end_id || ' ' || state as broken from debits
              where state not in ('SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED') or people_since is not null or void_due
             union all
             select core_reference || ' ' || state from reversals where state not in ('SETTLED', 'REJECTED') or people_since is not null`,
  },
  {
    rule: 'no contradiction was found',
    broken: `select kind || ' ' || debit_id as broken from contradictions`,
  },
  {
    rule: 'a debit was SETTLED if and only if the ledger moved its amount between its accounts, once',
    broken: `select d.end_to_end_id || ' ' || d.state || ' ' || coalesce(b.outcome, 'nothing') as broken
               from debits d join mandate_debtors m using (mandate_id) join creditors c using (creditor_code)
               left join ledger.bookings b on b.reference = d.core_reference
              where (d.state in ('SETTLED', 'REVERSED')) <> coalesce(b.outcome = 'MOVED', false)
                 or d.state in ('SETTLED', 'REVERSED')
                and (b.kind, b.debtor, b.creditor, b.amount, b.booking_reference, b.executed_at, b.booking_date, b.value_date)
                    is distinct from
                    ('DEBIT', m.rib, c.collection_account, d.amount, d.booking_reference, d.executed_at, d.booking_date, d.value_date)`,
  },
  {
    rule: 'nothing was decided in the ledger under a name that the gateway does not know',
    broken: `select reference as broken from ledger.bookings
              where kind is distinct from 'FUNDING'
                and reference not in (select core_reference from debits union all select core_reference from reversals)`,
  },
  {
    rule: 'a rejected debit was never sent, or was refused or voided in the ledger, for the reason that stands',
    broken: `select d.end_to_end_id || ' ' || d.reason || ' ' || coalesce(b.outcome, 'nothing') as broken
               from debits d left join ledger.bookings b on b.reference = d.core_reference
              where d.state = 'REJECTED' and not case
                      when d.sends = 0 then b.reference is null and coalesce(d.refusal = d.reason, false)
                      -- Late at the ledger, though it had come in time: the bank's side, to its creditor.
                      when b.outcome = 'REFUSED' then b.reason = d.reason or (b.reason = 'TM01' and d.reason = 'AB03')
                      else coalesce(b.outcome = 'VOIDED', false) and d.reason in ('AB03', 'MD01') end`,
  },
  {
    rule: 'a cancelled name is voided in the ledger',
    broken: `select d.end_to_end_id as broken from debits d left join ledger.bookings b on b.reference = d.core_reference
              where d.state = 'CANCELLED' and b.outcome is distinct from 'VOIDED'`,
  },
  {
    rule: 'what a debit holds is held while it is live, and given back once',
    broken: `select end_to_end_id || ' ' || state as broken from debits
              where (state = 'SETTLED') <> holds_ceiling or (state = 'SETTLED') <> holds_declaration`,
  },
  {
    rule: 'a declaration counts what its live debits come to, and never more than was declared',
    broken: `select coalesce(d.reference, s.declaration) || ' ' || coalesce(d.live, 0) || ' for ' || coalesce(s.live, 0) as broken
               from declarations d full join (
                 select creditor_code, employer_number, declaration, sum(amount) as live, min(declared) as declared
                   from debits where holds_declaration group by 1, 2, 3
               ) s on s.creditor_code = d.creditor_code and s.employer_number = d.employer_number and s.declaration = d.reference
              where coalesce(d.live, 0) <> coalesce(s.live, 0) or d.live > d.declared or s.live > s.declared or d.contradicted <> 0`,
  },
  {
    rule: 'a chain counts what its debits hold, in month, quarter and year',
    broken: `select u.chain_id || ' ' || month_used || ' for ' || held.month as broken
               from mandate_usage u cross join lateral (
                 select coalesce(sum(amount) filter (where date_trunc('month', reserved_on) = month_start), 0) as month,
                        coalesce(sum(amount) filter (where date_trunc('quarter', reserved_on) = quarter_start), 0) as quarter,
                        coalesce(sum(amount) filter (where date_trunc('year', reserved_on) = year_start), 0) as year
                   from debits join mandates using (mandate_id)
                  where mandates.chain_id = u.chain_id and holds_ceiling
               ) held
              where (month_used, quarter_used, year_used) is distinct from (held.month, held.quarter, held.year)`,
  },
  {
    rule: 'no ceiling was passed',
    broken: `select m.mandate_id || ' ' || sum(amount) as broken from debits d join mandates m using (mandate_id)
              where d.state = 'SETTLED'
              group by m.mandate_id, date_trunc(lower(m.period), reserved_on)
             having sum(amount) > m.period_ceiling or max(amount) > m.per_debit_ceiling or m.state <> 'ACTIVE'`,
  },
  {
    rule: 'no mandate was refused for funds more often than a day allows',
    broken: `select mandate_id || ' ' || count(*) as broken from debits where reason = 'AM04'
              group by mandate_id, reserved_on having count(*) > ${fundsRefusalsADay}`,
  },
  {
    rule: 'each state that a debit was in has its row in the journal, and its end has one',
    broken: `select d.end_to_end_id || ' ' || d.state || ' ' || told.kinds as broken
               from debits d left join reversals r on r.debit_id = d.debit_id and r.state = 'SETTLED'
              cross join lateral (
                 select coalesce(string_agg(kind, ' ' order by entry_id), 'nothing') as kinds,
                        count(*) filter (where kind = 'debit.received') as received,
                        count(*) filter (where kind in ('debit.settled', 'debit.rejected', 'debit.cancelled', 'debit.burnt')) as ended,
                        count(*) filter (where to_state = d.state and token_jti is not distinct from
                          coalesce(r.confirmation_jti, d.confirmation_jti, d.rejection_jti)) as as_it_is
                   from journal where subject_id = d.debit_id
               ) told
              where told.received <> case when d.amount is null then 0 else 1 end or told.ended <> 1 or told.as_it_is <> 1`,
  },
  {
    rule: "a debit's tokens are those that it names, and each is told of in the journal",
    broken: `select d.end_to_end_id || ' ' || t.kind as broken from tokens t join debits d on d.debit_id = t.subject_id
               left join reversals r on r.debit_id = d.debit_id and r.state = 'SETTLED'
              where case t.kind when 'settlement-confirmation+jwt' then d.confirmation_jti
                      when 'debit-rejection+jwt' then d.rejection_jti when 'acceptance-receipt+jwt' then d.receipt_jti
                      when 'reversal-confirmation+jwt' then r.confirmation_jti end
                    is distinct from t.jti
                 or (select count(*) from journal where token_jti = t.jti and subject_id = d.debit_id) <> 1
             union all
             select end_to_end_id || ' has a token that is not stored' from debits
              where exists (select from unnest(array[confirmation_jti, rejection_jti, receipt_jti]) named
                             where named is not null and named not in (select jti from tokens))`,
  },
  {
    rule: 'what the creditor signed is kept with the debit that it began',
    broken: `select d.end_to_end_id as broken from debits d
               left join requests r on r.creditor_code = d.creditor_code and r.jti = d.request_jti
              where r.subject_id is distinct from d.debit_id`,
  },
  {
    rule: 'the postings of each booking, and all of them, sum to zero',
    broken: `select booking_id || ' ' || sum(amount) as broken from ledger.postings group by booking_id having sum(amount) <> 0
             union all select 'all ' || sum(amount) from ledger.postings having sum(amount) <> 0`,
  },
  {
    rule: "an account's balance is the sum of its postings",
    broken: `select rib as broken from ledger.accounts a
              where balance <> (select coalesce(sum(amount), 0) from ledger.postings where account = a.rib)`,
  },
  {
    rule: "a subject's rows are numbered in the order of their insertion",
    broken: `select subject_id || ' ' || kind as broken
               from (select subject_id, kind, entry_id, lag(entry_id) over (partition by subject_id order by epoch, number) as before
                       from sealed_journal) numbered
              where before > entry_id`,
  },
  {
    rule: 'the figures are what the rows come to that they were added up from, each counted once',
    broken: `with counted as (
               select case kind when 'debit.settled' then 'SETTLED' when 'debit.rejected' then 'REJECTED'
                                when 'debit.cancelled' then 'CANCELLED' when 'debit.reversed' then 'REVERSED'
                                else 'RECEIVED' end as event, count(*) as debits, sum(amount) as amount
                 from sealed_journal s join debits on debit_id = subject_id, debit_figures_progress p
                where (s.epoch, s.number) <= (p.epoch, p.number) and amount is not null
                  and kind in ('debit.received', 'debit.scheduled', 'debit.settled', 'debit.rejected', 'debit.cancelled', 'debit.reversed')
                group by 1
             ), days as (
               select event, sum(debits) as debits, sum(amount) as amount from debit_days group by event
             ), hours as (
               select event, sum(debits) as debits, sum(amount) as amount from debit_hours group by event
             )
             select event || ' ' || coalesce(counted.debits, 0) || ' for ' || coalesce(days.debits, 0) as broken
               from counted full join days using (event) full join hours using (event)
              where (counted.debits, counted.amount) is distinct from (days.debits, days.amount)
                 or (counted.debits, counted.amount) is distinct from (hours.debits, hours.amount)`,
  },
];

/** What in the database breaks a rule, in words; nothing where all of them hold. */
export async function brokenInDatabase({
  database,
  mandates,
}: Pick<KillBank, 'database' | 'mandates'>): Promise<string[]> {
  const found: string[] = [];
  for (const { rule, broken } of rules) {
    const { rows } = await database.query<{ broken: string }>({ text: broken });
    found.push(...rows.map((row) => `${rule}: ${row.broken}`));
  }
  // Rows that the last process had no more time to seal are none of it.
  const { faults } = await verifyJournal(database, { unsealedSeconds: Number.POSITIVE_INFINITY });
  found.push(...faults.map((fault) => `the journal is sealed without a gap: ${JSON.stringify(fault)}`));
  return [...found, ...(await wrongBalances(database, mandates))];
}

/** A debtor has what it had at first, less its debits that stand settled; a creditor has the sum of its own. */
async function wrongBalances(database: Queryable, mandates: KillBank['mandates']): Promise<string[]> {
  const { rows } = await database.query<{ account: string; balance: string; paid: string }>({
    text: `select rib as account, balance, coalesce((select sum(amount) from debits join mandate_debtors m using (mandate_id)
              where m.rib = a.rib and state = 'SETTLED'), 0) as paid
       from ledger.accounts a where kind = 'CUSTOMER'
      union all
     select rib, balance, coalesce((select - sum(amount) from debits join creditors using (creditor_code)
              where collection_account = a.rib and state = 'SETTLED'), 0)
       from ledger.accounts a where kind = 'COLLECTION'`,
  });
  return rows.flatMap(({ account, balance, paid }) => {
    const opening = mandates.find(({ rib }) => rib === account)?.openingBalance ?? 0n;
    return BigInt(balance) === opening - BigInt(paid)
      ? []
      : [`a balance is not the opening one less what was confirmed: ${account} ${balance}`];
  });
}
