import path from 'node:path';
import request from 'supertest';
import { expect, test } from 'vitest';
import { readSampleEmployers } from '../src/commands/sample-employers.ts';
import { seedAccounts } from '../src/commands/seed.ts';
import type { Behaviour } from '../src/core-bank-simulator/behaviour.ts';
import { openPool } from '../src/database/pool.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { openTestSimulator, type TestSimulator } from './simulator-bank.ts';

type Scene = AsyncDisposable & { bank: TestGateway; simulator: TestSimulator };

/** A whole gateway whose money is moved by the simulator's bank. */
async function openScene(settings: Record<string, string> = {}): Promise<Scene> {
  await using open = new AsyncDisposableStack();
  const simulator = open.use(await openTestSimulator());
  const books = openPool({ url: simulator.databaseUrl, applicationName: 'seed', connections: 2 });
  await seedAccounts(books);
  await books.end();
  const file = (name: string) => path.join(simulator.certificates, `${name}.pem`);
  const bank = open.use(
    await openTestGateway({
      GATEWAY_CORE_BANKING: 'iso20022',
      GATEWAY_BUS_ORIGIN: simulator.busUrl,
      GATEWAY_BUS_AUTHORITIES_FILE: file('ca'),
      GATEWAY_BUS_CERTIFICATE_FILE: file('core-bank-client'),
      GATEWAY_BUS_KEY_FILE: file('core-bank-client-key'),
      GATEWAY_BUS_MEMORY: 'for-ever',
      GATEWAY_BUS_KEEPS_REFUSALS: 'yes',
      GATEWAY_BUS_HONOURS_NOT_AFTER: 'yes',
      GATEWAY_BUS_CAN_VOID: 'yes',
      ...settings,
    }),
  );
  const closing = open.move();
  return { bank, simulator, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

const misbehave = ({ administration }: TestSimulator, behaviour: Behaviour, times: number) =>
  administration.putRule('now', { when: { message: 'pacs.003' }, times, behaviour });

test("a debit goes over the bank's own bus, is confirmed with its booking, and its messages stand beside it", async () => {
  await using scene = await openScene();
  const { bank, simulator } = scene;
  const [employer] = await readSampleEmployers();
  if (employer === undefined) throw new Error('no sample employer');
  const mandateId = await activeMandate(bank, employer);
  const paid = await bank.clientOf('cnas').put('/v1/debits/BUS-1', orderOf(mandateId, employer, '1000.00', 'DAC-1'));
  expect(paid.status).toBe(201);
  const [booked] = await Array.fromAsync(simulator.administration.books()).then((rows) =>
    rows.filter(({ kind }) => kind === 'DEBIT'),
  );
  const { rows } = await bank.db.owner.query(
    `select state, booking_reference, core_reference = $1 as same, received.outcome
       from debits join core_message_references on reference = core_reference
       join core_messages sent using (message_id) join core_messages received on received.answers = sent.message_id`,
    [booked?.reference],
  );
  expect(rows).toEqual([
    { state: 'SETTLED', booking_reference: booked?.bookingReference, same: true, outcome: 'ANSWERED' },
  ]);
  const { body } = await request(bank.gateway.operationsOrigin).get('/readyz').expect(200);
  expect(Object.keys(body.checks)).not.toContain('ledger');
});

test('a debit whose answer never came is asked about, and settles once with what the bus has booked', async () => {
  await using scene = await openScene({ GATEWAY_CORE_CALL_SECONDS: '0.5' });
  const { bank, simulator } = scene;
  const [employer] = await readSampleEmployers();
  if (employer === undefined) throw new Error('no sample employer');
  const mandateId = await activeMandate(bank, employer);
  misbehave(simulator, { do: 'never-answer', processed: true }, 1);
  const cnas = bank.clientOf('cnas');
  expect((await cnas.put('/v1/debits/BUS-2', orderOf(mandateId, employer, '1000.00', 'DAC-2'))).status).toBe(202);
  await expect.poll(async () => (await cnas.get('/v1/debits/BUS-2')).json?.state, { timeout: 30_000 }).toBe('SETTLED');
  const books = await Array.fromAsync(simulator.administration.books());
  expect(books.filter(({ kind, outcome }) => kind === 'DEBIT' && outcome === 'MOVED')).toHaveLength(1);
});

test.for<[Extract<Behaviour, { do: 'answer-other' }>['field'], string]>([
  ['amount', 'OTHER_AMOUNT'],
  ['currency', 'OTHER_CURRENCY'],
  ['debtor', 'OTHER_ACCOUNT'],
  ['reference', 'OTHER_REFERENCE'],
])(
  'an answer with another %s is no settlement: the debit is in doubt, people have a contradiction, and the alarm counts it',
  async ([field, kind]) => {
    await using scene = await openScene();
    const { bank, simulator } = scene;
    const [employer] = await readSampleEmployers();
    if (employer === undefined) throw new Error('no sample employer');
    const mandateId = await activeMandate(bank, employer);
    // Every answer about it lies: nothing that the bus says of it is confirmed.
    simulator.administration.putRule('now', { when: {}, behaviour: { do: 'answer-other', field } });
    const cnas = bank.clientOf('cnas');
    expect((await cnas.put('/v1/debits/BUS-3', orderOf(mandateId, employer, '1000.00', 'DAC-3'))).status).toBe(202);
    const { rows } = await bank.db.owner.query(
      `select debits.state, c.kind, c.holds, m.outcome, d.difference from contradictions c join debits using (debit_id)
         join core_messages m on m.message_id = c.message_id
         join core_message_differences d on d.message_id = m.message_id and d.reference = debits.core_reference`,
    );
    expect(rows).toEqual([{ state: 'IN_DOUBT', kind, holds: false, outcome: 'ANSWERED', difference: kind }]);
    const { text } = await request(bank.gateway.operationsOrigin).get('/metrics').expect(200);
    expect(text).toMatch(new RegExp(`^core_answers_quarantined_total\\{difference="${kind}"\\} [1-9]`, 'm'));
    expect(text).toMatch(/^contradictions_open 1$/m);
    // When the bus says the truth again, the debit ends by it; the contradiction waits for two people all the same.
    simulator.administration.clearRules();
    await expect
      .poll(async () => (await cnas.get('/v1/debits/BUS-3')).json?.state, { timeout: 30_000 })
      .toBe('SETTLED');
    const { rows: open } = await bank.db.owner.query('select kind from contradictions where ended_at is null');
    expect(open).toEqual([{ kind }]);
  },
);
