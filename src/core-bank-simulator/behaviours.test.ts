import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { accountMessage, debitMessage, inquiryMessage, newId, voidMessage } from '../../test/bus-messages.ts';
import { type BusScene, openBus } from '../../test/bus-scene.ts';
import type { Behaviour, Rule } from './behaviour.ts';
import { catalogue } from './catalogue.ts';

const tried = new Set<string>(['statement-entry']);

/** The next message that this concerns is met with the behaviour. */
function once({ simulator }: BusScene, behaviour: Behaviour, when: Rule['when'] = {}): void {
  tried.add(behaviour.do);
  simulator.administration.putRule('once', { when, times: 1, behaviour });
}

const outcomes = async (bus: BusScene) => (await bus.books()).map(({ outcome }) => outcome);

/** The first answer is awaited for a moment only: what comes later finds nobody. */
const impatience = 150;

test('delay: nothing is done before the wait, and it is done after it although nobody listens any more', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'delay', ms: 600 });
  await expect(bus.client.send(debitMessage([order]), impatience)).rejects.toThrow('no answer in time');
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject([{ reason: 'NOOR' }]);
  await expect.poll(() => outcomes(bus), { timeout: 10_000 }).toEqual(['MOVED']);
});

test('answer-late: it is moved, or refused, long before it is answered', async () => {
  await using bus = await openBus();
  const [order, other] = [await bus.order('60.00'), await bus.order('60.00')];
  once(bus, { do: 'answer-late', ms: 30_000 });
  await expect(bus.client.send(debitMessage([order]), 1000)).rejects.toThrow('no answer in time');
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject([{ status: 'ACSC' }]);
  once(bus, { do: 'answer-late', ms: 30_000, refuses: 'AC06' });
  await expect(bus.client.send(debitMessage([other]), 1000)).rejects.toThrow('no answer in time');
  expect((await bus.ask(inquiryMessage([other.reference]))).lines).toMatchObject([{ status: 'RJCT', reason: 'AC06' }]);
});

const withoutAnswer: { behaviour: Behaviour; fault: string | RegExp }[] = [
  { behaviour: { do: 'never-answer', processed: true }, fault: 'no answer in time' },
  { behaviour: { do: 'never-answer', processed: false }, fault: 'no answer in time' },
  { behaviour: { do: 'reset', processed: true }, fault: 'ECONNRESET' },
  { behaviour: { do: 'reset', processed: false }, fault: 'ECONNRESET' },
  { behaviour: { do: 'cut', processed: true, at: 'headers' }, fault: 'aborted' },
  { behaviour: { do: 'cut', processed: true, at: 'body' }, fault: 'aborted' },
  { behaviour: { do: 'cut', processed: false, at: 'body' }, fault: 'aborted' },
];

test('never-answer, reset, cut: the connection says nothing whole, and the books hold what was processed', async () => {
  await using bus = await openBus();
  for (const { behaviour, fault } of withoutAnswer) {
    const order = await bus.order('60.00');
    once(bus, behaviour);
    await expect(bus.client.send(debitMessage([order]), 1000)).rejects.toThrow(fault);
    const [line] = (await bus.ask(inquiryMessage([order.reference]))).lines;
    const processed = 'processed' in behaviour && behaviour.processed;
    expect([behaviour, line?.status ?? '']).toEqual([behaviour, processed ? 'ACSC' : 'RJCT']);
  }
});

test('fail: an empty answer with that status, before or after the money moved', async () => {
  await using bus = await openBus();
  for (const [processed, status, known] of [
    [true, 500, 'ACSC'],
    [false, 500, 'RJCT'],
    [false, 400, 'RJCT'],
  ] as const) {
    const order = await bus.order('60.00');
    once(bus, { do: 'fail', processed, status });
    const answer = await bus.client.send(debitMessage([order]));
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
    expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject([{ status: known }]);
  }
});

test('answer-garbage: 200 with what no reader of ours takes for an answer', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  for (const garbage of ['not-xml', 'other-message', 'dtd', 'too-large', 'empty'] as const) {
    once(bus, { do: 'answer-garbage', processed: true, garbage });
    const answer = await bus.client.send(debitMessage([order]));
    expect(answer.status).toBe(200);
    expect(answer.document.namespace).toBe(
      garbage === 'other-message' ? 'urn:iso:std:iso:20022:tech:xsd:head.001.001.02' : '',
    );
  }
  expect(await outcomes(bus)).toEqual(['MOVED']);
});

