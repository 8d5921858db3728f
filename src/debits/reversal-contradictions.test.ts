import { expect, test } from 'vitest';
import { amountOf } from '../../test/bank.ts';
import { Killed, killed } from '../../test/killed.ts';
import { attemptRow, journalled, recover, settledDebit } from '../../test/reversal-recovery.ts';
import type { CoreBanking } from '../core-banking/port.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { settle } from './reverse.ts';

test('a booking of another amount is never confirmed: it is kept, told once, and people have the reversal', async () => {
  const { bank, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const booking = {
    ...{ bookingReference: 'B-1', executedAt: new Date(), bookingDate: '2026-01-31' as never },
    ...{ valueDate: '2026-01-31' as never, amount: amountOf('1.00') },
  };
  const lying: CoreBanking = {
    ...bank.core,
    reverse: async (instructions) => instructions.map(() => ({ outcome: 'MOVED', booking })),
    inquire: async (references) => references.map(() => ({ outcome: 'MOVED', booking })),
  };
  const steps = stepsWith({ coreBanking: lying });
  await reverse({}, steps);
  await leasesEnd();
  await recover(steps);
  const { rows } = await bank.db.owner.query('select kind, amount, holds from contradictions');
  expect(rows).toEqual([{ kind: 'OTHER_REVERSAL_AMOUNT', amount: '100', holds: false }]);
  expect(await journalled(bank, 'contradiction.found')).toBe(1);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: true, debit: 'SETTLED' });
});

test('money that went back against a rejection changes nothing that stands, and is kept once', async () => {
  const { bank, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  let stalled: (() => Promise<void>) | undefined;
  const cut: Partial<ReversalSteps> = {
    settle: async (...settled) => {
      stalled = async () => expect(await steps.settle(...settled)).toBe('CONTRADICTED');
      return killed();
    },
    storeBooking: killed,
  };
  await expect(reverse({}, { ...steps, ...cut })).rejects.toThrow(Killed);
  await leasesEnd();
  const lying: CoreBanking = {
    ...bank.core,
    inquire: async (references) => references.map(() => ({ outcome: 'REFUSED', reason: 'AC04' })),
  };
  await recover(stepsWith({ coreBanking: lying }));
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', reason: 'AC04', debit: 'SETTLED' });
  await stalled?.();
  await stalled?.();
  const { rows } = await bank.db.owner.query('select kind, reversal_id is not null as named from contradictions');
  expect(rows).toEqual([{ kind: 'REVERSED_AFTER_REJECTION', named: true }]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', debit: 'SETTLED' });
  // No new try is begun until people have ended it, and what it is asked with is not used up.
  expect(await reverse({ attempt: 2 })).toMatchObject({ outcome: 'CONTRADICTED', debit: { state: 'SETTLED' } });
  expect((await bank.db.owner.query('select from reversals')).rowCount).toBe(1);
  await bank.db.owner.query('delete from contradictions');
  // Then a core that has given it back already refuses it by itself.
  expect(await reverse({ attempt: 2 })).toMatchObject({ reversal: { state: 'REJECTED', reason: 'AM05' } });
});

test('no new try is begun or sent while the books of a day say that a rejected one has moved the money', async () => {
  const { bank, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const refusing: CoreBanking = {
    ...bank.core,
    reverse: async (sent) => sent.map(() => ({ outcome: 'REFUSED', reason: 'AC04' })),
  };
  await reverse({}, stepsWith({ coreBanking: refusing }));
  const compared = (attempt: number, differences: number) =>
    bank.db.owner.query({
      text: `
        with compared as (
          insert into book_comparisons (comparison_id, day, attempt, asked_by, compared_at, booked, booked_amount, foreign_ones,
            agreed, agreed_amount, differences, lease_until)
          select gen_random_uuid(), current_date, $1, case when $1 > 1 then 'officer' end, clock_timestamp(), $2, $2, 0, 0, 0, $2, clock_timestamp()
          returning comparison_id)
        insert into book_differences (difference_id, comparison_id, kind, core_reference, creditor_code, debit_id, reversal_id,
          state, amount, booked_amount, booked_reference, booked_date)
        select gen_random_uuid(), comparison_id, 'NOT_SETTLED_HERE', core_reference, creditor_code, debit_id, reversal_id,
               state, amount, amount, 'B', current_date
          from compared, reversals where state = 'REJECTED' and $2 > 0`,
      values: [attempt, differences],
    });
  await expect(reverse({ attempt: 2 }, { ...steps, claim: killed })).rejects.toThrow(Killed);
  await leasesEnd();
  await compared(1, 1);
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REQUESTED', debit: 'SETTLED' });
  await compared(2, 0);
  await leasesEnd();
  await recover(steps);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', debit: 'REVERSED' });
});

test('what contradicts is kept where signing is away too: money that went back against a rejection', async () => {
  const { bank, steps, reverse, leasesEnd, stepsWith } = await settledDebit();
  await using _ = bank;
  const sleepers: (() => Promise<void>)[] = [];
  const cut: Partial<ReversalSteps> = {
    settle: async (reversal, booking) => {
      sleepers.push(() => settle({ ...steps, sign: killed }, reversal, booking));
      return killed();
    },
  };
  await expect(reverse({}, { ...steps, ...cut, storeBooking: killed })).rejects.toThrow(Killed);
  await leasesEnd();
  const refusing: CoreBanking = {
    ...bank.core,
    inquire: async (references) => references.map(() => ({ outcome: 'REFUSED', reason: 'AC04' })),
  };
  await recover(stepsWith({ coreBanking: refusing }));
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED' });
  for (let time = 0; time < 2; time += 1) await expect(sleepers[0]?.()).rejects.toThrow(Killed);
  const contradictions = async () =>
    (await bank.db.owner.query('select kind, amount, reversal_id is not null as named from contradictions')).rows;
  expect(await contradictions()).toEqual([{ kind: 'REVERSED_AFTER_REJECTION', amount: '12500000', named: true }]);
  expect(await journalled(bank, 'contradiction.found')).toBe(1);
  expect(await attemptRow(bank)).toMatchObject({ state: 'REJECTED', debit: 'SETTLED' });
});

test('a booking of another amount is kept where signing is away, and people have the reversal; the same again is none', async () => {
  const { bank, steps, reverse, leasesEnd } = await settledDebit();
  await using _ = bank;
  const away = { ...steps, sign: killed };
  const other: ReversalSteps = {
    ...away,
    move: async (reversal) => {
      const moved = await steps.move(reversal);
      if (moved.outcome !== 'MOVED') return moved;
      return { ...moved, booking: { ...moved.booking, amount: amountOf('1.00') } };
    },
  };
  await expect(reverse({}, other)).rejects.toThrow(Killed);
  expect(await attemptRow(bank)).toMatchObject({ state: 'IN_DOUBT', people: true, debit: 'SETTLED' });
  const kinds = async () => (await bank.db.owner.query('select kind from contradictions')).rows;
  expect(await kinds()).toEqual([{ kind: 'OTHER_REVERSAL_AMOUNT' }]);
  for (let time = 0; time < 2; time += 1) {
    await leasesEnd();
    expect(await recover(away)).toMatchObject([{ fault: { message: 'the process ends here' } }]);
  }
  await leasesEnd();
  expect(await recover(steps)).toEqual([]);
  expect(await attemptRow(bank)).toMatchObject({ state: 'SETTLED', debit: 'REVERSED' });
  expect(await kinds()).toEqual([{ kind: 'OTHER_REVERSAL_AMOUNT' }]);
});
