import { expect, test } from 'vitest';
import { debitMessage, reversalMessage } from '../../test/bus-messages.ts';
import { type BusScene, expectValid, openBus, versionOf } from '../../test/bus-scene.ts';
import { childrenOf, only, textAt, type XmlElement } from '../core-banking/iso20022/xml.ts';
import type { StatementBehaviour } from './behaviour.ts';
import { openSchemas, schemaFolder } from './schemas.ts';

type Page = {
  number?: string | undefined;
  last?: string | undefined;
  count?: string | undefined;
  sum?: string | undefined;
  entries: Record<string, string | undefined>[];
};

async function pageOf(bus: BusScene, day: string, page: number): Promise<Page> {
  using schemas = await openSchemas(schemaFolder, ['camt.053.001.08']);
  const response = await bus.client.get(`/statements/${day}?page=${page}`);
  expect(response.status).toBe(200);
  expectValid(schemas.faultsOf(versionOf(response), response.body));
  const report = only(response.document.root, 'BkToCstmrStmt');
  const pagination = only(report, 'GrpHdr', 'MsgPgntn');
  const totals = only(report, 'Stmt', 'TxsSummry', 'TtlNtries');
  return {
    ...{ number: textAt(pagination, 'PgNb'), last: textAt(pagination, 'LastPgInd') },
    ...{ count: textAt(totals, 'NbOfNtries'), sum: textAt(totals, 'Sum') },
    entries: childrenOf(only(report, 'Stmt'), 'Ntry').map(entryOf),
  };
}

function entryOf(entry: XmlElement): Record<string, string | undefined> {
  const details = only(entry, 'NtryDtls', 'TxDtls');
  const account = (name: string) => textAt(details, 'RltdPties', name, 'Id', 'Othr', 'Id');
  return {
    reference: textAt(details, 'Refs', 'TxId'),
    kind: textAt(entry, 'BkTxCd', 'Prtry', 'Cd'),
    side: textAt(entry, 'CdtDbtInd'),
    reversal: textAt(entry, 'RvslInd'),
    amount: textAt(entry, 'Amt'),
    debited: account('DbtrAcct'),
    credited: account('CdtrAcct'),
    bookingReference: textAt(entry, 'AcctSvcrRef'),
  };
}

/** Three debits of 10.00, 20.00 and 30.00 and the reversal of the second, in that order. */
async function openDay(settings: { entriesAPage?: number } = {}) {
  const bus = await openBus(settings);
  const order = await bus.order('10.00');
  const orders = ['10.00', '20.00', '30.00'].map((amount) => ({ ...order, amount, reference: bus.reference() }));
  for (const one of orders) await bus.ask(debitMessage([one]));
  const [, second] = orders;
  if (second === undefined) throw new Error('three orders');
  const back = { ...second, reference: bus.reference(), original: second.reference };
  await bus.ask(reversalMessage([back]));
  const [first] = await bus.books();
  const references = [...orders, back].map(({ reference }) => reference);
  return { bus, order, references, day: first?.bookingDate ?? '', second };
}

test('a day is what moved on it, each once, in the order of booking, and a reversal goes the other way', async () => {
  const { bus, order, references, day } = await openDay();
  await using _bus = bus;
  await bus.ask(debitMessage([{ ...order, reference: bus.reference(), amount: '900.00' }]));
  const page = await pageOf(bus, day, 1);
  expect(page).toMatchObject({ number: '1', last: 'true', count: '4', sum: '80.00' });
  expect(page.entries.map(({ reference }) => reference)).toEqual(references);
  const { debtor, creditor } = order;
  expect(page.entries[1]).toMatchObject({
    kind: 'DEBIT',
    side: 'CRDT',
    amount: '20.00',
    debited: debtor,
    credited: creditor,
  });
  const reversal = { kind: 'REVERSAL', side: 'DBIT', reversal: 'true', debited: creditor, credited: debtor };
  expect(page.entries[3]).toMatchObject(reversal);
});