test('answer-other-message-id: the answer is to another message, another case, another account question', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const id = newId();
  once(bus, { do: 'answer-other-message-id' });
  expect((await bus.ask(debitMessage([order], id))).toMessage?.id).not.toBe(id);
  once(bus, { do: 'answer-other-message-id' });
  expect((await bus.ask(voidMessage([order.reference], id))).caseId).not.toBe(id);
  once(bus, { do: 'answer-other-message-id' });
  const { body } = await bus.client.send(accountMessage(order.debtor, id));
  expect(body.toString()).not.toContain(id);
});

test('group-status: what it says stands beside transactions that say otherwise', async () => {
  await using bus = await openBus();
  once(bus, { do: 'group-status', status: 'RJCT' });
  expect(await bus.ask(debitMessage([await bus.order('60.00')]))).toMatchObject({
    groupStatus: 'RJCT',
    lines: [{ status: 'ACSC' }],
  });
});

test('answer-twice-on-connection: two whole responses to one request, the second the contrary', async () => {
  await using bus = await openBus();
  const { certificates, busUrl } = bus.simulator;
  once(bus, { do: 'answer-twice-on-connection', second: 'contrary' });
  const xml = debitMessage([await bus.order('60.00')]);
  const pem = (name: string) => readFile(path.join(certificates, `${name}.pem`));
  const [ca, cert, key] = await Promise.all([pem('ca'), pem('core-bank-client'), pem('core-bank-client-key')]);
  const socket = connect({ port: Number(new URL(busUrl).port), host: 'localhost', ca, cert, key });
  socket.write(
    `POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(xml)}\r\n\r\n${xml}`,
  );
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await expect.poll(() => heard.match(/<TxSts>\w+/g), { timeout: 10_000 }).toEqual(['<TxSts>ACSC', '<TxSts>RJCT']);
  expect(heard.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  socket.destroy();
});

test('refuse: a true refusal, which stands in the books and is repeated', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'refuse', reason: 'AC06' });
  const refused = [{ status: 'RJCT', reason: 'AC06', amount: '60.00' }];
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject(refused);
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject(refused);
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject(refused);
  expect(await bus.books()).toMatchObject([{ outcome: 'REFUSED', reason: 'AC06', debtor: order.debtor }]);
});

test('answer-status, duplicate-reference, leave-out: the line says so, or is not there, whatever was done', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'answer-status', processed: false, status: 'ACSP', reason: 'MS02' });
  const names = { transactionId: order.reference, endToEndId: order.reference };
  expect((await bus.ask(debitMessage([order]))).lines).toEqual([{ ...names, status: 'ACSP', reason: 'MS02' }]);
  const many = { reason: 'AC04', moreReasons: ['AM05'], proprietary: 'CLOSED AT NIGHT' };
  once(bus, { do: 'answer-status', processed: false, status: 'RJCT', ...many });
  const { body } = await bus.client.send(debitMessage([order]));
  const reasons = body.toString().match(/<Rsn><(Cd|Prtry)>[^<]+/g);
  expect(reasons).toEqual(['<Rsn><Cd>AC04', '<Rsn><Cd>AM05', '<Rsn><Prtry>CLOSED AT NIGHT']);
  once(bus, { do: 'duplicate-reference', processed: false, reason: 'DUPL' });
  expect((await bus.ask(debitMessage([order]))).lines).toEqual([{ ...names, status: 'RJCT', reason: 'DUPL' }]);
  expect(await bus.books()).toEqual([]);
  once(bus, { do: 'duplicate-reference', processed: true, reason: 'AM05' });
  expect((await bus.ask(debitMessage([order]))).lines).toEqual([{ ...names, status: 'RJCT', reason: 'AM05' }]);
  expect(await outcomes(bus)).toEqual(['MOVED']);
  once(bus, { do: 'leave-out', processed: true });
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toEqual([]);
  once(bus, { do: 'answer-status', processed: false, status: 'PDCR' });
  expect((await bus.ask(voidMessage([order.reference]))).lines).toEqual([{ ...names, status: 'PDCR' }]);
});

