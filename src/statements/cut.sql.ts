import type { Queryable } from '../database/queryable.ts';
import { creditedAccountAt } from '../debits/credited-account.ts';
import { startsAgain } from '../debits/starting-again.ts';
import { mayRun } from '../jobs/work.ts';
import { anythingUnsealedBefore, sealedStretch } from '../journal/history.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode } from '../values/ids.ts';
import { openStates, outcomeOfKind, type Place } from './statement.ts';

const dayEnd = `((statements.day + 1)::timestamp at time zone 'Africa/Algiers')`;

/**
 * For a WHERE: after a restore two people have started again. Before, what the day has lost may be known to the core alone,
 * and the day may have been signed with it.
 */
export const startedAgain = `not ${startsAgain}`;

/**
 * One row for each creditor and each day up to `last` that has none, from the creditor's registration on: also for days
 * on which no gateway ran.
 */
export async function insertDueStatements(db: Queryable, last: Day): Promise<void> {
  await db.query({
    name: 'insert-due-statements',
    text: `
      insert into statements (statement_id, creditor_code, day)
      select gen_random_uuid(), creditor_code, day::date
        from creditors
       cross join lateral generate_series(
               coalesce((select max(day) + 1 from statements s where s.creditor_code = creditors.creditor_code),
                        (registered_at at time zone 'Africa/Algiers')::date)::timestamp,
               $1::date::timestamp, interval '1 day') as day
       order by creditor_code, day
      on conflict (creditor_code, day) do nothing`,
    values: [last],
  });
}

/**
 * What can be closed now, the oldest day first: each creditor's first that is not closed, once every transaction that
 * was open at the day's end has ended and all rows of the day are sealed. A transaction that has not begun here is of
 * another cluster, before its dump was loaded: it has ended with that.
 */
export async function selectDueStatements(db: Queryable, most: number): Promise<string[]> {
  const { rows } = await db.query<{ statement_id: string }>({
    name: 'select-due-statements',
    text: `
      select statement_id from statements
       where state <> 'CLOSED' and ${startedAgain} and coalesce(lease_until, '-infinity') < clock_timestamp()
         and not exists (select from statements earlier where earlier.creditor_code = statements.creditor_code
                            and earlier.day < statements.day and earlier.state <> 'CLOSED')
         and (state = 'CUT' or ((open_from <= pg_snapshot_xmin(pg_current_snapshot())
                                 or open_from >= pg_snapshot_xmax(pg_current_snapshot()))
                                and not ${anythingUnsealedBefore(dayEnd)}))
         and ${mayRun('statements', 'statement_id')}
       order by day, statement_id limit $1`,
    values: [most],
  });
  return rows.map(({ statement_id }) => statement_id);
}

export type StatementClaim = {
  creditor: CreditorCode;
  state: 'DUE' | 'CUT';
  /** The first instant that is not of the day any more. */
  end: Date;
  /** Where the one before it ended; for the first, just before the creditor's registration. */
  after: Place;
};

/** Takes the lease. Undefined: it is closed, another works on it, the one before it is not closed, or a restore holds all up. */
export async function claimStatement(
  db: Queryable,
  { statementId, holder, leaseSeconds }: { statementId: string; holder: string; leaseSeconds: number },
): Promise<StatementClaim | undefined> {
  const { rows } = await db.query<{
    creditor_code: CreditorCode;
    state: 'DUE' | 'CUT';
    day_end: Date;
    epoch: number;
    number: string;
  }>({
    name: 'claim-statement',
    text: `
      with claimed as (
        update statements set holder = $2::uuid, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
         where statement_id = $1 and state <> 'CLOSED' and ${startedAgain}
           and (holder = $2::uuid or coalesce(lease_until, '-infinity') < clock_timestamp())
           and not exists (select from statements earlier where earlier.creditor_code = statements.creditor_code
                              and earlier.day < statements.day and earlier.state <> 'CLOSED')
        returning creditor_code, state, day, ${dayEnd} as day_end
      )
      select claimed.creditor_code, claimed.state, day_end,
             coalesce(previous.through_epoch, registered.epoch, 0) as epoch,
             coalesce(previous.through_number, registered.number - 1, 0) as number
        from claimed
        left join lateral (select through_epoch, through_number from statements s
                            where s.creditor_code = claimed.creditor_code and s.day < claimed.day
                            order by s.day desc limit 1) previous on true
        left join lateral (select epoch, number from sealed_journal j
                            where j.kind = 'creditor.registered' and j.creditor_code = claimed.creditor_code
                            order by j.epoch, j.number limit 1) registered on true`,
    values: [statementId, holder, leaseSeconds],
  });
  return rows.map((row) => ({
    creditor: row.creditor_code,
    state: row.state,
    end: row.day_end,
    after: { epoch: row.epoch, number: Number(row.number) },
  }))[0];
}

