import type { Queryable } from '../../src/database/queryable.ts';
import { groupRib, parseRib } from '../../src/values/rib.ts';

/** What a form asks for: where it is sent, and its fields. */
export type Asked = { path: string; fields: Readonly<Record<string, string>> };

/**
 * Pages that a person comes to by looking for them, which the first links of a list lead past: a debit in each state
 * and with each thing that can be told of one, the largest of each list, lists far from their beginning.
 */
export async function addressesOf(owner: Queryable): Promise<string[]> {
  const { rows } = await owner.query<{ path: string }>({
    text: `
      select '/debits/' || debit_id as path from (
        (select distinct on (state) debit_id from debits where state <> 'SETTLED' order by state, debit_id desc)
        union all (select debit_id from contradictions where ended_at is null limit 1)
        union all (select debit_id from contradictions where ended_at is not null limit 1)
        union all (select debit_id from contests where ended_at is null limit 1)
        union all (select distinct on (state) debit_id from reversals order by state, debit_id)) debits
       union all select '/debits?state=' || state from unnest(array['REJECTED', 'CANCELLED', 'IN_DOUBT', 'SCHEDULED', 'REVERSED']) state
       union all select '/debits?reason=MD01'
       union all select '/debits?employer=' || employer_number from (select employer_number from debits limit 1) one
       union all select '/debits?reference=B-1'
       union all select '/debits?declaration=DAC-1'
       union all select '/mandates?state=' || state from unnest(array['ACTIVE', 'SUSPENDED', 'DRAFT']) state
       union all select '/reconciliations/' || reconciliation_id || outcome from (
         select reconciliation_id from reconciliations order by last_day - first_day desc limit 1) list,
         unnest(array['', '?outcome=DIFFERING', '?outcome=MISSING', '?outcome=UNEXPECTED']) outcome
       union all (select '/books/' || comparison_id from book_comparisons order by differences desc limit 1)
       union all (select '/stops/' || stop_id from restores limit 1)
       union all (select '/stops/' || stop_id from stops where ended_at is not null limit 1)
       union all select '/administration/webhooks/' || creditor || state from unnest(array['CNAS', 'CACOBATPH']) creditor,
         unnest(array['', '?state=WAITING', '?state=DELIVERED', '?state=READ', '?state=DEAD']) state
       union all select '/audit?kind=' || kind from unnest(array['mandate.certified', 'debit.settled', 'debit.reversed', 'staff.signed-in']) kind
       union all select '/audit?from=' || current_date - 20 || '&to=' || current_date - 10
       union all select '/audit?person=officer'
       union all (select '/approvals/' || proposal_id from proposals where state = 'WAITING' limit 1)`,
  });
  return rows.map(({ path }) => path);
}

/** The searches whose form is sent, so that no name and no RIB stands in an address. */
export async function searchesOf(owner: Queryable): Promise<Asked[]> {
  const { rows } = await owner.query<{ rib: string; mandate: string }>({
    text: 'select rib, mandate_id as mandate from mandate_debtors join mandates using (mandate_id) order by rib desc limit 1',
  });
  const { rib = '', mandate = '' } = rows[0] ?? {};
  const grouped = groupRib(parseRib(rib) ?? invalid(rib));
  return [
    { path: '/debits/account', fields: { rib: grouped } },
    { path: '/mandates/search', fields: { rib: grouped } },
    { path: '/mandates/search', fields: { mandate } },
    { path: '/mandates/search', fields: { name: 'Benali' } },
    { path: '/mandates/search', fields: { name: 'Benali 70' } },
    { path: '/mandates/search', fields: { name: 'بن علي' } },
    { path: '/mandates/search', fields: { name: 'Nobody of that name' } },
  ];
}

function invalid(rib: string): never {
  throw new Error(`${rib} is no RIB`);
}
