import { expect, test } from 'vitest';
import { amountOf, must, type TestBankWithGateway } from '../../test/bank.ts';
import { tamper } from '../../test/journal.ts';
import { Killed, killed } from '../../test/killed.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { attemptRow, journalled, recover, settledDebit } from '../../test/reversal-recovery.ts';
import { reversalStateOf } from '../../test/reversals.ts';
import { expectSound } from '../../test/sound.ts';
import type { CoreBanking, VoidOutcome } from '../core-banking/port.ts';
import { algiersDay } from '../values/dates.ts';
import { reversalWork } from './resolve-reversal.ts';
import { reversalInstructionFor } from './reversal.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { countDebitsWaiting, selectDoubtful } from './waiting.sql.ts';

const silence = [
  ['inquire', async (references: readonly unknown[]) => references.map(() => ({ outcome: 'NO_ANSWER' as const }))],
  ['void', async (references: readonly unknown[]) => references.map(() => ({ outcome: 'NO_ANSWER' as const }))],
] as const;

const whole = amountOf('1000000.00');
const debited = amountOf('875000.00');

test.for([
  ['after the request’s commit', { claim: killed }],
  ['after the send’s claim, before it is sent', { move: killed }],
  ['after the core’s answer', { settle: killed, storeBooking: killed }],
  ['between signing and settling', { settle: killed }],
] as const)('killed %s, the reversal settles without a hand, and the money goes back once', async ([, cut]) => {
  const { bank, balance, steps, reverse, leasesEnd } = await settledDebit();
  await using _ = bank;
  await expect(reverse({}, { ...steps, ...cut })).rejects.toThrow(Killed);
  await leasesEnd();
  expect(await Promise.all([recover(steps), recover(steps)])).toEqual([[], []]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', debit: 'REVERSED' });
  expect(await balance()).toBe(whole);
  expect(await reverse({})).toMatchObject({ replayed: true, reversal: { state: 'SETTLED' } });
  await expectSound(bank);
});

test('a living replica’s reversal is its own: recovery leaves it until its lease is over', async () => {
  const { bank, steps, reverse } = await settledDebit();
  await using _ = bank;
  await expect(reverse({}, { ...steps, claim: killed })).rejects.toThrow(Killed);
  expect(await reversalWork(steps, new Map()).due(64)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REQUESTED', sends: 0 });
});

test('one that was never sent and whose time has passed is voided, then rejected; a late copy of it moves nothing', async () => {
  const { bank, balance, steps, reverse, leasesEnd } = await settledDebit();
  await using _ = bank;
  let late: (() => Promise<unknown>) | undefined;
  const cut: Partial<ReversalSteps> = {
    move: (reversal) => {
      late = () => steps.move(reversal);
      return killed();
    },
  };
  await expect(reverse({}, { ...steps, ...cut })).rejects.toThrow(Killed);
  await expires(bank);
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AB03', debit: 'SETTLED' });
  expect(await late?.()).toMatchObject([{ outcome: 'IN_DOUBT' }].at(0) ?? {});
  expect(await balance()).toBe(debited);
  expect(reversalStateOf(await reverse({ attempt: 2 }))).toBe('SETTLED');
  expect(await balance()).toBe(whole);
  await expectSound(bank);
});

test('silence is neither yes nor no: in doubt it is asked, past resolveBy people have it, told once, and the core’s word ends it', async () => {
  const { bank, balance, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const silent: CoreBanking = {
    ...bank.core,
    ...Object.fromEntries(silence),
    reverse: async (instructions) => {
      await bank.core.reverse(instructions);
      return instructions.map(() => ({ outcome: 'IN_DOUBT' }));
    },
  };
  const away = stepsWith({ coreBanking: silent });
  expect(await reverse({}, away)).toMatchObject({ debit: { state: 'SETTLED' }, reversal: { state: 'IN_DOUBT' } });
  await leasesEnd();
  await recover(away);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: false, sends: 1 });
  bank.clock.set(new Date(Date.now() + 3_600_000));
  for (let round = 0; round < 3; round += 1) {
    await leasesEnd();
    await recover(away);
  }
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: true, sends: 1 });
  expect([
    await journalled(bank, 'debit.reversal-in-doubt'),
    await journalled(bank, 'debit.reversal-for-people'),
  ]).toEqual([1, 1]);
  expect(await selectDoubtful(bank.db.gateway, 'ALL', { forPeople: true, limit: 10 })).toMatchObject([
    { endToEndId: 'R', attempt: 1, state: 'SETTLED', lastAnswer: { answer: 'NO_ANSWER', attempt: 1 } },
  ]);
  expect(await countDebitsWaiting(bank.db.gateway, ['00102'], algiersDay(new Date()))).toMatchObject({ forPeople: 1 });
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', people: false, debit: 'REVERSED' });
  expect(await selectDoubtful(bank.db.gateway, 'ALL', { forPeople: false, limit: 10 })).toEqual([]);
  expect(await balance()).toBe(whole);
  const { rows } = await bank.db.owner.query('select distinct attempt, answer from core_answers order by answer');
  expect(rows).toEqual([
    { attempt: 1, answer: 'MOVED' },
    { attempt: 1, answer: 'NO_ANSWER' },
  ]);
  await expectSound(bank);
});

