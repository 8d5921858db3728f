import { expect, test } from 'vitest';
import { openBusClient } from '../../test/bus-client.ts';
import {
  accountMessage,
  debitMessage,
  inquiryMessage,
  newId,
  reversalMessage,
  voidMessage,
} from '../../test/bus-messages.ts';
import { heard, openBus } from '../../test/bus-scene.ts';
import { openCoreBankSimulator } from './open.ts';

test('a debit is booked once and answered with what the books hold, and again with the same', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const messageId = newId();
  const answer = await bus.ask(debitMessage([order], messageId));
  expect(answer.toMessage).toEqual({ id: messageId, name: 'pacs.003.001.08' });
  const [booked] = await bus.books();
  expect(booked).toMatchObject({ reference: order.reference, outcome: 'MOVED', amount: '60.00' });
  expect(answer.lines).toEqual([
    {
      ...{ transactionId: order.reference, endToEndId: order.reference, status: 'ACSC', currency: 'DZD' },
      ...{ executedAt: booked?.executedAt, bookingDate: booked?.bookingDate, valueDate: booked?.valueDate },
      ...{ bookingReference: booked?.bookingReference, amount: '60.00' },
      ...{ debtor: order.debtor, creditor: order.creditor },
    },
  ]);
  const again = { ...order, notAfter: new Date(Date.now() + 7_200_000) };
  expect((await bus.ask(debitMessage([again]))).lines).toEqual(answer.lines);
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toEqual(answer.lines);
  expect(await bus.books()).toHaveLength(1);
  expect(await bus.balanceOf(order.creditor)).toBe('60.00');
});

test('a message of many is decided one by one in its order, each with its own outcome', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const set = [
    order,
    { ...order, reference: bus.reference() },
    { ...order, reference: bus.reference(), amount: '40.00' },
  ];
  const { lines } = await bus.ask(debitMessage(set));
  expect(lines.map(({ status, reason }) => [status, reason])).toEqual([
    ['ACSC', undefined],
    ['RJCT', 'AM04'],
    ['ACSC', undefined],
  ]);
  expect(await bus.balanceOf(order.debtor)).toBe('0.00');
});

test('a known reference with other content is a duplicate, and what is stored stays and is told', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  await bus.ask(debitMessage([order]));
  const { lines } = await bus.ask(debitMessage([{ ...order, amount: '40.00' }]));
  expect(lines).toMatchObject([{ status: 'RJCT', reason: 'DU03', amount: '60.00' }]);
  expect(await bus.balanceOf(order.creditor)).toBe('60.00');
});

test('what is refused or unknown is told with its reason, and the one that was refused keeps it', async () => {
  await using bus = await openBus();
  const order = await bus.order('100.01');
  const refused = [{ status: 'RJCT', reason: 'AM04', amount: '100.01', debtor: order.debtor }];
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject(refused);
  await bus.fund(order.debtor, '50.00');
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject(refused);
  const { lines } = await bus.ask(inquiryMessage([bus.reference(), order.reference]));
  expect(lines).toMatchObject([{ status: 'RJCT', reason: 'NOOR' }, ...refused]);
});

test('after a void the reference never moves; of what has moved a void takes nothing back', async () => {
  await using bus = await openBus();
  const [order, moved] = [await bus.order('60.00'), await bus.order('60.00')];
  await bus.ask(debitMessage([moved]));
  const caseId = newId();
  const voided = await bus.ask(voidMessage([order.reference, moved.reference], caseId));
  expect(voided).toMatchObject({ caseId, confirmation: 'PDCR' });
  expect(voided.lines.map(({ status }) => status)).toEqual(['ACCR', 'RJCR']);
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject([{ status: 'CANC' }]);
  const { lines } = await bus.ask(inquiryMessage([order.reference, moved.reference]));
  expect(lines.map(({ status }) => status)).toEqual(['CANC', 'ACSC']);
  expect(await bus.balanceOf(order.debtor)).toBe('100.00');
  expect(await bus.balanceOf(moved.debtor)).toBe('40.00');
});

test('a reversal gives the money back once, speaks of the accounts as they were instructed, and has its own reference', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  await bus.ask(debitMessage([order]));
  const back = { ...order, reference: bus.reference(), original: order.reference };
  const { lines } = await bus.ask(reversalMessage([back]));
  expect(lines).toMatchObject([
    { transactionId: back.reference, status: 'ACSC', debtor: order.debtor, creditor: order.creditor, amount: '60.00' },
  ]);
  expect((await bus.ask(inquiryMessage([back.reference]))).lines).toEqual(lines);
  const other = await bus.ask(reversalMessage([{ ...back, reference: bus.reference() }]));
  expect(other.lines).toMatchObject([{ status: 'RJCT', reason: 'ARDT' }]);
  expect(await bus.balanceOf(order.debtor)).toBe('100.00');
});