/** Keeps the lease of who works on it for long. False: another has it, or it is closed. */
export async function renewStatementLease(
  db: Queryable,
  { statementId, holder, leaseSeconds }: { statementId: string; holder: string; leaseSeconds: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'renew-statement-lease',
    text: `update statements set lease_until = clock_timestamp() + make_interval(secs => $3::float8)
            where statement_id = $1 and holder = $2::uuid and state <> 'CLOSED'`,
    values: [statementId, holder, leaseSeconds],
  });
  return rowCount === 1;
}

/**
 * Takes the row for the transaction, behind whoever counts it just now. A statement of its own: the counting that follows
 * sees what that one counted. False: another has the lease, or it is closed.
 */
export async function lockCounting(db: Queryable, statementId: string, holder: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'lock-statement-counting',
    text: `select from statements where statement_id = $1 and holder = $2::uuid and state = 'CUT' for no key update`,
    values: [statementId, holder],
  });
  return rowCount === 1;
}

/** Lets the next one begin at once: after a failure. */
export async function releaseStatement(db: Queryable, statementId: string, holder: string): Promise<void> {
  await db.query({
    name: 'release-statement',
    text: `update statements set lease_until = null, holder = null
            where statement_id = $1 and holder = $2::uuid and state <> 'CLOSED'`,
    values: [statementId, holder],
  });
}

/** What one look has met: the last row of the day, and where the next look begins; undefined at the end. */
export type CutLook = { through: Place | undefined; next: Place | undefined };

/** Looks through the next `most` sealed rows for the first that is not of the day: the cut is just before it. */
export async function lookForCut(db: Queryable, after: Place, dayEnds: Date, most: number): Promise<CutLook> {
  const { rows } = await db.query<{ last: string | null; met: boolean; looked: number; next_epoch: number | null }>({
    name: 'look-for-cut',
    text: `
      with sealed as materialized (
        select number, recorded_at from ${sealedStretch('$1::int', '$2::bigint', '$2::bigint + $4::bigint')} stretch
      ), beyond as materialized (
        select min(number) as number from sealed where recorded_at >= $3
      )
      select max(sealed.number) filter (where beyond.number is null or sealed.number < beyond.number) as last,
             count(beyond.number) > 0 as met, count(sealed.number)::int as looked,
             (select min(epoch) from journal_epochs where epoch > $1::int) as next_epoch
        from beyond left join sealed on true`,
    values: [after.epoch, after.number, dayEnds, most],
  });
  const [row] = rows;
  if (row === undefined) return { through: undefined, next: undefined };
  const through = row.last === null ? undefined : { epoch: after.epoch, number: Number(row.last) };
  if (row.met) return { through, next: undefined };
  if (row.looked === most) return { through, next: { epoch: after.epoch, number: after.number + most } };
  return { through, next: row.next_epoch === null ? undefined : { epoch: row.next_epoch, number: 0 } };
}

/** Fixes the range, once: whoever comes second changes nothing. */
export async function fixCut(db: Queryable, statementId: string, after: Place, through: Place): Promise<void> {
  await db.query({
    name: 'fix-statement-cut',
    text: `
      update statements
         set state = 'CUT', cut_at = date_trunc('milliseconds', clock_timestamp()),
             collection_account = coalesce(
               (select account from collection_accounts c
                 where c.creditor_code = statements.creditor_code and since < ${dayEnd} order by since desc limit 1),
               creditors.collection_account),
             sequence = coalesce(previous.sequence, 0) + 1, previous_id = previous.statement_id,
             after_epoch = $2, after_number = $3, through_epoch = $4, through_number = $5,
             counted_epoch = $2, counted_number = $3,
             through_hash = (select hash from journal_seals where epoch = $4 and number = $5)
        from creditors
        left join lateral (select s.statement_id, s.sequence from statements s, statements this
                            where this.statement_id = $1 and s.creditor_code = this.creditor_code and s.day < this.day
                            order by s.day desc limit 1) previous on true
       where statements.statement_id = $1 and statements.state = 'DUE'
         and creditors.creditor_code = statements.creditor_code`,
    values: [statementId, after.epoch, after.number, through.epoch, through.number],
  });
}

const quoted = (text: string): string => `'${text}'`;
const finalKinds = Object.keys(outcomeOfKind).map(quoted).join(', ');
/** Which figures a kind of the journal counts in. */
const counts = [
  ...Object.entries(outcomeOfKind).map(([kind, outcome]) => `(${quoted(kind)}, ${quoted(outcome)})`),
  `('debit.corrected', 'CORRECTED')`,
].join(', ');
const open = openStates.map(quoted).join(', ');
/** A debit stays settled while it is given back: these rows tell that it is being given back, and that it is not any more. */
const reversing = `kind in ('debit.reversal-requested', 'debit.reversal-sent', 'debit.reversal-in-doubt', 'debit.reversal-for-people')`;

