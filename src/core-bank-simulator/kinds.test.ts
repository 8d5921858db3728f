import { expect, test } from 'vitest';
import { debitMessage, inquiryMessage, reversalMessage, voidMessage } from '../../test/bus-messages.ts';
import { type BusScene, openBus } from '../../test/bus-scene.ts';
import { bestKind } from './kind.ts';

const past = new Date(Date.now() - 60_000);
const statuses = async (bus: BusScene, xml: string) =>
  (await bus.ask(xml)).lines.map(({ status, reason }) => reason ?? status);

test('a bus that keeps no refusals knows nothing of one, decides a copy anew, and a void makes an end of it', async () => {
  await using bus = await openBus({ kind: { ...bestKind, keepsRefusals: false } });
  const [order, other] = [await bus.order('100.01'), await bus.order('100.01')];
  expect(await statuses(bus, debitMessage([order, other]))).toEqual(['AM04', 'AM04']);
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['NOOR']);
  for (const { debtor } of [order, other]) await bus.fund(debtor, '1.00');
  expect(await statuses(bus, voidMessage([other.reference]))).toEqual(['ACCR']);
  expect(await statuses(bus, debitMessage([order, other]))).toEqual(['ACSC', 'CANC']);
  expect(await statuses(bus, debitMessage([order]))).toEqual(['ACSC']);
  expect(await bus.balanceOf(order.debtor)).toBe('0.99');
  expect((await bus.books()).map(({ reference, outcome }) => [reference, outcome])).toEqual([
    [order.reference, 'REFUSED'],
    [other.reference, 'REFUSED'],
    [other.reference, 'VOIDED'],
    [order.reference, 'MOVED'],
  ]);
});

test('a bus that does not honour notAfter executes what comes too late; one that does refuses it', async () => {
  await using bus = await openBus({ kind: { ...bestKind, honoursNotAfter: false } });
  const [order, other] = [await bus.order('60.00'), await bus.order('60.00')];
  expect(await statuses(bus, debitMessage([{ ...order, notAfter: past }]))).toEqual(['ACSC']);
  bus.simulator.administration.setKind(bestKind);
  expect(await statuses(bus, debitMessage([{ ...other, notAfter: past }]))).toEqual(['TM01']);
});

test('a bus with an ended memory has never heard of it, and moves a copy again: the books show both', async () => {
  await using bus = await openBus({ kind: { ...bestKind, honoursNotAfter: false, memorySeconds: 0 } });
  const order = { ...(await bus.order('50.00')), notAfter: past };
  expect(await statuses(bus, debitMessage([order]))).toEqual(['ACSC']);
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['NOOR']);
  expect(await statuses(bus, debitMessage([order]))).toEqual(['ACSC']);
  expect(await bus.balanceOf(order.debtor)).toBe('0.00');
  expect(await bus.books()).toMatchObject([
    { reference: order.reference, ledgerName: order.reference, outcome: 'MOVED' },
    { reference: order.reference, ledgerName: `${order.reference}-2`, outcome: 'MOVED' },
  ]);
  expect(await bus.simulator.administration.imbalances()).toEqual([]);
});

test('a memory that lasts until some time after notAfter knows it till then, and one that honours notAfter moves nothing after', async () => {
  await using bus = await openBus({ kind: { ...bestKind, honoursNotAfter: false, memorySeconds: 3600 } });
  const order = { ...(await bus.order('50.00')), notAfter: past };
  expect(await statuses(bus, debitMessage([order]))).toEqual(['ACSC']);
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['ACSC']);
  bus.simulator.administration.setKind({ ...bestKind, memorySeconds: 0 });
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['NOOR']);
  // A refusal of what has moved: the bus no longer knows better.
  expect(await statuses(bus, debitMessage([order]))).toEqual(['TM01']);
  expect(await bus.balanceOf(order.debtor)).toBe('50.00');
});

test('what was forgotten is still in the books, and can be given back', async () => {
  await using bus = await openBus({ kind: { ...bestKind, honoursNotAfter: false, memorySeconds: 0 } });
  const order = { ...(await bus.order('50.00')), notAfter: past };
  await bus.ask(debitMessage([order]));
  const back = { ...order, reference: bus.reference(), original: order.reference };
  expect(await statuses(bus, reversalMessage([back]))).toEqual(['ACSC']);
  expect(await bus.balanceOf(order.debtor)).toBe('100.00');
});

test('a bus that can not void says so to each, and plants nothing', async () => {
  await using bus = await openBus({ kind: { ...bestKind, canVoid: false } });
  const order = await bus.order('60.00');
  expect(await statuses(bus, voidMessage([order.reference]))).toEqual(['RJCR']);
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['NOOR']);
  expect(await statuses(bus, debitMessage([order]))).toEqual(['ACSC']);
});

test('a void is remembered for the memory of the bus after it was made', async () => {
  await using bus = await openBus({ kind: { ...bestKind, memorySeconds: 3600 } });
  const order = await bus.order('60.00');
  expect(await statuses(bus, voidMessage([order.reference]))).toEqual(['ACCR']);
  expect(await statuses(bus, debitMessage([order]))).toEqual(['CANC']);
  bus.simulator.administration.setKind({ ...bestKind, memorySeconds: 0 });
  // notAfter of the copy is an hour away, and its memory ends no earlier.
  expect(await statuses(bus, inquiryMessage([order.reference]))).toEqual(['CANC']);
});