test('an account is told with its holder and status, an unknown one as unknown', async () => {
  await using bus = await openBus();
  const { debtor } = await bus.order('1.00');
  const told = async (rib: string) => (await bus.ask(accountMessage(rib))).account;
  expect(await told(debtor)).toEqual({ rib: debtor, verified: 'true', holder: expect.any(String) });
  await bus.setStatus(debtor, 'BLOCKED');
  expect(await told(debtor)).toMatchObject({ verified: 'false', reason: 'AC06', holder: expect.any(String) });
  await bus.setStatus(debtor, 'CLOSED');
  expect(await told(debtor)).toMatchObject({ verified: 'false', reason: 'AC04' });
  const unused = bus.unusedRib();
  expect(await told(unused)).toEqual({ rib: unused, verified: 'false', reason: 'AC01' });
});

test('what the schema or the protocol excludes is an empty 400, is not done, and is told to whoever looks', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const good = debitMessage([order]);
  const bad = {
    'a DTD': good.replace('<Document', '<!DOCTYPE Document [<!ENTITY a "b">]><Document'),
    'other names': good.replace(`<TxId>${order.reference}`, `<TxId>${bus.reference()}`),
    'another count': good.replace('<NbOfTxs>1', '<NbOfTxs>2'),
    'another currency': good.replace('Ccy="DZD"', 'Ccy="EUR"'),
    'three decimals': good.replace('60.00', '60.001'),
    'a RIB with a wrong key': good.replace(order.debtor, `${order.debtor.slice(0, 18)}00`),
    'one reference twice': debitMessage([order, order]),
    'a message of another kind': good.replaceAll('pacs.003.001.08', 'pacs.008.001.08'),
    'half of one': good.slice(0, 400),
    // Only the published schema knows: where it is not beside the checkout, nobody does.
    ...(bus.simulator.validates && {
      'an element out of order': good
        .replace('<ChrgBr>SLEV</ChrgBr>', '')
        .replace('</DrctDbtTxInf>', '<ChrgBr>SLEV</ChrgBr></DrctDbtTxInf>'),
    }),
  };
  for (const [what, xml] of Object.entries(bad)) {
    const { status, body } = await bus.client.send(xml);
    expect([what, status, body.length]).toEqual([what, 400, 0]);
  }
  const { administration } = bus.simulator;
  expect(administration.refusedMessages()).toHaveLength(Object.keys(bad).length);
  expect(administration.counts().refused).toBe(Object.keys(bad).length);
  expect(await bus.books()).toEqual([]);
});

test('only the gateway is served: another client of the same authority is not, and nobody without a certificate', async () => {
  await using bus = await openBus();
  using stranger = await bus.clientOf('cnas');
  const { status } = await stranger.send(debitMessage([await bus.order('60.00')]));
  expect(status).toBe(403);
  await expect(fetch(bus.simulator.busUrl)).rejects.toThrow();
  expect(await bus.books()).toEqual([]);
});

test('a bus that is started anew on its database knows what it has booked, and nothing of what it was told', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const { lines } = await bus.ask(debitMessage([order]));
  bus.tell({ when: {}, behaviour: { do: 'leave-out', processed: true } });
  const { databaseUrl, certificates } = bus.simulator;
  await using again = await openCoreBankSimulator({ databaseUrl, certificates });
  expect(again.administration.rules()).toEqual([]);
  using client = await openBusClient(again.busUrl, certificates);
  const { document } = await client.send(debitMessage([order]));
  expect(heard(document.root).lines).toEqual(lines);
  expect(await bus.books()).toHaveLength(1);
});

test('twenty copies at once move money once, and all are told the same', async () => {
  await using bus = await openBus({ connections: 8 });
  const order = await bus.order('60.00');
  const answers = await Promise.all(Array.from({ length: 20 }, () => bus.ask(debitMessage([order]))));
  expect(new Set(answers.map(({ lines }) => JSON.stringify(lines))).size).toBe(1);
  expect(await bus.balanceOf(order.creditor)).toBe('60.00');
  expect(await bus.simulator.administration.imbalances()).toEqual([]);
});
