import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cacobatph, cnas, must } from '../../test/bank.ts';
import { someoneWaits } from '../../test/database.ts';
import { sealAll } from '../../test/journal.ts';
import { putBack, readMovements, startAgain } from '../../test/restored-bank.ts';
import { reversing } from '../../test/reversals.ts';
import {
  at,
  changedFiles,
  closeStatements,
  daysAgo,
  inThePast,
  linesIn,
  openBankSince,
  sealAndClose,
  statementOf,
  statementParts,
} from '../../test/statements.ts';
import { inTransaction } from '../database/pool.ts';
import { reversalWork } from '../debits/resolve-reversal.ts';
import { beginEpoch } from '../journal/sealer.ts';
import type { StopId } from '../stops/stop.ts';
import { statementWork } from './close.ts';
import {
  claimStatement,
  countNext,
  fixCut,
  insertDueStatements,
  lockCounting,
  renewStatementLease,
} from './cut.sql.ts';
import { selectOverdueStatements } from './overdue.sql.ts';
import { listStatements } from './statements.sql.ts';
import { statementMembers } from './token.ts';

const yesterday = daysAgo(1);

test('a day that has ended is closed once, with each debit that became final in it, its totals and its token', async () => {
  await using bank = await openBankSince(yesterday);
  const { db } = bank;
  const mandateId = await bank.addMandate({ balance: '200000.00' });
  await inThePast(db, at(yesterday, '10:00:00.000'), async () => {
    await bank.debit({ mandateId, endToEndId: 'A-1', amount: '125000.00' });
    await bank.debit({ mandateId, endToEndId: 'A-2', amount: '90000.00' });
    await bank.debit({ mandateId, endToEndId: 'A-3', amount: '600000.00' });
  });
  await sealAndClose(bank);
  const statement = await statementOf(bank, yesterday);
  expect(await linesIn(db, statement)).toEqual(['SETTLED A-1', 'REJECTED A-2', 'REJECTED A-3']);
  expect(statement).toMatchObject({
    sequence: 1,
    previous: undefined,
    lines: 3,
    openLines: 0,
    figures: {
      SETTLED: { debits: 1, amount: 12_500_000n },
      REJECTED: { debits: 2, amount: 69_000_000n },
      CANCELLED: { debits: 0, amount: 0n },
    },
    cumulative: { SETTLED: { debits: 1, amount: 12_500_000n } },
  });
  const { rows } = await db.owner.query(
    `select kind, creditor_code, token_jti = $1 as its from journal where subject_id = $2`,
    [statement.jti, statement.statementId],
  );
  expect(rows).toEqual([{ kind: 'statement.closed', creditor_code: 'CNAS', its: true }]);
  await sealAndClose(bank);
  expect(await statementOf(bank, yesterday)).toEqual(statement);
  await expect(db.owner.query('update statements set lines = 4 where day = $1', [yesterday])).rejects.toThrow(
    'a closed statement never changes',
  );
});

test('the day ends at midnight in Algiers, to the millisecond', async () => {
  await using bank = await openBankSince(daysAgo(2));
  const mandateId = await bank.addMandate();
  const debit = (endToEndId: string, instant: Date) =>
    inThePast(bank.db, instant, () => bank.debit({ mandateId, endToEndId, amount: '10.00' }));
  await debit('LAST', at(daysAgo(2), '23:59:59.999'));
  await debit('FIRST', at(yesterday, '00:00:00.000'));
  await sealAndClose(bank);
  expect(await linesIn(bank.db, await statementOf(bank, daysAgo(2)))).toEqual(['SETTLED LAST']);
  expect(await linesIn(bank.db, await statementOf(bank, yesterday))).toEqual(['SETTLED FIRST']);
});

