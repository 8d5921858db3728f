import request from 'supertest';
import { expect, test } from 'vitest';
import type { Behaviour } from '../src/core-bank-simulator/behaviour.ts';
import { bestKind } from '../src/core-bank-simulator/kind.ts';
import { openAccounts } from '../src/core-banking/accounts.ts';
import { openBusGateway } from './bus-gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { describeWithSchemas, schemaFaults, xmllint } from './iso-schemas.ts';
import { ribOf } from './ledger-bank.ts';
import { describeIf } from './programs.ts';
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

test('the confirmation of a debit in doubt is a 404 that shows the debit as its creditor sees it', async () => {
  await using scene = await openBusGateway({ GATEWAY_CORE_CALL_SECONDS: '0.5' });
  const { bank, simulator, employer } = scene;
  const mandateId = await activeMandate(bank, employer);
  const silent = { do: 'never-answer', processed: false } as const;
  for (const message of ['pacs.003', 'pacs.028'] as const)
    simulator.administration.putRule(message, { when: { message }, behaviour: silent });
  const cnas = bank.clientOf('cnas');
  expect((await cnas.put('/v1/debits/BUS-D', orderOf(mandateId, employer, '1000.00', 'DAC-D'))).status).toBe(202);
  const { status, json: told } = await cnas.get('/v1/debits/BUS-D/confirmation');
  expect(status).toBe(404);
  expect(told).toMatchObject({ type: expect.stringMatching('/confirmation-not-found$'), debit: { state: 'IN_DOUBT' } });
  expect(told?.debit).toEqual((await cnas.get('/v1/debits/BUS-D')).json);
  expect(bank.breaches).toEqual([]);
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

describeWithSchemas('what has gone to the bus', () => {
  describeIf('xmllint', 'libxml2-utils')('by a program that is not ours too', () => {
    test('is valid, every message of it: debits alone and together, a question, a void and a reversal', async () => {
      await using scene = await openBusGateway();
      const { bank, simulator, employer } = scene;
      const mandateId = await activeMandate(bank, employer);
      const cnas = bank.clientOf('cnas');
      const pay = async (name: string) =>
        (await cnas.put(`/v1/debits/${name}`, orderOf(mandateId, employer, '10.00', `DAC-${name}`))).status;
      misbehave(simulator, { do: 'reset', processed: false }, 1);
      expect(await pay('ASKED-ABOUT')).toBe(202);
      expect(new Set(await Promise.all(['A', 'B', 'C', 'D', 'E', 'F'].map(pay)))).toEqual(new Set([201]));
      const reversal = { attempt: 1, reason: 'declaration-corrected' };
      expect((await cnas.put('/v1/debits/A/reversal', reversal)).status).toBe(201);
      // A name that is burnt is closed at the bus, where nothing was ever booked under it.
      expect((await cnas.put('/v1/debits/BURNT/cancellation', {})).status).toBe(201);
      const sent = async () => {
        const { rows } = await bank.db.owner.query<{ type: string; body: Buffer }>(
          "select type, body from core_messages where direction = 'SENT' order by type",
        );
        return rows;
      };
      await expect
        .poll(async () => [...new Set((await sent()).map(({ type }) => type))], { timeout: 30_000 })
        .toEqual(['camt.056.001.08', 'pacs.003.001.08', 'pacs.007.001.09', 'pacs.028.001.03']);
      for (const { type, body } of await sent()) {
        expect(schemaFaults(type, body)).toEqual([]);
        xmllint(type, body);
      }
    });
  });
});
