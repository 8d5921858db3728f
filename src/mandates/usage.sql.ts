import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import { type MandateId, uuidV7 } from '../values/ids.ts';
import type { Mandate, Period } from './mandate.ts';

/** What the chain's counter holds for the period of its mandate that runs today. */
export type Usage = { period: Period; since: Day; used: Centimes };

const counters: Record<Period, { unit: string; start: string; used: string }> = {
  MONTH: { unit: 'month', start: 'month_start', used: 'month_used' },
  QUARTER: { unit: 'quarter', start: 'quarter_start', used: 'quarter_used' },
  YEAR: { unit: 'year', start: 'year_start', used: 'year_used' },
};

/** A counter of an earlier period counts nothing any more. Undefined before certification, when there is none. */
export async function selectUsage(
  db: Queryable,
  { chainId, period }: Pick<Mandate, 'chainId' | 'period'>,
  today: Day,
): Promise<Usage | undefined> {
  const { unit, start, used } = counters[period];
  const { rows } = await db.query<{ since: Day; used: string }>({
    name: `select-usage-of-the-${unit}`,
    text: `select date_trunc('${unit}', $2::date)::date as since,
                  case when ${start} = date_trunc('${unit}', $2::date)::date then ${used} else 0 end as used
             from mandate_usage where chain_id = $1`,
    values: [chainId, today],
  });
  const [row] = rows;
  return row && { period, since: row.since, used: centimesFromDatabase(row.used) };
}

/** The month of the last year in which most was settled under the chain, and its largest debit of any month. */
export type LargestMonth = { month: Day; settled: Centimes; largestDebit: Centimes };

/** A debit that was scheduled counts in a month up to this long after it was received. */
const longestSchedule = 62;

export async function selectLargestMonth(
  db: Queryable,
  chainId: MandateId,
  now: Date,
): Promise<LargestMonth | undefined> {
  const aYearAgo = addDays(algiersDay(now), -365);
  // A debit's id begins with the time of its receipt: the index of a mandate's debits goes no further back.
  const oldest = uuidV7(startOfAlgiersDay(addDays(aYearAgo, -longestSchedule)), new Uint8Array(10));
  const { rows } = await db.query<{ month: Day; settled: string; largest: string }>({
    name: 'select-largest-month',
    text: `
      select date_trunc('month', reserved_on)::date as month, sum(amount)::bigint as settled,
             max(max(amount)) over () as largest
        from debits
       where mandate_id in (select mandate_id from mandates where chain_id = $1)
         and debit_id >= $2 and state = 'SETTLED' and reserved_on >= $3
       group by 1 order by settled desc, month desc limit 1`,
    values: [chainId, oldest, aYearAgo],
  });
  const [row] = rows;
  return (
    row && {
      month: row.month,
      settled: centimesFromDatabase(row.settled),
      largestDebit: centimesFromDatabase(row.largest),
    }
  );
}