test('days on which nothing happened, or no gateway ran, are closed one by one, and their figures chain', async () => {
  await using bank = await openBankSince(daysAgo(4));
  const mandateId = await bank.addMandate();
  await inThePast(bank.db, at(daysAgo(4), '09:00:00.000'), () => bank.debit({ mandateId, amount: '10.00' }));
  await inThePast(bank.db, at(daysAgo(2), '09:00:00.000'), () => bank.debit({ mandateId, amount: '20.00' }));
  await sealAndClose(bank);
  const statements = (
    await listStatements(bank.db.gateway, { creditor: cnas, before: undefined, limit: 10 })
  ).toReversed();
  expect(statements.map(({ day, sequence, lines }) => [day, sequence, lines])).toEqual([
    [daysAgo(4), 1, 1],
    [daysAgo(3), 2, 0],
    [daysAgo(2), 3, 1],
    [daysAgo(1), 4, 0],
  ]);
  expect(statements.map(({ cumulative }) => cumulative.SETTLED)).toEqual([
    { debits: 1, amount: 1000n },
    { debits: 1, amount: 1000n },
    { debits: 2, amount: 3000n },
    { debits: 2, amount: 3000n },
  ]);
  expect(statements.map(({ previous }) => previous?.jti)).toEqual([
    undefined,
    ...statements.slice(0, -1).map(({ jti }) => jti),
  ]);
  expect(statements.slice(1).map(({ after }) => after)).toEqual(statements.slice(0, -1).map(({ through }) => through));
  for (const statement of statements) expect(await changedFiles(bank.db, statement)).toEqual([]);
  expect(await linesIn(bank.db, await statementOf(bank, daysAgo(2), cacobatph))).toEqual([]);
});

test('a transaction that is open over the close holds it up, and what it commits is in that day once', async () => {
  await using bank = await openBankSince(yesterday);
  const { db } = bank;
  const mandateId = await bank.addMandate();
  const late = await inThePast(db, at(yesterday, '23:59:58.000'), () => bank.debit({ mandateId, endToEndId: 'LATE' }));
  if (late.outcome !== 'DEBIT') throw new Error('not taken');
  await sealAll(db);
  const work = statementWork(statementParts(bank));
  await inTransaction(db.gateway, async (client) => {
    await client.query(
      `insert into journal (recorded_at, creditor_code, kind, subject_id, to_state, side)
       values ($1, 'CNAS', 'debit.cancelled', $2, 'CANCELLED', 'gateway')`,
      [at(yesterday, '23:59:59.900'), late.debit.debitId],
    );
    expect(await work.due(10)).toEqual([]);
    expect(await work.due(10)).toEqual([]);
  });
  await sealAndClose(bank);
  expect(await linesIn(db, await statementOf(bank, yesterday))).toEqual(['SETTLED LATE', 'CANCELLED LATE']);
});

test('what is sealed after the cut, though it was recorded before midnight, is in the next statement and in no other', async () => {
  await using bank = await openBankSince(daysAgo(2));
  const mandateId = await bank.addMandate();
  const debit = (endToEndId: string, instant: Date) =>
    inThePast(bank.db, instant, () => bank.debit({ mandateId, endToEndId, amount: '10.00' }));
  await debit('BEFORE', at(daysAgo(2), '23:59:59.000'));
  await debit('AFTER', at(yesterday, '00:00:00.001'));
  await debit('LATE', at(daysAgo(2), '23:59:59.500'));
  await sealAndClose(bank);
  expect(await linesIn(bank.db, await statementOf(bank, daysAgo(2)))).toEqual(['SETTLED BEFORE']);
  expect(await linesIn(bank.db, await statementOf(bank, yesterday))).toEqual(['SETTLED AFTER', 'SETTLED LATE']);
});