test('answer-twice: two lines for one transaction, the second the same or the contrary', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'answer-twice', second: 'same' });
  const { lines } = await bus.ask(debitMessage([order]));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toEqual(lines[1]);
  once(bus, { do: 'answer-twice', second: 'contrary' });
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject([
    { status: 'ACSC' },
    { status: 'RJCT' },
  ]);
  once(bus, { do: 'answer-twice', second: 'contrary' });
  expect((await bus.ask(voidMessage([order.reference]))).lines).toMatchObject([{ status: 'RJCR' }, { status: 'ACCR' }]);
});

test('answer-other: one thing in the answer differs from the books, and nothing else', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  const { lines } = await bus.ask(debitMessage([order]));
  const differing = async (behaviour: Behaviour) => {
    once(bus, behaviour);
    const [line = {}] = (await bus.ask(inquiryMessage([order.reference]))).lines;
    return Object.fromEntries(Object.entries(line).filter(([name, value]) => lines[0]?.[name] !== value));
  };
  expect(await differing({ do: 'answer-other', field: 'amount' })).toEqual({ amount: '60.01' });
  expect(await differing({ do: 'answer-other', field: 'amount', value: '1.00' })).toEqual({ amount: '1.00' });
  expect(await differing({ do: 'answer-other', field: 'currency' })).toEqual({ currency: 'EUR' });
  const rib = expect.stringMatching(/^005\d{17}$/);
  expect(await differing({ do: 'answer-other', field: 'debtor' })).toEqual({ debtor: rib });
  expect(await differing({ do: 'answer-other', field: 'creditor' })).toEqual({ creditor: rib });
  const reference = expect.stringMatching(/^[A-Z2-7]{32}$/);
  expect(await differing({ do: 'answer-other', field: 'reference' })).toEqual({
    transactionId: reference,
    endToEndId: reference,
  });
  expect(await differing({ do: 'answer-other', field: 'endToEndId' })).toEqual({ endToEndId: reference });
  const bookingReference = expect.stringMatching(/X$/);
  expect(await differing({ do: 'answer-other', field: 'bookingReference' })).toEqual({ bookingReference });
  const inYear = (years: number, text = '') => expect.stringMatching(`^${Number(text.slice(0, 4)) + years}-`);
  for (const [field, years] of [
    ['executedAt', -1],
    ['bookingDate', 1],
    ['valueDate', 1],
  ] as const)
    expect(await differing({ do: 'answer-other', field })).toEqual({ [field]: inYear(years, lines[0]?.[field]) });
  once(bus, { do: 'answer-other', field: 'debtor' });
  expect((await bus.ask(accountMessage(order.debtor))).account?.rib).not.toBe(order.debtor);
});

test('says-refused: refused, and moved later all the same', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'says-refused', reason: 'AM04', movesAfterMs: 300 });
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject([
    { status: 'RJCT', reason: 'AM04', amount: '60.00' },
  ]);
  await expect.poll(() => outcomes(bus), { timeout: 10_000 }).toEqual(['MOVED']);
  expect((await bus.ask(inquiryMessage([order.reference]))).lines).toMatchObject([{ status: 'ACSC' }]);
});

test('says-moved: a booking that is in no book', async () => {
  await using bus = await openBus();
  const order = await bus.order('60.00');
  once(bus, { do: 'says-moved' });
  const said = { status: 'ACSC', amount: '60.00', bookingReference: expect.stringMatching(/^LX/) };
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject([said]);
  expect(await bus.books()).toEqual([]);
});

test('cannot-void, says-voided: no tombstone is planted, and a late copy moves', async () => {
  await using bus = await openBus();
  const [order, other] = [await bus.order('60.00'), await bus.order('60.00')];
  once(bus, { do: 'cannot-void' });
  expect(await bus.ask(voidMessage([order.reference]))).toMatchObject({
    confirmation: 'RJCR',
    lines: [{ status: 'RJCR' }],
  });
  expect((await bus.ask(debitMessage([order]))).lines).toMatchObject([{ status: 'ACSC' }]);
  once(bus, { do: 'says-voided' });
  expect(await bus.ask(voidMessage([other.reference]))).toMatchObject({
    confirmation: 'CNCL',
    lines: [{ status: 'ACCR' }],
  });
  expect((await bus.ask(debitMessage([other]))).lines).toMatchObject([{ status: 'ACSC' }]);
});

afterAll(() => {
  // What is in the catalogue and in no test is a promise that nobody has tried.
  expect([...tried].sort()).toEqual(Object.keys(catalogue).sort());
});
