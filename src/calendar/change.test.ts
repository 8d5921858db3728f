import { expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import type { ProposalId } from '../approvals/proposal.ts';
import type { ProposeOutcome } from '../approvals/propose.ts';
import { parseDay } from '../values/dates.ts';
import { feastOn, isBankingDay, standing } from './calendar.ts';
import { applyChange, proposeChange, proposeWithdrawal, readCalendar } from './change.ts';
import { type CalendarChange, readCoreHours, readFeast, readWeek } from './typed.ts';

const now = new Date('2026-03-01T09:00:00Z');
const today = parseDay('2026-03-01') ?? expect.fail();
const asking = { reason: 'Announced', by: 'administrator-nadia', from: '10.0.0.7', now };

const read = <Change extends CalendarChange>(answer: { change: Change } | { faults: readonly object[] }): Change =>
  'change' in answer ? answer.change : expect.fail(JSON.stringify(answer.faults));
const proposed = (outcome: ProposeOutcome | { outcome: 'NOT_FOUND' }): ProposalId =>
  outcome.outcome === 'PROPOSED' ? outcome.proposalId : expect.fail(outcome.outcome);

async function approve(db: TestDatabase, proposalId: ProposalId, by = 'administrator-omar') {
  const seen = (await lookUpProposal(db.gateway, proposalId, 'ALL')) ?? expect.fail();
  const deciding = { proposalId, by, from: '10.0.0.8', agencies: 'ALL' as const, seenHash: seen.contentHash, now };
  return decide(db.gateway, { ...deciding, decision: 'APPROVE' }, applyChange);
}

const fitr = {
  day: '2026-03-22',
  everyYear: false,
  nameFr: 'Aïd el-Fitr',
  nameAr: 'عيد الفطر',
  source: 'Communiqué du 19/03/2026',
};

test('the calendar comes with the feasts that the law fixes and the weekend, and a core that never closes', async () => {
  await using db = await freshDatabase();
  const calendar = await readCalendar(db.gateway);
  expect(calendar.feasts.map(({ on }) => on)).toEqual(
    ['01-01', '01-12', '05-01', '07-05', '11-01'].map((yearly) => ({ yearly })),
  );
  expect(isBankingDay(calendar, parseDay('2026-03-06') ?? expect.fail())).toBe(false);
  expect(isBankingDay(calendar, today)).toBe(true);
  expect(standing(calendar.hours, today)?.closed).toBeUndefined();
});

test('a feast is in the calendar only once another person has approved it, with its journal rows', async () => {
  await using db = await freshDatabase();
  const proposalId = proposed(await proposeChange(db.gateway, read(readFeast(fitr, today)), asking));
  const on = parseDay(fitr.day) ?? expect.fail();
  expect(feastOn(await readCalendar(db.gateway), on)).toBeUndefined();
  expect(await approve(db, proposalId, asking.by)).toEqual({ outcome: 'SAME_PERSON' });
  expect((await approve(db, proposalId)).outcome).toBe('DECIDED');
  const feast = feastOn(await readCalendar(db.gateway), on) ?? expect.fail();
  expect(feast).toMatchObject({ nameFr: 'Aïd el-Fitr', source: fitr.source });
  const again = proposed(await proposeChange(db.gateway, read(readFeast(fitr, today)), asking));
  expect(await approve(db, again)).toEqual({ outcome: 'IMPOSSIBLE', why: 'day-taken' });
  const withdrawal = proposed(await proposeWithdrawal(db.gateway, feast.feastId, asking));
  expect((await approve(db, withdrawal)).outcome).toBe('DECIDED');
  expect(feastOn(await readCalendar(db.gateway), on)).toBeUndefined();
  const { rows } = await db.owner.query(
    "select kind, actor, detail ->> 'from' as from from journal where kind like 'calendar.%' order by entry_id",
  );
  expect(rows).toEqual([
    { kind: 'calendar.feast-entered', actor: 'administrator-omar', from: '10.0.0.8' },
    { kind: 'calendar.feast-withdrawn', actor: 'administrator-omar', from: '10.0.0.8' },
  ]);
});

test("the week and the core's closing change from a day on, by two people", async () => {
  await using db = await freshDatabase();
  const week = readWeek({ fromDay: '2026-04-01', weekend: ['6', '7'], source: 'Décret' }, today);
  const hours = readCoreHours(
    { fromDay: '2026-04-01', closesAt: '23:00', opensAt: '01:30', source: 'Direction SI' },
    today,
  );
  for (const change of [read(week), read(hours)])
    expect((await approve(db, proposed(await proposeChange(db.gateway, change, asking)))).outcome).toBe('DECIDED');
  const calendar = await readCalendar(db.gateway);
  expect(isBankingDay(calendar, parseDay('2026-03-27') ?? expect.fail())).toBe(false);
  expect(isBankingDay(calendar, parseDay('2026-04-03') ?? expect.fail())).toBe(true);
  expect(standing(calendar.hours, parseDay('2026-04-02') ?? expect.fail())?.closed).toEqual({
    from: '23:00',
    to: '01:30',
  });
});

test('the database itself takes no change of the calendar with a proposal that nobody else approved', async () => {
  await using db = await freshDatabase();
  const change = read(readFeast(fitr, today));
  const proposalId = proposed(await proposeChange(db.gateway, change, asking));
  const { rows } = await db.owner.query('select subject_id from proposals');
  const feast = `insert into feasts (feast_id, day, name_fr, name_ar, source, entered_as) values ($1, $2, 'x', 'x', 'x', $3)`;
  await expect(db.gateway.query(feast, [rows[0].subject_id, fitr.day, proposalId])).rejects.toThrow('two people');
  expect((await approve(db, proposalId)).outcome).toBe('DECIDED');
  // Approved, but for another feast.
  await expect(
    db.gateway.query(feast, ['01980000-0000-7000-8000-000000000777', '2026-03-23', proposalId]),
  ).rejects.toThrow('two people');
  await expect(db.gateway.query("update feasts set name_fr = 'y'")).rejects.toThrow('permission denied');
  await expect(db.gateway.query("update bank_weeks set weekend = '{1}'")).rejects.toThrow('permission denied');
});

test('what staff typed is told field by field', () => {
  expect(readFeast({ ...fitr, day: '2026-02-30', nameAr: ' ' }, today)).toEqual({
    faults: [
      { field: 'day', fault: 'not-a-day' },
      { field: 'nameAr', fault: 'missing' },
    ],
  });
  expect(readFeast({ ...fitr, day: '2026-02-28' }, today)).toEqual({ faults: [{ field: 'day', fault: 'past' }] });
  expect(readFeast({ ...fitr, day: '2024-02-29', everyYear: true }, today)).toMatchObject({
    change: { on: { yearly: '02-29' } },
  });
  const all = ['1', '2', '3', '4', '5', '6', '7'];
  expect(readWeek({ fromDay: '2026-04-01', weekend: all, source: 's' }, today)).toEqual({
    faults: [{ field: 'weekend', fault: 'whole-week' }],
  });
  const same = { fromDay: '2026-04-01', closesAt: '23:00', opensAt: '23:00', source: 's' };
  expect(readCoreHours(same, today)).toEqual({ faults: [{ field: 'opensAt', fault: 'same-time' }] });
  expect(readCoreHours({ ...same, opensAt: '' }, today)).toEqual({
    faults: [{ field: 'opensAt', fault: 'not-a-time' }],
  });
});
