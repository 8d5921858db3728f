import { request } from 'node:http';
import { expect, test } from 'vitest';
import { debitMessage, inquiryMessage, voidMessage } from '../../test/bus-messages.ts';
import { type BusScene, openBus } from '../../test/bus-scene.ts';
import { catalogue } from './catalogue.ts';
import { bestKind } from './kind.ts';

async function call({ simulator }: BusScene, method: string, path: string, body?: unknown) {
  const headers = { 'Content-Type': 'application/json' };
  const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const response = await fetch(simulator.adminUrl + path, { method, ...sent });
  const text = await response.text();
  return { status: response.status, text, json: (): unknown => JSON.parse(text) };
}

test('the page shows every behaviour and every property of a kind, each with an example that is accepted as it stands', async () => {
  await using bus = await openBus();
  const { text } = await call(bus, 'GET', '/');
  for (const [name, { does, example }] of Object.entries(catalogue)) {
    expect(text).toContain(`<code>${name}</code>`);
    expect(text).toContain(escaped(does));
    expect(text).toContain(escaped(JSON.stringify(example)));
    const put = await call(bus, 'PUT', `/behaviours/${name}`, { behaviour: example });
    expect([name, put.status]).toEqual([name, 200]);
  }
  const { text: rules } = await call(bus, 'GET', '/behaviours');
  for (const name of Object.keys(catalogue)) expect(rules).toContain(`"name":"${name}"`);
  for (const property of Object.keys(bestKind)) expect(text).toContain(`<code>${property}</code>`);
});

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

test('a rule that says too little, too much or nonsense is refused in words, and leaves the others as they are', async () => {
  await using bus = await openBus();
  await call(bus, 'PUT', '/behaviours/good', { behaviour: { do: 'says-moved' } });
  const bad = [
    { behaviour: { do: 'reset' } },
    { behaviour: { do: 'reset', processed: true, at: 'body' } },
    { behaviour: { do: 'nothing' } },
    { behaviour: { do: 'says-moved' }, whenever: {} },
    { behaviour: { do: 'says-moved' }, times: 0 },
    { behaviour: { do: 'says-moved' }, when: { rib: '5' } },
    { behaviour: { do: 'refuse', reason: 'XX99' } },
  ];
  for (const rule of bad) {
    const { status, json } = await call(bus, 'PUT', '/behaviours/bad', rule);
    expect([rule, status, json()]).toEqual([rule, 400, { fault: expect.stringContaining('body') }]);
  }
  expect((await call(bus, 'GET', '/behaviours')).json()).toMatchObject([{ name: 'good' }]);
  expect((await call(bus, 'DELETE', '/behaviours/bad')).status).toBe(404);
  expect((await call(bus, 'DELETE', '/behaviours')).status).toBe(204);
  expect((await call(bus, 'GET', '/behaviours')).json()).toEqual([]);
});

test('behaviours are told by request, by RIB and for the next ones, over the API, and counted as they are played', async () => {
  await using bus = await openBus();
  const [order, other] = [await bus.order('60.00'), await bus.order('60.00')];
  await call(bus, 'PUT', '/behaviours', {
    first: { when: { reference: order.reference }, behaviour: { do: 'fail', processed: true, status: 500 } },
    second: {
      when: { rib: other.debtor, message: 'pacs.028' },
      times: 1,
      behaviour: { do: 'leave-out', processed: true },
    },
  });
  expect((await bus.client.send(debitMessage([order]))).status).toBe(500);
  expect((await bus.ask(debitMessage([other]))).lines).toMatchObject([{ status: 'ACSC' }]);
  // By an account that the inquiry does not name.
  expect((await bus.ask(inquiryMessage([other.reference]))).lines).toEqual([]);
  expect((await bus.ask(inquiryMessage([other.reference]))).lines).toMatchObject([{ status: 'ACSC' }]);
  expect((await call(bus, 'GET', '/counts')).json()).toEqual({
    messages: { 'pacs.003': 2, 'pacs.028': 2 },
    played: { 'fail, processed': 1, 'leave-out, processed': 1 },
    ...{ refused: 0, failed: 0 },
  });
});

test('accounts are opened, funded and blocked, and the kind is set, over the API', async () => {
  await using bus = await openBus();
  const rib = bus.unusedRib();
  const account = { rib, holder: 'Employeur', kind: 'CUSTOMER', openingBalance: '10.00' };
  expect((await call(bus, 'POST', '/accounts', [account])).json()).toEqual({ opened: [rib] });
  expect((await call(bus, 'POST', '/accounts', [account])).json()).toEqual({ opened: [] });
  const funding = { reference: 'SALARY-1', amount: '5.50' };
  expect((await call(bus, 'POST', `/accounts/${rib}/fundings`, funding)).json()).toEqual({ paidIn: true });
  expect((await call(bus, 'POST', `/accounts/${rib}/fundings`, funding)).json()).toEqual({ paidIn: false });
  expect((await call(bus, 'PUT', `/accounts/${rib}/status`, { status: 'BLOCKED' })).status).toBe(204);
  expect((await call(bus, 'GET', `/accounts/${rib}`)).json()).toMatchObject({ balance: '15.50', status: 'BLOCKED' });
  expect((await call(bus, 'GET', `/accounts/${bus.unusedRib()}`)).status).toBe(404);
  expect((await call(bus, 'GET', `/accounts/${rib.slice(0, 18)}00`)).status).toBe(400);
  const kind = { ...bestKind, canVoid: false };
  expect((await call(bus, 'PUT', '/kind', kind)).json()).toEqual(kind);
  expect((await call(bus, 'PUT', '/kind', { canVoid: false })).status).toBe(400);
  expect((await call(bus, 'GET', '/kind')).json()).toEqual(kind);
});

test('the books are read line by line, with everything that was decided, and no funding', async () => {
  await using bus = await openBus();
  const [order, short, voided] = [await bus.order('60.00'), await bus.order('100.01'), bus.reference()];
  await bus.ask(debitMessage([order, short]));
  await bus.ask(voidMessage([voided]));
  const { text } = await call(bus, 'GET', '/books');
  const rows: unknown[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { reference, debtor, creditor } = order;
  expect(rows).toMatchObject([
    { reference, kind: 'DEBIT', outcome: 'MOVED', debtor, creditor, amount: '60.00', original: null },
    { reference: short.reference, outcome: 'REFUSED', reason: 'AM04', amount: '100.01', bookingReference: null },
    { reference: voided, kind: null, outcome: 'VOIDED', amount: null },
  ]);
  expect((await call(bus, 'GET', '/imbalances')).json()).toEqual([]);
});

test('the API answers on loopback alone, also to a page whose name was made to lead there', async () => {
  await using bus = await openBus();
  const { hostname, port } = new URL(bus.simulator.adminUrl);
  expect(hostname).toBe('127.0.0.1');
  const status = await new Promise((resolve) => {
    request({ hostname, port, path: '/counts', headers: { Host: 'elsewhere.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(403);
});
