import request from 'supertest';
import { expect, test } from 'vitest';
import type { Behaviour } from '../src/core-bank-simulator/behaviour.ts';
import { bestKind } from '../src/core-bank-simulator/kind.ts';
import { openAccounts } from '../src/core-banking/accounts.ts';
import { openBusGateway } from './bus-gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { ribOf } from './ledger-bank.ts';
import type { TestSimulator } from './simulator-bank.ts';

const misbehave = ({ administration }: TestSimulator, behaviour: Behaviour, times: number) =>
  administration.putRule('now', { when: { message: 'pacs.003' }, times, behaviour });

test("a debit goes over the bank's own bus, is confirmed with its booking, and its messages stand beside it", async () => {
  await using scene = await openBusGateway();
  const { bank, simulator, employer } = scene;
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
  await using scene = await openBusGateway({ GATEWAY_CORE_CALL_SECONDS: '0.5' });
  const { bank, simulator, employer } = scene;
  const mandateId = await activeMandate(bank, employer);
  misbehave(simulator, { do: 'never-answer', processed: true }, 1);
  const cnas = bank.clientOf('cnas');
  expect((await cnas.put('/v1/debits/BUS-2', orderOf(mandateId, employer, '1000.00', 'DAC-2'))).status).toBe(202);
  await expect.poll(async () => (await cnas.get('/v1/debits/BUS-2')).json?.state, { timeout: 30_000 }).toBe('SETTLED');
  const books = await Array.fromAsync(simulator.administration.books());
  expect(books.filter(({ kind, outcome }) => kind === 'DEBIT' && outcome === 'MOVED')).toHaveLength(1);
});

test('a refusal of a bus that forgets what it refused is voided and signed at once, and counts: after three a day none is sent', async () => {
  await using scene = await openBusGateway(
    { GATEWAY_BUS_KEEPS_REFUSALS: 'no' },
    { kind: { ...bestKind, keepsRefusals: false } },
  );
  const { bank, simulator } = scene;
  const employer = { ...scene.employer, rib: ribOf(1) };
  const account = { rib: employer.rib, holder: employer.nameFr, kind: 'CUSTOMER' } as const;
  await simulator.administration.openAccounts([{ ...account, openingBalance: '999.99' }]);
  // Where the test's officer looks the account up.
  await openAccounts(bank.db.ledger, [{ ...account, openingBalance: 0n }]);
  const mandateId = await activeMandate(bank, employer);
  const cnas = bank.clientOf('cnas');
  const told = [];
  for (const number of [1, 2, 3, 4]) {
    const order = orderOf(mandateId, employer, '1000.00', `DAC-R${number}`);
    told.push((await cnas.put(`/v1/debits/BUS-R${number}`, order)).status);
  }
  expect(told).toEqual([402, 402, 402, 429]);
  const { rows } = await bank.db.owner.query(
    `select reason, core_refusal as kept, sends, array(
              select split_part(type, '.', 1) || '.' || split_part(type, '.', 2)
                from core_messages join core_message_references using (message_id)
               where reference = core_reference and direction = 'SENT' order by message_id) as sent
       from debits order by end_to_end_id`,
  );
  const refused = { reason: 'AM04', kept: 'AM04', sends: 1, sent: ['pacs.003', 'camt.056'] };
  expect(rows).toEqual([refused, refused, refused]);
});
