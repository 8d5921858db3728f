import { expect, test } from 'vitest';
import { amountOf, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { resolveUnfinished } from '../../test/work.ts';
import type { CoreBanking, InquiryOutcome, MoveOutcome, VoidOutcome } from '../core-banking/port.ts';
import { selectDoubt } from './readings.sql.ts';

type Script = { debit?: MoveOutcome[]; inquire?: InquiryOutcome[]; void?: VoidOutcome[] };

/** A bus that says what the script says, one answer after the other, and then nothing; and all that it was asked. */
function scripted(bank: TestBankWithGateway, script: Script, change: Partial<CoreBanking['properties']> = {}) {
  const asked: string[] = [];
  const say = <Answer>(operation: string, answers: readonly unknown[], said: Answer[] | undefined, silence: Answer) =>
    answers.map(() => {
      asked.push(operation);
      return said?.shift() ?? silence;
    });
  const coreBanking: CoreBanking = {
    ...bank.core,
    properties: { ...bank.core.properties, ...change },
    debit: async (all) => say('debit', all, script.debit, { outcome: 'IN_DOUBT' }),
    inquire: async (all) => say('inquire', all, script.inquire, { outcome: 'NO_ANSWER' }),
    void: async (all) => say('void', all, script.void, { outcome: 'NO_ANSWER' }),
  };
  return { steps: bank.stepsWith({ coreBanking }), asked };
}

const booking = (bookingReference: string, amount = '125000.00') => ({
  bookingReference,
  executedAt: new Date('2026-01-31T23:30:00Z'),
  bookingDate: '2026-02-01' as never,
  valueDate: '2026-02-01' as never,
  amount: amountOf(amount),
});
const moved = (reference = 'B-1', amount?: string) => ({
  outcome: 'MOVED' as const,
  booking: booking(reference, amount),
});
const refused = { outcome: 'REFUSED' as const, reason: 'AM04' as const };
const unknown = { outcome: 'UNKNOWN' as const };
const voided = { outcome: 'VOIDED' as const };

async function round(bank: TestBankWithGateway, { steps }: ReturnType<typeof scripted>): Promise<void> {
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  await resolveUnfinished(steps, bank.running);
}

/** One debit in doubt at that bus, and as many rounds of its work as said. */
async function inDoubt(bank: TestBankWithGateway, bus: ReturnType<typeof scripted>, rounds: number): Promise<void> {
  await bank.debit({ mandateId: await bank.addMandate() }, bus.steps);
  for (let number = 0; number < rounds; number += 1) await round(bank, bus);
}
const debitRow = async ({ db }: TestBankWithGateway) =>
  (
    await db.owner.query(
      'select state, reason, sends, holds_ceiling as holds, people_since is not null as people from debits',
    )
  ).rows;
const journal = async ({ db }: TestBankWithGateway) =>
  (
    await db.owner.query<{ kind: string; reason: string | null }>(
      "select kind, reason from journal where kind in ('debit.in-doubt', 'debit.for-people', 'debit.settled', 'debit.rejected', 'contradiction.found') order by entry_id",
    )
  ).rows.map(({ kind, reason }) => (reason === null ? kind : `${kind} ${reason}`));
const contradictions = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query('select kind, booking_reference as booking, amount from contradictions order by found_at'))
    .rows;

test('asked until the bus knows: what moved settles, is signed, and is told', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { inquire: [{ outcome: 'NO_ANSWER' }, { outcome: 'NO_ANSWER' }, moved()] });
  await inDoubt(bank, bus, 3);
  expect(bus.asked).toEqual(['debit', 'inquire', 'inquire', 'inquire']);
  expect(await debitRow(bank)).toEqual([{ state: 'SETTLED', reason: null, sends: 1, holds: true, people: false }]);
  expect(await journal(bank)).toEqual(['debit.in-doubt', 'debit.settled']);
});