/**
 * Counts the next `most` sealed rows of the range: what became final, on which accounts, and in what state each debit was
 * left that is not.
 * Figures and their place commit together, so no row is counted twice; under `lockCounting`. True: there may be more.
 */
export async function countNext(db: Queryable, statementId: string, most: number): Promise<boolean> {
  const { rows } = await db.query<{ more: boolean }>({
    name: 'count-statement-rows',
    text: `
      with held as materialized (
        select * from statements where statement_id = $1 and state = 'CUT'
      ), sealed as materialized (
        select stretch.number, stretch.kind, stretch.subject_id, stretch.creditor_code, stretch.from_state, stretch.to_state
          from held cross join lateral ${sealedStretch(
            'held.counted_epoch',
            'held.counted_number',
            `case when held.counted_epoch = held.through_epoch
                  then least(held.through_number, held.counted_number + $2::bigint) else held.counted_number + $2::bigint end`,
          )} stretch
      ), own as materialized (
        select sealed.* from sealed where creditor_code = (select creditor_code from held) and kind like 'debit.%' and subject_id is not null
      ), final as (
        select figure, count(*) as debits, coalesce(sum(amount), 0)::bigint as amount
          from own join debits on debit_id = subject_id join (values ${counts}) as counted (kind, figure) using (kind)
         where kind in (${finalKinds})
         group by figure
      ), figures as (
        insert into statement_figures (statement_id, figure, debits, amount)
        select $1, figure, debits, amount from final order by figure
        on conflict (statement_id, figure) do update
           set debits = statement_figures.debits + excluded.debits, amount = statement_figures.amount + excluded.amount
      ), moved as (
        select coalesce(${creditedAccountAt('cut_at')}, collection_account) as account, figure, debits.amount
          from held, own join debits on debit_id = subject_id join (values ${counts}) as counted (kind, figure) using (kind)
         where figure in ('SETTLED', 'REVERSED')
      ), accounts as (
        insert into statement_accounts (statement_id, account, credits, credited, debits, debited)
        select $1, account,
               count(*) filter (where figure = 'SETTLED'), coalesce(sum(amount) filter (where figure = 'SETTLED'), 0),
               count(*) filter (where figure = 'REVERSED'), coalesce(sum(amount) filter (where figure = 'REVERSED'), 0)
          from moved group by account order by account
        on conflict (statement_id, account) do update
           set credits = statement_accounts.credits + excluded.credits, credited = statement_accounts.credited + excluded.credited,
               debits = statement_accounts.debits + excluded.debits, debited = statement_accounts.debited + excluded.debited
      ), left_in as materialized (
        select distinct on (subject_id) subject_id as debit_id, case when ${reversing} then 'REVERSING' else to_state end as state
          from own
         where to_state is not null
           and (${reversing} or kind = 'debit.reversal-rejected' or (from_state, to_state) is distinct from ('SETTLED', 'SETTLED'))
         order by subject_id, number desc
      ), ended as (
        update statement_open_debits o set until_sequence = held.sequence
          from left_in, held
         where o.debit_id = left_in.debit_id and o.until_sequence = 2147483647
           and o.since_sequence < held.sequence and o.state <> left_in.state
      ), passed as (
        -- Open for a while between two closes, and seen at neither.
        delete from statement_open_debits o using left_in, held
         where o.debit_id = left_in.debit_id and o.until_sequence = 2147483647
           and o.since_sequence = held.sequence and o.state <> left_in.state
      ), opened as (
        insert into statement_open_debits (debit_id, creditor_code, mandate_id, state, since_sequence)
        select left_in.debit_id, held.creditor_code, mandate_id, left_in.state, held.sequence
          from held, left_in join debits using (debit_id)
         where left_in.state in (${open})
           and not exists (select from statement_open_debits o
                            where o.debit_id = left_in.debit_id and o.until_sequence = 2147483647 and o.state = left_in.state)
      ), place as materialized (
        select case when more_epochs and ended then (select min(epoch) from journal_epochs where epoch > counted_epoch)
                    else counted_epoch end as epoch,
               case when not more_epochs then least(through_number, counted_number + $2::bigint)
                    when ended then 0 else counted_number + $2::bigint end as number
          from (select *, counted_epoch < through_epoch as more_epochs, (select count(*) from sealed) < $2 as ended
                  from held) held
      ), counted as (
        update statements set counted_epoch = place.epoch, counted_number = place.number
          from held, place where statements.statement_id = held.statement_id
      )
      select (place.epoch, place.number) <> (held.through_epoch, held.through_number) as more from held, place`,
    values: [statementId, most],
  });
  return rows[0]?.more ?? false;
}
