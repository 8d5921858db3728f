import type { Queryable } from '../database/queryable.ts';
import { mayRun } from '../jobs/work.ts';
import type { Day } from '../values/dates.ts';
import type { DebitId } from '../values/ids.ts';

/** Scheduled debits whose day has come, the earliest first. */
export async function selectDueDebits(db: Queryable, today: Day, most: number): Promise<DebitId[]> {
  const { rows } = await db.query<{ debit_id: DebitId }>({
    name: 'select-due-debits',
    text: `
      select debit_id from debits
       where state = 'SCHEDULED' and execution_date <= $1::date and ${mayRun('due-dates', 'debits.debit_id')}
       order by execution_date, debit_id limit $2`,
    values: [today, most],
  });
  return rows.map((row) => row.debit_id);
}

/** Accepts those of them whose day has come; each is free to be taken up at once. */
export async function acceptDueDebits(db: Queryable, today: Day, debitIds: readonly DebitId[]): Promise<void> {
  await db.query({
    name: 'accept-due-debits',
    text: `
      with due as (
        select debit_id, creditor_code from debits
         where debit_id = any ($2::uuid[]) and state = 'SCHEDULED' and execution_date <= $1::date
         order by execution_date, debit_id for no key update skip locked
      ), accepted as (
        update debits set state = 'ACCEPTED', lease_until = clock_timestamp() where debit_id in (select debit_id from due)
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, 'debit.accepted', debit_id, 'SCHEDULED', 'ACCEPTED', 'gateway' from due order by debit_id`,
    values: [today, debitIds],
  });
}
