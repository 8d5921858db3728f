import { expect, test } from 'vitest';
import { openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { moveBackUnknown, moveUnknown, putBack, rowsOf, startAgain } from '../../test/restored-bank.ts';
import { type Reversing, reversing } from '../../test/reversals.ts';
import { runDue } from '../../test/work.ts';
import { openAccounts } from '../core-banking/accounts.ts';
import type { CoreBanking, InquiryOutcome } from '../core-banking/port.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { reversalWork } from './resolve-reversal.ts';
import type { DebitSteps } from './steps.ts';
import { debitWorks } from './work.ts';

/** A bus that remembers for an hour, whose memory of what it has moved is over. It tells what it was told to do. */
function forgetful(bank: TestBankWithGateway, said: InquiryOutcome = { outcome: 'UNKNOWN' }) {
  const acts: string[] = [];
  const does = (act: string) => {
    acts.push(act);
    return [];
  };
  const core: CoreBanking = {
    ...bank.core,
    properties: {
      ...{ memory: { secondsAfterNotAfter: 3600 }, keepsRefusals: true, honoursNotAfter: true, canVoid: true },
    },
    debit: async () => does('debit'),
    reverse: async () => does('reverse'),
    void: async () => does('void'),
    inquire: async (references) => references.map(() => said),
  };
  return { core, acts };
}

async function debitRound(bank: TestBankWithGateway, steps: DebitSteps): Promise<void> {
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await runDue(debitWorks(steps, new Map()));
}

const inDoubt = async () => ({ outcome: 'IN_DOUBT' }) as const;

/** What its claim leaves to recovery: nobody waits for its answer. */
async function claim(bank: TestBankWithGateway, steps: DebitSteps, order: Parameters<TestBankWithGateway['debit']>[0]) {
  const impatient = { ...steps, times: { ...steps.times, answerSeconds: 0 } };
  expect(await bank.debit(order, impatient)).toMatchObject({ outcome: 'DEBIT', debit: { state: 'EXECUTING' } });
}

const debitRow = async (bank: TestBankWithGateway) =>
  (await rowsOf(bank, 'select state, sends, people_since is not null as people from debits'))[0];

test.for([
  ['while its new request lasts', 0],
  ['when its new request has expired', 120],
] as const)(
  'what was claimed, and what was found, is asked about and neither sent nor voided where the bus has forgotten it: %s',
  async ([, seconds]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    const order = { mandateId, endToEndId: 'X', amount: '1000.00' };
    await moveUnknown(bank, mandateId, 'X');
    const found = await bank.addMandate();
    await bank.debit({
      ...{ mandateId: found, endToEndId: 'F', amount: '1000.00', executionDate: addDays(algiersDay(new Date()), 1) },
    });
    await moveUnknown(bank, found, 'F');
    const stopId = await putBack(bank);
    expect(await startAgain(bank, stopId, { unclaimed: 1, unexplained: 0 })).toBe('DECIDED');
    const { core, acts } = forgetful(bank);
    const steps = bank.stepsWith({ coreBanking: core });
    await claim(bank, steps, order);
    bank.clock.set(new Date(Date.now() + seconds * 1000));
    await bank.db.owner.query(
      "update debits set expires_at = received_at + make_interval(secs => 60 - $1::int) where end_to_end_id = 'X'",
      [seconds],
    );
    await debitRound(bank, steps);
    const rows = await rowsOf(bank, 'select end_to_end_id as name, state, sends from debits order by 1');
    expect(rows).toEqual([
      { name: 'F', state: 'IN_DOUBT', sends: 1 },
      { name: 'X', state: 'IN_DOUBT', sends: 1 },
    ]);
    // Whoever decided otherwise is refused by the statements that claim a send and a void.
    for (const { debit_id: debitId } of await rowsOf(bank, 'select debit_id from debits')) {
      expect(await steps.claimSend(debitId, true)).toBeUndefined();
      expect(await steps.claimVoid(debitId)).toBe(false);
    }
    expect(acts).toEqual([]);
    bank.clock.set(new Date(Date.now() + 4 * 86_400_000));
    await debitRound(bank, steps);
    expect(await rowsOf(bank, 'select people_since is not null as people from debits')).toEqual([
      { people: true },
      { people: true },
    ]);
    expect(acts).toEqual([]);
    // Its word still ends it.
    await debitRound(bank, bank.steps);
    expect(await rowsOf(bank, 'select state from debits')).toEqual([{ state: 'SETTLED' }, { state: 'SETTLED' }]);
  },
);

test.for([[{ outcome: 'REFUSED', reason: 'AM04' }], [{ outcome: 'VOIDED' }]] as const)(
  'where the bus says of what was claimed that it is %j, that contradicts its own movements: people have it, told once, and it is not rejected',
  async ([said]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    await moveUnknown(bank, mandateId, 'X');
    await putBack(bank);
    const { core, acts } = forgetful(bank, said);
    const steps = bank.stepsWith({ coreBanking: core });
    await claim(bank, steps, { mandateId, endToEndId: 'X', amount: '1000.00' });
    for (let round = 0; round < 2; round += 1) await debitRound(bank, steps);
    expect(await debitRow(bank)).toEqual({ state: 'IN_DOUBT', sends: 1, people: true });
    expect(await rowsOf(bank, 'select kind, holds from contradictions')).toEqual([
      { kind: 'OTHER_OUTCOME', holds: false },
    ]);
    expect(acts).toEqual([]);
  },
);

test.for([
  ['EXECUTING', { outcome: 'UNKNOWN' }, false, []],
  ['EXECUTING', { outcome: 'REFUSED', reason: 'AM04' }, true, [{ kind: 'OTHER_OUTCOME' }]],
  ['IN_DOUBT', { outcome: 'UNKNOWN' }, false, []],
  ['IN_DOUBT', { outcome: 'VOIDED' }, true, [{ kind: 'OTHER_OUTCOME' }]],
] as const)(
  'what the backup has %s, and its movement was read, is neither sent nor voided nor rejected where the bus says %j',
  async ([state, said, people, contradictions]) => {
    await using bank = await openBank();
    const mandateId = await bank.addMandate();
    const order = { mandateId, endToEndId: 'D', amount: '1000.00' };
    await bank.debit(order, { ...bank.steps, move: inDoubt });
    await bank.db.owner.query('update debits set state = $1', [state]);
    await moveUnknown(bank, mandateId, 'D');
    const stopId = await putBack(bank);
    expect(await startAgain(bank, stopId)).toBe('DECIDED');
    const { core, acts } = forgetful(bank, said);
    const steps = bank.stepsWith({ coreBanking: core });
    bank.clock.set(new Date(Date.now() + 120_000));
    await debitRound(bank, steps);
    expect(await debitRow(bank)).toEqual({ state: 'IN_DOUBT', sends: 1, people });
    expect(await rowsOf(bank, 'select kind from contradictions')).toEqual(contradictions);
    for (const { debit_id: debitId } of await rowsOf(bank, 'select debit_id from debits')) {
      expect(await steps.claimSend(debitId, true)).toBeUndefined();
      expect(await steps.claimVoid(debitId)).toBe(false);
    }
    expect(acts).toEqual([]);
    await debitRound(bank, bank.steps);
    expect(await debitRow(bank)).toMatchObject({ state: 'SETTLED' });
  },
);

test('what is in doubt and has moved to another account than it names is neither sent nor voided where the bus has forgotten it', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'D', amount: '1000.00' }, { ...bank.steps, move: inDoubt });
  const account = ribOf(9_000_002);
  await openAccounts(bank.db.ledger, [{ rib: account, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
  await moveUnknown(bank, mandateId, 'D', '1000.00', account);
  const stopId = await putBack(bank);
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: 1 })).toBe('DECIDED');
  const { core, acts } = forgetful(bank);
  const steps = bank.stepsWith({ coreBanking: core });
  for (const seconds of [0, 120]) {
    bank.clock.set(new Date(Date.now() + seconds * 1000));
    await debitRound(bank, steps);
  }
  expect(await debitRow(bank)).toEqual({ state: 'IN_DOUBT', sends: 1, people: false });
  expect(acts).toEqual([]);
});