test('rows of the day that wait for their seal hold the close up', async () => {
  await using bank = await openBankSince(yesterday);
  await sealAll(bank.db);
  await inThePast(bank.db, at(yesterday, '12:00:00.000'), async () =>
    bank.debit({ mandateId: await bank.addMandate(), endToEndId: 'UNSEALED' }),
  );
  const work = statementWork(statementParts(bank));
  expect(await work.due(10)).toEqual([]);
  await sealAndClose(bank);
  expect(await linesIn(bank.db, await statementOf(bank, yesterday))).toEqual(['SETTLED UNSEALED']);
});

test('a range goes on over the beginning of a new epoch', async () => {
  await using bank = await openBankSince(daysAgo(2));
  const mandateId = await bank.addMandate();
  const debit = (endToEndId: string, instant: Date) =>
    inThePast(bank.db, instant, () => bank.debit({ mandateId, endToEndId, amount: '10.00' }));
  await debit('OLD', at(daysAgo(2), '10:00:00.000'));
  await sealAll(bank.db);
  // Not sealed before: a new epoch begins with debits stopped.
  await debit('NEW', at(daysAgo(2), '11:00:00.000'));
  await debit('NEXT', at(yesterday, '11:00:00.000'));
  const epoch = await beginEpoch(bank.db.gateway, 'test');
  await readMovements(bank);
  const { rows } = await bank.db.owner.query<{ stop_id: StopId }>('select stop_id from stops');
  expect(await startAgain(bank, must(rows[0]).stop_id)).toBe('DECIDED');
  await sealAndClose(bank);
  const first = await statementOf(bank, daysAgo(2));
  const second = await statementOf(bank, yesterday);
  expect(await linesIn(bank.db, first)).toEqual(['SETTLED OLD', 'SETTLED NEW']);
  expect(await linesIn(bank.db, second)).toEqual(['SETTLED NEXT']);
  expect([first.through.epoch, second.after]).toEqual([epoch, first.through]);
});

test('no day is closed after a restore before two people have started again: what it has lost of the day may be signed already', async () => {
  await using bank = await openBankSince(yesterday);
  const mandateId = await bank.addMandate();
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), () => bank.debit({ mandateId, endToEndId: 'KEPT' }));
  await insertDueStatements(bank.db.gateway, yesterday);
  const stopId = await putBack(bank);
  await sealAll(bank.db);
  const work = statementWork(statementParts(bank));
  expect(await work.due(10)).toEqual([]);
  // One that was handed out before is not taken up either.
  const { rows } = await bank.db.owner.query<{ id: string }>('select statement_id as id from statements');
  expect(await work.run(rows.map(({ id }) => id))).toEqual([]);
  expect((await bank.db.owner.query("select from statements where state <> 'DUE'")).rowCount).toBe(0);
  expect(await startAgain(bank, stopId)).toBe('DECIDED');
  await sealAndClose(bank);
  expect(await linesIn(bank.db, await statementOf(bank, yesterday))).toEqual(['SETTLED KEPT']);
});

test('a statement that was due in another cluster, whose transactions had higher numbers, is closed in the one that its dump was loaded into', async () => {
  await using bank = await openBankSince(yesterday);
  await insertDueStatements(bank.db.gateway, yesterday);
  await bank.db.owner.query("update statements set open_from = '999999999999' where state = 'DUE'");
  await sealAndClose(bank);
  expect(await linesIn(bank.db, await statementOf(bank, yesterday))).toEqual([]);
});