test('pages are of a whole: number and sum of all of them stand on the last alone', async () => {
  const { bus, references, day } = await openDay({ entriesAPage: 3 });
  await using _bus = bus;
  const pages = [await pageOf(bus, day, 1), await pageOf(bus, day, 2)];
  expect(pages).toMatchObject([
    { number: '1', last: 'false', count: undefined },
    { number: '2', last: 'true', count: '4', sum: '80.00' },
  ]);
  expect(pages.flatMap(({ entries }) => entries.map(({ reference }) => reference))).toEqual(references);
  expect((await bus.client.get(`/statements/${day}?page=3`)).status).toBe(404);
});

test('a day without movements is one page without entries; what is no day or page is a 400', async () => {
  await using bus = await openBus();
  expect(await pageOf(bus, '2026-01-31', 1)).toEqual({
    number: '1',
    last: 'true',
    count: '0',
    sum: '0.00',
    entries: [],
  });
  for (const target of ['/statements/2026-02-30', '/statements/today', '/statements/2026-01-31?page=0'])
    expect((await bus.client.get(target)).status).toBe(400);
});

test('statement-entry: an entry too many, twice, too few, or of another amount, with totals that agree or do not', async () => {
  const { bus, references, day, second } = await openDay({ entriesAPage: 3 });
  await using _bus = bus;
  const told = async (lie: Omit<StatementBehaviour, 'do' | 'summary'>, summary: 'adapted' | 'true' = 'adapted') => {
    bus.tell({ when: { message: 'camt.053', day }, behaviour: { do: 'statement-entry', summary, ...lie } });
    const pages = [await pageOf(bus, day, 1), await pageOf(bus, day, 2)];
    bus.simulator.administration.clearRules();
    const [, last] = pages;
    return { entries: pages.flatMap(({ entries }) => entries), count: last?.count, sum: last?.sum };
  };
  const [first, ...rest] = references;
  const invented = expect.stringMatching(/^[A-Z2-7]{32}$/);
  const named = (entries: readonly { reference?: string | undefined }[]) => entries.map(({ reference }) => reference);

  const extra = await told({ entry: 'extra' });
  expect(extra).toMatchObject({ count: '5', sum: '180.00' });
  expect(named(extra.entries)).toEqual([...references, invented]);
  expect(references).not.toContain(extra.entries[4]?.reference);

  const missing = await told({ entry: 'missing' });
  expect(missing).toMatchObject({ count: '3', sum: '70.00' });
  expect(named(missing.entries)).toEqual(rest);

  const twice = await told({ entry: 'twice', reference: second.reference });
  expect(twice).toMatchObject({ count: '5', sum: '100.00' });
  expect(named(twice.entries)).toEqual([first, second.reference, ...rest]);

  const other = await told({ entry: 'other-amount', reference: second.reference });
  expect(other).toMatchObject({ count: '4', sum: '80.01' });
  expect(other.entries[1]?.amount).toBe('20.01');

  expect(await told({ entry: 'missing' }, 'true')).toMatchObject({ count: '4', sum: '80.00', entries: { length: 3 } });
  expect(named((await told({ entry: 'missing', reference: 'A'.repeat(32) })).entries)).toEqual(references);
});

test('a statement fails as a message does: not at all, half, or by its status', async () => {
  const { bus, day } = await openDay();
  await using _bus = bus;
  const once = (behaviour: Parameters<typeof bus.tell>[0]['behaviour']) =>
    bus.simulator.administration.putRule('once', { when: { message: 'camt.053' }, times: 1, behaviour });
  once({ do: 'cut', processed: true, at: 'body' });
  await expect(bus.client.get(`/statements/${day}`)).rejects.toThrow('aborted');
  once({ do: 'reset', processed: false });
  await expect(bus.client.get(`/statements/${day}`)).rejects.toThrow('ECONNRESET');
  once({ do: 'fail', processed: false, status: 503 });
  expect((await bus.client.get(`/statements/${day}`)).status).toBe(503);
  expect((await pageOf(bus, day, 1)).count).toBe('4');
});
