import type { Queryable } from '../database/queryable.ts';
import { mayRunWithin } from '../jobs/work.ts';
import type { Day } from '../values/dates.ts';
import type { DebitId } from '../values/ids.ts';
import { longestInterval } from './doubt.ts';
import { areStoppedNow, startsAgain } from './stopped.sql.ts';
import { movedElsewhere, owesAClaim } from './unclaimed.sql.ts';

/**
 * How many of them may be in line: a whole month's end is due at once, and what is in doubt, or was left by a process that
 * died, must never stand behind all of it.
 */
const mostInLine = 256;

/** One that is in doubt after so many questions, about a minute, leaves the line: the core may be silent about it alone. */
const questionsInLine = 6;

/** How many may be under way in all until people have them: a core that is silent about every one gets no more of the day. */
const mostUnderWay = 1024;

/**
 * What a stop keeps from being sent, or money of its employer that moved unknown to a restored database, takes nobody's
 * place, and waits where it is until the start, the claim or its expiry.
 */
const mayGoOn = `(debits.expires_at <= clock_timestamp() and not ${startsAgain}
  or not (${areStoppedNow} or ${owesAClaim('debits.creditor_code', 'debits.employer_number')}))`;

/** One that could not be accepted, however often, holds its declaration: it is tried each minute, to its end at least. */
const mayTry = mayRunWithin('due-dates', 'debits.debit_id', longestInterval);

/** How many of the earliest are looked at for each that may go: so many of one chain in a row leave room for others. */
const lookedAt = 4;

/**
 * Scheduled debits whose day has come, the earliest first, as long as few dated ones are under way. Of one chain no more
 * are under way than `mostOfOne`, as many as may go at once: the others would only wait, in the place of another's.
 */
export async function selectDueDebits(db: Queryable, today: Day, most: number, mostOfOne: number): Promise<DebitId[]> {
  const { rows } = await db.query<{ debit_id: DebitId }>({
    name: 'select-due-debits',
    text: `
      with under_way as (
        select mandate_id, questions from debits
         where state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT') and execution_date is not null and people_since is null
           and ${mayGoOn} and not ${movedElsewhere('debits.core_reference')} limit $5
      ), of_chain as (
        select chain_id, count(*) as under_way from under_way join mandates using (mandate_id) group by chain_id
      ), room as (
        select least($2::bigint, greatest(0, $3::bigint - count(*) filter (where questions < $4)), greatest(0, $5::bigint - count(*))) as places
          from under_way
      ), earliest as (
        select debit_id, mandate_id, execution_date from debits
         where state = 'SCHEDULED' and execution_date <= $1::date and ${mayGoOn} and ${mayTry}
           and mandate_id <> all (array(
             select mandates.mandate_id from of_chain join mandates using (chain_id) where under_way >= $6))
         order by execution_date, debit_id limit (select places * $7::bigint from room)
      ), numbered as (
        select debit_id, execution_date, coalesce(under_way, 0)
               + row_number() over (partition by chain_id order by execution_date, debit_id) as of_its_chain
          from earliest join mandates using (mandate_id) left join of_chain using (chain_id)
      )
      select debit_id from numbered where of_its_chain <= $6
       order by execution_date, debit_id limit (select places from room)`,
    values: [today, most, mostInLine, questionsInLine, mostUnderWay, mostOfOne, lookedAt],
  });
  return rows.map((row) => row.debit_id);
}

/**
 * Its time is over, and no later banking day is its own: it is dated before `$firstDate`, or its creditor named its end. By
 * the statement's time, which an index may be asked for.
 */
const isOver = (firstDate: string) => `
  expires_at <= statement_timestamp() and (expiry_given or execution_date < ${firstDate}::date) and not ${startsAgain}`;

/**
 * Scheduled debits whose time is over, which wait for no banking day: they are only rejected. Few at once, as above.
 * `firstDate`: the first date that comes to today, or to the next banking day.
 */
export async function selectOverdueDebits(db: Queryable, firstDate: Day, most: number): Promise<DebitId[]> {
  const { rows } = await db.query<{ debit_id: DebitId }>({
    name: 'select-overdue-debits',
    text: `
      select debit_id from debits
       where state = 'SCHEDULED' and ${isOver('$1')} and ${mayTry}
       order by expires_at
       limit (select least($2::bigint, greatest(0, $3::bigint - count(*))) from debits
               where state = 'ACCEPTED' and execution_date is not null and expires_at <= clock_timestamp()
                 and not ${movedElsewhere('debits.core_reference')})`,
    values: [firstDate, most, mostInLine],
  });
  return rows.map((row) => row.debit_id);
}

/**
 * Accepts those of them whose day has come, where `runs` says that the bank and its core work now, or whose time is over;
 * each is free to be taken up at once. One whose date comes to `today`, a banking day, for it is dated from `firstDate` on,
 * ends with this day where the creditor did not say otherwise: a feast that was announced late has moved it.
 */
export async function acceptDueDebits(
  db: Queryable,
  { today, firstDate, runs }: { today: Day; firstDate: Day; runs: boolean },
  debitIds: readonly DebitId[],
): Promise<void> {
  await db.query({
    name: 'accept-due-debits',
    text: `
      with due as (
        select debit_id, creditor_code,
               case when not expiry_given and execution_date >= $3::date
                    then greatest(($1::date + 1)::timestamp at time zone 'Africa/Algiers' - expires_at, interval '0')
                    else interval '0' end as moved
          from debits
         where debit_id = any ($2::uuid[]) and state = 'SCHEDULED'
           and ($4 and execution_date <= $1::date or ${isOver('$3')})
         order by execution_date, debit_id for no key update skip locked
      ), accepted as (
        update debits set state = 'ACCEPTED', lease_until = clock_timestamp(), expires_at = expires_at + moved,
               resolve_by = resolve_by + moved
          from due where debits.debit_id = due.debit_id
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, 'debit.accepted', debit_id, 'SCHEDULED', 'ACCEPTED', 'gateway' from due order by debit_id`,
    values: [today, debitIds, firstDate, runs],
  });
}