test('stopped at any moment of its closing, a statement is closed by the next one with the same lines, once', async () => {
  await using bank = await openBankSince(yesterday);
  const mandateId = await bank.addMandate();
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
    for (const endToEndId of ['A-1', 'A-2', 'A-3']) await bank.debit({ mandateId, endToEndId, amount: '10.00' });
  });
  await sealAll(bank.db);
  const parts = { ...statementParts(bank), most: 2 };
  const away = { ...parts, sign: () => Promise.reject(new Error('the key is away')) };
  await expect(closeStatements(away)).rejects.toThrow('the key is away');
  // The one who stops without a word leaves its lease: the figures are counted, the token is missing.
  await bank.db.owner.query(
    `update statements set holder = $1, lease_until = clock_timestamp() + interval '1 hour' where state = 'CUT'`,
    [randomUUID()],
  );
  expect(await statementWork(parts).due(10)).not.toContain((await dueId(bank.db)) ?? '');
  await bank.db.owner.query("update statements set lease_until = clock_timestamp() where state = 'CUT'");
  await Promise.all([closeStatements(parts), closeStatements(parts)]);
  const statement = await statementOf(bank, yesterday);
  expect(statement.figures.SETTLED).toEqual({ debits: 3, amount: 3000n });
  const { rows } = await bank.db.owner.query(
    "select count(*)::int as told from journal where kind = 'statement.closed' and subject_id = $1",
    [statement.statementId],
  );
  expect(rows).toEqual([{ told: 1 }]);
});

test('a day without its closed statement is overdue an hour after its end, also where no row was made for it', async () => {
  await using bank = await openBankSince(daysAgo(3));
  const overdueAt = async (instant: Date) =>
    (await selectOverdueStatements(bank.db.gateway, instant)).find(({ creditor }) => creditor === cnas)?.count;
  expect(await overdueAt(at(yesterday, '12:00:00.000'))).toBe(2);
  await bank.addMandate();
  await sealAll(bank.db);
  await closeStatements(statementParts(bank));
  const today = daysAgo(0);
  expect(await overdueAt(at(today, '12:00:00.000'))).toBe(0);
  expect(await overdueAt(at(daysAgo(-1), '00:59:59.999'))).toBe(0);
  expect(await overdueAt(at(daysAgo(-1), '01:00:00.000'))).toBe(1);
});

test('what is being given back at the close is told as open, until it is given back or rejected; its settlement stands', async () => {
  await using bank = await openBankSince(daysAgo(3));
  const mandateId = await bank.addMandate({ balance: '1000.00' });
  const { db } = bank;
  const { reverse, steps, stepsWith } = reversing(bank);
  const silent = stepsWith({
    coreBanking: {
      ...bank.core,
      reverse: async (sent) => sent.map(() => ({ outcome: 'IN_DOUBT' })),
      inquire: async (references) => references.map(() => ({ outcome: 'NO_ANSWER' })),
    },
  });
  await inThePast(db, at(daysAgo(3), '10:00:00.000'), async () => {
    for (const endToEndId of ['BACK', 'STAYS', 'DONE']) await bank.debit({ mandateId, endToEndId, amount: '10.00' });
    await reverse({ endToEndId: 'BACK' }, silent);
    await reverse({ endToEndId: 'STAYS' }, silent);
    await reverse({ endToEndId: 'DONE' });
  });
  await inThePast(db, at(daysAgo(2), '10:00:00.000'), () =>
    bank.debit({ mandateId, endToEndId: 'OTHER', amount: '10.00' }),
  );
  await inThePast(db, at(yesterday, '10:00:00.000'), async () => {
    await db.owner.query(
      `update reversals set lease_until = '-infinity',
              expires_at = case when end_to_end_id = 'STAYS' then '-infinity' else reversals.expires_at end
         from debits where debits.debit_id = reversals.debit_id`,
    );
    const work = reversalWork(steps, new Map());
    expect(await work.run(await work.due(10))).toEqual([]);
  });
  await sealAndClose(bank);
  const [first, second, third] = await Promise.all(
    [daysAgo(3), daysAgo(2), yesterday].map((day) => statementOf(bank, day)),
  );
  expect(await linesIn(db, must(first))).toEqual([
    ...['SETTLED BACK', 'SETTLED STAYS', 'SETTLED DONE', 'REVERSED DONE'],
    ...['OPEN REVERSING BACK', 'OPEN REVERSING STAYS'],
  ]);
  expect(await linesIn(db, must(second))).toEqual([
    'SETTLED OTHER',
    ...['OPEN REVERSING BACK', 'OPEN REVERSING STAYS'],
  ]);
  expect(await linesIn(db, must(third))).toEqual(['REVERSED BACK']);
  expect(first).toMatchObject({ openLines: 2, open: { REVERSING: { debits: 2, amount: 2_000n } }, format: 4 });
  expect(await changedFiles(db, must(first))).toEqual([]);
  // One that was closed before such was told has the bytes that were signed, without it.
  expect(statementMembers(must(first)).open).toMatchObject({ reversing: { count: 2, amount: '20.00' } });
  expect(statementMembers({ ...must(first), format: 2 }).open).not.toHaveProperty('reversing');
});

