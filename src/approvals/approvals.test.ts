import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { type Apply, type Deciding, decide } from './decide.ts';
import { countWaiting, expireProposals, listWaiting, lookUpProposal, proposalsOf } from './look-up.ts';
import { type ProposalId, proposalHashOf } from './proposal.ts';
import { type Proposing, propose } from './propose.ts';

const now = new Date('2026-03-01T09:00:00Z');
const nextDay = new Date('2026-03-02T09:00:00.001Z');
const from = '10.1.2.3';

const asked: Proposing = {
  kind: 'test.act',
  subjectId: 'S-1',
  agencyCode: '00102',
  content: { to: 'B', amount: '125000', list: ['x', 'y'] },
  reason: 'M. Kaci called at noon',
  by: 'amel',
  from,
  now,
};

const applied: Apply = async (db, { proposalId }, { by }) => {
  await db.query("insert into journal (kind, subject_id, side, actor) values ('test.applied', $1, 'bank', $2)", [
    proposalId,
    by,
  ]);
  return { outcome: 'APPLIED' };
};

async function proposed(db: TestDatabase, change: Partial<Proposing> = {}): Promise<ProposalId> {
  const { outcome, proposalId } = await propose(db.gateway, { ...asked, ...change });
  expect(outcome).toBe('PROPOSED');
  return proposalId;
}

const decision = (proposalId: ProposalId, change: Partial<Deciding> = {}): Deciding => ({
  proposalId,
  by: 'karim',
  from,
  agencies: ['00102'],
  seenHash: proposalHashOf(asked),
  decision: 'APPROVE',
  now,
  ...change,
});

async function journalOf(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.owner.query<{ row: string }>(
    "select concat_ws(' ', kind, to_state, side, actor, detail->>'from') as row from journal order by entry_id",
  );
  return rows.map(({ row }) => row);
}

test('what one proposes and another approves is applied and journalled in one transaction, and its words stay out', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  expect(await listWaiting(db.gateway, { kinds: ['test.act'], agencies: 'ALL', now, limit: 9 })).toMatchObject([
    { proposalId, state: 'WAITING', contentHash: proposalHashOf(asked), content: asked.content, reason: asked.reason },
  ]);
  expect(await decide(db.gateway, decision(proposalId, { remark: 'Seen Kaci’s letter' }), applied)).toMatchObject({
    outcome: 'DECIDED',
    proposal: { state: 'APPROVED', decidedBy: 'karim', decisionRemark: 'Seen Kaci’s letter' },
  });
  expect(await journalOf(db)).toEqual([
    'proposal.made WAITING bank amel 10.1.2.3',
    'proposal.approved APPROVED bank karim 10.1.2.3',
    'test.applied bank karim',
  ]);
  const { rows } = await db.owner.query("select from journal where journal::text like '%Kaci%'");
  expect(rows).toHaveLength(0);
});

test('of two who approve at once one does it, and the other is told that it is done', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  const outcomes = await Promise.all(
    ['karim', 'nadia', 'karim'].map((by) => decide(db.gateway, decision(proposalId, { by }), applied)),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'DECIDED')).toHaveLength(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'ENDED')).toHaveLength(2);
  expect((await journalOf(db)).filter((row) => row.startsWith('test.applied'))).toHaveLength(1);
});

test('the proposer can neither approve nor refuse, not by the page and not by the database', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  expect(await decide(db.gateway, decision(proposalId, { by: 'amel' }), applied)).toEqual({ outcome: 'SAME_PERSON' });
  expect(await decide(db.gateway, decision(proposalId, { by: 'amel', decision: 'REFUSE' }), applied)).toEqual({
    outcome: 'SAME_PERSON',
  });
  for (const state of ['APPROVED', 'REFUSED'])
    await expect(
      db.gateway.query('update proposals set state = $2, decided_by = $3, decided_at = $4 where proposal_id = $1', [
        proposalId,
        state,
        'amel',
        now,
      ]),
    ).rejects.toThrow('check constraint');
  expect(await decide(db.gateway, decision(proposalId, { decision: 'WITHDRAW' }), applied)).toEqual({
    outcome: 'NOT_THE_PROPOSER',
  });
  expect(await decide(db.gateway, decision(proposalId, { by: 'amel', decision: 'WITHDRAW' }), applied)).toMatchObject({
    outcome: 'DECIDED',
    proposal: { state: 'WITHDRAWN' },
  });
  expect(await decide(db.gateway, decision(proposalId), applied)).toEqual({ outcome: 'ENDED', state: 'WITHDRAWN' });
});

