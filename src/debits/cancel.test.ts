import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { amountOf, cnas, must, openBank, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { parseEndToEndId } from '../values/ids.ts';
import { cancel } from './cancel.ts';

const endToEndId = must(parseEndToEndId('RACED'));

/** Until so many statements wait for another's row. */
async function waiting(bank: TestBankWithGateway, count: number): Promise<void> {
  for (;;) {
    const { rows } = await bank.db.owner.query<{ waits: string }>(
      `select count(*) as waits from pg_locks join pg_stat_activity using (pid)
        where not granted and datname = current_database()`,
    );
    if (Number(rows[0]?.waits) >= count) return;
    await pause(10);
  }
}

test('a cancellation that races a new debit for its name waits for it, and is told that it is too late', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  // Holds the debit's statement back after it has taken the name, before it commits.
  const holder = await bank.db.owner.connect();
  await holder.query('begin');
  await holder.query(
    `insert into declarations (creditor_code, employer_number, reference, declared, live) values ('CNAS', '0262992312', 'D', 1, 0)`,
  );
  const debited = bank.debit({ mandateId, endToEndId, declaration: 'D' });
  await waiting(bank, 1);
  const request = requestFor({ creditor: cnas, endToEndId }, bank.clock.now(), { jti: 'cancellation-of-RACED' });
  const cancelled = cancel(bank.steps, cnas, endToEndId, request);
  await waiting(bank, 2);
  await holder.query('rollback');
  holder.release();
  expect(await debited).toMatchObject({ outcome: 'DEBIT', debit: { state: 'SETTLED' } });
  expect(await cancelled).toMatchObject({ verdict: 'TOO_LATE' });
});

test('a debit that is cancelled is counted as that, once; a name that is burnt is no debit, and is not', async () => {
  await using bank = await openBank();
  const ended: string[] = [];
  const steps = bank.stepsWith({
    observe: { ...bank.steps.observe, ended: (outcome) => ended.push(outcome) },
  });
  const mandateId = await bank.addMandate();
  const executionDate = addDays(algiersDay(bank.clock.now()), 7);
  await bank.debit({ mandateId, endToEndId: 'PLANNED', executionDate }, steps);
  const withdraw = (name: string, jti: string) => {
    const named = must(parseEndToEndId(name));
    return cancel(steps, cnas, named, requestFor({ creditor: cnas, endToEndId: named }, bank.clock.now(), { jti }));
  };
  expect(await withdraw('PLANNED', 'cancellation-of-PLANNED-1')).toMatchObject({ verdict: 'CANCELLED' });
  expect(await withdraw('PLANNED', 'cancellation-of-PLANNED-2')).toMatchObject({ verdict: 'ALREADY' });
  expect(await withdraw('NEVER-CAME', 'cancellation-of-NEVER-CAME')).toMatchObject({ verdict: 'BURNT' });
  expect(ended).toEqual(['cancelled']);
});

test('a booking that was named for a debit of a later date holds its declaration on when it is cancelled', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const day = algiersDay(bank.clock.now());
  const order = { mandateId, declaration: 'D', amount: '1000.00' };
  const planned = must(parseEndToEndId('PLANNED'));
  const taken = await bank.debit({ ...order, endToEndId: planned, executionDate: addDays(day, 7) });
  if (taken.outcome !== 'DEBIT') throw new Error(taken.outcome);
  // As a process does that has sent it, in time that a restore has lost.
  await bank.steps.contradict(taken.debit.debitId, {
    ...{ bookingReference: 'B-7', executedAt: bank.clock.now(), bookingDate: day, valueDate: day },
    amount: amountOf('1000.00'),
  });
  const request = requestFor({ creditor: cnas, endToEndId: planned }, bank.clock.now(), { jti: 'cancellation-of-it' });
  expect(await cancel(bank.steps, cnas, planned, request)).toMatchObject({ verdict: 'CANCELLED' });
  const { rows } = await bank.db.owner.query('select live, contradicted, holds from declarations, contradictions');
  expect(rows).toEqual([{ live: '0', contradicted: '100000', holds: true }]);
  expect(await bank.debit({ ...order, endToEndId: 'SECOND' })).toMatchObject({ outcome: 'DECLARATION_PAID' });
});
