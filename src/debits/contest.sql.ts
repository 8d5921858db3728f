import type { Queryable } from '../database/queryable.ts';
import type { Branded } from '../values/branded.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import { type CreditorCode, type DebitId, type EmployerNumber, type EndToEndId, uuidV7 } from '../values/ids.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import type { DebitState } from './debit.ts';

/** A contest's name: UUIDv7. */
export type ContestId = Branded<string, 'ContestId'>;

/** A debtor's contest of a settled debit, as staff see it. */
export type Contest = {
  contestId: ContestId;
  debitId: DebitId;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  employerNumber: EmployerNumber;
  employer: { nameFr: string; nameAr: string };
  amount: Centimes;
  /** The debit's, as it stands. */
  state: DebitState;
  agencyCode: string;
  openedAt: Date;
  openedBy: string;
  dueOn: Day;
  /** The debtor's claim, in the words of who took it down. */
  claim: string;
  endedAt: Date | undefined;
  ending: 'REVERSED' | 'REFUSED' | undefined;
  /** Why it was refused. */
  refusal: string | undefined;
};

export const newContestId = (now: Date): ContestId => uuidV7(now) as ContestId;

export type NewContest = {
  contestId: ContestId;
  debitId: DebitId;
  agencies: Agencies;
  dueOn: Day;
  claim: string;
  by: string;
  from: string;
  now: Date;
};

/** Opens a contest of a settled debit, told to its creditor by the journal row. UNKNOWN: no such debit of these agencies. */
export async function insertContest(
  db: Queryable,
  contest: NewContest,
): Promise<'OPENED' | 'ALREADY_OPEN' | 'UNKNOWN' | 'NOT_SETTLED'> {
  const { rows } = await db.query<{ state: DebitState; opened: boolean }>({
    name: 'insert-contest',
    text: `
      with held as (
        select debits.* from debits join mandate_debtors using (mandate_id)
         where debit_id = $1 and ${ofAgencies('$2')} for no key update of debits
      ), opened as (
        insert into contests (contest_id, debit_id, creditor_code, opened_at, opened_by, due_on)
        select $3::uuid, debit_id, creditor_code, $4::timestamptz, $5, $6::date from held where state = 'SETTLED'
        on conflict (debit_id) where ended_at is null do nothing
        returning contest_id, debit_id, creditor_code, opened_at, opened_by, due_on
      ), said as (
        insert into contest_remarks (contest_id, written_at, written_by, about, remark)
        select contest_id, opened_at, opened_by, 'claim', $7 from opened
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, detail)
        select creditor_code, 'debit.contested', debit_id, 'SETTLED', 'SETTLED', 'bank', opened_by,
               jsonb_build_object('contest', contest_id, 'dueOn', due_on, 'from', $8::text)
          from opened
      )
      select state, exists (select from opened) as opened from held`,
    values: [
      contest.debitId,
      agencyParameter(contest.agencies),
      contest.contestId,
      contest.now,
      contest.by,
      contest.dueOn,
      contest.claim,
      contest.from,
    ],
  });
  const [row] = rows;
  if (row === undefined) return 'UNKNOWN';
  if (row.opened) return 'OPENED';
  return row.state === 'SETTLED' ? 'ALREADY_OPEN' : 'NOT_SETTLED';
}

/** Ends a contest by a reasoned no: the proposer's words, with the approver's name in the journal. False where it has ended. */
export async function refuseContest(
  db: Queryable,
  refusal: { contestId: ContestId; remark: string; writtenBy: string; by: string; from: string; now: Date },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'refuse-contest',
    text: `
      with ended as (
        update contests set ended_at = $2, ending = 'REFUSED' where contest_id = $1 and ended_at is null
        returning contest_id, debit_id, creditor_code
      ), said as (
        insert into contest_remarks (contest_id, written_at, written_by, about, remark)
        select contest_id, $2, $3, 'refusal', $4 from ended
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, detail)
        select creditor_code, 'debit.contest-refused', debit_id, 'SETTLED', 'SETTLED', 'bank', $5,
               jsonb_build_object('contest', contest_id, 'from', $6::text)
          from ended
      )
      select from ended`,
    values: [refusal.contestId, refusal.now, refusal.writtenBy, refusal.remark, refusal.by, refusal.from],
  });
  return rowCount === 1;
}

type Row = {
  contest_id: ContestId;
  debit_id: DebitId;
  creditor_code: CreditorCode;
  end_to_end_id: EndToEndId;
  employer_number: EmployerNumber;
  name_fr: string;
  name_ar: string;
  amount: string;
  state: DebitState;
  agency_code: string;
  opened_at: Date;
  opened_by: string;
  due_on: Day;
  claim: string;
  ended_at: Date | null;
  ending: 'REVERSED' | 'REFUSED' | null;
  refusal: string | null;
};

const remark = (about: 'claim' | 'refusal') =>
  `(select remark from contest_remarks r where r.contest_id = contests.contest_id and r.about = '${about}' order by remark_id limit 1)`;

const selectContests = `
  select contests.contest_id, contests.debit_id, contests.creditor_code, debits.end_to_end_id, debits.employer_number,
         mandate_debtors.name_fr, mandate_debtors.name_ar, debits.amount, debits.state, mandate_debtors.agency_code,
         contests.opened_at, contests.opened_by, contests.due_on, ${remark('claim')} as claim, contests.ended_at,
         contests.ending, ${remark('refusal')} as refusal
    from contests join debits using (debit_id) join mandate_debtors using (mandate_id)`;

export async function selectContest(
  db: Queryable,
  contestId: ContestId,
  agencies: Agencies,
): Promise<Contest | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-contest',
    text: `${selectContests} where contest_id = $1 and ${ofAgencies('$2')}`,
    values: [contestId, agencyParameter(agencies)],
  });
  return rows.map(contestOf)[0];
}

export async function selectContestsOf(db: Queryable, debitId: DebitId): Promise<Contest[]> {
  const { rows } = await db.query<Row>({
    name: 'select-contests-of',
    text: `${selectContests} where debit_id = $1 order by contest_id desc`,
    values: [debitId],
  });
  return rows.map(contestOf);
}

/** Open contests, the one whose term ends first before the others. */
export async function selectOpenContests(
  db: Queryable,
  agencies: Agencies,
  page: { after?: { dueOn: Day; contestId: ContestId } | undefined; limit: number },
): Promise<Contest[]> {
  const { rows } = await db.query<Row>({
    name: 'select-open-contests',
    text: `${selectContests}
            where contests.ended_at is null and ${ofAgencies('$1')}
              and ($2::date is null or (due_on, contest_id) > ($2::date, $3::uuid))
            order by due_on, contest_id limit $4`,
    values: [agencyParameter(agencies), page.after?.dueOn ?? null, page.after?.contestId ?? null, page.limit],
  });
  return rows.map(contestOf);
}

const contestOf = (row: Row): Contest => ({
  contestId: row.contest_id,
  debitId: row.debit_id,
  creditor: row.creditor_code,
  endToEndId: row.end_to_end_id,
  employerNumber: row.employer_number,
  employer: { nameFr: row.name_fr, nameAr: row.name_ar },
  amount: centimesFromDatabase(row.amount),
  state: row.state,
  agencyCode: row.agency_code,
  openedAt: row.opened_at,
  openedBy: row.opened_by,
  dueOn: row.due_on,
  claim: row.claim,
  endedAt: row.ended_at ?? undefined,
  ending: row.ending ?? undefined,
  refusal: row.refusal ?? undefined,
});