test('the questions come further and further apart, however long it waited for its turn before', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, {});
  await inDoubt(bank, bus, 0);
  const waits: number[] = [];
  for (let number = 0; number < 8; number += 1) {
    await round(bank, bus);
    const { rows } = await bank.db.owner.query<{ wait: number }>(
      'select round(extract(epoch from lease_until - clock_timestamp()))::float8 as wait from debits',
    );
    waits.push(rows[0]?.wait ?? 0);
  }
  expect(waits).toEqual([2, 4, 8, 15, 30, 60, 60, 60]);
});

test('the last question before resolveBy is no later than that, however long the interval has grown', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, {});
  await inDoubt(bank, bus, 7);
  await bank.db.owner.query(
    "update debits set expires_at = now() + interval '1 s', resolve_by = now() + interval '20 s'",
  );
  await round(bank, bus);
  const { rows } = await bank.db.owner.query(
    'select lease_until = resolve_by as at_resolve_by, people_since from debits',
  );
  expect(rows).toEqual([{ at_resolve_by: true, people_since: null }]);
});

test('unknown is sent again under the same reference while there is time, and a refusal of that is believed', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { debit: [{ outcome: 'IN_DOUBT' }, refused], inquire: [unknown] });
  await inDoubt(bank, bus, 1);
  expect(bus.asked).toEqual(['debit', 'inquire', 'debit']);
  expect(await debitRow(bank)).toEqual([{ state: 'REJECTED', reason: 'AM04', sends: 2, holds: false, people: false }]);
});

test('a bus that neither keeps refusals nor voids is sent to once, asked on, and left to people at the end of its time', async () => {
  await using bank = await openBank();
  const once = { keepsRefusals: false, canVoid: false };
  const bus = scripted(bank, { inquire: [unknown, unknown, unknown, moved()] }, once);
  await inDoubt(bank, bus, 2);
  expect(bus.asked).toEqual(['debit', 'inquire', 'inquire']);
  bank.clock.set(new Date(Date.now() + 120_000));
  await round(bank, bus);
  expect(await debitRow(bank)).toEqual([{ state: 'IN_DOUBT', reason: null, sends: 1, holds: true, people: true }]);
  expect(await journal(bank)).toEqual(['debit.in-doubt', 'debit.for-people']);
  await round(bank, bus);
  expect(await debitRow(bank)).toEqual([{ state: 'SETTLED', reason: null, sends: 1, holds: true, people: false }]);
});

const forgetful = { keepsRefusals: false };
const stop = ({ db }: TestBankWithGateway) =>
  db.owner.query(
    "insert into stops (stop_id, scope, remark, stopped_by) values (gen_random_uuid(), 'ALL', 'Looked into', 'amel')",
  );
const start = ({ db }: TestBankWithGateway) => db.owner.query('delete from stops');
const fundsRefusals = async ({ db }: TestBankWithGateway) =>
  (await db.owner.query('select funds_refusals from mandate_usage')).rows[0]?.funds_refusals;

test('a refusal of a bus that forgets refusals is voided at once, and is its rejection’s reason and counted', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { debit: [refused], void: [voided] }, forgetful);
  await inDoubt(bank, bus, 0);
  expect(bus.asked).toEqual(['debit', 'void']);
  expect(await debitRow(bank)).toEqual([{ state: 'REJECTED', reason: 'AM04', sends: 1, holds: false, people: false }]);
  expect(await fundsRefusals(bank)).toBe(1);
});

test('what a bus has refused and forgotten is never sent again, however its void goes: its reason is kept', async () => {
  await using bank = await openBank();
  const bus = scripted(
    bank,
    { debit: [refused], inquire: [unknown, unknown], void: [{ outcome: 'NO_ANSWER' }, refused, voided] },
    forgetful,
  );
  await inDoubt(bank, bus, 2);
  expect(bus.asked).toEqual(['debit', 'void', 'inquire', 'void', 'inquire', 'void']);
  expect(await debitRow(bank)).toEqual([{ state: 'REJECTED', reason: 'AM04', sends: 1, holds: false, people: false }]);
  expect(await fundsRefusals(bank)).toBe(1);
});