async function reversalRound(bank: TestBankWithGateway, { leasesEnd, stepsWith }: Reversing, coreBanking: CoreBanking) {
  await leasesEnd();
  await runDue([reversalWork(stepsWith({ coreBanking }), new Map())]);
  return (await rowsOf(bank, 'select state, sends, people_since is not null as people from reversals'))[0];
}

/** In the lost time it was given back. Before, as the backup has it, that was not asked for, only asked for, or in doubt. */
const knownOfReversals = ['claimed', 'REQUESTED', 'IN_DOUBT'] as const;

async function reversalThatMoved(bank: TestBankWithGateway, known: (typeof knownOfReversals)[number]) {
  const mandateId = await bank.addMandate();
  await bank.debit({ mandateId, endToEndId: 'R', amount: '1000.00' });
  const rev = reversing(bank);
  if (known === 'REQUESTED') {
    const killed = { ...rev.steps, claim: () => Promise.reject(new Error('killed')) };
    await expect(rev.reverse({ endToEndId: 'R' }, killed)).rejects.toThrow('killed');
  }
  if (known === 'IN_DOUBT') await rev.reverse({ endToEndId: 'R' }, { ...rev.steps, move: inDoubt });
  await moveBackUnknown(bank, mandateId, 'R', 1);
  const stopId = await putBack(bank);
  expect(await startAgain(bank, stopId, { unclaimed: 0, unexplained: known === 'claimed' ? 1 : 0 })).toBe('DECIDED');
  if (known === 'claimed') await rev.reverse({ endToEndId: 'R' });
  expect(await rowsOf(bank, 'select state, sends from reversals')).toEqual([{ state: 'IN_DOUBT', sends: 1 }]);
  return rev;
}