test('what was proposed can’t be altered, who decided neither, and nothing is removed', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  for (const column of ['content', 'content_hash', 'reason', 'proposed_by', 'ends_at'])
    await expect(db.gateway.query(`update proposals set ${column} = ${column}`)).rejects.toThrow('permission denied');
  await expect(db.gateway.query('delete from proposals')).rejects.toThrow('permission denied');
  await decide(db.gateway, decision(proposalId), applied);
  await expect(db.gateway.query("update proposals set decided_by = 'nadia'")).rejects.toThrow('decided once');
});

test('an approval of other content than what was seen does nothing, nor does one of a row altered underneath', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  const seenHash = proposalHashOf({ ...asked, content: { ...asked.content, to: 'C' } });
  expect(await decide(db.gateway, decision(proposalId, { seenHash }), applied)).toEqual({ outcome: 'OTHER_CONTENT' });
  await db.owner.query(`update proposals set content = '{"to": "C"}'`);
  expect(await decide(db.gateway, decision(proposalId), applied)).toEqual({ outcome: 'OTHER_CONTENT' });
  expect(await journalOf(db)).toEqual(['proposal.made WAITING bank amel 10.1.2.3']);
});

test('after a day a proposal is over, whatever is stored, and the same may be proposed again', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  expect(await decide(db.gateway, decision(proposalId, { now: nextDay }), applied)).toEqual({
    outcome: 'ENDED',
    state: 'EXPIRED',
  });
  expect(await countWaiting(db.gateway, { kinds: ['test.act'], agencies: 'ALL', now: nextDay })).toMatchObject({
    count: 0,
  });
  await proposed(db, { now: nextDay });
  expect(await journalOf(db)).toEqual([
    'proposal.made WAITING bank amel 10.1.2.3',
    'proposal.expired EXPIRED gateway',
    'proposal.made WAITING bank amel 10.1.2.3',
  ]);
  const later = new Date(nextDay.getTime() + 86_400_001);
  expect([await expireProposals(db.gateway, later), await expireProposals(db.gateway, later)]).toEqual([1, 0]);
  expect((await proposalsOf(db.gateway, 'S-1')).map(({ state }) => state)).toEqual(['EXPIRED', 'EXPIRED']);
});

test('the same is proposed once for a subject, and without a subject as often as it is wanted', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  expect(await propose(db.gateway, { ...asked, by: 'nadia' })).toEqual({ outcome: 'ALREADY_WAITING', proposalId });
  await proposed(db, { kind: 'test.other' });
  await proposed(db, { subjectId: undefined });
  await proposed(db, { subjectId: undefined });
});

test('what can’t be applied is rolled back whole and still waits', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  const impossible: Apply = async (transaction, proposal, approval) => {
    await applied(transaction, proposal, approval);
    return { outcome: 'IMPOSSIBLE', why: 'EXPIRED' };
  };
  expect(await decide(db.gateway, decision(proposalId), impossible)).toEqual({ outcome: 'IMPOSSIBLE', why: 'EXPIRED' });
  await expect(
    decide(db.gateway, decision(proposalId), () => Promise.reject(new Error('a fault of ours'))),
  ).rejects.toThrow('a fault of ours');
  expect(await journalOf(db)).toEqual(['proposal.made WAITING bank amel 10.1.2.3']);
  expect(must(await lookUpProposal(db.gateway, proposalId, 'ALL')).state).toBe('WAITING');
});

test('staff see and decide what concerns their agencies and the whole bank; another agency’s is unknown', async () => {
  await using db = await freshDatabase();
  const proposalId = await proposed(db);
  const common = await proposed(db, { kind: 'test.bank', agencyCode: undefined });
  expect(await lookUpProposal(db.gateway, proposalId, ['00103'])).toBeUndefined();
  expect(await decide(db.gateway, decision(proposalId, { agencies: ['00103'] }), applied)).toEqual({
    outcome: 'NOT_FOUND',
  });
  const seen = async (agencies: 'ALL' | string[], kinds = ['test.act', 'test.bank']) =>
    (await listWaiting(db.gateway, { kinds, agencies, now, limit: 9 })).map((one) => one.proposalId);
  expect((await seen('ALL')).sort()).toEqual([proposalId, common].sort());
  expect(await seen(['00103'])).toEqual([common]);
  expect(await seen('ALL', ['test.act'])).toEqual([proposalId]);
});

test('the waiting list goes on after the last one seen', async () => {
  await using db = await freshDatabase();
  const ids: ProposalId[] = [];
  for (const minute of [0, 1, 2])
    ids.push(await proposed(db, { subjectId: `S-${minute}`, now: new Date(now.getTime() + minute * 60_000) }));
  const list = async (after?: ProposalId) =>
    (await listWaiting(db.gateway, { kinds: ['test.act'], agencies: 'ALL', now, after, limit: 2 })).map(
      (one) => one.proposalId,
    );
  expect(await list()).toEqual(ids.slice(0, 2));
  expect(await list(ids[1])).toEqual(ids.slice(2));
});