test('what never arrived is sent again under the same reference while its time lasts', async () => {
  const { bank, balance, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const lost: CoreBanking = {
    ...bank.core,
    reverse: async (instructions) => instructions.map(() => ({ outcome: 'IN_DOUBT' })),
  };
  expect(reversalStateOf(await reverse({}, stepsWith({ coreBanking: lost })))).toBe('IN_DOUBT');
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', sends: 2 });
  expect(await balance()).toBe(whole);
  await expectSound(bank);
});

test('a bus that neither keeps refusals nor voids is sent a reversal once, whoever asks', async () => {
  const { bank, balance, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const lost: CoreBanking = {
    ...bank.core,
    properties: { memory: 'FOR_EVER', keepsRefusals: false, honoursNotAfter: true, canVoid: false },
    reverse: async (instructions) => instructions.map(() => ({ outcome: 'IN_DOUBT' })),
  };
  const steps = stepsWith({ coreBanking: lost });
  expect(reversalStateOf(await reverse({}, steps))).toBe('IN_DOUBT');
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', sends: 1 });
  expect(await balance()).toBe(debited);
});

/** A bus that forgets what it refuses, refuses every reversal, and voids as said, one answer after the other. */
const forgetting = (core: CoreBanking, voids: VoidOutcome[]): CoreBanking & { asked: string[] } => {
  const asked: string[] = [];
  return {
    ...core,
    asked,
    properties: { ...core.properties, keepsRefusals: false },
    reverse: async (all) => {
      asked.push('reverse');
      return all.map(() => ({ outcome: 'REFUSED', reason: 'AM04' }));
    },
    inquire: async (all) => {
      asked.push('inquire');
      return all.map(() => ({ outcome: 'UNKNOWN' }));
    },
    void: async (all) => {
      asked.push('void');
      return all.map(() => voids.shift() ?? { outcome: 'NO_ANSWER' });
    },
  };
};

test('a reversal that a bus refuses and forgets is voided, never sent again, and rejected with the refusal’s reason', async () => {
  const { bank, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const atOnce = forgetting(bank.core, [{ outcome: 'VOIDED' }]);
  await reverse({}, stepsWith({ coreBanking: atOnce }));
  expect(atOnce.asked).toEqual(['reverse', 'void']);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AM04', sends: 1 });
  const later = forgetting(bank.core, [{ outcome: 'NO_ANSWER' }, { outcome: 'VOIDED' }]);
  const steps = stepsWith({ coreBanking: later });
  expect(reversalStateOf(await reverse({ attempt: 2 }, steps))).toBe('IN_DOUBT');
  await leasesEnd();
  await recover(steps);
  expect(later.asked).toEqual(['reverse', 'void', 'inquire', 'void']);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AM04', sends: 1 });
});

test('a stop that is made meanwhile lets no reversal be voided, neither after its send nor after an inquiry', async () => {
  const { bank, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const stop = () =>
    bank.db.owner.query(
      "insert into stops (stop_id, scope, remark, stopped_by) values (gen_random_uuid(), 'ALL', 'Looked into', 'amel')",
    );
  const start = () => bank.db.owner.query('delete from stops');
  const core = forgetting(bank.core, [{ outcome: 'VOIDED' }]);
  const steps = stepsWith({ coreBanking: core });
  const after = <Items extends unknown[], Result>(step: (...items: Items) => Promise<Result>) => {
    return async (...items: Items): Promise<Result> => {
      const result = await step(...items);
      await stop();
      return result;
    };
  };
  await reverse({}, { ...steps, move: after(steps.move) });
  await start();
  await leasesEnd();
  await recover({ ...steps, inquire: after(steps.inquire) });
  expect(core.asked).toEqual(['reverse', 'inquire']);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: false, sends: 1 });
  await start();
  await leasesEnd();
  await recover(steps);
  expect(core.asked).toEqual(['reverse', 'inquire', 'inquire', 'void']);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AM04' });
});

test('where signing is away the booking is stored at once, and recovery settles from it without asking', async () => {
  const { bank, steps, reverse, leasesEnd } = await settledDebit();
  await using _ = bank;
  await expect(reverse({}, { ...steps, sign: killed })).rejects.toThrow(Killed);
  await leasesEnd();
  expect(await recover({ ...steps, inquire: killed })).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED' });
  await expectSound(bank);
});

test('under a stop nothing is taken in and nothing is sent; what is in doubt is asked on', async () => {
  const { bank, balance, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const stop = (scope: string) =>
    bank.db.owner.query(
      `insert into stops (stop_id, scope, creditor_code, remark, stopped_by)
       values (gen_random_uuid(), $1, case $1 when 'CREDITOR' then 'CNAS' end, 'Looked into', 'amel')`,
      [scope],
    );
  const start = () => bank.db.owner.query('delete from stops');
  await stop('CREDITOR');
  expect(reversalStateOf(await reverse({}))).toBe('STOPPED');
  await start();
  // Taken in before the stop, claimed after it.
  const cut: Partial<ReversalSteps> = {
    claim: async (...claimed) => {
      await stop('ALL');
      return steps.claim(...claimed);
    },
  };
  expect(await reverse({}, { ...steps, ...cut })).toMatchObject({ reversal: { state: 'REQUESTED' } });
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REQUESTED', sends: 0 });
  await start();
  const lost: CoreBanking = {
    ...bank.core,
    reverse: async (instructions) => instructions.map(() => ({ outcome: 'IN_DOUBT' })),
  };
  await recover(stepsWith({ coreBanking: lost }));
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', sends: 1 });
  await stop('ALL');
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', sends: 1 });
  expect(await balance()).toBe(debited);
  await start();
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', sends: 2 });
  await expectSound(bank);
});

test('one whose send is claimed while the core is asked is not rejected as never sent: its copy may still move', async () => {
  const { bank, balance, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const steps = stepsWith({
    coreBanking: { ...bank.core, properties: { ...bank.core.properties, canVoid: false } },
  });
  await expect(reverse({}, { ...steps, claim: killed })).rejects.toThrow(Killed);
  await leasesEnd();
  let copy: (() => Promise<unknown>) | undefined;
  const overtaken: ReversalSteps = {
    ...steps,
    async inquire(reference) {
      const answer = await steps.inquire(reference);
      // Another replica, past its look at its lease, just before the time of the reversal is over.
      const { rows } = await bank.db.owner.query('select reversal_id from reversals');
      const claimed = must(await steps.claim(rows[0]?.reversal_id, true));
      copy = () => bank.core.reverse([reversalInstructionFor(claimed)]);
      bank.clock.set(new Date(Date.now() + 120_000));
      return answer;
    },
  };
  expect(await recover(overtaken)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', sends: 1, debit: 'SETTLED' });
  await copy?.();
  await leasesEnd();
  expect(await recover(steps)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', debit: 'REVERSED' });
  expect(await balance()).toBe(whole);
  await expectSound(bank);
});

test('one that was never sent is rejected at the end of its time where the core can void nothing, and only asked about while a restore may have lost that it moved', async () => {
  const { bank, balance, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const steps = stepsWith({
    coreBanking: { ...bank.core, properties: { ...bank.core.properties, canVoid: false } },
  });
  await expect(reverse({}, { ...steps, claim: killed })).rejects.toThrow(Killed);
  await expires(bank);
  // A restore's stop stands: it may have been sent in the lost time, and the core have forgotten it.
  await bank.db.owner.query(
    `with stop as (insert into stops (stop_id, scope, remark, stopped_by)
                   values (gen_random_uuid(), 'ALL', 'epoch 2', 'gateway') returning stop_id)
     insert into restores (epoch, known_until, began_at, stop_id) select 2, now(), now(), stop_id from stop`,
  );
  await leasesEnd();
  expect(await recover(steps)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ sends: 0, reason: null });
  // The stop has ended; what moved under its reference, otherwise than asked, is not explained: then too.
  await tamper(bank.db, 'update stops set ended_at = now(), ended_by = gen_random_uuid()');
  await bank.db.owner.query(
    `insert into unexplained_movements (reference, epoch, stop_id, why, debtor, creditor, amount, booking_reference,
       executed_at, booking_date, value_date)
     select core_reference, 2, stop_id, 'OTHER_REVERSAL', $1, $1, 1, 'B', now(), current_date, current_date
       from reversals, restores`,
    [ribOf(1)],
  );
  await leasesEnd();
  expect(await recover(steps)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ sends: 0, reason: null });
  await tamper(bank.db, 'delete from unexplained_movements', 'delete from restores');
  await leasesEnd();
  expect(await recover(steps)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AB03', sends: 0 });
  expect(await balance()).toBe(debited);
});

test('the last question before resolveBy is no later than that, however long the interval has grown', async () => {
  const { bank, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const silent: CoreBanking = {
    ...bank.core,
    ...Object.fromEntries(silence),
    reverse: async (instructions) => instructions.map(() => ({ outcome: 'IN_DOUBT' })),
  };
  const steps = stepsWith({ coreBanking: silent });
  await reverse({}, steps);
  await bank.db.owner.query(
    "update reversals set questions = 7, expires_at = now() + interval '1 s', resolve_by = now() + interval '20 s'",
  );
  await leasesEnd();
  await recover(steps);
  const { rows } = await bank.db.owner.query(
    'select lease_until = resolve_by as at_resolve_by, people_since from reversals',
  );
  expect(rows).toEqual([{ at_resolve_by: true, people_since: null }]);
});

test('a fault of one reversal holds no other up, and is answered with its name', async () => {
  const { bank, steps, reverse, leasesEnd } = await settledDebit();
  await using _ = bank;
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'S' });
  await expect(reverse({}, { ...steps, claim: killed })).rejects.toThrow(Killed);
  await expect(reverse({ endToEndId: 'S' }, { ...steps, claim: killed })).rejects.toThrow(Killed);
  await leasesEnd();
  const { rows } = await bank.db.owner.query<{ core_reference: string; reversal_id: string }>(
    "select r.core_reference, reversal_id from reversals r join debits using (debit_id) where end_to_end_id = 'S'",
  );
  const failing: ReversalSteps = {
    ...steps,
    inquire: (reference) => (reference === rows[0]?.core_reference ? killed() : steps.inquire(reference)),
  };
  expect(await recover(failing)).toMatchObject([
    { id: rows[0]?.reversal_id, fault: { message: 'the process ends here' } },
  ]);
  const { rows: states } = await bank.db.owner.query('select state from reversals order by state');
  expect(states).toEqual([{ state: 'REQUESTED' }, { state: 'SETTLED' }]);
});

/** The clock of code and database alike is past what the reversal named. */
async function expires(bank: TestBankWithGateway): Promise<void> {
  await bank.db.owner.query(
    "update reversals set expires_at = clock_timestamp() - interval '1 second', resolve_by = clock_timestamp() + interval '900 seconds'",
  );
}
