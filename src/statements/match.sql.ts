import type { Queryable } from '../database/queryable.ts';
import { mayRun } from '../jobs/work.ts';
import { sealedStretch } from '../journal/history.ts';
import type { SignedToken } from '../signing/signer.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { ExpectedLine, Reconciliation } from './reconciliation.ts';
import { outcomeOfKind, type Place } from './statement.ts';

/** The kinds that settle a debit: what a statement tells as settled. */
const settledKinds = Object.entries(outcomeOfKind)
  .flatMap(([kind, outcome]) => (outcome === 'SETTLED' ? [`'${kind}'`] : []))
  .join(', ');

/** Lists whose last day's statement is closed, the first that came first. Those before it are closed by then. */
export async function selectDueLists(db: Queryable, most: number): Promise<string[]> {
  const { rows } = await db.query<{ reconciliation_id: string }>({
    name: 'select-due-lists',
    text: `
      select reconciliation_id from reconciliations r
       where state <> 'MATCHED' and coalesce(lease_until, '-infinity') < clock_timestamp()
         and exists (select from statements s where s.creditor_code = r.creditor_code and s.day >= r.last_day
                        and s.state = 'CLOSED')
         and ${mayRun('reconciliations', 'reconciliation_id')}
       order by received_at, reconciliation_id limit $1`,
    values: [most],
  });
  return rows.map(({ reconciliation_id }) => reconciliation_id);
}

/** What is settled in those days, as the statements were cut and signed. */
export type SettledRange = { after: Place; through: Place; settled: { lines: number; amount: Centimes } };

/** Takes the lease. Undefined: it is matched, another works on it, or a statement of its days is not closed. */
export async function claimList(
  db: Queryable,
  { id, holder, leaseSeconds }: { id: string; holder: string; leaseSeconds: number },
): Promise<SettledRange | undefined> {
  const { rows } = await db.query<{
    after_epoch: number;
    after_number: string;
    through_epoch: number;
    through_number: string;
    lines: string;
    amount: string;
  }>({
    name: 'claim-list',
    text: `
      with claimed as (
        update reconciliations r set holder = $2::uuid, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
         where reconciliation_id = $1 and state <> 'MATCHED'
           and (holder = $2::uuid or coalesce(lease_until, '-infinity') < clock_timestamp())
           and exists (select from statements s where s.creditor_code = r.creditor_code and s.day >= r.last_day
                          and s.state = 'CLOSED')
        returning creditor_code, first_day, last_day
      ), told as (
        select s.* from statements s join claimed using (creditor_code) where s.day between first_day and last_day
      )
      -- Days before its creditor's registration have no statement, and nothing settled in them.
      select coalesce(first.after_epoch, 0) as after_epoch, coalesce(first.after_number, 0) as after_number,
             coalesce(last.through_epoch, 0) as through_epoch, coalesce(last.through_number, 0) as through_number,
             settled.lines, settled.amount
        from claimed
        left join lateral (select after_epoch, after_number from told order by day limit 1) first on true
        left join lateral (select through_epoch, through_number from told order by day desc limit 1) last on true
       cross join lateral (select coalesce(sum(debits), 0)::bigint as lines, coalesce(sum(amount), 0)::bigint as amount
                             from statement_figures join told using (statement_id) where figure = 'SETTLED') settled`,
    values: [id, holder, leaseSeconds],
  });
  return rows.map((row) => ({
    after: { epoch: row.after_epoch, number: Number(row.after_number) },
    through: { epoch: row.through_epoch, number: Number(row.through_number) },
    settled: { lines: Number(row.lines), amount: centimesFromDatabase(row.amount) },
  }))[0];
}

/** Keeps the lease of who works on it for long. */
export async function renewListLease(
  db: Queryable,
  { id, holder, leaseSeconds }: { id: string; holder: string; leaseSeconds: number },
): Promise<void> {
  await db.query({
    name: 'renew-list-lease',
    text: `update reconciliations set lease_until = clock_timestamp() + make_interval(secs => $3::float8)
            where reconciliation_id = $1 and holder = $2::uuid and state <> 'MATCHED'`,
    values: [id, holder, leaseSeconds],
  });
}

/** Lets the next one begin at once: after a failure. */
export async function releaseList(db: Queryable, id: string, holder: string): Promise<void> {
  await db.query({
    name: 'release-list',
    text: `update reconciliations set lease_until = null, holder = null
            where reconciliation_id = $1 and holder = $2::uuid and state <> 'MATCHED'`,
    values: [id, holder],
  });
}

/** What was stored is counted in the statement that stores it: so a line that was there before is counted once. */
const counted = `
  counted as (
    select outcome as figure, count(*) as lines, coalesce(sum(expected), 0)::bigint as expected,
           coalesce(sum(settled), 0)::bigint as settled
      from stored group by outcome
    union all
    select 'REVERSED', count(*), coalesce(sum(expected), 0)::bigint, sum(settled)::bigint
      from stored where settled is not null and state = 'REVERSED' having count(*) > 0
  ), figures as (
    insert into reconciliation_figures (reconciliation_id, figure, lines, expected, settled)
    select $1, figure, lines, expected, settled from counted order by figure
    on conflict (reconciliation_id, figure) do update
       set lines = reconciliation_figures.lines + excluded.lines,
           expected = reconciliation_figures.expected + excluded.expected,
           settled = reconciliation_figures.settled + excluded.settled
  )`;

type Matching = { id: string; creditor: CreditorCode; range: Pick<SettledRange, 'after' | 'through'> };