test.for(
  knownOfReversals.flatMap((known) =>
    (
      [
        ['has forgotten it, while its new request lasts', { outcome: 'UNKNOWN' }, 60, false, []],
        ['has forgotten it, when its new request has expired', { outcome: 'UNKNOWN' }, -60, false, []],
        ['says that it was voided', { outcome: 'VOIDED' }, 60, true, [{ kind: 'OTHER_OUTCOME', named: true }]],
        [
          'says that it was refused',
          { outcome: 'REFUSED', reason: 'AM04' },
          60,
          true,
          [{ kind: 'OTHER_OUTCOME', named: true }],
        ],
      ] as const
    ).map((row) => [known, ...row] as const),
  ),
)(
  'a reversal that was %s, and whose movement was read, is neither sent nor voided nor rejected where the bus %s',
  async ([known, , said, lasts, people, contradictions]) => {
    await using bank = await openBank();
    const rev = await reversalThatMoved(bank, known);
    await bank.db.owner.query('update reversals set expires_at = clock_timestamp() + make_interval(secs => $1)', [
      lasts,
    ]);
    const { core, acts } = forgetful(bank, said);
    expect(await reversalRound(bank, rev, core)).toEqual({ state: 'IN_DOUBT', sends: 1, people });
    expect(await rowsOf(bank, 'select kind, reversal_id is not null as named from contradictions')).toEqual(
      contradictions,
    );
    for (const { reversal_id: reversalId } of await rowsOf(bank, 'select reversal_id from reversals')) {
      expect(await rev.steps.claim(reversalId, true)).toBeUndefined();
      expect(await rev.steps.claimVoid(reversalId)).toBe(false);
    }
    expect(acts).toEqual([]);
    expect(await reversalRound(bank, rev, bank.core)).toMatchObject({ state: 'SETTLED' });
  },
);