test('so is one that was sent once more, or that an inquiry has told of, and past its time too', async () => {
  await using bank = await openBank();
  const blocked = { outcome: 'REFUSED' as const, reason: 'AC06' as const };
  const bus = scripted(
    bank,
    { debit: [{ outcome: 'IN_DOUBT' }, refused], inquire: [unknown, blocked, unknown], void: [] },
    forgetful,
  );
  await inDoubt(bank, bus, 2);
  bank.clock.set(new Date(Date.now() + 120_000));
  await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire', 'debit', 'void', 'inquire', 'void', 'inquire', 'void']);
  const closing = scripted(bank, { inquire: [unknown], void: [voided] }, forgetful);
  await round(bank, closing);
  expect(await debitRow(bank)).toMatchObject([{ state: 'REJECTED', reason: 'AC06', sends: 2 }]);
});

test('under a stop a refusal that the bus forgets is only asked about; its reason is kept until it may be voided', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { debit: [refused], inquire: [unknown, unknown], void: [voided] }, forgetful);
  const stopping = {
    ...bus.steps,
    move: async (debit: Parameters<typeof bus.steps.move>[0]) => {
      await stop(bank);
      return bus.steps.move(debit);
    },
  };
  await bank.debit({ mandateId: await bank.addMandate() }, stopping);
  await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire']);
  expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT', sends: 1 }]);
  await start(bank);
  await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire', 'inquire', 'void']);
  expect(await debitRow(bank)).toMatchObject([{ state: 'REJECTED', reason: 'AM04', sends: 1 }]);
});

test.for([
  ['what its mandate no longer allows', {}, unknown, "update mandates set state = 'REVOKED'"],
  ['a refusal that the bus may forget', forgetful, refused, 'select'],
] as const)(
  'a stop that is made while the bus is asked lets nothing be voided: %s',
  async ([, properties, answer, meanwhile]) => {
    await using bank = await openBank();
    const bus = scripted(bank, { void: [voided] }, properties);
    await inDoubt(bank, bus, 0);
    await bank.db.owner.query(meanwhile);
    const steps = {
      ...bus.steps,
      inquire: async () => {
        await stop(bank);
        return answer;
      },
    };
    await round(bank, { ...bus, steps });
    expect(bus.asked).toEqual(['debit']);
    expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT', people: false }]);
    await start(bank);
    await round(bank, { ...bus, steps: { ...bus.steps, inquire: async () => answer } });
    expect(bus.asked).toEqual(['debit', 'void']);
    expect(await debitRow(bank)).toMatchObject([{ state: 'REJECTED', reason: answer === refused ? 'AM04' : 'MD01' }]);
  },
);

test('a copy that the bus calls late before our own time is over is asked about, since the one before may have moved', async () => {
  await using bank = await openBank();
  const late = { outcome: 'REFUSED' as const, reason: 'TM01' as const };
  const bus = scripted(bank, { debit: [{ outcome: 'IN_DOUBT' }, late], inquire: [unknown, moved()] });
  await inDoubt(bank, bus, 1);
  expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT', sends: 2 }]);
  await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire', 'debit', 'inquire']);
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED' }]);
});

test('a void that finds that it has moved settles it; one that is silent is tried again', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { inquire: [unknown, unknown], void: [{ outcome: 'NO_ANSWER' }, moved()] });
  await inDoubt(bank, bus, 0);
  bank.clock.set(new Date(Date.now() + 120_000));
  await round(bank, bus);
  expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT' }]);
  await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire', 'void', 'inquire', 'void']);
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED' }]);
});

test('past the bus’s memory nothing but ‘moved’ is believed: a refusal and a void are left to people', async () => {
  await using bank = await openBank();
  const forgets = { memory: { secondsAfterNotAfter: 3_600 } };
  const bus = scripted(bank, { inquire: [unknown, refused, voided, moved()] }, forgets);
  await inDoubt(bank, bus, 0);
  bank.clock.set(new Date(Date.now() + 3_700_000));
  for (let number = 0; number < 3; number += 1) await round(bank, bus);
  expect(bus.asked).toEqual(['debit', 'inquire', 'inquire', 'inquire']);
  expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT', people: true }]);
  await round(bank, bus);
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED' }]);
});