/** Stores what comes of each of those lines, which follow on those that were stored before. Doing it again changes nothing. */
export async function matchLines(
  db: Queryable,
  { id, creditor, range: { after, through } }: Matching,
  lines: readonly ExpectedLine[],
): Promise<void> {
  await db.query({
    name: 'match-lines',
    text: `
      with item as (
        select * from unnest($3::int[], $4::text[], $5::bigint[], $6::text[], $7::text[])
          as item (line, end_to_end_id, expected, declaration, employer_number)
      ), found as (
        select item.*, debit.debit_id, debit.state, debit.amount, debit.confirmation_jti, settled.recorded_at,
               coalesce((settled.epoch, settled.number) > ($8::int, $9::bigint)
                    and (settled.epoch, settled.number) <= ($10::int, $11::bigint), false) as in_range,
               coalesce(item.declaration = debit.declaration, true)
                 and coalesce(item.employer_number = debit.employer_number, true) as same_names,
               row_number() over (partition by item.end_to_end_id order by item.line) > 1
                 or exists (select from reconciliation_lines earlier
                             where earlier.reconciliation_id = $1 and earlier.end_to_end_id = item.end_to_end_id
                               and earlier.line between 1 and item.line - 1) as repeated
          from item
          left join lateral (select * from debits
                              where creditor_code = $2 and debits.end_to_end_id = item.end_to_end_id offset 0) debit on true
          left join lateral (select epoch, number, recorded_at from sealed_journal
                              where subject_id = debit.debit_id and kind in (${settledKinds})
                              order by epoch, number limit 1) settled on debit.confirmation_jti is not null
      ), judged as (
        select found.*, case when repeated then 'REPEATED' when not in_range then 'MISSING'
                             when amount = expected and same_names then 'MATCHED' else 'DIFFERING' end as outcome
          from found
      ), stored as (
        insert into reconciliation_lines (reconciliation_id, end_to_end_id, line, outcome, expected, declaration,
          employer_number, debit_id, state, settled, final_at, confirmation_jti)
        select $1, end_to_end_id, line, outcome, expected, declaration, employer_number, debit_id, state,
               case when outcome in ('MATCHED', 'DIFFERING') then amount end, recorded_at, confirmation_jti
          from judged order by end_to_end_id, line
        on conflict do nothing
        returning outcome, expected, settled, state
      ), ${counted}
      select`,
    values: [
      ...[id, creditor],
      lines.map(({ line }) => line),
      lines.map(({ endToEndId }) => endToEndId),
      lines.map(({ amount }) => amount),
      lines.map(({ declaration }) => declaration ?? null),
      lines.map(({ employerNumber }) => employerNumber ?? null),
      ...[after.epoch, after.number, through.epoch, through.number],
    ],
  });
}

/** Stores what settled among the rows after `place` up to `last`, in its epoch, and stands on no line. Answers how many rows there were, and the next epoch. */
export async function storeUnexpected(
  db: Queryable,
  { id, creditor }: Matching,
  place: Place,
  last: number,
): Promise<{ looked: number; nextEpoch: number | undefined }> {
  const { rows } = await db.query<{ looked: number; next_epoch: number | null }>({
    name: 'store-unexpected-lines',
    text: `
      with sealed as materialized (
        select number, creditor_code, kind, subject_id, recorded_at
          from ${sealedStretch('$3::int', '$4::bigint', '$5::bigint')} stretch
      ), found as (
        select distinct on (debit_id) debits.*, recorded_at
          from sealed join debits on debit_id = subject_id
         where sealed.creditor_code = $2 and kind in (${settledKinds})
           and not exists (select from reconciliation_lines l where l.reconciliation_id = $1
                              and l.end_to_end_id = debits.end_to_end_id and l.line > 0)
         order by debit_id, number
      ), stored as (
        insert into reconciliation_lines (reconciliation_id, end_to_end_id, line, outcome, debit_id, state, settled,
          final_at, confirmation_jti)
        select $1, end_to_end_id, 0, 'UNEXPECTED', debit_id, state, amount, recorded_at, confirmation_jti
          from found order by end_to_end_id
        on conflict do nothing
        returning outcome, expected, settled, state
      ), ${counted}
      select count(*)::int as looked, (select min(epoch) from journal_epochs where epoch > $3::int) as next_epoch from sealed`,
    values: [id, creditor, place.epoch, place.number, last],
  });
  return { looked: rows[0]?.looked ?? 0, nextEpoch: rows[0]?.next_epoch ?? undefined };
}

/** Ends it with its token and the journal row that tells of it. False: it was matched before. */
export async function closeList(
  db: Queryable,
  { id, range: { after, through } }: Matching,
  { lines }: Reconciliation['expected'],
  signed: SignedToken,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'close-list',
    text: `
      with held as materialized (
        select * from reconciliations where reconciliation_id = $1 and state <> 'MATCHED' for no key update
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select $2::uuid, creditor_code, $3, reconciliation_id, $4, $5::timestamptz, $6 from held
      ), matched as (
        update reconciliations r
           set state = 'MATCHED', token_jti = $2::uuid, matched_at = $5::timestamptz, holder = null, lease_until = null,
               after_epoch = $7, after_number = $8, through_epoch = $9, through_number = $10
          from held where r.reconciliation_id = held.reconciliation_id
        returning r.*
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, token_jti, detail)
      select creditor_code, 'reconciliation.matched', reconciliation_id, 'RECEIVED', state, 'gateway', token_jti,
             jsonb_build_object('from', first_day, 'to', last_day, 'lines', $11::bigint)
        from matched`,
    values: [
      ...[id, signed.jti, signed.type, signed.keyThumbprint, signed.issuedAt, signed.token],
      ...[after.epoch, after.number, through.epoch, through.number, lines],
    ],
  });
  return rowCount === 1;
}
