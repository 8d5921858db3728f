import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CeilingDetail } from './debit.ts';

/*
 * Pieces of SQL that weigh a debit against its chain's use of the ceilings. They expect the columns of mandate_usage,
 * `amount`, `per_debit_ceiling`, `period_ceiling`, `period`, and `counted_on`, the day that it counts in: never one in
 * a period before the one that has begun, so that no counter is taken back.
 */

/** What the month, quarter and year of `counted_on` have used: nothing yet where the row still counts an earlier one. */
export const beforeInPeriods = `
           case when month_start = date_trunc('month', counted_on)::date then month_used else 0 end as month_before,
           case when quarter_start = date_trunc('quarter', counted_on)::date then quarter_used else 0 end as quarter_before,
           case when year_start = date_trunc('year', counted_on)::date then year_used else 0 end as year_before`;

/** What the mandate's own period still allows. */
export const leftInPeriod = `
           greatest(period_ceiling - case period when 'MONTH' then month_before when 'QUARTER' then quarter_before
                                                 else year_before end, 0)`;

/** All three are counted, whichever the mandate goes by: a replacement may go by another. */
export const spentInPeriods = `
           month_start = date_trunc('month', counted_on), month_used = month_before + amount,
           quarter_start = date_trunc('quarter', counted_on), quarter_used = quarter_before + amount,
           year_start = date_trunc('year', counted_on), year_used = year_before + amount`;

/**
 * Of the debits that the chain's row names, read after it was locked, those that may still be refused for funds. One that this
 * statement can't see yet was begun while it waited for the row; one that people have waits no longer for the core.
 */
export const stillUnderWay = (named: string) => `
           array(select sent.debit_id from unnest(${named}) as sent (debit_id)
                  where not exists (select from debits ended where ended.debit_id = sent.debit_id
                    and (ended.state in ('SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED') or ended.people_since is not null)))`;

/** The day's refusals for funds, and those that may still come of what is under way. */
export const refusalsToCome = (today: string) => `
           case when funds_refusals_on = ${today} then funds_refusals else 0 end + cardinality(under_way)`;

/** Which ceiling an AM14 passed, what is left of it, when it renews. */
export const refusalDetail = `
             case when amount > per_debit_ceiling
                  then jsonb_build_object('ceiling', 'PER_DEBIT', 'limit', per_debit_ceiling::text, 'left', per_debit_ceiling::text)
                  else jsonb_build_object('ceiling', 'PER_PERIOD', 'limit', period_ceiling::text, 'left', left_in_period::text, 'renewsOn',
                         (date_trunc(lower(period), counted_on) + case period when 'MONTH' then interval '1 month'
                           when 'QUARTER' then interval '3 months' else interval '1 year' end)::date) end`;

export type RefusalDetailRow = { ceiling: CeilingDetail['ceiling']; limit: string; left: string; renewsOn?: Day };

export const ceilingDetail = (row: RefusalDetailRow | null): CeilingDetail | undefined =>
  row === null
    ? undefined
    : {
        ceiling: row.ceiling,
        limit: centimesFromDatabase(row.limit),
        left: centimesFromDatabase(row.left),
        renewsOn: row.renewsOn,
      };
