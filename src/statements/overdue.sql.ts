import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';

/**
 * Of each creditor, how many days have ended more than an hour ago and have no closed statement: also days that no row
 * was made for. They are closed in order, so that those after the last closed one are all that are missing.
 */
export async function selectOverdueStatements(
  db: Queryable,
  now: Date,
): Promise<{ creditor: CreditorCode; count: number }[]> {
  const { rows } = await db.query<{ creditor: CreditorCode; count: number }>({
    name: 'select-overdue-statements',
    text: `
      select creditors.creditor_code as creditor,
             greatest(0, ended.last - coalesce(closed.day, (registered_at at time zone 'Africa/Algiers')::date - 1)) as count
        from creditors
       cross join (select (($1::timestamptz - interval '1 hour') at time zone 'Africa/Algiers')::date - 1 as last) ended
        left join lateral (select day from statements s
                            where s.creditor_code = creditors.creditor_code and s.state = 'CLOSED'
                            order by day desc limit 1) closed on true
       order by creditors.creditor_code`,
    values: [now],
  });
  return rows;
}