test('at resolveBy it counts for the alarm, whether anyone has looked or not, and its creditor is told once', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, {});
  await inDoubt(bank, bus, 1);
  expect(await selectDoubt(bank.db.gateway)).toMatchObject({ count: 1, forPeople: 0, pastResolveBy: 0 });
  await bank.db.owner.query(
    "update debits set expires_at = now() - interval '2 s', resolve_by = now() - interval '1 s'",
  );
  expect(await selectDoubt(bank.db.gateway)).toMatchObject({ count: 1, forPeople: 0, pastResolveBy: 1 });
  for (let number = 0; number < 3; number += 1) await round(bank, bus);
  expect(await selectDoubt(bank.db.gateway)).toMatchObject({ count: 1, forPeople: 1, pastResolveBy: 1 });
  expect(await journal(bank)).toEqual(['debit.in-doubt', 'debit.for-people']);
});

test('another amount is never signed: people have it at once, told once, and the core is asked on at growing intervals', async () => {
  await using bank = await openBank();
  const lie = moved('B-1', '124999.99');
  const bus = scripted(bank, { debit: [lie], inquire: [lie, lie, moved('B-1')] });
  const signed: string[] = [];
  const steps = {
    ...bus.steps,
    sign: (token: Parameters<typeof bus.steps.sign>[0]) => {
      signed.push(token.type);
      return bus.steps.sign(token);
    },
  };
  await bank.debit({ mandateId: await bank.addMandate() }, steps);
  for (let number = 0; number < 2; number += 1) await round(bank, { ...bus, steps });
  expect(signed).toEqual([]);
  expect(await debitRow(bank)).toMatchObject([{ state: 'IN_DOUBT', holds: true, people: true }]);
  expect(await contradictions(bank)).toEqual([{ kind: 'OTHER_AMOUNT', booking: 'B-1', amount: '12499999' }]);
  expect((await journal(bank)).toSorted()).toEqual([
    'contradiction.found OTHER-AMOUNT',
    'debit.for-people',
    'debit.in-doubt',
  ]);
  await round(bank, { ...bus, steps });
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED' }]);
});

test('a refusal, or a void, of what was confirmed changes nothing that was signed, and is a contradiction once', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { inquire: [moved()] });
  await inDoubt(bank, bus, 0);
  await bank.db.owner.query("update debits set lease_until = clock_timestamp() - interval '1 second'");
  const late = await bus.steps.listUnfinished(1);
  // A replica that has asked, and was told of a refusal, sleeps while another settles.
  const sleeper = {
    ...bus.steps,
    inquire: async () => {
      await round(bank, bus);
      return refused;
    },
  };
  await resolveUnfinished({ ...sleeper, listUnfinished: async () => late }, new Map());
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED', reason: null }]);
  expect(await contradictions(bank)).toEqual([{ kind: 'REFUSED_AFTER_SETTLEMENT', booking: null, amount: null }]);
  expect((await journal(bank)).at(-1)).toBe('contradiction.found REFUSED-AFTER-SETTLEMENT');
});

test('told that it has moved twice, by another booking, the first stays as it was signed', async () => {
  await using bank = await openBank();
  const bus = scripted(bank, { debit: [moved('B-1')] });
  await inDoubt(bank, bus, 0);
  const { rows } = await bank.db.owner.query('select debit_id from debits');
  await bus.steps.contradict(rows[0].debit_id, booking('B-2'));
  expect(await debitRow(bank)).toMatchObject([{ state: 'SETTLED' }]);
  expect(await contradictions(bank)).toEqual([{ kind: 'OTHER_BOOKING', booking: 'B-2', amount: '12500000' }]);
});