test('who counts a statement while another does goes on from what that one has counted, and leaves no settled debit open', async () => {
  await using bank = await openBankSince(yesterday);
  const { gateway, owner } = bank.db;
  const mandateId = await bank.addMandate();
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), () => bank.debit({ mandateId, amount: '10.00' }));
  await sealAll(bank.db);
  await insertDueStatements(gateway, yesterday);
  const { rows } = await owner.query<{ id: string; epoch: number; last: number }>(
    `select statement_id as id, epoch, number::int as last
       from statements, (select epoch, number from journal_seals order by epoch desc, number desc limit 1) head
      where creditor_code = 'CNAS'`,
  );
  const { id, epoch, last } = must(rows[0]);
  const lease = { statementId: id, holder: randomUUID(), leaseSeconds: 60 };
  must(await claimStatement(gateway, lease));
  await fixCut(gateway, id, { epoch, number: 0 }, { epoch, number: last });
  const count = (most: number) =>
    inTransaction(gateway, async (db) => (await lockCounting(db, id, lease.holder)) && countNext(db, id, most));
  // The first has come to just before the settlement when the second begins.
  const second = await inTransaction(gateway, async (db) => {
    await lockCounting(db, id, lease.holder);
    await countNext(db, id, last - 1);
    const waiting = count(last);
    await expect.poll(() => someoneWaits(bank.db), { timeout: 20_000 }).toBe(true);
    return { waiting };
  });
  expect(await second.waiting).toBe(false);
  const left = await owner.query('select state from statement_open_debits where until_sequence = 2147483647');
  expect(left.rows).toEqual([]);
  const figures = await owner.query('select figure, debits::int from statement_figures');
  expect(figures.rows).toEqual([{ figure: 'SETTLED', debits: 1 }]);
});

test('who has lost the lease of a statement neither renews it nor counts', async () => {
  await using bank = await openBankSince(yesterday);
  const { gateway, owner } = bank.db;
  await sealAll(bank.db);
  await insertDueStatements(gateway, yesterday);
  const { rows } = await owner.query<{ id: string }>(
    "select statement_id as id from statements where creditor_code = 'CNAS'",
  );
  const statementId = must(rows[0]).id;
  const [first, second] = [randomUUID(), randomUUID()].map((holder) => ({ statementId, holder, leaseSeconds: 60 }));
  must(await claimStatement(gateway, must(first)));
  await fixCut(gateway, statementId, { epoch: 0, number: 0 }, { epoch: 0, number: 0 });
  expect(await claimStatement(gateway, must(second))).toBeUndefined();
  await owner.query('update statements set lease_until = clock_timestamp()');
  must(await claimStatement(gateway, must(second)));
  expect(await renewStatementLease(gateway, must(first))).toBe(false);
  expect(await lockCounting(gateway, statementId, must(first).holder)).toBe(false);
  expect(await renewStatementLease(gateway, must(second))).toBe(true);
  expect(await lockCounting(gateway, statementId, must(second).holder)).toBe(true);
});

async function dueId(db: { owner: { query: (text: string) => Promise<{ rows: { id: string }[] }> } }) {
  const { rows } = await db.owner.query("select statement_id as id from statements where state = 'CUT'");
  return rows[0]?.id;
}
